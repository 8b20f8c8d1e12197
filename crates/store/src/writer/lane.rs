//! The far end of a lane: takes all that wait, writes them in one transaction, and answers. What is too slow, too old, at fault, or
//! held by another process is kept from the others.

use super::batch;
use super::job::{Job, Outcome};
use super::meter::Meter;
use super::room::Room;
use super::tally::Tally;
use crate::db::{Db, Kept, Limit, Options};
use crate::gather::let_others_come;
use crate::{Controls, Error, Result};
use exam::attempt::WRITE_DEADLINE;
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

/// Into how many parts a transaction is divided that took too long, and how long each of them may take: a slow job must be found
/// among many before they are all too old.
const PARTS: usize = 16;
const PART_DEADLINE: Duration = Duration::from_millis(2_500);
/// How many attempts one transaction ends: each is folded, graded and sealed while the others wait.
const ENDS: usize = 16;
/// The pause before an unavailable database is tried again, doubled each time up to the longest.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// For how long it is remembered that the last answers could not be written, when none come that could be tried: a probe must see
/// it, and those whom it then sends elsewhere must come back.
const REMEMBERED: Duration = Duration::from_secs(30);

/// Since when a lane has been trying to write without success, None while it succeeds or waits for more; since when the oldest of
/// what it is writing waits; and when any lane last succeeded.
#[derive(Debug, Clone)]
pub(super) struct Busy {
    since: Arc<Mutex<Option<Instant>>>,
    oldest: Arc<Mutex<Option<Instant>>>,
    committed: Arc<Mutex<Instant>>,
}

impl Busy {
    pub(super) fn new(committed: Arc<Mutex<Instant>>) -> Self {
        Self { since: Arc::default(), oldest: Arc::default(), committed }
    }

    fn begin(&self) {
        locked(&self.since).get_or_insert_with(Instant::now);
    }

    fn end(&self) {
        *locked(&self.since) = None;
    }

    fn writes(&self, oldest: Option<Instant>) {
        *locked(&self.oldest) = oldest;
    }

    /// For how long the oldest of what is being written has waited.
    pub(super) fn oldest(&self) -> Option<Duration> {
        locked(&self.oldest).map(|since| since.elapsed())
    }

    fn commit(&self) {
        self.end();
        *locked(&self.committed) = Instant::now();
    }

    /// For how long the lane has been trying, and none has succeeded.
    pub(super) fn trying_for(&self) -> Option<Duration> {
        let since = (*locked(&self.since))?;
        Some(since.max(*locked(&self.committed)).elapsed())
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The far end of a lane of the queue.
pub(super) struct Lane {
    db: Db,
    batch_max: usize,
    wait: Duration,
    controls: Controls,
    waiting: mpsc::UnboundedReceiver<Job>,
    closed: watch::Receiver<bool>,
    kept: Kept,
    meter: Meter,
    /// Jobs of a transaction that took too long or was too much, in their order.
    put_back: VecDeque<Job>,
    /// The one that no longer fitted into the last transaction.
    left_over: Option<Job>,
    /// Ends that were too many for the last one.
    ends: VecDeque<Job>,
    /// Jobs whose attempt another process held.
    postponed: VecDeque<Job>,
    /// Whether it is their turn, where they are not written with others.
    postponed_next: bool,
    busy: Busy,
    tally: Arc<Tally>,
    /// How many rows the next transaction takes at most: as many as a part has jobs of those that took too long together, and then
    /// twice as many each time.
    most: usize,
}

impl Lane {
    pub(super) fn new(
        db: Db,
        options: &Options,
        waiting: mpsc::UnboundedReceiver<Job>,
        closed: watch::Receiver<bool>,
        busy: Busy,
        tally: Arc<Tally>,
    ) -> Self {
        Self {
            db,
            batch_max: options.save_batch,
            wait: options.save_wait,
            controls: options.controls,
            waiting,
            closed,
            kept: Kept::default(),
            meter: Meter::new(options.log_max),
            put_back: VecDeque::new(),
            left_over: None,
            ends: VecDeque::new(),
            postponed: VecDeque::new(),
            postponed_next: false,
            busy,
            tally,
            most: options.save_batch,
        }
    }

    pub(super) async fn run(mut self) {
        while let Some(jobs) = self.collect().await {
            // What only the sweep cannot write is tried again and again, and says nothing of anybody else.
            if !jobs.iter().all(Job::is_of_the_sweep) {
                self.busy.begin();
            }
            self.busy.writes(jobs.iter().filter(|job| job.is_like_others()).map(Job::since).min());
            self.write(jobs).await;
            self.busy.writes(None);
        }
    }

    /// Waits for a job and takes all that have come meanwhile, as far as they fit; None when no more will come.
    async fn collect(&mut self) -> Option<Vec<Job>> {
        self.refuse_old();
        let room = Room { rows: self.batch_max.min(self.most), ends: ENDS };
        let mut jobs = Vec::new();
        // In room of their own: others go on while an attempt is held elsewhere. Behind those of which it is not known yet which of
        // them are slow; then in a transaction of their own, every other time, while transactions take too long.
        self.postponed_next = !self.postponed_next;
        let is_alone = self.is_slow() && self.postponed_next;
        let nothing_else = self.left_over.is_none() && self.ends.is_empty() && self.waiting.is_empty();
        if self.put_back.is_empty() && (is_alone || !self.is_slow() || nothing_else) {
            let mut aside = VecDeque::new();
            let unfitting = room.take(&mut jobs, &mut aside, || self.postponed.pop_front());
            unfitting.into_iter().for_each(|job| self.postponed.push_front(job));
            self.postponed.append(&mut aside);
        }
        if is_alone && !jobs.is_empty() {
            return Some(jobs);
        }
        let known = self.put_back.pop_front().or_else(|| self.left_over.take()).or_else(|| self.ends.pop_front());
        let first = match known {
            Some(job) => job,
            None if !jobs.is_empty() => match timeout(PAUSE, self.waiting.recv()).await {
                Ok(Some(job)) => job,
                _ => return Some(jobs),
            },
            None => match self.waiting.try_recv() {
                Ok(job) => job,
                Err(_) => self.idle().await?,
            },
        };
        self.put_back.push_front(first);
        let_others_come(|| self.waiting.len(), room.rows).await;
        let mut is_new = false;
        // Before what came later, so that none waits for ever.
        let mut due: VecDeque<Job> = self.ends.drain(..self.ends.len().min(ENDS)).collect();
        let next = || match self.put_back.pop_front() {
            Some(job) => Some(job),
            None => {
                is_new = true;
                self.left_over.take().or_else(|| due.pop_front()).or_else(|| self.waiting.try_recv().ok())
            }
        };
        let unfitting = room.take(&mut jobs, &mut self.ends, next);
        while let Some(job) = due.pop_back() {
            self.ends.push_front(job);
        }
        match unfitting {
            // It has been in no transaction yet: whatever waits, transactions may become larger again.
            Some(job) if is_new => self.left_over = Some(job),
            Some(job) => self.put_back.push_front(job),
            None => {}
        }
        Some(jobs)
    }

    /// Waits for the first job after a while without any.
    async fn idle(&mut self) -> Option<Job> {
        let busy = self.busy.clone();
        let forget = async {
            if busy.trying_for().is_some() {
                sleep(REMEMBERED).await;
                busy.end();
            }
            std::future::pending::<()>().await;
        };
        let closed = async {
            // An error means that the store is gone, which closes the queue as well.
            let _ = self.closed.wait_for(|closed| *closed).await;
        };
        tokio::select! {
            biased;
            job = self.waiting.recv() => job,
            () = closed => {
                self.waiting.close();
                self.waiting.recv().await
            }
            () = forget => None,
        }
    }

    /// Whether the last transaction took too long, and not as many have succeeded since as it takes to trust in large ones again.
    fn is_slow(&self) -> bool {
        self.most < self.batch_max
    }

    /// Refuses those that have waited too long, wherever they wait.
    fn refuse_old(&mut self) {
        self.postponed.retain_mut(|job| !job.is_refused_as_too_old(self.wait));
        self.put_back.retain_mut(|job| !job.is_refused_as_too_old(self.wait));
        self.ends.retain_mut(|job| !job.is_refused_as_too_old(self.wait));
        if self.left_over.as_mut().is_some_and(|job| job.is_refused_as_too_old(self.wait)) {
            self.left_over = None;
        }
    }

    /// Writes jobs together, again and again while the database is away; one by one when they cannot be written together.
    /// Keeps those whose attempt another process holds, and those that were too much for one transaction.
    async fn write(&mut self, mut jobs: Vec<Job>) {
        let mut pause = PAUSE;
        loop {
            // Before the time of the transaction begins: a connection that takes longer to make must not be given up each time.
            let connected = self.db.connect(&self.kept).await;
            jobs.retain_mut(|job| !job.is_refused_as_too_old(self.wait));
            if jobs.is_empty() {
                return;
            }
            let written = match connected {
                Ok(()) => self.try_together(&mut jobs).await,
                Err(error) => Err(error),
            };
            match written {
                Ok(outcomes) => {
                    if pause > PAUSE {
                        tracing::info!("the database takes answers again");
                    }
                    self.busy.commit();
                    if self.put_back.is_empty() && !outcomes.iter().any(|outcome| matches!(outcome, Outcome::Postponed))
                    {
                        self.most = self.most.saturating_mul(2).min(self.batch_max);
                    }
                    for (mut job, outcome) in jobs.into_iter().zip(outcomes) {
                        match outcome {
                            Outcome::Postponed => {
                                job.postpone();
                                self.postponed.push_back(job);
                            }
                            Outcome::Deferred => self.put_back.push_back(job),
                            outcome => job.answer(outcome),
                        }
                    }
                    return;
                }
                // The database is slow, or one of them is too much for it: then the others must not wait for that one. They go
                // on in small parts, which come last.
                Err(Error::TooSlow(cause)) => {
                    tracing::warn!(
                        cause,
                        jobs = jobs.len(),
                        "a transaction took too long; its answers are written in parts"
                    );
                    self.most = (jobs.len() / PARTS).max(1);
                    if jobs.len() > 1 {
                        self.put_back.extend(jobs);
                    } else {
                        self.postponed.extend(jobs);
                    }
                    return;
                }
                Err(Error::Unavailable(cause)) => {
                    if pause == PAUSE {
                        tracing::warn!(cause, jobs = jobs.len(), "the database takes no answers; they wait");
                    }
                    sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                // One of them is at fault; alone, it fails alone.
                Err(error) => {
                    if let [job] = jobs.as_mut_slice() {
                        job.refuse(error);
                        self.busy.end();
                        return;
                    }
                    for job in jobs {
                        Box::pin(self.write(vec![job])).await;
                    }
                    return;
                }
            }
        }
    }

    /// One try to write jobs, for as long as it may take.
    async fn try_together(&mut self, jobs: &mut [Job]) -> Result<Vec<Outcome>> {
        let (deadline, limit) =
            if self.is_slow() { (PART_DEADLINE, Limit::Part) } else { (WRITE_DEADLINE, Limit::Whole) };
        let transaction = AssertUnwindSafe(self.transaction(jobs, limit)).catch_unwind();
        match timeout(deadline, transaction).await {
            Err(_) => Err(Error::TooSlow("it was given up".into())),
            // A defect of ours: tried one by one, it costs only the job that has it.
            Ok(Err(_)) => Err(Error::Unreadable { what: "an answer".into(), reason: "writing it panicked".into() }),
            Ok(Ok(outcomes)) => outcomes,
        }
    }

    async fn transaction(&mut self, jobs: &mut [Job], limit: Limit) -> Result<Vec<Outcome>> {
        let begun = Instant::now();
        let tx = self.db.begin_kept(&self.kept, limit).await?;
        let waiting = self.postponed.iter().chain(&self.put_back).chain(&self.left_over);
        let forms_elsewhere = waiting.filter(|job| job.is_form()).map(Job::attempt).collect();
        let prepared = batch::prepare(tx, jobs, &mut self.meter, &forms_elsewhere, self.controls);
        let (tx, outcomes, grown, repeated) = prepared.await?;
        if self.controls.acknowledges_before_commit() {
            jobs.iter_mut().zip(&outcomes).for_each(|(job, outcome)| job.answer_early(outcome));
            sleep(Duration::from_millis(20)).await;
        }
        tx.commit().await?;
        self.tally.add(jobs, begun.elapsed());
        self.meter.add(&grown, &repeated);
        Ok(outcomes)
    }
}
