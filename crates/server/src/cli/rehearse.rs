//! `examhall rehearse`: a run, and `prepare`, `verify` and `clean` around it

mod run;

use super::{Failure, Outcome, print, values};
use crate::chance::Chance;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::token;
use exam::time::Clock as _;
use rehearse::accounts::{self, Secret};
use rehearse::sessions;
use rehearse::verify::{Verdict, verify};
use run::Run;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

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

/// The configuration, when its database is there.
fn existing(config: &Config) -> Result<&Config, Failure> {
    super::missing_database(config).map_or(Ok(config), |file| {
        Err(Failure::Fault(format!(
            "there is no database {}; set DATA_DIR or DATABASE_URL as they are set for the server that was rehearsed",
            file.display()
        )))
    })
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
        let verdict: Verdict = verify(&store, &self.ledger, SystemClock.now())
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
