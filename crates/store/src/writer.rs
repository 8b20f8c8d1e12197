//! Group commit: every change of a running attempt goes through one queue, and all that wait are written in one transaction.
//!
//! No timer: while one transaction is under way, the next batch collects by itself. Nothing is answered before its commit.
//! While the database is away, what waits is kept, unacknowledged, and tried again; every change may be written twice without
//! harm, so an unknown outcome of a commit is settled by doing it again. What has waited too long, or finds the queue full,
//! is refused, and the client keeps it.

mod batch;
mod forms;
mod job;
mod lane;
mod meter;
mod room;
mod saves;
mod tally;

pub(crate) use batch::{Append, Content, Held, Identity, Known, Logs, content};
pub use job::Arrival;
pub(crate) use job::{End, Ended, Form, Job, Save, Written};

use crate::db::{Db, Options};
use crate::figures::Queue;
use crate::{Error, Result};
use lane::{Busy, Lane};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tally::Tally;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How many bytes of answers may wait.
const QUEUE_BYTES: usize = 64 * 1024 * 1024;

/// The queue's near end. The queue has as many lanes as the database has connections for writers; all jobs of an attempt go
/// through the same one.
#[derive(Debug)]
pub(crate) struct Writer {
    lanes: Vec<mpsc::UnboundedSender<Job>>,
    busy: Vec<Busy>,
    /// For those that may wait; from their coming to their answer.
    places: Arc<Semaphore>,
    places_max: usize,
    bytes: Arc<Semaphore>,
    closing: watch::Sender<bool>,
    tally: Arc<Tally>,
    refused: AtomicU64,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Writer {
    /// Starts writing to a database.
    pub(crate) fn start(db: &Db, options: &Options) -> Self {
        let (closing, closed) = watch::channel(false);
        let committed = Arc::new(Mutex::new(Instant::now()));
        let tally = Arc::<Tally>::default();
        let places_max = options.save_queue.clamp(1, Semaphore::MAX_PERMITS);
        let (mut lanes, mut busy, mut tasks) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..db.writers() {
            // Bounded by the places.
            let (jobs, waiting) = mpsc::unbounded_channel();
            let its_busy = Busy::new(Arc::clone(&committed));
            let lane = Lane::new(db.clone(), options, waiting, closed.clone(), its_busy.clone(), Arc::clone(&tally));
            tasks.push(tokio::spawn(lane.run()));
            lanes.push(jobs);
            busy.push(its_busy);
        }
        Self {
            lanes,
            busy,
            places: Arc::new(Semaphore::new(places_max)),
            places_max,
            bytes: Arc::new(Semaphore::new(QUEUE_BYTES)),
            closing,
            tally,
            refused: AtomicU64::new(0),
            tasks: Mutex::new(tasks),
        }
    }

    /// Queues a job; `make` is given where to answer and what to hold while it waits.
    pub(crate) async fn write<T>(&self, size: usize, make: impl FnOnce(job::Ticket<T>) -> Job) -> Result<T> {
        let size = u32::try_from(size.min(QUEUE_BYTES)).unwrap_or(u32::MAX);
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| self.is_full())?;
        let bytes = Arc::clone(&self.bytes).try_acquire_many_owned(size).map_err(|_| self.is_full())?;
        let (ticket, answer) = job::Ticket::new(Instant::now(), [place, bytes]);
        let job = make(ticket);
        let lane = usize::try_from(job.attempt().0.unsigned_abs()).unwrap_or(0) % self.lanes.len();
        self.lanes[lane].send(job).map_err(|_| Error::Busy)?;
        // A lane is gone only when the store is being closed or it has panicked; what waited was not written.
        answer.await.unwrap_or(Err(Error::Busy))
    }

    fn is_full(&self) -> Error {
        self.refused.fetch_add(1, Ordering::Relaxed);
        Error::Busy
    }

    /// What waits, and what has been written.
    pub(crate) fn figures(&self) -> Queue {
        Queue {
            jobs: self.places_max.saturating_sub(self.places.available_permits()),
            oldest: self.busy.iter().filter_map(Busy::oldest).max().unwrap_or_default(),
            commits: self.tally.read(),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Whether some answers will never be written any more.
    pub(crate) fn has_ended(&self) -> bool {
        self.lanes.iter().any(mpsc::UnboundedSender::is_closed)
    }

    /// For how long it has been trying to write, or failed to, without success.
    pub(crate) fn trying_for(&self) -> Duration {
        self.busy.iter().filter_map(Busy::trying_for).max().unwrap_or_default()
    }

    /// Takes no more, writes what waits, and ends.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a writer of answers has died");
            }
        }
    }
}
