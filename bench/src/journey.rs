//! The same journey of the same users through the stack that Examhall replaces and through Examhall: sign in, start 20 questions,
//! answer each and see the next, see the result. What users wait, how much is sat, and what it costs the processes.

mod api;
mod face;
mod forms;
mod pages;
mod tally;
mod visitor;

use crate::cpu::{Used, used_by};
use crate::memory::Held;
use clap::Args;
use face::{Action, Exam, Face, Person, Sitting};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use rehearse::plan::Target;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tally::Tally;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};
use visitor::{Failed, Visitor};

/// How many users are put into place at once.
const PLACED_AT_ONCE: usize = 16;
/// How long a user waits after a failure who would not think otherwise.
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How often memory is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Let users sit through a quiz.
#[derive(Args)]
pub(crate) struct Journey {
    /// Through which face of the server.
    #[arg(long)]
    face: Face,
    /// Where it listens.
    #[arg(long)]
    url: Target,
    /// How many users.
    #[arg(long)]
    users: usize,
    /// For how long new sittings begin, or users who think are watched; in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How long a user thinks between two actions on average, in seconds, from half of it to one and a half times; 0 for not at all.
    #[arg(long, default_value_t = 0.0)]
    think: f64,
    /// The exam's slug, or the category.
    #[arg(long)]
    exam: String,
    /// How many questions a sitting has.
    #[arg(long, default_value_t = 20)]
    questions: usize,
    /// Sign in before each sitting, with this password.
    #[arg(long)]
    password: Option<String>,
    /// A file with a session on each line, for users who are signed in when the run begins.
    #[arg(long)]
    sessions: Option<PathBuf>,
    /// The first process of the server, to tell what it and its descendants use; may be given several times.
    #[arg(long = "process")]
    processes: Vec<u32>,
    /// The first process of its PostgreSQL, to tell what the database uses.
    #[arg(long)]
    postgres: Option<u32>,
    /// Each run of a seed chooses the same answers and times.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What all users share.
struct Hall {
    target: Target,
    exam: Exam,
    signs_in: bool,
    /// No pause between actions when None.
    think: Option<Duration>,
    tally: Mutex<Tally>,
    /// When nobody begins another sitting; None while users are put into place.
    ends: watch::Receiver<Option<Instant>>,
    placing: Semaphore,
}

impl Hall {
    fn tally<T>(&self, change: impl FnOnce(&mut Tally) -> T) -> T {
        // A panic cannot leave a count half-changed.
        change(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A user.
struct User {
    hall: Arc<Hall>,
    person: Person,
    visitor: Visitor,
    sitting: Sitting,
    chance: ChaCha8Rng,
}

impl Journey {
    pub(crate) async fn run(self) -> Result<Value, String> {
        let sessions = match &self.sessions {
            Some(path) => read_sessions(path)?,
            None => Vec::new(),
        };
        if self.password.is_none() && sessions.len() < self.users {
            return Err("give --password, or --sessions with one for each user".into());
        }
        let think = (self.think > 0.0).then(|| Duration::from_secs_f64(self.think));
        if think.is_some() && sessions.len() < self.users {
            return Err("users who think are in the middle of a sitting when the run begins: give --sessions".into());
        }
        let (end, ends) = watch::channel(None);
        let hall = Arc::new(Hall {
            target: self.url.clone(),
            exam: Exam { name: self.exam.clone(), questions: self.questions },
            signs_in: self.password.is_some(),
            think,
            tally: Mutex::new(Tally::new(self.users)),
            ends,
            placing: Semaphore::new(PLACED_AT_ONCE),
        });
        let mut users = JoinSet::new();
        let (placed, mut all_placed) = tokio::sync::mpsc::channel(self.users.max(1));
        for number in 0..self.users {
            let mut user = self.user(&hall, number, sessions.get(number));
            let placed = placed.clone();
            users.spawn(async move {
                if let Err(Failed(reason)) = user.place().await {
                    return Err(format!("user {number} could not be put into place: {reason}"));
                }
                // The other end is gone only when the run is.
                let _ = placed.send(()).await;
                drop(placed);
                user.take_part().await;
                Ok(())
            });
        }
        drop(placed);
        while all_placed.recv().await.is_some() {}
        if let Some(Ok(Err(reason))) = users.try_join_next() {
            return Err(reason);
        }
        let (before, begun) = (self.used(), Instant::now());
        // Nobody listens only when all have failed, which was told.
        let _ = end.send(Some(begun + Duration::from_secs(self.seconds)));
        let held = self.watch(&mut users, think.is_some(), begun).await?;
        let (took, after) = (begun.elapsed().as_secs_f64(), self.used());
        let mut report = hall.tally(|tally| tally.report());
        let sittings = report["sittings"].as_f64().unwrap_or(0.0);
        let [server, postgres, generator] = [0, 1, 2].map(|place| (after[place] - before[place]) / 1e6);
        report.insert("took_s".into(), json!(took));
        report.insert("sittings_per_s".into(), json!(sittings / took));
        report.insert("cpu_s".into(), json!({"server": server, "postgres": postgres, "generator": generator}));
        report.insert("sittings_per_cpu_s".into(), json!(sittings / (server + postgres).max(0.01)));
        report.insert(
            "memory_mb".into(),
            json!({"resident": held.resident as f64 / 1024.0, "proportional": held.proportional as f64 / 1024.0,
                   "processes": held.processes}),
        );
        Ok(Value::Object(report))
    }

    /// What the server, its database and this process have used of the processor so far, in microseconds.
    fn used(&self) -> [f64; 3] {
        [used_by(&self.processes), used_by(self.postgres.as_slice()), Used::now().own]
    }

    fn user(&self, hall: &Arc<Hall>, number: usize, session: Option<&String>) -> User {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed);
        chance.set_stream(u64::try_from(number).unwrap_or(0));
        let (mut visitor, sitting) = (Visitor::new(&hall.target), Sitting::new(self.face));
        if let Some(session) = session {
            sitting.resume(&mut visitor, session);
        }
        let person = Person { number, password: self.password.clone().unwrap_or_default() };
        User { hall: Arc::clone(hall), person, visitor, sitting, chance }
    }

    /// Waits for the end, looking at memory meanwhile. Users who think are left in the middle of what they do; the others end the
    /// sitting they are in, so that what is counted was sat and paid for as a whole.
    async fn watch(
        &self,
        users: &mut JoinSet<Result<(), String>>,
        leaves: bool,
        begun: Instant,
    ) -> Result<Held, String> {
        let (mut held, mut look) = (Held::default(), tokio::time::interval(LOOK));
        let end = begun + Duration::from_secs(self.seconds);
        loop {
            tokio::select! {
                () = sleep_until(end), if leaves => return Ok(held.max(Held::by(&self.processes))),
                _ = look.tick() => held = held.max(Held::by(&self.processes)),
                done = users.join_next() => match done {
                    Some(done) => done.map_err(|error| error.to_string())??,
                    None => return Ok(held),
                },
            }
        }
    }
}

/// A session stands first on its line; lines with a hash sign are for people.
/// The sessions of a file that a rehearsal has prepared, or the baseline.
pub(crate) fn read_sessions(path: &Path) -> Result<Vec<String>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

impl User {
    /// From 0 up to, not including, 1.
    fn part(&mut self) -> f64 {
        (self.chance.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A user who thinks is somewhere in a sitting when the run begins.
    async fn place(&mut self) -> Result<(), Failed> {
        if self.hall.think.is_none() {
            return Ok(());
        }
        let hall = Arc::clone(&self.hall);
        let _turn = hall.placing.acquire().await.map_err(|_| Failed::because("no_turn"))?;
        let skipped = usize::try_from(self.chance.next_u64() % 20).unwrap_or(0).min(hall.exam.questions - 1);
        let key = self.chance.next_u64();
        self.sitting.start(&mut self.visitor, &hall.exam, key, skipped).await?;
        (self.visitor.requests, self.visitor.received, self.visitor.reconnected) = (0, 0, 0);
        Ok(())
    }

    async fn take_part(&mut self) {
        let mut ends = self.hall.ends.clone();
        let Ok(Some(ends)) = ends.wait_for(Option::is_some).await.map(|ends| *ends) else { return };
        if let Some(think) = self.hall.think {
            // As if the action before had ended at any moment of the last pause.
            let pause = think.mul_f64(self.part());
            self.pause(pause).await;
            self.sit_out().await;
        }
        while Instant::now() < ends {
            if self.sit().await.is_none() && self.hall.think.is_none() {
                sleep(AFTER_FAILURE).await;
            }
        }
    }

    /// A whole sitting; None when it failed.
    async fn sit(&mut self) -> Option<()> {
        if self.hall.signs_in {
            self.think().await;
            self.act(Action::SignIn).await?;
        }
        self.think().await;
        self.act(Action::Start).await?;
        self.think().await;
        self.sit_out().await
    }

    /// The rest of a sitting, from the thought about the question that is shown.
    async fn sit_out(&mut self) -> Option<()> {
        while self.sitting.left() > 1 {
            self.act(Action::Answer).await?;
            self.think().await;
        }
        self.act(Action::Finish).await?;
        self.hall.tally(|tally| tally.sittings += 1);
        Some(())
    }

    async fn act(&mut self, action: Action) -> Option<()> {
        let (hall, number) = (Arc::clone(&self.hall), self.person.number);
        let chance = self.chance.next_u64();
        let choice = usize::try_from(chance >> 33).unwrap_or(0);
        hall.tally(|tally| tally.waits(number));
        let visitor = &mut self.visitor;
        let done = match action {
            Action::SignIn => self.sitting.sign_in(visitor, &self.person).await,
            Action::Start => self.sitting.start(visitor, &hall.exam, chance, 0).await,
            Action::Answer => self.sitting.answer(visitor, choice).await,
            Action::Finish => self.sitting.finish(visitor, choice).await,
        };
        hall.tally(|tally| {
            tally.is_over(number, action, done.as_ref().err().map(|failed| failed.0.as_str()));
            tally.requests += std::mem::take(&mut visitor.requests);
            tally.received += std::mem::take(&mut visitor.received);
            tally.reconnected += std::mem::take(&mut visitor.reconnected);
        });
        done.ok()
    }

    async fn think(&mut self) {
        if let Some(mean) = self.hall.think {
            let pause = mean.mul_f64(0.5 + self.part());
            self.pause(pause).await;
        }
    }

    /// Notices meanwhile when the server closes the connection.
    async fn pause(&mut self, pause: Duration) {
        let end = Instant::now() + pause;
        loop {
            tokio::select! {
                () = sleep_until(end) => return,
                () = self.visitor.idle() => {}
            }
        }
    }
}
