//! Whether those who sit notice those who come: how late things are of late, against what is usual here.

use super::{IN_TIME, LATE};
use std::time::Duration;

/// How late things may be while more and more people are called from the waiting room: those who sit are not to notice them. Never less
/// than this, and twice as late as it is without them, since a slow disk is no crowd.
const CALM: Duration = Duration::from_millis(3);
/// The share of answers that may be late meanwhile, or twice what is usual: it is the slowest hundredth that is noticed. One by itself is
/// chance.
const LATE_ANSWERS: f64 = 0.01;
/// The share of one look in how late things are of late, and in what is usual: half a second's worth of looks (a second's of answers, which
/// are few), and ten seconds'.
const OF_LATE_SHARE: f64 = 0.2;
const ANSWERS_OF_LATE_SHARE: f64 = 0.1;
const USUAL_SHARE: f64 = 0.01;

/// Answers that have been acknowledged, and how many of them late.
#[derive(Debug, Clone, Copy, Default)]
pub struct Answers {
    /// How many there are.
    pub all: f64,
    /// How many of them were late.
    pub late: f64,
}

impl Answers {
    fn mixed(self, now: Self, share: f64) -> Self {
        let mixed = |before: f64, now: f64| before.mul_add(1.0 - share, now * share);
        Self { all: mixed(self.all, now.all), late: mixed(self.late, now.late) }
    }

    fn late_share(self) -> f64 {
        if self.late > 0.0 { self.late / self.all } else { 0.0 }
    }
}

/// How late things are, to tell whether those who sit notice those who come.
#[derive(Debug, Default)]
pub(super) struct Calm {
    of_late: Duration,
    /// How late they are without people from the waiting room.
    usual: Option<Duration>,
    /// The same of the answers of those who sit, for each look.
    answers: Answers,
    usual_answers: Answers,
}

impl Calm {
    /// Notes a look. What is late while nobody comes is not the fault of those who wait.
    pub(super) fn look(&mut self, late: Duration, answers: Answers, nobody_comes: bool) -> bool {
        self.of_late = mixed(self.of_late, late, OF_LATE_SHARE);
        self.answers = self.answers.mixed(answers, ANSWERS_OF_LATE_SHARE);
        if nobody_comes {
            self.usual = Some(self.usual.map_or(late, |usual| mixed(usual, late, USUAL_SHARE)));
            self.usual_answers = self.usual_answers.mixed(answers, USUAL_SHARE);
        }
        let may_be_late = LATE_ANSWERS.max(2.0 * self.usual_answers.late_share());
        let is_noticed = self.answers.late > self.answers.all.mul_add(may_be_late, ANSWERS_OF_LATE_SHARE);
        !is_noticed && self.of_late <= self.usual.map_or(IN_TIME, |usual| (usual * 2).clamp(CALM, LATE))
    }
}

fn mixed(before: Duration, now: Duration, share: f64) -> Duration {
    before.mul_f64(1.0 - share) + now.mul_f64(share)
}
