//! The threads that hash, and who waits for them.

use super::PasswordError;
use super::hash::Memory;
use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How long somebody may have to wait: longer, and it is better to be told when to come again.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long a hash takes, until one has been measured.
const FIRST_GUESS: Duration = Duration::from_millis(60);
/// How far the threads give way to all others of the machine (`nice`).
const NICE: i32 = 10;

/// Something to hash. It is given up when nobody waits for it any more.
type Task = Box<dyn FnOnce(&mut Memory, &Shared) + Send>;

/// How the hashing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashFigures {
    /// Threads that hash.
    pub threads: usize,
    /// Those that wait.
    pub waiting: usize,
    /// Hashes that were made or checked.
    pub done: u64,
    /// How long a hash takes, of late.
    pub took: Duration,
    /// How many were told to come again.
    pub refused: u64,
}

/// What the threads share with those who ask.
struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
    waiting: AtomicUsize,
    done: AtomicU64,
    refused: AtomicU64,
    /// Of late, in microseconds.
    took_us: AtomicU64,
}

#[derive(Default)]
struct Queue {
    tasks: VecDeque<Task>,
    is_closed: bool,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Task> {
        let mut queue = self.queue();
        loop {
            if let Some(task) = queue.tasks.pop_front() {
                self.waiting.fetch_sub(1, Ordering::Relaxed);
                return Some(task);
            }
            if queue.is_closed {
                return None;
            }
            queue = self.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn took(&self) -> Duration {
        Duration::from_micros(self.took_us.load(Ordering::Relaxed))
    }

    fn note(&self, took: Duration) {
        // A mean over the last ten or so: it is for telling people how long they wait. Threads that overwrite each other's lose nothing.
        let mean = (self.took() * 9 + took) / 10;
        self.took_us.store(u64::try_from(mean.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// The threads. They end when it is dropped, after what they are at.
pub(super) struct Pool {
    shared: Arc<Shared>,
    threads: usize,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("threads", &self.threads).finish_non_exhaustive()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.shared.queue().is_closed = true;
        self.shared.more.notify_all();
    }
}

impl Pool {
    pub(super) fn start(threads: usize) -> Result<Self, PasswordError> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            more: Condvar::new(),
            waiting: AtomicUsize::new(0),
            done: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            took_us: AtomicU64::new(u64::try_from(FIRST_GUESS.as_micros()).unwrap_or(u64::MAX)),
        });
        for number in 0..threads {
            let shared = Arc::clone(&shared);
            thread::Builder::new()
                .name(format!("hashing-{number}"))
                .spawn(move || hash_on(&shared))
                .map_err(|error| PasswordError::Failed(error.to_string()))?;
        }
        Ok(Self { shared, threads })
    }

    pub(super) fn figures(&self) -> HashFigures {
        HashFigures {
            threads: self.threads,
            waiting: self.shared.waiting.load(Ordering::Relaxed),
            done: self.shared.done.load(Ordering::Relaxed),
            took: self.shared.took(),
            refused: self.shared.refused.load(Ordering::Relaxed),
        }
    }

    /// How long as many as wait now will take.
    fn wait_of(&self, ahead: usize) -> Duration {
        let turns = u32::try_from(ahead / self.threads).unwrap_or(u32::MAX);
        self.shared.took().saturating_mul(turns)
    }

    /// Queues work and waits for it.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let (answer, answered) = oneshot::channel();
        let task: Task = Box::new(move |memory, shared| {
            if answer.is_closed() {
                return;
            }
            let since = Instant::now();
            let made = work(memory);
            shared.note(since.elapsed());
            // Nobody is there any more: what was hashed is of no use to anybody else.
            let _ = answer.send(made);
        });
        {
            let mut queue = self.shared.queue();
            let ahead = queue.tasks.len();
            let wait = self.wait_of(ahead);
            if wait > WAIT_MAX {
                self.shared.refused.fetch_add(1, Ordering::Relaxed);
                return Err(PasswordError::Busy { ahead, wait });
            }
            queue.tasks.push_back(task);
            self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        }
        self.shared.more.notify_one();
        answered.await.map_err(|_| PasswordError::Failed("hashing panicked".into()))?
    }
}

fn hash_on(shared: &Shared) {
    // Where that is not allowed, hashing takes its share like everything else.
    let _ = rustix::process::nice(NICE);
    let mut memory = Memory::default();
    while let Some(task) = shared.next() {
        // A defect costs whoever asked, who is told; not all who come after.
        let _ = catch_unwind(AssertUnwindSafe(|| task(&mut memory, shared)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Keeps the only thread of a pool busy until the sender is dropped.
    async fn occupy(pool: &Arc<Pool>) -> mpsc::Sender<()> {
        let (release, held) = mpsc::channel::<()>();
        let (begun, has_begun) = oneshot::channel();
        let busy = Arc::clone(pool);
        tokio::spawn(async move {
            let work = move |_: &mut Memory| {
                let _ = begun.send(());
                let _ = held.recv();
                Ok(())
            };
            busy.run(work).await
        });
        has_begun.await.expect("the thread takes it");
        release
    }

    #[tokio::test]
    async fn who_comes_first_is_served_first_and_who_would_wait_too_long_is_told_at_once() {
        let pool = Arc::new(Pool::start(1).expect("there are threads"));
        let release = occupy(&pool).await;
        let (order, served) = mpsc::channel();
        let fits = usize::try_from(WAIT_MAX.as_millis() / FIRST_GUESS.as_millis()).expect("a few");
        let mut waiting = Vec::new();
        for number in 0..=fits {
            let (asking, order) = (Arc::clone(&pool), order.clone());
            waiting.push(tokio::spawn(async move { asking.run(move |_| Ok(order.send(number))).await }));
            while pool.figures().waiting <= number {
                tokio::task::yield_now().await;
            }
        }
        let Err(PasswordError::Busy { ahead, wait }) = pool.run(|_| Ok(())).await else { panic!("it is full") };
        assert_eq!((ahead, pool.figures().refused), (fits + 1, 1));
        assert!(wait > WAIT_MAX);
        drop(release);
        for task in waiting {
            task.await.expect("it does not panic").expect("it is served").expect("somebody listens");
        }
        assert!(served.try_iter().eq(0..=fits), "in their order");
        assert_eq!(pool.figures().waiting, 0);
    }

    #[tokio::test]
    async fn nothing_is_hashed_for_who_has_gone() {
        let pool = Arc::new(Pool::start(1).expect("there are threads"));
        let release = occupy(&pool).await;
        let asking = Arc::clone(&pool);
        let gone =
            tokio::spawn(async move { asking.run(|_| -> Result<(), _> { panic!("nobody waits for it") }).await });
        while pool.figures().waiting == 0 {
            tokio::task::yield_now().await;
        }
        gone.abort();
        assert!(gone.await.expect_err("it was given up").is_cancelled());
        drop(release);
        pool.run(|_| Ok(())).await.expect("the thread goes on");
        let failed = pool.run(|_| -> Result<(), _> { panic!("a defect") }).await;
        assert_eq!(failed, Err(PasswordError::Failed("hashing panicked".into())));
        pool.run(|_| Ok(())).await.expect("the thread goes on");
    }
}
