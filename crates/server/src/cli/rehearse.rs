//! `examhall rehearse`: a run, and `prepare`, `verify` and `clean` around it

use super::{Failure, Outcome, print, values};
use crate::chance::Chance;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::token;
use exam::settings::Percent;
use exam::time::Clock as _;
use rehearse::NotThere;
use rehearse::accounts::{self, Secret};
use rehearse::ledger::Writer;
use rehearse::plan::{Plan, Retry, Sessions, Target, Think};
use rehearse::progress::Progress;
use rehearse::report::{Report, Rules};
use rehearse::sessions;
use rehearse::verify::{Verdict, verify};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How often a line says how a run stands.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// Over what time candidates arrive when nothing else is said and the run is long enough.
const ARRIVALS: Duration = Duration::from_secs(60);
/// Files that a process has open beside the connections of candidates.
const OTHER_FILES: usize = 64;

/// Let virtual candidates sit an exam, and find out whether this installation is ready
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Rehearse {
    #[command(subcommand)]
    around: Option<Around>,
    #[command(flatten)]
    run: Option<Run>,
}

/// What is done before and after a run.
#[derive(Debug, clap::Subcommand)]
enum Around {
    /// Make candidates with sessions straight in the database, so that a run needs no sign-in
    Prepare(Prepare),
    /// Hold the ledger of a run against the database
    Verify(Verify),
    /// Disable all rehearsal candidates and end their sessions
    Clean,
}

/// A run.
#[derive(Debug, clap::Args)]
struct Run {
    /// Where the server itself listens, such as http://127.0.0.1:5000
    #[arg(long)]
    url: Target,
    /// The exam
    #[arg(long, value_name = "SLUG", value_parser = values::slug)]
    exam: String,
    /// How many candidates
    #[arg(long, value_name = "N", value_parser = count)]
    users: usize,
    /// How long they think about an answer on average; 0 answers as fast as it goes
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    think: Duration,
    /// When everybody hands in
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time)]
    duration: Duration,
    /// Over what time they arrive; 0 is a start bell [default: 60s, or --duration if that is shorter]
    #[arg(long, value_name = "TIME", value_parser = time)]
    arrivals: Option<Duration>,
    /// Over what time at the end they hand in; 0 is an end bell
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = time)]
    departures: Duration,
    /// How many papers one candidate sits at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    sittings: Option<u32>,
    /// How many answers are followed by a change of an earlier one
    #[arg(long, value_name = "PERCENT", default_value = "20%", value_parser = values::percent)]
    re_answer: Percent,
    /// How many saves are sent twice
    #[arg(long, value_name = "PERCENT", default_value = "0%", value_parser = values::percent)]
    replay: Percent,
    /// How many saves are followed by a reload of the page
    #[arg(long, value_name = "PERCENT", default_value = "2%", value_parser = values::percent)]
    resume: Percent,
    /// Operations per save, 500 at most
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=500))]
    batch: u16,
    /// Be writer 0 instead of taking the pen
    #[arg(long)]
    no_pens: bool,
    /// Leave the papers open
    #[arg(long)]
    no_submit: bool,
    /// Do not look at the result
    #[arg(long)]
    no_result: bool,
    /// Sessions made by `prepare`; without them candidates sign up
    #[arg(long, value_name = "FILE")]
    sessions: Option<PathBuf>,
    /// Share the sessions with other processes that say so as well, and pass over so many, which they use
    #[arg(long, value_name = "N", requires = "sessions")]
    skip: Option<usize>,
    /// Write down what was sent and promised, for `verify`
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
    /// Verify the ledger afterwards against the database that the settings name
    #[arg(long, requires = "ledger")]
    verify: bool,
    /// What all chance grows from; the same seed gives the same run
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Within what time 99 % of saves must be answered
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = time)]
    save_p99: Duration,
    /// Within what time 99 % of starts must be answered
    #[arg(long, value_name = "TIME", value_parser = time)]
    start_p99: Option<Duration>,
    /// How many requests may have to be sent again
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = values::percent)]
    retried: Percent,
    /// How long a request that is not answered is tried again
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time)]
    give_up_after: Duration,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Candidates to be made.
#[derive(Debug, clap::Args)]
struct Prepare {
    /// How many
    #[arg(long, value_name = "N", value_parser = count)]
    users: usize,
    /// The exam that they will sit
    #[arg(long, value_name = "SLUG", value_parser = values::slug)]
    exam: String,
    /// The file to write; whoever has it can sit as these candidates
    #[arg(long, value_name = "FILE")]
    sessions: PathBuf,
    /// How long the sessions last
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = time)]
    lifetime: Duration,
}

/// A ledger to be verified.
#[derive(Debug, clap::Args)]
struct Verify {
    /// The ledger
    #[arg(long, value_name = "FILE")]
    ledger: PathBuf,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
}

impl Rehearse {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        match (self.around, self.run) {
            (Some(Around::Prepare(prepare)), _) => prepare.run(config).await,
            (Some(Around::Verify(verify)), _) => verify.run(config).await,
            (Some(Around::Clean), _) => clean(config).await,
            (None, Some(run)) => run.run(config).await,
            (None, None) => Err(Failure::Usage("say what to rehearse: --url, --exam and --users".into())),
        }
    }
}

impl Run {
    async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        let (json, is_verified, path) = (self.json, self.verify, self.ledger.clone());
        check_open_files(self.users)?;
        self.check_times()?;
        let rules =
            Rules { save_p99: self.save_p99, start_p99: self.start_p99, retried: self.retried.as_f64() / 100.0 };
        // Until the end of the run, and of what is checked after it.
        let _in_use = match &self.sessions {
            Some(path) => Some(sessions::take(path, self.skip.is_some()).map_err(|error| not_usable(path, &error))?),
            None => None,
        };
        let plan = self.plan()?;
        // Before the run, so that nobody waits an hour to learn that there is nothing to verify against. Closed meanwhile: the run
        // may be about a database that goes away.
        if is_verified {
            super::open(existing(config)?).await?.close().await;
        }
        rehearse::find_exam(&plan).await.map_err(|error| match error {
            NotThere::NoExam { .. } => Failure::Refused(error.to_string()),
            error => Failure::Fault(error.to_string()),
        })?;
        let ledger = match &path {
            Some(path) => Writer::open(path).map_err(|error| not_usable(path, &error))?,
            None => Writer::nowhere(),
        };
        let ledger = Arc::new(ledger);
        let mut report = watch(plan, Arc::clone(&ledger)).await;
        if let Err(problem) = ledger.finish() {
            report.ledger_problem = Some(problem);
        }
        let mut not_verified = None;
        if let Some(path) = path.filter(|_| is_verified) {
            match hold(config, &path).await {
                Ok(verdict) => report = report.verified(verdict),
                Err(error) => not_verified = Some((error, path)),
            }
        }
        let report = report.judged(&rules);
        let is_go = report.decision.as_ref().is_some_and(|decision| decision.go);
        say(&report, json)?;
        if let Some((error, path)) = not_verified {
            return Err(Failure::Fault(format!(
                "the ledger was not held against the database: {error}; do it with `examhall rehearse verify --ledger {}`",
                path.display()
            )));
        }
        match &report.ledger_problem {
            Some(problem) => Err(Failure::Fault(format!("the ledger could not be written: {problem}"))),
            None if is_go => Ok(Outcome::Done),
            None => Ok(Outcome::PartlyRefused),
        }
    }

    /// Times that do not fit into the run would be another rehearsal than the one that was asked for.
    fn check_times(&self) -> Result<(), Failure> {
        let duration = shown(self.duration);
        let refused = |flag: &str, time: Duration, reason: String| {
            Err(Failure::Usage(format!("{flag} {}: {reason}; shorten {flag}, or lengthen --duration", shown(time))))
        };
        match self.arrivals {
            Some(time) if time > self.duration => {
                let reason =
                    format!("candidates would still arrive when everybody hands in after --duration {duration}");
                return refused("--arrivals", time, reason);
            }
            _ => {}
        }
        if self.departures > self.duration {
            let reason =
                format!("candidates would hand in before the run begins, which ends after --duration {duration}");
            return refused("--departures", self.departures, reason);
        }
        Ok(())
    }

    fn plan(self) -> Result<Plan, Failure> {
        let seed = match self.seed {
            Some(seed) => seed,
            None => Chance::from_os().map_err(|error| Failure::Fault(format!("no randomness: {error}")))?.seed(),
        };
        let sessions = match &self.sessions {
            None => Sessions::SignUp,
            Some(path) => {
                let mut sessions = sessions::read(path).map_err(|error| not_usable(path, &error))?;
                sessions.drain(..self.skip.unwrap_or(0).min(sessions.len()));
                let found = sessions.len();
                if found < self.users {
                    let (path, users) = (path.display(), self.users);
                    return Err(Failure::Usage(format!(
                        "{path} has {found} sessions for {users} candidates; make more with `examhall rehearse prepare`"
                    )));
                }
                Sessions::Prepared(sessions)
            }
        };
        let share = |percent: Percent| percent.as_f64() / 100.0;
        Ok(Plan {
            think: if self.think.is_zero() { Think::Zero } else { Think::Mean(self.think) },
            duration: self.duration,
            arrivals: self.arrivals.unwrap_or(ARRIVALS.min(self.duration)),
            departures: self.departures,
            sittings: self.sittings,
            re_answer: share(self.re_answer),
            replay: share(self.replay),
            resume: share(self.resume),
            batch: self.batch.into(),
            pens: !self.no_pens,
            submit: !self.no_submit,
            result: !self.no_result,
            retry: Retry { give_up_after: self.give_up_after, ..Retry::default() },
            ..Plan::new(self.url, &self.exam, self.users, sessions, seed)
        })
    }
}

/// Holds a ledger against the database.
async fn hold(config: &Config, ledger: &Path) -> Result<Verdict, String> {
    let told = |failure: Failure| failure.to_string().trim_start_matches("examhall: ").to_owned();
    // It was there before the run, and may have gone away since.
    let store = super::open(existing(config).map_err(told)?).await.map_err(told)?;
    let verdict = verify(&store, ledger).await.map_err(|error| error.to_string());
    store.close().await;
    verdict
}

/// The configuration, when its database is there: looking something up must not make one.
fn existing(config: &Config) -> Result<&Config, Failure> {
    match config.address() {
        store::Address::Sqlite(file) if !file.exists() => Err(Failure::Fault(format!(
            "there is no database {}; set DATA_DIR or DATABASE_URL as they are set for the server that was rehearsed",
            file.display()
        ))),
        _ => Ok(config),
    }
}

/// Runs a plan, says on standard error how it stands, and rings the bell at Ctrl-C.
async fn watch(plan: Plan, ledger: Arc<Writer>) -> Report {
    let progress = Progress::new();
    let began = Instant::now();
    let mut running = Box::pin(rehearse::run(plan, ledger, Arc::clone(&progress)));
    let mut tell = interval(TELL_EVERY);
    tell.tick().await;
    let mut was_interrupted = false;
    loop {
        tokio::select! {
            report = &mut running => return report,
            _ = tell.tick() => {
                let standing = progress.standing();
                eprintln!(
                    "{:>5} s: {} candidates arrived, {} are sitting; {} answers saved, {} papers handed in; {} requests sent again, {} errors",
                    began.elapsed().as_secs(), standing.arrived, standing.sitting, standing.acknowledged,
                    standing.handed_in, standing.retries, standing.errors
                );
            }
            pressed = tokio::signal::ctrl_c() => {
                if was_interrupted || pressed.is_err() {
                    progress.stop();
                } else {
                    was_interrupted = true;
                    eprintln!("everybody hands in now; Ctrl-C again stops at once");
                    progress.hand_in();
                }
            }
        }
    }
}

impl Prepare {
    async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        sessions::check_replaceable(&self.sessions).map_err(|error| not_usable(&self.sessions, &error))?;
        if self.lifetime.is_zero() {
            return Err(Failure::Usage(
                "--lifetime 0: sessions that have ended are of no use; leave it out for a day".into(),
            ));
        }
        let store = super::open(config).await?;
        let exam = match store.find_published_version(&self.exam).await? {
            Some(version) => store.load_published(version).await?,
            None => None,
        };
        let slug = &self.exam;
        let exam = exam.ok_or_else(|| {
            Failure::Refused(format!(
                "there is no published exam {slug}; publish it with `examhall exam publish {slug}`"
            ))
        })?;
        let chance = Chance::from_os().map_err(|error| Failure::Fault(format!("no randomness: {error}")))?;
        let now = SystemClock.now();
        let mut told = 0;
        let done = |ready: usize| {
            if ready - told >= 1_000 {
                told = ready;
                eprintln!("{ready} of {} candidates are ready", self.users);
            }
        };
        let times = (now, now.after(self.lifetime));
        let ready = accounts::prepare(&store, &Arc::new(exam), self.users, times, || secret(&chance), done).await?;
        store.close().await;
        let lines = ready.iter().map(|ready| (ready.token.as_str(), ready.email.as_str()));
        sessions::write(&self.sessions, lines).map_err(|error| not_usable(&self.sessions, &error))?;
        print(&format!(
            "{} candidates are ready to sit {slug}; their sessions are in {} and end by themselves\n\
             `examhall rehearse clean` disables them when the rehearsals are over\n",
            ready.len(),
            self.sessions.display()
        ))?;
        Ok(Outcome::Done)
    }
}

/// A session, and a well-formed password hash that is the hash of nothing anybody knows.
fn secret(chance: &Chance) -> Secret {
    let token = chance.token();
    // Hexadecimal digits are base64 as well; the closing A keeps the unused bits of the last character zero.
    let (salt, hash) = (chance.public_id(), chance.public_id() + &chance.public_id());
    let password_hash = format!("$argon2id$v=19$m=7168,t=5,p=1${}A${}A", &salt[..21], &hash[..42]);
    Secret { token_hash: token::hash(&token), token, password_hash }
}

impl Verify {
    async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        // Reading first: a mistyped name is told before a database is made.
        if let Err(error) = std::fs::File::open(&self.ledger) {
            return Err(not_usable(&self.ledger, &error));
        }
        let store = super::open(existing(config)?).await?;
        let verdict: Verdict = verify(&store, &self.ledger)
            .await
            .map_err(|error| Failure::Fault(format!("{}: {error}", self.ledger.display())))?;
        store.close().await;
        let is_clean = verdict.is_clean();
        say(&verdict, self.json)?;
        if !self.json {
            // A report of a run has them among its cautions.
            verdict.notes.iter().try_for_each(|note| print(&format!("{note}\n")))?;
        }
        Ok(if is_clean { Outcome::Done } else { Outcome::PartlyRefused })
    }
}

async fn clean(config: &Config) -> Result<Outcome, Failure> {
    let store = super::open(existing(config)?).await?;
    let disabled = accounts::disable(&store, SystemClock.now()).await?;
    store.close().await;
    print(&format!("disabled {disabled} rehearsal candidates; their attempts stay as they are\n"))?;
    Ok(Outcome::Done)
}

fn say(what: &(impl Serialize + std::fmt::Display), json: bool) -> Result<(), Failure> {
    if !json {
        return print(&format!("{}\n", what.to_string().trim_end()));
    }
    let text = serde_json::to_string_pretty(what).map_err(|error| Failure::Fault(error.to_string()))?;
    print(&format!("{text}\n"))
}

fn not_usable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Fault(format!("{}: {error}", path.display()))
}

/// Every candidate is an open connection. Told before the run, where it can be mended.
fn check_open_files(users: usize) -> Result<(), Failure> {
    // Where there is no such file, the run itself will show.
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let allowed: Option<usize> = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    match allowed {
        Some(allowed) if allowed < users + OTHER_FILES => Err(Failure::Usage(format!(
            "{users} candidates need {} open files and this shell allows {allowed}; raise it with `ulimit -n`, or rehearse from \
             several machines",
            users + OTHER_FILES
        ))),
        _ => Ok(()),
    }
}

fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=1_000_000).contains(number))
        .ok_or_else(|| "use a number from 1 to 1000000".into())
}

/// A time such as 0, 250ms, 90s, 30m or 1h30m.
fn time(text: &str) -> Result<Duration, String> {
    if matches!(text, "0" | "0s") {
        return Ok(Duration::ZERO);
    }
    if let Some(millis) = text.strip_suffix("ms").and_then(|number| number.parse().ok()) {
        return Ok(Duration::from_millis(millis));
    }
    let seconds = values::duration(text).map_err(|_| "use a time such as 0, 250ms, 90s, 30m or 1h30m".to_owned())?;
    Ok(Duration::from_secs(seconds.into()))
}

/// A time as it is written in a flag.
fn shown(time: Duration) -> String {
    let (seconds, millis) = (time.as_secs(), time.subsec_millis());
    if millis > 0 {
        return format!("{}ms", time.as_millis());
    }
    match (seconds / 3_600, seconds / 60 % 60) {
        _ if seconds < 120 || !seconds.is_multiple_of(60) => format!("{seconds}s"),
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::Passwords;

    #[test]
    fn times_may_be_short_or_nothing_at_all() {
        for (text, millis) in [("0", 0), ("0s", 0), ("250ms", 250), ("90s", 90_000), ("1h30m", 5_400_000)] {
            assert_eq!(time(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "30", "ms", "-1s", "1.5s", "5 s"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn no_password_fits_a_rehearsal_candidate() {
        let secret = secret(&Chance::from_seed(1));
        let passwords = Passwords::new(1).expect("randomness");
        let fits = passwords.verify("the password".into(), Some(secret.password_hash)).await;
        assert!(!fits.expect("the hash is well-formed"));
        assert_eq!(secret.token_hash, token::hash(&secret.token));
    }
}
