//! The figures of a moment.

use crate::app::App;
use crate::machine::{self, Memory, Process};
use std::time::Duration;
use store::{Connections, Queue};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long the database is waited for: whoever asks for figures asks most urgently when it does not answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a moment looks like.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Why the server is not ready; empty when it is.
    pub reasons: Vec<String>,
    /// What the process takes.
    pub process: Process,
    /// What the machine has.
    pub memory: Memory,
    /// Whether attempts can be started. It is no reason to send those elsewhere who sit already, or to keep them from handing in.
    pub takes_starts: bool,
    /// Bytes that are free on the disk of the embedded database; None where there is none, or it cannot be told.
    pub disk_free: Option<u64>,
    /// Threads that run requests.
    pub workers: usize,
    /// How late tasks are run.
    pub delay: Duration,
    /// People who are here.
    pub inside: usize,
    /// What waits to be written.
    pub queue: Queue,
    /// What the connections to the database do.
    pub pool: Connections,
    /// What the connections of everybody do, by state; empty where that is not known.
    pub backends: Vec<(String, i64)>,
    /// How many there may be of them.
    pub backends_max: Option<i64>,
    /// Connections of clients, and how many there may be.
    pub connections: (usize, usize),
    /// People in the waiting room.
    pub waiting: u64,
}

impl Figures {
    /// Looks at everything. Takes two seconds at most, also when the database does not answer.
    pub async fn gather(app: &App) -> Self {
        let database = async { tokio::join!(app.store.backends(), app.store.connections_max()) };
        // Of open files, of which a hall has twenty thousand, the kernel makes a list: a worker would stand still meanwhile.
        let folder = app.site.data_folder.clone();
        let disk = move || folder.and_then(|folder| machine::disk_free(&folder));
        let machine = spawn_blocking(|| (machine::process(), machine::memory()));
        // One that is reached over a network may hang.
        let disk = timeout(PATIENCE, spawn_blocking(disk));
        let (reasons, database, machine, disk) = tokio::join!(reasons(app), timeout(PATIENCE, database), machine, disk);
        let (backends, backends_max) = match database {
            Ok((backends, most)) => (backends.unwrap_or_default(), most.unwrap_or_default()),
            // Why not is among the reasons.
            Err(_) => (Vec::new(), None),
        };
        let disk_free = disk.ok().and_then(|free| free.unwrap_or_default());
        let (process, memory) = machine.unwrap_or_else(|error| {
            tracing::warn!(%error, "process and machine could not be looked at");
            Default::default()
        });
        Self {
            reasons,
            process,
            memory,
            takes_starts: app.store.takes_starts(),
            disk_free,
            workers: app.site.workers,
            delay: app.delay.shown(),
            inside: app.presence.count(app.now()),
            queue: app.store.queue(),
            pool: app.store.connections(),
            backends: backends.into_iter().map(|state| (state.state.replace(' ', "_"), state.count)).collect(),
            backends_max,
            connections: (app.connections.open(), app.connections.most()),
            waiting: app.admission.room.waiting(),
        }
    }

    /// How much of what this server can take it has to take: 1 is as much as it can. The largest of its parts, since any of them is
    /// enough to keep people waiting: tasks that are run 20 ms late, answers that wait for 60 ms, nine tenths of the connections,
    /// anybody in the waiting room.
    #[must_use]
    pub fn saturation(&self) -> f64 {
        let parts = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
        let (open, most) = self.connections;
        let connections = if most == 0 { 0.0 } else { parts(open) / (0.9 * parts(most)) };
        let waiting = f64::from(u8::from(self.waiting > 0));
        [self.delay.as_secs_f64() / 0.020, self.queue.oldest.as_secs_f64() / 0.060, connections, waiting]
            .into_iter()
            .fold(0.0, f64::max)
    }
}

async fn database_answers(app: &App) -> bool {
    let hangs = |_| Err(store::Error::Unavailable("it hangs".into()));
    let answer = timeout(PATIENCE, app.store.ping()).await.unwrap_or_else(hangs);
    if let Err(error) = &answer {
        tracing::warn!(%error, "not ready");
    }
    answer.is_ok()
}

/// Why the server is not ready, in words for whoever runs it; empty when it is.
pub async fn reasons(app: &App) -> Vec<String> {
    let mut reasons = Vec::new();
    if !app.watch.database.unless_fresh(database_answers(app)).await {
        reasons.push("the database does not answer".to_owned());
    }
    if !app.store.is_writing() {
        reasons.push("answers cannot be written".to_owned());
    }
    if let Some(apart) = app.clocks.apart_ms() {
        reasons.push(format!("the clocks of server and database differ by {} ms", apart.unsigned_abs()));
    }
    reasons
}
