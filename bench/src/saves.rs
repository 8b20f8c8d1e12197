//! Durable saves through the store alone: no HTTP, one answer per save, as many candidates at once as asked for.

use crate::cpu::Used;
use clap::Args;
use exam::answer::{Operation, Response};
use exam::attempt::AttemptState;
use exam::id::{AccountId, AttemptId};
use exam::time::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;
use store::{AttemptFilter, SaveOutcome, Store};
use testkit::{NOON, arrange};
use tokio::time::Instant;

/// The exam that `prepare` makes.
const EXAM: &str = "bench";

/// Save answers as fast as it goes.
#[derive(Args)]
pub(crate) struct Saves {
    /// How many candidates have a save under way at once.
    #[arg(long, default_value_t = 512)]
    candidates: usize,
    /// Among how many open attempts their saves fall at random; 0 for one attempt each.
    #[arg(long, default_value_t = 0)]
    among: usize,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How many answers one transaction takes at most; 1 switches batching off.
    #[arg(long, default_value_t = 256)]
    pub(crate) batch: usize,
    /// Saves a second over all; 0 for as many as it takes.
    #[arg(long, default_value_t = 0)]
    rate: u64,
}

/// Makes people with open attempts.
pub(crate) async fn prepare(store: &Store, attempts: usize) -> Result<Value, String> {
    arrange::bank(store, EXAM, 65).await;
    let exam = Arc::new(arrange::exam(EXAM).draw(EXAM, 65).publish(store).await);
    let mut running = tokio::task::JoinSet::new();
    for number in 0..attempts {
        let (store, exam) = (store.clone(), Arc::clone(&exam));
        running.spawn(async move {
            let person = arrange::candidate(&store, &format!("bench{number}")).await;
            arrange::start(&store, &exam, &person, NOON).await;
        });
        if running.len() >= 64 {
            running.join_next().await;
        }
    }
    while let Some(done) = running.join_next().await {
        done.map_err(|error| error.to_string())?;
    }
    Ok(json!({"attempts": attempts}))
}

async fn open_attempts(store: &Store, count: usize) -> Result<Vec<(AttemptId, AccountId)>, String> {
    let mut found = Vec::new();
    let mut filter =
        AttemptFilter { exam: EXAM.into(), state: Some(AttemptState::Open), limit: 200, ..Default::default() };
    while found.len() < count {
        let page = store.list_attempts(&filter).await.map_err(|error| error.to_string())?;
        found.extend(page.attempts.iter().map(|row| (row.id, row.account)));
        let Some(next) = page.next else { break };
        filter.before = Some(next);
    }
    found.truncate(count);
    if found.is_empty() { Err("there is no open attempt; run `prepare` first".into()) } else { Ok(found) }
}

/// Saves an answer, and waits for its acknowledgement.
async fn save(store: &Store, (attempt, account): (AttemptId, AccountId), number: i64) -> Result<(), String> {
    let operation = Operation {
        writer: 0,
        seq: number,
        question: usize::try_from(number % 65).unwrap_or(0) + 1,
        response: Some(Response::Choice(vec!["b".into()])),
    };
    match store.save_operations(attempt, account, vec![operation], Timestamp(NOON.0 + number)).await {
        Ok(Some(done)) if matches!(&done.outcome, SaveOutcome::Judged { acknowledged, .. } if acknowledged.len() == 1) => {
            Ok(())
        }
        other => Err(format!("{other:?}")),
    }
}

/// Saves once to each attempt: what the store looks up about an attempt with its first save, such as how much its log holds, is
/// part of no other.
async fn get_acquainted(
    store: &Store,
    attempts: &Arc<Vec<(AttemptId, AccountId)>>,
    seq: &Arc<AtomicI64>,
) -> Result<(), String> {
    const AT_ONCE: usize = 512;
    let mut saving = tokio::task::JoinSet::new();
    for first in 0..AT_ONCE {
        let (store, attempts, seq) = (store.clone(), Arc::clone(attempts), Arc::clone(seq));
        saving.spawn(async move {
            for attempt in attempts.iter().skip(first).step_by(AT_ONCE) {
                save(&store, *attempt, seq.fetch_add(1, Ordering::Relaxed)).await?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(done) = saving.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(())
}

impl Saves {
    pub(crate) async fn run(self, store: &Store) -> Result<Value, String> {
        let attempts = Arc::new(open_attempts(store, self.candidates.max(self.among).max(1)).await?);
        // Far above the numbers of earlier runs, which may have saved to the first attempt less often than to others.
        let log = store.operation_log(attempts[0].0).await.map_err(|error| error.to_string())?;
        let last = log.iter().map(|logged| logged.operation.seq).max().unwrap_or(0);
        let seq = Arc::new(AtomicI64::new(last + 1_000_000_000));
        let saved = Arc::new(AtomicU64::new(0));
        get_acquainted(store, &attempts, &seq).await?;
        let (before, begun) = (Used::now(), Instant::now());
        let end = begun + Duration::from_secs(self.seconds);
        let mut candidates = tokio::task::JoinSet::new();
        for candidate in 0..self.candidates {
            let (store, attempts) = (store.clone(), Arc::clone(&attempts));
            let (seq, saved) = (Arc::clone(&seq), Arc::clone(&saved));
            let pause = (self.rate > 0).then(|| Duration::from_secs_f64(self.candidates as f64 / self.rate as f64));
            candidates.spawn(async move {
                let mut place = candidate;
                let mut latencies = Vec::new();
                let mut due =
                    begun + pause.unwrap_or_default().mul_f64(candidate as f64 / 512.0).min(Duration::from_secs(1));
                while Instant::now() < end {
                    if let Some(pause) = pause {
                        tokio::time::sleep_until(due).await;
                        due += pause;
                    } else {
                        due = Instant::now();
                    }
                    let number = seq.fetch_add(1, Ordering::Relaxed);
                    if self.among > 0 {
                        place = place.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    }
                    let from = due - pause.unwrap_or_default();
                    save(&store, attempts[(place >> 16 ^ place) % attempts.len()], number).await?;
                    saved.fetch_add(1, Ordering::Relaxed);
                    latencies.push(from.elapsed());
                }
                Ok::<_, String>(latencies)
            });
        }
        let mut latencies = Vec::new();
        while let Some(done) = candidates.join_next().await {
            latencies.extend(done.map_err(|error| error.to_string())??);
        }
        let (took, used) = (begun.elapsed().as_secs_f64(), Used::now().since(before));
        let saved = saved.load(Ordering::Relaxed) as f64;
        latencies.sort_unstable();
        let at = |share: f64| {
            let place = (latencies.len() as f64 * share) as usize;
            latencies
                .get(place.min(latencies.len().saturating_sub(1)))
                .map_or(0.0, |latency| latency.as_secs_f64() * 1e3)
        };
        Ok(json!({
            "engine": store.engine(),
            "candidates": self.candidates,
            "among": attempts.len(),
            "batch": self.batch,
            "saves": saved,
            "saves_per_s": (saved / took).round(),
            "cpu_us_per_save": ((used.own / saved) * 100.0).round() / 100.0,
            "postgres_us_per_save": ((used.postgres / saved) * 100.0).round() / 100.0,
            "p50_ms": at(0.5),
            "p99_ms": at(0.99),
        }))
    }
}
