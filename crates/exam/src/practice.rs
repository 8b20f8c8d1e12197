//! Practice: which questions of an open attempt are checked, and drills of what a person missed or marked for later.

use crate::blueprint::{Pool, PoolDraw};
use crate::grade::Outcome;
use crate::id::{QuestionId, QuestionVersionId};
use std::collections::{BTreeMap, BTreeSet};

/// The numbers of the questions of an attempt that are checked: their answers stay as they are, and the candidate has seen what is right.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked(BTreeSet<usize>);

/// A stored set that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no list of question numbers")]
pub struct BadChecked;

impl Checked {
    /// Reads what the store keeps: each number with a comma behind it, in any order.
    ///
    /// # Errors
    /// When it is something else.
    pub fn from_stored(text: &str) -> Result<Self, BadChecked> {
        let Some(numbers) = text.strip_suffix(',') else {
            return if text.is_empty() { Ok(Self::default()) } else { Err(BadChecked) };
        };
        numbers.split(',').map(|number| number.parse().map_err(|_| BadChecked)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a question is checked.
    #[must_use]
    pub fn contains(&self, question: usize) -> bool {
        self.0.contains(&question)
    }

    /// The numbers, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().copied()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<usize> for Checked {
    fn from_iter<I: IntoIterator<Item = usize>>(numbers: I) -> Self {
        Self(numbers.into_iter().collect())
    }
}

/// From where a start draws its questions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Source {
    /// From all that are published.
    #[default]
    All,
    /// A drill: from those that the person left not fully right.
    Missed,
    /// A drill: from those that the person bookmarked.
    Bookmarked,
}

impl Source {
    /// The name used in forms and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Missed => "missed",
            Self::Bookmarked => "bookmarked",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::All, Self::Missed, Self::Bookmarked].into_iter().find(|source| source.name() == name)
    }
}

/// The questions that a person missed: those whose last attempt left them not fully right, whatever happened before. Attempts come
/// newest first, each with what its questions came to.
#[must_use]
pub fn missed<A>(newest_first: impl IntoIterator<Item = A>) -> BTreeSet<QuestionId>
where
    A: IntoIterator<Item = (QuestionId, Outcome)>,
{
    let mut last = BTreeMap::new();
    for (question, outcome) in newest_first.into_iter().flatten() {
        last.entry(question).or_insert(outcome);
    }
    last.into_iter().filter(|(_, outcome)| *outcome != Outcome::Correct).map(|(question, _)| question).collect()
}

/// The part of a published pool that a drill draws from, at most so many questions; None when nothing of it is wanted.
#[must_use]
pub fn drill(pool: &Pool, wanted: &BTreeSet<QuestionVersionId>, most: usize) -> Option<Pool> {
    let candidates: Vec<_> = pool.questions().into_iter().filter(|question| wanted.contains(question)).collect();
    let count = candidates.len().min(most);
    (count > 0).then(|| Pool { draws: vec![PoolDraw { count, candidates }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn the_last_attempt_decides_whether_a_question_was_missed() {
        let (right, partly, open) = (Outcome::Correct, Outcome::Partial, Outcome::Unanswered);
        let newest = vec![(QuestionId(1), right), (QuestionId(2), open)];
        let before = vec![(QuestionId(1), Outcome::Incorrect), (QuestionId(2), right), (QuestionId(3), partly)];
        assert_eq!(missed([newest, before]), BTreeSet::from([QuestionId(2), QuestionId(3)]));
        assert_eq!(missed(Vec::<Vec<_>>::new()), BTreeSet::new());
    }

    #[test]
    fn what_is_no_list_of_numbers_is_refused() {
        for text in ["1", ",", "1,x,", "1,,2,", "-1,"] {
            assert_eq!(Checked::from_stored(text), Err(BadChecked), "{text}");
        }
        assert_eq!(Checked::from_stored("3,1,"), Ok(Checked::from_iter([1, 3])));
    }

    proptest! {
        #[test]
        fn what_is_stored_comes_back(numbers in proptest::collection::btree_set(1_usize..200, 0..30)) {
            // As the store writes them, one behind the other.
            let stored: String = numbers.iter().map(|number| format!("{number},")).collect();
            prop_assert_eq!(Checked::from_stored(&stored), Ok(Checked(numbers)));
        }

        #[test]
        fn a_drill_asks_what_is_wanted_and_published_and_nothing_else(
            published in proptest::collection::vec((1_usize..4, proptest::collection::btree_set(0_i64..40, 1..12)), 1..4),
            wanted in proptest::collection::btree_set(0_i64..60, 0..20),
            most in 1_usize..12,
            seed: u64,
        ) {
            let draw = |(count, ids): &(usize, BTreeSet<i64>)| PoolDraw {
                count: *count,
                candidates: ids.iter().copied().map(QuestionVersionId).collect(),
            };
            let pool = Pool { draws: published.iter().map(draw).collect() };
            let wanted: BTreeSet<_> = wanted.into_iter().map(QuestionVersionId).collect();
            let both = pool.questions().into_iter().filter(|id| wanted.contains(id)).count();
            match drill(&pool, &wanted, most) {
                None => prop_assert_eq!(both, 0),
                Some(drill) => {
                    let drawn = drill.draw(&mut ChaCha8Rng::seed_from_u64(seed)).expect("it can always be drawn");
                    prop_assert_eq!(drawn.len(), both.min(most));
                    prop_assert!(drawn.iter().all(|id| wanted.contains(id) && pool.questions().contains(id)));
                    prop_assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), drawn.len());
                }
            }
        }
    }
}
