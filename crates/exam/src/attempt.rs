//! What an attempt may do: one candidate sitting one paper, open until it is submitted or its time has run out.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The state of an attempt. It changes once, from open to one of the others, and never back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Answers are taken.
    Open,
    /// The candidate handed it in.
    Submitted,
    /// Its time ran out; what was saved counts.
    Expired,
}

impl AttemptState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Open, Self::Submitted, Self::Expired];

    /// The name used in tables and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Expired => "expired",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether it has ended.
    #[must_use]
    pub fn is_finished(self) -> bool {
        self != Self::Open
    }
}

/// How long the body of a save may take after its head, on which its time is judged.
pub const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// How long a save may then wait inside the server before it is refused.
pub const QUEUE_DEADLINE: Duration = Duration::from_secs(10);

/// How long the transaction that writes it may then take before it is given up and tried again.
pub const WRITE_DEADLINE: Duration = Duration::from_secs(5);

/// When the sweep may end an overdue attempt: so late that no save which arrived in time can still be on its way.
#[must_use]
pub fn sweepable(deadline: Timestamp, now: Timestamp) -> bool {
    deadline < swept_before(now)
}

/// The moment before which deadlines are [`sweepable`].
#[must_use]
pub fn swept_before(now: Timestamp) -> Timestamp {
    now.before(BODY_DEADLINE).before(QUEUE_DEADLINE).before(WRITE_DEADLINE)
}

/// What the server makes of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It counts.
    Counted,
    /// It arrived after the deadline, or after the attempt had ended; kept as evidence.
    Late,
    /// Another tab or device has taken the pen since, or a plain form had to wait while what was given after it was written; kept as
    /// evidence.
    Superseded,
    /// The question had been checked, so that its answer stays as it was; kept as evidence.
    Checked,
}

impl Verdict {
    /// The name used in tables, and as the API's code for what does not count.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Late => "late",
            Self::Superseded => "superseded",
            Self::Checked => "checked",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Counted, Self::Late, Self::Superseded, Self::Checked].into_iter().find(|verdict| verdict.name() == name)
    }
}

/// Judges an operation by the time at which the server had read the head of its request, a moment at the deadline being
/// in time; then by who holds the pen, and whether its question is checked already. The state of the attempt is the store's
/// condition, under its lock.
#[must_use]
pub fn judge(
    deadline: Option<Timestamp>,
    received_at: Timestamp,
    writer: i64,
    pen_holder: i64,
    is_checked: bool,
) -> Verdict {
    if deadline.is_some_and(|deadline| received_at > deadline) {
        Verdict::Late
    } else if writer < pen_holder {
        Verdict::Superseded
    } else if is_checked {
        Verdict::Checked
    } else {
        Verdict::Counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_at_the_deadline_is_in_time_and_a_millisecond_later_is_not() {
        let deadline = Some(Timestamp(1_000));
        assert_eq!(judge(deadline, Timestamp(1_000), 0, 0, false), Verdict::Counted);
        assert_eq!(judge(deadline, Timestamp(1_001), 0, 0, false), Verdict::Late);
        assert_eq!(judge(None, Timestamp(i64::MAX), 0, 0, false), Verdict::Counted);
    }

    #[test]
    fn only_the_writer_with_the_pen_counts() {
        assert_eq!(judge(None, Timestamp(0), 1, 2, false), Verdict::Superseded);
        assert_eq!(judge(None, Timestamp(0), 2, 2, false), Verdict::Counted);
    }

    #[test]
    fn the_answer_of_a_checked_question_stays_as_it_is() {
        assert_eq!(judge(None, Timestamp(0), 0, 0, true), Verdict::Checked);
        // What the client can do about it comes first.
        assert_eq!(judge(None, Timestamp(0), 0, 1, true), Verdict::Superseded);
        assert_eq!(judge(Some(Timestamp(0)), Timestamp(1), 0, 0, true), Verdict::Late);
    }

    #[test]
    fn the_sweep_waits_for_what_is_still_on_its_way() {
        let deadline = Timestamp(100_000);
        assert!(!sweepable(deadline, Timestamp(120_000)));
        assert!(sweepable(deadline, Timestamp(120_001)));
    }
}
