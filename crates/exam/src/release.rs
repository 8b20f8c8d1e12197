//! What a candidate may see of a result, and when. The only place that lets keys and explanations out to a candidate.

use crate::practice::Checked;
use crate::question::{Explanations, Key};
use crate::sealed::Permit;
use crate::settings::{Mode, Settings};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// When one part of a result is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// As soon as the attempt is submitted or has expired.
    #[default]
    AtSubmit,
    /// When the exam has closed for everybody; never, for an exam that does not close.
    AtClose,
    /// Not to candidates.
    Never,
}

impl When {
    /// The name used in forms and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AtSubmit => "at_submit",
            Self::AtClose => "at_close",
            Self::Never => "never",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::AtSubmit, Self::AtClose, Self::Never].into_iter().find(|when| when.name() == name)
    }
}

/// When each part of a result is shown. The default shows everything at submit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasePolicy {
    /// Points, percentage, verdict, domains, and which answers were right.
    pub marks: When,
    /// What would have been right.
    pub keys: When,
    /// Why.
    pub explanations: When,
}

/// What a candidate may see of one attempt at one moment.
#[derive(Debug)]
pub struct Released {
    /// Whether marks are shown.
    pub marks: bool,
    /// Opens keys, when they are shown.
    pub keys: Option<Permit<Key>>,
    /// Opens explanations, when they are shown.
    pub explanations: Option<Permit<Explanations>>,
}

impl ReleasePolicy {
    /// Decides what is shown: nothing while the attempt is open, then each part by its own rule.
    ///
    /// Keys and explanations name what is right, so neither is shown before the marks are.
    #[must_use]
    pub fn decide(&self, finished: bool, closes_at: Option<Timestamp>, now: Timestamp) -> Released {
        let closed = closes_at.is_some_and(|close| now >= close);
        let shown = |when: When| match when {
            When::AtSubmit => finished,
            When::AtClose => finished && closed,
            When::Never => false,
        };
        let marks = shown(self.marks);
        Released {
            marks,
            keys: (marks && shown(self.keys)).then(Permit::granted),
            explanations: (marks && shown(self.explanations)).then(Permit::granted),
        }
    }
}

/// Instant feedback: the right to check questions while an attempt is open. There is none for an exam, and none where marks, keys and
/// explanations would not be shown as soon as the attempt ends; without one, no question is checked and nothing of it is shown.
#[derive(Debug)]
pub struct InstantFeedback(());

impl InstantFeedback {
    /// The right to check questions under some settings, if they give it.
    #[must_use]
    pub fn of(settings: &Settings) -> Option<Self> {
        let ReleasePolicy { marks, keys, explanations } = settings.release;
        let shows_all = [marks, keys, explanations].iter().all(|when| *when == When::AtSubmit);
        (settings.mode == Mode::Practice && shows_all).then_some(Self(()))
    }

    /// What is shown of a question of an open attempt: everything once it is checked, and nothing before.
    #[must_use]
    pub fn decide(&self, checked: &Checked, question: usize) -> Option<Released> {
        let released =
            || Released { marks: true, keys: Some(Permit::granted()), explanations: Some(Permit::granted()) };
        checked.contains(question).then(released)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exam_has_no_instant_feedback_whatever_it_releases() {
        let every = [When::AtSubmit, When::AtClose, When::Never];
        for number in 0..27 {
            let (marks, keys, explanations) = (every[number % 3], every[number / 3 % 3], every[number / 9]);
            let release = ReleasePolicy { marks, keys, explanations };
            let of = |mode| InstantFeedback::of(&Settings { release, ..Settings::new(mode) });
            assert!(of(Mode::Exam).is_none(), "{release:?}");
            assert_eq!(of(Mode::Practice).is_some(), release == ReleasePolicy::default(), "{release:?}");
        }
    }

    #[test]
    fn only_what_is_checked_is_shown_while_the_attempt_is_open() {
        let feedback = InstantFeedback::of(&Settings::new(Mode::Practice)).expect("it shows everything at submit");
        let checked = Checked::from_iter([2]);
        assert!(feedback.decide(&checked, 1).is_none());
        let released = feedback.decide(&checked, 2).expect("it is checked");
        assert!(released.marks && released.keys.is_some() && released.explanations.is_some());
    }

    #[test]
    fn nothing_is_shown_while_the_attempt_is_open() {
        let released = ReleasePolicy::default().decide(false, Some(Timestamp(0)), Timestamp(1));
        assert!(!released.marks && released.keys.is_none() && released.explanations.is_none());
    }

    #[test]
    fn the_default_shows_everything_at_submit() {
        let released = ReleasePolicy::default().decide(true, None, Timestamp(1));
        assert!(released.marks && released.keys.is_some() && released.explanations.is_some());
    }

    #[test]
    fn keys_wait_for_the_close_of_the_exam() {
        let policy = ReleasePolicy { keys: When::AtClose, explanations: When::Never, ..ReleasePolicy::default() };
        let close = Some(Timestamp(1_000));
        assert!(policy.decide(true, close, Timestamp(999)).keys.is_none());
        assert!(policy.decide(true, close, Timestamp(1_000)).keys.is_some());
        assert!(policy.decide(true, close, Timestamp(1_000)).explanations.is_none());
        assert!(policy.decide(true, None, Timestamp(1_000)).keys.is_none(), "an exam without a close never releases");
    }

    #[test]
    fn keys_never_come_before_marks() {
        let policy = ReleasePolicy { marks: When::Never, ..ReleasePolicy::default() };
        assert!(policy.decide(true, None, Timestamp(1)).keys.is_none());
    }
}
