//! Saves that race the submit of their attempt, on several connections at once.

use crate::hall::{EXAM, Engine, Furnishing, Hall, Setting};
use crate::person::{Person, Saved};
use crate::{Chance, Doing, Keeper, Outcome, Result};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How many connections save at once, one answer each.
const LINES: usize = 4;
/// The latest moment of the submit after the saves have left.
const LATEST: Duration = Duration::from_micros(2_500);
/// After how many races each the ledger is held against the database.
const VERIFY_EVERY: u64 = 500;

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Race {
    /// On which engine
    #[arg(long, value_enum, default_value_t = Engine::Postgres)]
    pub engine: Engine,
    /// How many attempts are handed in while four answers are being saved
    #[arg(long, default_value_t = 2_000)]
    pub attempts: u64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl Race {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let mut hall = Hall::open("race", self.engine, &self.setting, Keeper::new()?, Furnishing::default()).await?;
        let users = u64::try_from(hall.tokens().len().max(1)).unwrap_or(1);
        let each = self.attempts.div_ceil(users);
        let mut done = 0;
        while done < each {
            let rounds = (each - done).min(VERIFY_EVERY);
            let (ledger, path) = hall.ledger()?;
            let mut racing = JoinSet::new();
            for (number, token) in (0..).zip(hall.tokens()) {
                let person = Person::new(&hall.server.address(), token, &ledger);
                racing.spawn(race(person, self.setting.seed, number, done..done + rounds));
            }
            while let Some(raced) = racing.join_next().await {
                for (name, count) in raced.doing("racing")?? {
                    if !matches!(name.as_str(), "acknowledged" | "closed") {
                        *hall.outcome.unexpected.entry(name.clone()).or_default() += count;
                        hall.outcome.find(format!("{count} saves were {name}"));
                    }
                    *hall.outcome.counts.entry(format!("saves {name}")).or_default() += count;
                }
            }
            ledger.finish().map_err(crate::Error::new)?;
            hall.check(&path).await?;
            done += rounds;
            hall.outcome.faults.insert("submit raced by saves".into(), done * users);
            hall.say(&format!("{} races", done * users));
        }
        if !hall.outcome.counts.contains_key("saves closed") {
            hall.outcome.find("no save came after its submit: there was no race");
        }
        hall.close().await
    }
}

/// One person's races; what became of the saves.
async fn race(person: Person, seed: u64, number: u64, rounds: std::ops::Range<u64>) -> Result<BTreeMap<String, u64>> {
    let mut lines: Vec<_> = (0..=LINES).map(|_| person.line()).collect();
    let mut counts = BTreeMap::new();
    for round in rounds {
        let Some((submitting, saving)) = lines.split_last_mut() else { break };
        let paper = person.start(submitting, EXAM).await?;
        let wait = Chance::at(seed, 1_000 + number, round).between(Duration::ZERO, LATEST);
        let mut saves = JoinSet::new();
        for ((line, seq), (question, response)) in saving.iter_mut().zip(1..).zip(&paper.responses) {
            let (person, paper, question, response) = (person.clone(), paper.clone(), *question, response.clone());
            let mut line = std::mem::replace(line, person.line());
            saves.spawn(async move {
                let saved = person.save(&mut line, &paper, seq, question, &response).await;
                (line, saved)
            });
        }
        sleep(wait).await;
        let state = person.hand_in(submitting, &paper).await;
        if state.as_deref() != Some("submitted") {
            *counts.entry(format!("without a receipt ({state:?})")).or_default() += 1;
        }
        for (line, saved) in saving.iter_mut().zip(saves.join_all().await) {
            *line = saved.0;
            let name = match saved.1? {
                Saved::Acknowledged => "acknowledged".to_owned(),
                Saved::Rejected(code) | Saved::Unanswered(code) => code,
            };
            *counts.entry(name).or_default() += 1;
        }
    }
    Ok(counts)
}
