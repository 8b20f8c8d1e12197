//! A run: its flags, what is looked at before it, and what is said during and after it.

use super::super::{Failure, Outcome, values};
use super::{count, existing, not_usable, say, time};
use crate::chance::Chance;
use crate::clock::SystemClock;
use crate::config::Config;
use exam::settings::Percent;
use exam::time::Clock as _;
use rehearse::NotThere;
use rehearse::ledger::Writer;
use rehearse::plan::{FETCHES_AFTER, Plan, Retry, Sessions, Target, Think};
use rehearse::progress::Progress;
use rehearse::report::{Report, Rules};
use rehearse::sessions;
use rehearse::verify::{Verdict, verify};
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

/// A run.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
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
    /// Whoever has handed in makes room for the next person, so that nobody sits two papers; --sittings counts those of a place
    #[arg(long, requires = "sessions", conflicts_with = "no_submit")]
    relay: bool,
    /// How many answers are followed by a change of an earlier one
    #[arg(long, value_name = "PERCENT", default_value = "20%", value_parser = values::percent)]
    re_answer: Percent,
    /// How many saves are sent twice
    #[arg(long, value_name = "PERCENT", default_value = "0%", value_parser = values::percent)]
    replay: Percent,
    /// How many saves are followed by a reload of the page
    #[arg(long, value_name = "PERCENT", default_value = "2%", value_parser = values::percent)]
    resume: Percent,
    /// Ask for the page of the attempt and for all its questions as well, as a browser does
    #[arg(long)]
    pages: bool,
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

impl Run {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
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
            super::super::open(existing(config)?).await?.close().await;
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
            relay: self.relay,
            re_answer: share(self.re_answer),
            replay: share(self.replay),
            resume: share(self.resume),
            pages: self.pages.then_some(FETCHES_AFTER),
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
    let store = super::super::open(existing(config).map_err(told)?).await.map_err(told)?;
    let verdict = verify(&store, ledger, SystemClock.now()).await.map_err(|error| error.to_string());
    store.close().await;
    verdict
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
