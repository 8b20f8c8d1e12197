//! Sealed attempts as the store seals them: the patterns of which `bench/growth.py` makes millions.

use clap::Args;
use exam::answer::{Operation, Response};
use exam::attempt::AttemptState;
use exam::time::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Address, Store};
use testkit::{NOON, arrange};

/// Add attempts.
#[derive(Args)]
pub(crate) struct Grow {
    /// How many sealed attempts of 65 choice questions, with a fifth of the answers changed.
    #[arg(long, default_value_t = 0)]
    sealed: usize,
    /// What the people of this run are called, so that another run makes others.
    #[arg(long, default_value = "grown")]
    name: String,
}

impl Grow {
    /// Sits and hands in every attempt through the store's own functions: what they leave is what is measured.
    pub(crate) async fn run(self, store: &Store, address: &Address) -> Result<Value, String> {
        let slug = format!("{}-exam", self.name);
        let bank = arrange::bank(store, &slug, 130).await;
        let shuffled = arrange::exam(&slug).draw(&bank.slug, 65).set(|settings| {
            settings.shuffle_questions = true;
            settings.shuffle_options = true;
        });
        let exam = Arc::new(shuffled.publish(store).await);
        let mut running = tokio::task::JoinSet::new();
        for number in 0..self.sealed {
            let (store, exam) = (store.clone(), Arc::clone(&exam));
            let name = format!("{}{number}", self.name);
            running.spawn(async move { sit(&store, &exam, &name, number).await });
            if running.len() >= 128
                && let Some(done) = running.join_next().await
            {
                done.map_err(|error| error.to_string())??;
            }
        }
        while let Some(done) = running.join_next().await {
            done.map_err(|error| error.to_string())??;
        }
        Ok(json!({"sealed": self.sealed, "engine": store.engine(), "file": matches!(address, Address::Sqlite(_))}))
    }
}

async fn sit(store: &Store, exam: &store::PublishedExam, name: &str, number: usize) -> Result<(), String> {
    let say = |error: store::Error| error.to_string();
    let person = arrange::candidate(store, name).await;
    let attempt = arrange::start(store, exam, &person, NOON).await;
    let mut chance = number as u64 * 2_862_933_555_777_941_757 + 3_037_000_493;
    let mut below = |bound: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % bound
    };
    let mut at = NOON.0;
    let mut operations = Vec::new();
    for seq in 1..=78_i64 {
        at += i64::try_from(2_000 + below(56_000)).unwrap_or(0);
        let question =
            if seq <= 65 { usize::try_from(seq).unwrap_or(1) } else { usize::try_from(below(65)).unwrap_or(0) + 1 };
        let letter = ["a", "b", "c", "d"][usize::try_from(below(4)).unwrap_or(0)];
        let response = Some(Response::Choice(vec![letter.into()]));
        operations.push((at, Operation { writer: 0, seq, question, response }));
    }
    for (at, operation) in operations {
        store.save_operations(attempt.id, person.id, vec![operation], Timestamp(at)).await.map_err(say)?;
    }
    let (graded, marked) = (exam.clone(), attempt.clone());
    let grade = move |answers: &exam::answer::Answers| arrange::grade(&graded, &marked, answers);
    store.end_attempt(&attempt, AttemptState::Submitted, Timestamp(at), Timestamp(at), grade).await.map_err(say)?;
    Ok(())
}
