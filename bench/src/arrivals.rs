//! People who come to sit an exam, as browsers bring them: over the home page and the sign-in page to the exam, which they start. Where they
//! are shown the waiting room they keep its cookie and ask again when its page says. Whether they come in, in which order, and
//! how soon each is told that it has to wait.

mod person;
mod tally;

use crate::cpu::Used;
use crate::journey::read_sessions;
use crate::load::address;
use clap::Args;
use person::{Hall, Person};
use rehearse::plan::Target;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tally::Tally;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout_at};

/// Let people come to an exam.
#[derive(Args)]
pub(crate) struct Arrivals {
    /// Where the server listens.
    #[arg(long)]
    url: Target,
    /// The exam's slug.
    #[arg(long)]
    exam: String,
    /// A file with a session on each line, one for each of the people.
    #[arg(long)]
    sessions: PathBuf,
    /// How many lines of it are others'.
    #[arg(long, default_value_t = 0)]
    skip: usize,
    /// How many people come in a second, whatever becomes of those before; 0 for as fast as they get in.
    #[arg(long, default_value_t = 0.0)]
    rate: f64,
    /// How many are under way at once, when they come as fast as they get in.
    #[arg(long, default_value_t = 64)]
    at_once: usize,
    /// For how long people come, in seconds.
    #[arg(long, default_value_t = 20.0)]
    seconds: f64,
    /// For how long those who still wait then are waited for, in seconds.
    #[arg(long, default_value_t = 0.0)]
    after: f64,
    /// Part of the keys under which they start.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Keep connections while waiting, as browsers do for a while.
    #[arg(long)]
    keep: bool,
}

impl Arrivals {
    pub(crate) async fn run(self) -> Result<Value, String> {
        let sessions = read_sessions(&self.sessions)?.into_iter().skip(self.skip).collect();
        let hall = Arc::new(Hall {
            to: address(&self.url).await?,
            host: self.url.authority().to_owned(),
            exam: self.exam.clone(),
            seed: self.seed,
            keeps: self.keep,
            tally: Mutex::new(Tally::new()),
        });
        let (own, begun) = (Used::now(), Instant::now());
        let end = begun + Duration::from_secs_f64(self.seconds);
        let people = if self.rate > 0.0 {
            self.come(&hall, sessions, begun, end).await?
        } else {
            self.replace_each_other(&hall, sessions, end).await?
        };
        let (lasted, generator) = (begun.elapsed(), Used::now().since(own).own / 1e6);
        let mut report = hall.tally(|tally| tally.report(end));
        report.insert("people".into(), json!(people));
        report.insert("took_s".into(), json!(lasted.as_secs_f64()));
        report.insert("generator_cpu_s".into(), json!(generator));
        Ok(Value::Object(report))
    }

    /// They come at their times, whatever becomes of those before.
    async fn come(
        &self,
        hall: &Arc<Hall>,
        sessions: Vec<String>,
        begun: Instant,
        end: Instant,
    ) -> Result<usize, String> {
        let count = (self.rate * self.seconds).round() as usize;
        if sessions.len() < count {
            return Err(format!("{count} people need as many sessions, and there are {}", sessions.len()));
        }
        let last = end + Duration::from_secs_f64(self.after);
        let mut under_way = JoinSet::new();
        for (number, session) in sessions.into_iter().take(count).enumerate() {
            let due = begun + Duration::from_secs_f64(number as f64 / self.rate);
            sleep_until(due).await;
            hall.tally(|tally| tally.arrived(due.elapsed()));
            let person = Person::new(Arc::clone(hall), number, session);
            under_way.spawn(async move {
                let hall = Arc::clone(person.hall());
                if timeout_at(last, person.comes()).await.is_err() {
                    hall.tally(Tally::still_waits);
                }
            });
            while under_way.try_join_next().is_some() {}
        }
        while under_way.join_next().await.is_some() {}
        Ok(count)
    }

    /// The next comes when one before is in.
    async fn replace_each_other(&self, hall: &Arc<Hall>, sessions: Vec<String>, end: Instant) -> Result<usize, String> {
        let (sessions, next) = (Arc::new(sessions), Arc::new(AtomicUsize::new(0)));
        let mut chains = JoinSet::new();
        for _ in 0..self.at_once {
            let (hall, sessions, next) = (Arc::clone(hall), Arc::clone(&sessions), Arc::clone(&next));
            chains.spawn(async move {
                while Instant::now() < end {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let session = sessions.get(number).ok_or("there are not enough sessions")?;
                    hall.tally(|tally| tally.arrived(Duration::ZERO));
                    let comes = Person::new(Arc::clone(&hall), number, session.clone()).comes();
                    if timeout_at(end, comes).await.is_err() {
                        hall.tally(Tally::still_waits);
                    }
                }
                Ok::<_, String>(())
            });
        }
        while let Some(done) = chains.join_next().await {
            done.map_err(|error| error.to_string())??;
        }
        Ok(next.load(Ordering::Relaxed))
    }
}

impl Hall {
    fn tally<T>(&self, change: impl FnOnce(&mut Tally) -> T) -> T {
        // A panic cannot leave a count half-changed.
        change(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
