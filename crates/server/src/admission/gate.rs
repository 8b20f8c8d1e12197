//! A gate: so many requests at once, the others one after another, and nobody who would wait too long. It is never shut: what is late
//! may be so for reasons that nobody at the gate has a part in.

use super::Crowded;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// What has become of a gate since it was last looked at.
#[derive(Debug)]
struct Standing {
    /// How many places there were when it was last looked at; since then, those beyond `wanted` have become fewer.
    width: usize,
    /// How many there are to be.
    wanted: usize,
    /// Requests answered in a second, of late.
    pace: f64,
}

/// A gate.
#[derive(Debug)]
pub(super) struct Gate {
    places: Semaphore,
    waiting: AtomicUsize,
    answered: AtomicUsize,
    /// Places that are to be withdrawn when they are given back.
    surplus: AtomicUsize,
    standing: Mutex<Standing>,
    widest: usize,
    narrowest: usize,
    /// How long somebody may wait.
    patience: Duration,
}

/// A request that was let in; its place is given to the next when it is dropped.
#[derive(Debug)]
pub struct Pass<'a>(Option<(SemaphorePermit<'a>, &'a Gate)>);

impl Pass<'_> {
    /// Of a request that takes nobody's place.
    pub fn free() -> Self {
        Self(None)
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let Some((place, gate)) = self.0.take() else { return };
        gate.answered.fetch_add(1, Ordering::Relaxed);
        // One that somebody waits for would go to them at once, and the gate would never become narrower.
        let one_less = |surplus: usize| surplus.checked_sub(1);
        if gate.surplus.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            place.forget();
        }
    }
}

/// One who waits, counted for as long.
struct Waits<'a>(&'a AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gate {
    pub(super) fn new(widest: usize, narrowest: usize, patience: Duration) -> Self {
        Self {
            places: Semaphore::new(widest),
            waiting: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            surplus: AtomicUsize::new(0),
            standing: Mutex::new(Standing { width: widest, wanted: widest, pace: 0.0 }),
            widest,
            narrowest,
            patience,
        }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether it is as narrow as it becomes.
    pub(super) fn is_narrowest(&self) -> bool {
        self.standing().wanted <= self.narrowest
    }

    /// How long one who comes now would wait.
    fn wait(&self) -> Duration {
        let standing = self.standing();
        let ahead = u32::try_from(self.waiting() + 1).map_or(f64::MAX, f64::from);
        // Until something has been answered, nothing is known, and nobody is refused for it.
        let seconds = if standing.pace > 0.0 { ahead / standing.pace } else { 0.0 };
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// Lets in whoever finds a place free.
    pub(super) fn enter_at_once(&self) -> Option<Pass<'_>> {
        self.places.try_acquire().ok().map(|place| Pass(Some((place, self))))
    }

    pub(super) async fn enter(&self) -> Result<Pass<'_>, Crowded> {
        // How long it takes is an estimate, and who has begun to wait is rather let in late than refused late.
        self.enter_within(self.patience, self.patience * 4).await
    }

    /// Lets in whoever can be expected to wait no longer than `patience`, and refuses them after `most`.
    pub(super) async fn enter_within(&self, patience: Duration, most: Duration) -> Result<Pass<'_>, Crowded> {
        if let Some(pass) = self.enter_at_once() {
            return Ok(pass);
        }
        let wait = self.wait();
        if wait > patience {
            return Err(Crowded { wait: wait.clamp(Duration::from_secs(1), Duration::from_secs(60)) });
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waits = Waits(&self.waiting);
        let place = timeout(most, self.places.acquire()).await;
        let place = place.ok().and_then(Result::ok).ok_or(Crowded { wait: patience.max(Duration::from_secs(1)) })?;
        Ok(Pass(Some((place, self))))
    }

    /// Sets how wide it is, in thousandths of its full width, and notes how much has been answered since the last time.
    pub(super) fn set(&self, thousandths: u32, since_last: Duration) {
        let mut standing = self.standing();
        let answered = self.answered.swap(0, Ordering::Relaxed);
        let now = u32::try_from(answered).map_or(f64::MAX, f64::from) / since_last.as_secs_f64().max(0.001);
        // What it does when nobody waits says nothing of what it can do.
        if self.waiting() > 0 || now > standing.pace {
            standing.pace = if standing.pace > 0.0 { standing.pace.mul_add(0.7, now * 0.3) } else { now };
        }
        let share = usize::try_from(thousandths.min(1_000)).unwrap_or(1_000);
        let wanted = (self.widest * share / 1_000).max(self.narrowest);
        // What has been withdrawn since the last time is no more, and what has not is not to be any more.
        let withdrawn = standing.width.saturating_sub(standing.wanted) - self.surplus.swap(0, Ordering::Relaxed);
        standing.width -= withdrawn;
        standing.wanted = wanted;
        if wanted > standing.width {
            self.places.add_permits(wanted - standing.width);
            standing.width = wanted;
        } else {
            standing.width -= self.places.forget_permits(standing.width - wanted);
            self.surplus.store(standing.width - wanted, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const TICK: Duration = Duration::from_millis(100);

    #[tokio::test]
    async fn as_many_as_fit_are_let_in_the_next_wait_their_turn_and_the_rest_is_refused_at_once() {
        let gate = Arc::new(Gate::new(2, 1, Duration::from_millis(500)));
        // Ten in a tenth of a second.
        for _ in 0..10 {
            drop(gate.enter().await.expect("there is room"));
        }
        gate.set(1_000, TICK);
        let (first, second) = (gate.enter().await.expect("room"), gate.enter().await.expect("room"));
        let mut waiting = Vec::new();
        for _ in 0..49 {
            let gate = Arc::clone(&gate);
            waiting.push(tokio::spawn(async move { gate.enter().await.map(drop) }));
        }
        while gate.waiting() < 49 {
            tokio::task::yield_now().await;
        }
        let wait = gate.wait();
        assert!(wait <= Duration::from_millis(500), "{wait:?}");
        let last = Arc::clone(&gate);
        let fits = tokio::spawn(async move { last.enter().await.map(drop) });
        while gate.waiting() < 50 {
            tokio::task::yield_now().await;
        }
        let refused = gate.enter().await.expect_err("half a second is full");
        assert_eq!(refused.wait, Duration::from_secs(1));
        drop((first, second));
        for task in waiting {
            task.await.expect("no panic").expect("it gets in");
        }
        fits.await.expect("no panic").expect("it gets in");
        assert_eq!(gate.waiting(), 0);
    }

    #[tokio::test]
    async fn a_gate_becomes_narrower_as_places_are_given_back_and_wide_again_at_once() {
        let gate = Gate::new(4, 1, TICK);
        let inside = (gate.enter().await, gate.enter().await, gate.enter().await);
        gate.set(0, TICK);
        assert_eq!(gate.standing().width, 3, "three are inside");
        drop(inside);
        gate.set(0, TICK);
        assert_eq!((gate.standing().width, gate.places.available_permits()), (1, 1));
        gate.set(1_000, TICK);
        assert_eq!((gate.standing().width, gate.places.available_permits()), (4, 4));
    }

    #[tokio::test]
    async fn a_gate_becomes_narrower_also_while_others_wait_for_every_place() {
        let gate = Arc::new(Gate::new(4, 1, Duration::from_secs(60)));
        let mut inside = Vec::new();
        for _ in 0..4 {
            inside.push(gate.enter().await.expect("there is room"));
        }
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..3 {
            let gate = Arc::clone(&gate);
            waiting.spawn(async move { gate.enter().await.map(drop) });
        }
        while gate.waiting() < 3 {
            tokio::task::yield_now().await;
        }
        gate.set(0, TICK);
        inside.truncate(1);
        tokio::task::yield_now().await;
        assert_eq!(gate.waiting(), 3, "the three places that were given back are no more");
        gate.set(0, TICK);
        assert_eq!((gate.standing().width, gate.places.available_permits()), (1, 0));
        inside.clear();
        while let Some(entered) = waiting.join_next().await {
            entered.expect("no panic").expect("one after another they get in");
        }
        gate.set(1_000, TICK);
        assert_eq!((gate.standing().width, gate.places.available_permits()), (4, 4));
    }

    #[tokio::test]
    async fn who_has_more_patience_waits_where_others_are_refused() {
        let gate = Arc::new(Gate::new(1, 1, TICK));
        drop(gate.enter().await.expect("there is room"));
        // One answer in a second is all that is known.
        gate.set(1_000, Duration::from_secs(1));
        let inside = gate.enter().await.expect("there is room");
        assert!(gate.enter().await.is_err());
        let waits = Arc::clone(&gate);
        let waits =
            tokio::spawn(
                async move { waits.enter_within(Duration::from_secs(5), Duration::from_secs(5)).await.map(drop) },
            );
        while gate.waiting() < 1 {
            tokio::task::yield_now().await;
        }
        assert!(
            gate.enter_within(Duration::from_millis(1_500), Duration::from_secs(5)).await.is_err(),
            "two seconds would be too long"
        );
        drop(inside);
        waits.await.expect("no panic").expect("it is its turn");
    }

    #[tokio::test]
    async fn nobody_waits_much_longer_than_they_were_let_wait_for() {
        let gate = Gate::new(1, 1, TICK);
        let inside = gate.enter().await.expect("there is room");
        let refused = gate.enter().await.expect_err("nobody leaves");
        assert_eq!((refused.wait, gate.waiting()), (Duration::from_secs(1), 0));
        drop(inside);
        drop(gate.enter().await.expect("there is room again"));
    }
}
