//! How many people a waiting room calls, and when: as many as may be on their way at once, of which what becomes of them tells how many.

use std::collections::BTreeSet;
use std::time::Duration;

/// How many people are called in a second, as far as is known to begin with; and at any time.
const FIRST_PACE: f64 = 100.0;
const PACE_LEAST: f64 = 2.0;
/// And while it is only those who sit that would notice more: few enough for them, and enough to empty a full room within an hour.
const PACE_SCARCE: f64 = 20.0;
/// How many may be called and not be in: to begin with, at least, at most.
const FIRST_ON_THEIR_WAY: f64 = 100.0;
const ON_THEIR_WAY_LEAST: f64 = 20.0;
const ON_THEIR_WAY_MOST: f64 = 20_000.0;
/// Who has been called for between once and twice as long and has not come does not come any more. Pages ask every twenty seconds.
pub(super) const COMES_WITHIN: Duration = Duration::from_secs(20);

/// How the room calls people.
#[derive(Debug)]
pub(super) struct Calling {
    /// People called in a second, of late.
    pace: f64,
    /// The part of a person that is left over from the last call.
    rest: f64,
    /// How many may be on their way.
    on_their_way: f64,
    /// What there was between once and twice [`COMES_WITHIN`] ago, what there was up to once ago, and how long ago that is.
    before: Count,
    last: Count,
    since: Duration,
    /// The highest number that had been called by `before`, and by `last`, though it may have been called back since.
    long_ago: u64,
    last_called: u64,
    /// Who has come in of those who were called later than that: a cookie that is shown again is nobody new.
    came: BTreeSet<u64>,
    /// Who has called others back: nobody does it again and again.
    called_back: BTreeSet<u64>,
}

/// How many have been called, and how many of those have come in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Count {
    pub(super) called: u64,
    pub(super) entered: u64,
}

/// What there is for those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::admission) enum Space {
    /// More of them can come, and more again.
    Free,
    /// They can come, and those who sit notice it.
    Scarce,
    /// None.
    Taken,
}

impl Calling {
    pub(super) fn new() -> Self {
        Self {
            pace: FIRST_PACE,
            rest: 0.0,
            on_their_way: FIRST_ON_THEIR_WAY,
            before: Count::default(),
            last: Count::default(),
            since: Duration::ZERO,
            long_ago: 0,
            last_called: 0,
            came: BTreeSet::new(),
            called_back: BTreeSet::new(),
        }
    }

    /// Goes on after another process, which has called so many: who was called by that is not waited for.
    pub(super) fn begins_at(&mut self, count: Count) {
        (self.before, self.last, self.since) = (count, count, Duration::ZERO);
        (self.long_ago, self.last_called) = (count.called, count.called);
    }

    /// People called in a second, of late.
    pub(super) fn pace(&self) -> f64 {
        self.pace
    }

    /// Whether so few are called that nothing can be late because of them.
    pub(super) fn calls_hardly_anybody(&self) -> bool {
        self.on_their_way <= ON_THEIR_WAY_LEAST
    }

    /// Notes that somebody comes in. Whether that is one of those who are waited for.
    pub(super) fn comes(&mut self, number: u64) -> bool {
        number > self.long_ago && self.came.insert(number)
    }

    /// Notes that somebody finds no room. Whether others are called back for that: not by who was called long ago, nor by anybody twice.
    pub(super) fn may_call_back(&mut self, number: u64) -> bool {
        number > self.long_ago && self.called_back.insert(number)
    }

    /// Notes that all after this number have been called back.
    pub(super) fn is_back_at(&mut self, called: u64) {
        self.last.called = self.last.called.min(called);
        self.before.called = self.before.called.min(called);
    }

    /// How many of those who wait are called now.
    pub(super) fn next(&mut self, waiting: u64, count: Count, space: Space, since_last: Duration) -> u64 {
        self.since += since_last;
        if self.since >= COMES_WITHIN {
            // Those who were called back have been called long ago nevertheless.
            self.long_ago = self.long_ago.max(self.last_called);
            self.last_called = count.called;
            let long_ago = self.long_ago;
            self.came.retain(|number| *number > long_ago);
            self.called_back.clear();
            (self.before, self.last, self.since) = (self.last, count, Duration::ZERO);
        }
        if waiting == 0 {
            self.rest = 0.0;
            return 0;
        }
        let called = count.called.saturating_sub(self.before.called);
        let come = count.entered.saturating_sub(self.before.entered);
        let on_their_way = called.saturating_sub(come) as f64;
        // A fiftieth more each time there is room, if there were as many at all; less when there is none: up within the seconds that
        // it takes to see what became of those who were called, and down more quickly.
        match space {
            Space::Taken => self.on_their_way *= 0.9,
            Space::Scarce => self.on_their_way *= 0.96,
            Space::Free if on_their_way * 2.0 > self.on_their_way => {
                self.on_their_way = self.on_their_way.mul_add(1.02, 1.0);
            }
            Space::Free => {}
        }
        self.on_their_way = self.on_their_way.clamp(ON_THEIR_WAY_LEAST, ON_THEIR_WAY_MOST);
        // Somebody is called at any time: what keeps the hall full may be no crowd at all.
        let least = if space == Space::Taken { PACE_LEAST } else { PACE_SCARCE } * since_last.as_secs_f64();
        let missing = self.on_their_way - on_their_way;
        self.rest += if space == Space::Taken { least } else { missing.max(least) };
        let mut now = 0;
        while self.rest >= 1.0 && now < waiting {
            self.rest -= 1.0;
            now += 1;
        }
        self.rest = self.rest.min(1.0);
        let rate = u32::try_from(now).map_or(f64::MAX, f64::from) / since_last.as_secs_f64().max(0.001);
        self.pace = self.pace.mul_add(0.95, rate * 0.05).max(PACE_LEAST);
        now
    }
}
