//! Admission: who gets in when more come than fit.
//!
//! What is told by the class of a route: probes and saves pass, every other class has a gate, which lets as many in at once as the server
//! can take. How many that is follows from how late things are: while the processor or the queue of answers is behind, the gates become
//! narrower, those of the last classes first. Whoever would have to wait at a gate for too long is refused at once: programs are told when
//! to come again, people are given a place in the waiting room.

mod calm;
mod delay;
mod gate;
mod room;

pub use calm::Answers;
use calm::Calm;
pub use delay::Delay;
pub use gate::Pass;
use room::Space;
pub use room::{LIFETIME, Place, Room};

use crate::app::App;
use crate::http::policy::Class;
use gate::Gate;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// How often it is looked whether the gates have the right width.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How late things may be before less is let in, and when it may become more again. Waiting for the processor is what is measured
/// and not answers, which are slow for many reasons (DAGOR, SOCC 2018, section 4.2.1, takes 20 ms as well).
const LATE: Duration = Duration::from_millis(20);
const IN_TIME: Duration = Duration::from_millis(10);

/// For how long somebody waits at a gate who can be given a place in the waiting room.
const SOON: Duration = Duration::from_millis(20);

/// For how long somebody waits at a gate who has been called from the waiting room: sent back, they would see others get in who have been
/// called after them.
const CALLED: Duration = Duration::from_secs(5);

/// The largest body, in bytes, of what is awaited as a small one: forms, and what programs send.
pub const SMALL_BODY: usize = 16 * 1_024;
/// How many bodies may be awaited that have not come with their heads: they cost memory only, and keep nobody out whose body has come.
const SMALL_BODIES: usize = 4_096;
/// The same of large ones, each of which may take the room of hundreds.
pub const LARGE_BODIES: usize = 16;

/// How much room the bodies of large saves may take at once, in bytes; small ones are the rule, and are never asked.
pub const LARGE_SAVES: usize = 64 << 20;

/// How long an answer may take, from its whole request to its acknowledgement, before it counts as late.
const NOTICED: Duration = Duration::from_millis(10);

/// The most pressure: all gates are as narrow as they become.
const PRESSURE_MAX: u32 = 40;

/// Why somebody does not get in, and when it may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowded {
    /// How long it will take until there is room.
    pub wait: Duration,
}

/// Who gets in.
#[derive(Debug)]
pub struct Admission {
    sitting: Gate,
    starts: Gate,
    sign_ins: Gate,
    browsing: Gate,
    reports: Gate,
    /// From 0, all is well, to [`PRESSURE_MAX`].
    pressure: AtomicU32,
    calm: Mutex<Calm>,
    /// Answers that have been acknowledged, and how many of them late.
    answers: AtomicU64,
    answers_late: AtomicU64,
    refused: [AtomicU64; Class::ALL.len()],
    /// Whether the gates stay as they are until somebody looks.
    by_hand: AtomicBool,
    /// Room for bodies that are awaited before a gate: for small ones, and for large ones.
    bodies: [Semaphore; 2],
    /// Room for large saves, in KiB.
    large_saves: Semaphore,
    /// Where people wait.
    pub room: Room,
}

impl Admission {
    /// With all gates open. `key` signs the places of the waiting room.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            // As many as are worth doing together and no more: what is let in is in the way of every save that comes after it.
            sitting: Gate::new(96, 32, Duration::from_secs(2)),
            starts: Gate::new(24, 8, Duration::from_millis(800)),
            // Those who wait for their password to be checked keep their place.
            sign_ins: Gate::new(1_024, 32, Duration::from_millis(500)),
            browsing: Gate::new(64, 4, Duration::from_millis(300)),
            reports: Gate::new(8, 1, Duration::from_secs(2)),
            pressure: AtomicU32::new(0),
            calm: Mutex::default(),
            answers: AtomicU64::default(),
            answers_late: AtomicU64::default(),
            refused: Default::default(),
            by_hand: AtomicBool::new(false),
            bodies: [Semaphore::new(SMALL_BODIES), Semaphore::new(LARGE_BODIES)],
            large_saves: Semaphore::new(LARGE_SAVES >> 10),
            room: Room::new(key),
        }
    }

    fn gate(&self, class: Class) -> Option<&Gate> {
        match class {
            Class::Probe | Class::Save => None,
            Class::Sitting => Some(&self.sitting),
            Class::Start => Some(&self.starts),
            Class::SignIn => Some(&self.sign_ins),
            Class::Browse => Some(&self.browsing),
            Class::Report => Some(&self.reports),
        }
    }

    /// Lets a request in, perhaps after a moment; what is returned is to be kept until it has been answered.
    ///
    /// # Errors
    /// [`Crowded`], at once.
    pub async fn enter(&self, class: Class) -> Result<Pass<'_>, Crowded> {
        let Some(gate) = self.gate(class) else { return Ok(Pass::free()) };
        self.counted(class, gate.enter().await)
    }

    /// Lets in somebody who has been called.
    ///
    /// # Errors
    /// [`Crowded`], at once when it would take long.
    pub async fn enter_called(&self, class: Class) -> Result<Pass<'_>, Crowded> {
        let Some(gate) = self.gate(class) else { return Ok(Pass::free()) };
        self.counted(class, gate.enter_within(CALLED, CALLED).await)
    }

    /// Lets a request in, perhaps after a moment that nobody notices.
    ///
    /// # Errors
    /// [`Crowded`], within that moment.
    pub async fn enter_soon(&self, class: Class) -> Result<Pass<'_>, Crowded> {
        let Some(gate) = self.gate(class) else { return Ok(Pass::free()) };
        let entered = timeout(SOON, gate.enter()).await;
        self.counted(class, entered.unwrap_or(Err(Crowded { wait: Duration::from_secs(1) })))
    }

    fn counted<'a>(&self, class: Class, entered: Result<Pass<'a>, Crowded>) -> Result<Pass<'a>, Crowded> {
        if entered.is_err() {
            self.count_refused(class);
        }
        entered
    }

    /// Lets a request in if it need not wait for a moment.
    pub fn enter_at_once(&self, class: Class) -> Option<Pass<'_>> {
        self.gate(class).map_or_else(|| Some(Pass::free()), Gate::enter_at_once)
    }

    /// From now on only [`Admission::look`] sets the gates: a test decides how late things are.
    pub fn set_by_hand(&self) {
        self.by_hand.store(true, Ordering::Relaxed);
    }

    /// Lets a request wait for its body of at most so many bytes, unless too many do.
    pub fn await_body(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        self.bodies[usize::from(bytes > SMALL_BODY as u64)].try_acquire().ok()
    }

    /// Room for a save of at most so many bytes, to be kept until it has been answered; None for a small one, which needs none.
    ///
    /// # Errors
    /// When others take it.
    pub fn room_for_save(&self, bytes: u64) -> Result<Option<SemaphorePermit<'_>>, TryAcquireError> {
        if bytes <= SMALL_BODY as u64 {
            return Ok(None);
        }
        let kib = u32::try_from(bytes.div_ceil(1_024)).unwrap_or(u32::MAX);
        self.large_saves.try_acquire_many(kib).map(Some)
    }

    /// How many requests wait for a small body, and how many for a large one.
    pub fn bodies_awaited(&self) -> [usize; 2] {
        let [small, large] = &self.bodies;
        [SMALL_BODIES - small.available_permits(), LARGE_BODIES - large.available_permits()]
    }

    /// Notes that somebody was refused who was not let near the gate.
    pub fn count_refused(&self, class: Class) {
        self.refused[class as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// From 0, all is well, to 40, all gates are as narrow as they become.
    #[must_use]
    pub fn pressure(&self) -> u32 {
        self.pressure.load(Ordering::Relaxed)
    }

    /// The last class whose gate is not as narrow as it becomes.
    #[must_use]
    pub fn level(&self) -> Class {
        let open = Class::ALL.into_iter().filter(|class| self.gate(*class).is_none_or(|gate| !gate.is_narrowest()));
        open.last().unwrap_or(Class::Save)
    }

    /// Notes that an answer has been acknowledged, and how long that took.
    pub fn note_answer(&self, took: Duration) {
        self.answers.fetch_add(1, Ordering::Relaxed);
        self.answers_late.fetch_add(u64::from(took > NOTICED), Ordering::Relaxed);
    }

    /// What was noted since the last time.
    fn take_answers(&self) -> Answers {
        let taken = |count: &AtomicU64| u32::try_from(count.swap(0, Ordering::Relaxed)).map_or(f64::MAX, f64::from);
        Answers { all: taken(&self.answers), late: taken(&self.answers_late) }
    }

    /// How many requests of each class were refused.
    #[must_use]
    pub fn refused(&self) -> [(Class, u64); Class::ALL.len()] {
        Class::ALL.map(|class| (class, self.refused[class as usize].load(Ordering::Relaxed)))
    }

    /// Sets the gates by how late things have been, and which answers have been acknowledged, since the last look, and calls people from the
    /// waiting room.
    pub fn look(&self, late: Duration, answers: Answers, since_last: Duration) {
        let before = self.pressure();
        let pressure = if late > LATE {
            before + 1 + u32::from(late > 3 * LATE)
        } else if late < IN_TIME {
            before.saturating_sub(1)
        } else {
            before
        };
        let pressure = pressure.min(PRESSURE_MAX);
        self.pressure.store(pressure, Ordering::Relaxed);
        if before == 0 && pressure > 0 {
            tracing::debug!(?late, "the gates become narrower");
        }
        // In thousandths of the full width: reports first, the pages of running attempts last.
        let narrow = |from: u32, to: u32| 1_000 - 1_000 * pressure.clamp(from, to).saturating_sub(from) / (to - from);
        self.reports.set(narrow(0, 5), since_last);
        self.browsing.set(narrow(5, 15), since_last);
        self.sign_ins.set(narrow(10, 20), since_last);
        self.starts.set(narrow(15, 30), since_last);
        self.sitting.set(narrow(30, 40), since_last);
        let nobody_comes = pressure == 0 && (self.room.waiting() == 0 || self.room.calls_hardly_anybody());
        let is_calm = self.calm.lock().unwrap_or_else(PoisonError::into_inner).look(late, answers, nobody_comes);
        let space = if pressure >= 5 || self.starts.waiting() > 0 || self.sign_ins.waiting() > 0 {
            Space::Taken
        } else if is_calm {
            Space::Free
        } else {
            Space::Scarce
        };
        self.room.call(space, since_last);
    }
}

/// Looks how late things are, again and again, and sets the gates by it unless there are to be none. Never ends.
pub async fn keep(app: &App) {
    let look = async {
        let mut tick = interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tick.tick().await;
        let mut last = Instant::now();
        loop {
            tick.tick().await;
            let since_last = last.elapsed();
            last = Instant::now();
            // Answers wait for a commit in any case: three times as long as for the processor is no more unusual.
            let late = app.delay.take(since_last).max(app.store.queue().oldest / 3);
            let answers = app.admission.take_answers();
            if app.site.admission && !app.admission.by_hand.load(Ordering::Relaxed) {
                app.admission.look(late, answers, since_last);
            }
        }
    };
    tokio::join!(look, app.delay.watch());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody is in their exam.
    const NONE: Answers = Answers { all: 0.0, late: 0.0 };

    fn looks(admission: &Admission, late_ms: u64, times: usize) {
        for _ in 0..times {
            admission.look(Duration::from_millis(late_ms), NONE, LOOK_EVERY);
        }
    }

    #[tokio::test]
    async fn the_last_classes_are_held_back_first_and_saves_never() {
        use Class::{Browse, Report, Save, SignIn, Sitting, Start};
        let admission = Admission::new([0; 32]);
        for (more, level) in [(0, Report), (5, Browse), (10, SignIn), (5, Start), (10, Sitting), (10, Save)] {
            looks(&admission, 30, more);
            assert_eq!(admission.level(), level);
        }
        looks(&admission, 15, 100);
        assert_eq!(admission.pressure(), PRESSURE_MAX, "what is neither late nor in time changes nothing");
        for class in Class::ALL {
            assert!(admission.enter(class).await.is_ok(), "{class:?}: whoever comes alone gets in");
        }
        looks(&admission, 0, 40);
        assert_eq!((admission.level(), admission.pressure()), (Report, 0));
    }

    /// Looks for ten seconds at a hall before which a thousand people wait, and tells how many are called.
    fn called_when(admission: &Admission, late_ms: u64) -> u64 {
        for _ in 0..1_000 {
            let _ = admission.room.give(exam::time::Timestamp(1_700_000_000_000));
        }
        let before = admission.room.waiting();
        looks(admission, late_ms, 100);
        before - admission.room.waiting()
    }

    #[test]
    fn people_are_called_only_while_those_who_sit_do_not_notice_them() {
        let quick = Admission::new([0; 32]);
        looks(&quick, 1, 100);
        assert!(called_when(&quick, 2) > 500);
        let called = called_when(&quick, 5);
        assert!((150..=300).contains(&called), "{called}: twenty in a second come in unless the gates are shut");
        looks(&quick, 30, 10);
        let called = called_when(&quick, 15);
        assert!(called <= 25, "{called}: and two at any time");
    }

    #[test]
    fn one_look_makes_no_crowd() {
        let quick = Admission::new([0; 32]);
        looks(&quick, 1, 100);
        for _ in 0..1_000 {
            let _ = quick.room.give(exam::time::Timestamp(1_700_000_000_000));
        }
        for _ in 0..20 {
            looks(&quick, 9, 1);
            looks(&quick, 1, 9);
        }
        assert_eq!(quick.room.waiting(), 0, "one batch in ten had waited for the disk");
    }

    /// Looks for ten seconds at a hall in which so many answers of forty are late at each look, while a thousand people wait.
    fn called_while(admission: &Admission, late: &[f64]) -> u64 {
        for _ in 0..1_000 {
            let _ = admission.room.give(exam::time::Timestamp(1_700_000_000_000));
        }
        let before = admission.room.waiting();
        for late in late.iter().cycle().take(100) {
            admission.look(Duration::from_millis(1), Answers { all: 40.0, late: *late }, LOOK_EVERY);
        }
        before - admission.room.waiting()
    }

    #[test]
    fn the_slowest_hundredth_of_the_answers_is_noticed_and_one_is_chance() {
        let hall = || {
            let admission = Admission::new([0; 32]);
            for _ in 0..500 {
                admission.look(Duration::from_millis(1), Answers { all: 40.0, late: 0.0 }, LOOK_EVERY);
            }
            admission
        };
        assert!(called_while(&hall(), &[1.0, 0.0, 0.0, 0.0]) > 500, "one in a hundred and sixty");
        let called = called_while(&hall(), &[1.0]);
        assert!((150..=400).contains(&called), "{called}: one in forty");
        let called = called_while(&hall(), &[5.0, 0.0, 0.0, 0.0, 0.0]);
        assert!((150..=400).contains(&called), "{called}: one in forty, in bursts");
        let slow = Admission::new([0; 32]);
        for _ in 0..500 {
            slow.look(Duration::from_millis(1), Answers { all: 40.0, late: 2.0 }, LOOK_EVERY);
        }
        assert!(called_while(&slow, &[3.0]) > 500, "a slow disk is no crowd");
        let small = Admission::new([0; 32]);
        for _ in 0..500 {
            small.look(Duration::from_millis(1), Answers { all: 0.1, late: 0.0 }, LOOK_EVERY);
        }
        let mut rare = vec![0.0; 100];
        rare[50] = 1.0;
        assert!(called_while(&small, &rare) > 500, "one by itself");
    }

    #[test]
    fn what_is_always_late_is_no_crowd() {
        let slow = Admission::new([0; 32]);
        looks(&slow, 9, 100);
        assert!(called_when(&slow, 15) > 500, "a slow disk");
        let became_slow = Admission::new([0; 32]);
        looks(&became_slow, 0, 100);
        called_when(&became_slow, 8);
        looks(&became_slow, 8, 400);
        assert!(called_when(&became_slow, 8) > 500, "it is as late without those who are called");
        let unknown = Admission::new([0; 32]);
        assert!(called_when(&unknown, 9) > 500, "nobody knows yet what is usual here");
    }

    #[tokio::test]
    async fn who_would_wait_too_long_is_refused_and_counted_and_a_save_never_waits() {
        let admission = Admission::new([0; 32]);
        drop(admission.enter(Class::Browse).await);
        // One answer in a long time is all that is known.
        admission.look(Duration::from_secs(5), NONE, Duration::from_secs(100));
        looks(&admission, 5_000, 40);
        let mut inside = Vec::new();
        while let Ok(pass) = admission.enter(Class::Browse).await {
            inside.push(pass);
            assert!(inside.len() <= 256, "it lets in everybody");
        }
        assert_eq!(inside.len(), 4);
        assert_eq!(admission.refused()[Class::Browse as usize], (Class::Browse, 1));
        for _ in 0..10_000 {
            assert!(admission.enter(Class::Save).await.is_ok());
        }
    }
}
