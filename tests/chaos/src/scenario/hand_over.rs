//! The server replaced by a fresh process again and again, under load: nobody is refused, nothing is lost.

use crate::hall::{Engine, Furnishing, Hall, Load, START, Setting};
use crate::{Chance, Keeper, Line, Outcome, Result, ask};
use rehearse::plan::Think;
use rehearse::report::Kind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

/// How long what is under way may take in a server that stops or leaves.
const GRACE: Duration = Duration::from_secs(3);
/// How much longer its process may be there.
const ENDING: Duration = Duration::from_secs(2);
/// The most that one process asks of PostgreSQL.
const POOL_MAX: u32 = 20;
/// After how many requests a process is replaced, and how many more it may be.
const MAX_REQUESTS: u64 = 3_000;
const JITTER: u64 = 500;
/// How long that many requests may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How many clients make a connection for each of their requests, and how long they wait between two.
const CALLERS: usize = 3;
const PAUSE: Duration = Duration::from_millis(2);

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct HandOver {
    /// On which engine
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    pub engine: Engine,
    /// How many hand-overs by SIGHUP: half of them while candidates save without a pause, half while they think, so that
    /// connections are idle
    #[arg(long, default_value_t = 10)]
    pub signals: u64,
    /// How many hand-overs by MAX_REQUESTS
    #[arg(long, default_value_t = 10)]
    pub max_requests: u64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl HandOver {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let variables = vec![("GRACEFUL_TIMEOUT", GRACE.as_secs().to_string()), ("DB_POOL_MAX", POOL_MAX.to_string())];
        let furnishing = Furnishing { variables, ..Furnishing::default() };
        let mut hall = Hall::open("hand-over", self.engine, &self.setting, Keeper::new()?, furnishing).await?;
        let census = match self.engine {
            Engine::Postgres => Some(hall.cluster()?.count_connections()),
            Engine::Sqlite => None,
        };
        let busy = self.signals.div_ceil(2);
        self.by_signal(&mut hall, busy, Think::Zero).await?;
        self.by_signal(&mut hall, self.signals - busy, Think::Mean(Duration::from_secs(1))).await?;
        self.stop_under_load(&mut hall).await?;
        if self.max_requests > 0 {
            hall.server.set("MAX_REQUESTS", &MAX_REQUESTS.to_string());
            hall.server.set("MAX_REQUESTS_JITTER", &JITTER.to_string());
            hall.server.start(START).await?;
            self.by_requests(&mut hall).await?;
        }
        if let Some(census) = census {
            // Two processes at once.
            hall.outcome.expect_connections(census.most(), 2 * POOL_MAX);
        }
        hall.close().await
    }

    async fn by_signal(&self, hall: &mut Hall, times: u64, think: Think) -> Result<()> {
        if times == 0 {
            return Ok(());
        }
        let load = hall.load_with(&hall.server.address(), |plan| plan.think = think)?;
        let callers = Callers::start(&hall.server.address(), &hall.tokens()[0]);
        for number in 0..times {
            let place = if think == Think::Zero { 20 } else { 21 };
            sleep(Chance::at(self.setting.seed, place, number).between(PAUSE, Duration::from_millis(800))).await;
            let before = hall.server.id()?;
            let before = hall.server.serving()?.unwrap_or(before);
            let from = Instant::now();
            hall.server.hand_over()?;
            hall.server.handed_over(before, START + GRACE + ENDING).await?;
            hall.outcome.fault("SIGHUP");
            hall.outcome.ready.add(from.elapsed());
            if !goes_on(hall, &load).await {
                break;
            }
        }
        end(hall, load, callers).await?;
        hall.say(&format!("{times} hand-overs by SIGHUP"));
        Ok(())
    }

    async fn by_requests(&self, hall: &mut Hall) -> Result<()> {
        let load = hall.load(&hall.server.address())?;
        let callers = Callers::start(&hall.server.address(), &hall.tokens()[0]);
        let mut serving = hall.server.id()?;
        for _ in 0..self.max_requests {
            serving = hall.server.handed_over(serving, PATIENCE).await?;
            hall.outcome.fault("MAX_REQUESTS");
            if !goes_on(hall, &load).await {
                break;
            }
        }
        // The next one must not come while everybody hands in, which is waited for by nobody.
        end(hall, load, callers).await?;
        hall.say(&format!("{} hand-overs by MAX_REQUESTS", self.max_requests));
        Ok(())
    }

    /// SIGTERM while candidates save: everything is answered, and the process ends within its grace.
    async fn stop_under_load(&self, hall: &mut Hall) -> Result<()> {
        let load = hall.load(&hall.server.address())?;
        let before = load.acknowledged();
        if load.acknowledged_after(before, START).await.is_none() {
            hall.outcome.find("nothing was acknowledged before SIGTERM");
        }
        let from = Instant::now();
        hall.server.ask_to_stop()?;
        let status = hall.server.wait(GRACE + ENDING).await?;
        let took = u64::try_from(from.elapsed().as_millis()).unwrap_or(u64::MAX);
        if !status.success() {
            hall.outcome.find(format!("told to stop under load, it ended with {status}: {}", hall.server.last_words()));
        }
        hall.outcome.fault("SIGTERM");
        hall.outcome.counts.insert("stopped within ms".into(), took);
        let before = load.acknowledged_at_rest(Duration::from_millis(20), START).await;
        let from = Instant::now();
        hall.server.start(START).await?;
        hall.recovers(&load, before, from).await;
        hall.end(load).await?;
        if self.max_requests > 0 && !hall.server.stop(GRACE + ENDING).await? {
            hall.outcome.find("it did not stop in order");
        }
        Ok(())
    }
}

/// Whether somebody's answer is acknowledged after a hand-over.
async fn goes_on(hall: &mut Hall, load: &Load) -> bool {
    let (before, from) = (load.acknowledged(), Instant::now());
    hall.recovers(load, before, from).await
}

/// Ends the load, and holds what clients met with against what was promised to them.
async fn end(hall: &mut Hall, load: Load, callers: Callers) -> Result<()> {
    let report = hall.end(load).await?;
    let (calls, failed) = callers.end().await;
    let counts = &mut hall.outcome.counts;
    *counts.entry("other calls".into()).or_default() += calls;
    *counts.entry("sent again".into()).or_default() += report.retries.values().sum::<u64>();
    if let Some(saves) = report.latency(Kind::Save) {
        for (name, ms) in [("save p99 ms", saves.p99_ms), ("longest save ms", saves.max_ms)] {
            let whole = Duration::try_from_secs_f64(ms / 1_000.0).unwrap_or_default().as_millis();
            let told = counts.entry(name.into()).or_default();
            *told = (*told).max(u64::try_from(whole).unwrap_or(u64::MAX));
        }
    }
    for (reason, count) in &report.retries {
        // The connection was closed under a request that had just been sent. Everything else is a failure.
        if reason != "connection_broken" {
            hall.outcome.find(format!("{count} requests had to be sent again: {reason}"));
        }
    }
    if report.sent_thrice > 0 {
        hall.outcome.find(format!("{} requests failed a second time", report.sent_thrice));
    }
    for what in failed {
        hall.outcome.find(format!("a call failed: {what}"));
    }
    Ok(())
}

/// Clients who make a connection for each request, and one who keeps one open and never pauses for long: nothing may go wrong for
/// them, not even once.
struct Callers {
    calls: Arc<AtomicU64>,
    over: Arc<AtomicU64>,
    calling: Vec<JoinHandle<Vec<String>>>,
}

impl Callers {
    fn start(address: &str, token: &str) -> Self {
        let (calls, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut calling = Vec::new();
        for number in 0..=CALLERS {
            let (address, token) = (address.to_owned(), token.to_owned());
            let (calls, over) = (Arc::clone(&calls), Arc::clone(&over));
            calling.push(tokio::spawn(async move {
                let mut failed = Vec::new();
                let mut line = Line::to(&address);
                while over.load(Ordering::Relaxed) == 0 {
                    let answer = if number == 0 {
                        // It is told with an answer that the connection ends, and never finds it closed.
                        line.ask("GET", "/api/v1/attempts", &token, None, START).await
                    } else {
                        ask(&address, "GET", "/readyz", None, None, START).await
                    };
                    match answer {
                        Ok(answer) if answer.status == 200 => drop(calls.fetch_add(1, Ordering::Relaxed)),
                        Ok(answer) => failed.push(format!("{} {}", answer.status, answer.json())),
                        Err(error) => failed.push(error.to_string()),
                    }
                    sleep(PAUSE).await;
                }
                failed
            }));
        }
        Self { calls, over, calling }
    }

    /// How many calls were answered, and what happened to the others.
    async fn end(self) -> (u64, Vec<String>) {
        self.over.store(1, Ordering::Relaxed);
        let mut failed = Vec::new();
        for calling in self.calling {
            failed.extend(calling.await.unwrap_or_else(|error| vec![error.to_string()]));
        }
        (self.calls.load(Ordering::Relaxed), failed)
    }
}
