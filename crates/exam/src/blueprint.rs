//! A blueprint says how many questions come from where; drawing picks them without replacement.

use crate::id::QuestionVersionId;
use crate::question::Difficulty;
use rand::Rng;
use rand::RngExt as _;
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// How many questions come from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blueprint {
    /// The draws in the order in which they appear on an unshuffled paper.
    pub draws: Vec<Draw>,
}

/// One rule of a blueprint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The slug of the bank.
    pub bank: String,
    /// Only questions of one of these domains; all, when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Only questions of this difficulty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difficulty: Option<Difficulty>,
    /// How many.
    pub count: usize,
}

impl Blueprint {
    /// How many questions a paper has.
    #[must_use]
    pub fn question_count(&self) -> usize {
        self.draws.iter().map(|draw| draw.count).sum()
    }
}

/// A published blueprint: each draw with the question versions it may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// In the order of the blueprint.
    pub draws: Vec<PoolDraw>,
}

/// One draw of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolDraw {
    /// How many to take.
    pub count: usize,
    /// From which; each at most once.
    pub candidates: Vec<QuestionVersionId>,
}

/// A blueprint that its banks cannot fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} questions are wanted, but only {found} different ones can be drawn")]
pub struct NotEnoughQuestions {
    /// How many the blueprint asks for.
    pub wanted: usize,
    /// How many different ones can be drawn by its rules.
    pub found: usize,
}

impl Pool {
    /// All questions that may appear on a paper, each once.
    #[must_use]
    pub fn questions(&self) -> Vec<QuestionVersionId> {
        let mut seen = HashSet::new();
        self.draws.iter().flat_map(|draw| &draw.candidates).copied().filter(|id| seen.insert(*id)).collect()
    }

    /// How many questions a paper has as published.
    #[must_use]
    pub fn question_count(&self) -> usize {
        self.draws.iter().map(|draw| draw.count).sum()
    }

    /// The pool with its counts scaled to another total in the same proportions (largest remainder), as far as each draw
    /// has candidates; what one draw cannot give, the others do. It can always be drawn: a total beyond the different
    /// questions there are becomes that number.
    #[must_use]
    pub fn scaled_to(&self, total: usize) -> Self {
        let published = self.question_count().max(1);
        let mut draws = self.draws.clone();
        let mut remainders = Vec::new();
        for (index, draw) in draws.iter_mut().enumerate() {
            let share = draw.count * total;
            remainders.push((share % published, index));
            draw.count = (share / published).min(draw.candidates.len());
        }
        remainders.sort_by_key(|(remainder, index)| (std::cmp::Reverse(*remainder), *index));
        let mut missing = total.saturating_sub(draws.iter().map(|draw| draw.count).sum());
        while missing > 0 {
            let before = missing;
            for (_, index) in &remainders {
                let draw = &mut draws[*index];
                if missing > 0 && draw.count < draw.candidates.len() {
                    draw.count += 1;
                    missing -= 1;
                }
            }
            if missing == before {
                break;
            }
        }
        Self { draws }.drawable()
    }

    /// The pool with counts moved from draws that cannot be filled, since others want the same questions, to draws that can.
    fn drawable(mut self) -> Self {
        let candidates: usize = self.draws.iter().map(|draw| draw.candidates.len()).sum();
        if self.questions().len() == candidates {
            // Nothing overlaps.
            return self;
        }
        let lists: Vec<Vec<QuestionVersionId>> = self.draws.iter().map(|draw| draw.candidates.clone()).collect();
        let mut matching = Matching::default();
        let (mut slots, mut missing) = (Vec::new(), 0);
        let mut fill = |draw: usize| {
            slots.push(draw);
            let filled = matching.fill(slots.len() - 1, &slots, &lists, &mut HashSet::new());
            if !filled {
                slots.pop();
            }
            filled
        };
        for (index, draw) in self.draws.iter_mut().enumerate() {
            let filled = (0..draw.count).take_while(|_| fill(index)).count();
            missing += draw.count - filled;
            draw.count = filled;
        }
        // A set of slots that can be filled together grows until every question is taken (transversal matroids).
        for (index, draw) in self.draws.iter_mut().enumerate() {
            while missing > 0 && fill(index) {
                draw.count += 1;
                missing -= 1;
            }
        }
        self
    }

    /// Draws the questions of one paper: each at most once, every draw filled, draw by draw.
    ///
    /// With draws that do not overlap this is a uniform sample of each. Where they overlap, questions already taken are
    /// moved to another draw that wants them (augmenting paths of bipartite matching, Kuhn 1955), so that a paper is found
    /// whenever there is one.
    ///
    /// # Errors
    /// When there is none.
    pub fn draw(&self, rng: &mut impl Rng) -> Result<Vec<QuestionVersionId>, NotEnoughQuestions> {
        let mut matching = Matching::default();
        let shuffled: Vec<Vec<QuestionVersionId>> = self
            .draws
            .iter()
            .map(|draw| {
                let mut candidates = draw.candidates.clone();
                candidates.shuffle(rng);
                candidates
            })
            .collect();
        let slots = self.draws.iter().enumerate().flat_map(|(index, draw)| std::iter::repeat_n(index, draw.count));
        let slots: Vec<usize> = slots.collect();
        for slot in 0..slots.len() {
            if !matching.fill(slot, &slots, &shuffled, &mut HashSet::new()) {
                return Err(NotEnoughQuestions { wanted: slots.len(), found: matching.taken.len() });
            }
        }
        let mut by_slot: Vec<(usize, QuestionVersionId)> =
            matching.taken.iter().map(|(question, slot)| (*slot, *question)).collect();
        by_slot.sort_by_key(|(slot, _)| *slot);
        Ok(by_slot.into_iter().map(|(_, question)| question).collect())
    }
}

/// Which slot of the paper each taken question fills.
#[derive(Default)]
struct Matching {
    taken: HashMap<QuestionVersionId, usize>,
}

impl Matching {
    fn fill(
        &mut self,
        slot: usize,
        slots: &[usize],
        candidates: &[Vec<QuestionVersionId>],
        tried: &mut HashSet<QuestionVersionId>,
    ) -> bool {
        let own = &candidates[slots[slot]];
        if let Some(free) = own.iter().find(|question| !self.taken.contains_key(question)) {
            self.taken.insert(*free, slot);
            return true;
        }
        for question in own {
            if !tried.insert(*question) {
                continue;
            }
            let holder = self.taken[question];
            // A slot of the same draw could only take what this one could: moving it gains nothing.
            if slots[holder] != slots[slot] && self.fill(holder, slots, candidates, tried) {
                self.taken.insert(*question, slot);
                return true;
            }
        }
        false
    }
}

/// A seed for one paper.
pub fn new_seed(rng: &mut impl Rng) -> u64 {
    rng.random()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    fn draw(count: usize, candidates: std::ops::Range<i64>) -> PoolDraw {
        PoolDraw { count, candidates: candidates.map(QuestionVersionId).collect() }
    }

    #[test]
    fn overlapping_draws_are_filled_when_there_is_a_way() {
        // The wide draw may take 1 and 2, which are all that the narrow one has.
        let pool = Pool { draws: vec![draw(2, 1..5), draw(2, 1..3)] };
        for seed in 0..200 {
            let drawn = pool.draw(&mut ChaCha8Rng::seed_from_u64(seed)).expect("3, 4 and 1, 2 is a way");
            assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), 4);
            assert!(drawn[2..].iter().all(|question| question.0 < 3), "{drawn:?}");
        }
    }

    #[test]
    fn a_pool_that_is_too_small_says_what_it_has() {
        let pool = Pool { draws: vec![draw(2, 1..3), draw(2, 1..4)] };
        let error = pool.draw(&mut ChaCha8Rng::seed_from_u64(1)).expect_err("three questions for four places");
        assert_eq!(error, NotEnoughQuestions { wanted: 4, found: 3 });
    }

    #[test]
    fn each_question_is_drawn_equally_often() {
        let pool = Pool { draws: vec![draw(3, 0..10)] };
        let mut counts = [0_u32; 10];
        for seed in 0..10_000 {
            for question in pool.draw(&mut ChaCha8Rng::seed_from_u64(seed)).expect("enough") {
                counts[usize::try_from(question.0).expect("small")] += 1;
            }
        }
        // 3,000 expected, standard deviation 46: six deviations never happen by chance.
        assert!(counts.iter().all(|count| (2_725..=3_275).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_practice_keeps_the_proportions_of_its_blueprint() {
        let pool = Pool { draws: vec![draw(6, 0..50), draw(3, 50..100), draw(1, 100..102)] };
        let counts = |total| pool.scaled_to(total).draws.iter().map(|draw| draw.count).collect::<Vec<_>>();
        assert_eq!(counts(20), [12, 6, 2]);
        assert_eq!(counts(65), [41, 22, 2], "the third has only two questions");
    }

    #[test]
    fn a_scaled_pool_can_be_drawn_though_its_draws_overlap() {
        // In proportion, 4, 3 and 3 would be drawn, but the first two have five questions between them.
        let pool = Pool { draws: vec![draw(1, 1..6), draw(1, 1..6), draw(1, 6..11)] };
        let scaled = pool.scaled_to(10);
        assert_eq!(scaled.question_count(), 10);
        assert_eq!(scaled.draw(&mut ChaCha8Rng::seed_from_u64(1)).map(|drawn| drawn.len()), Ok(10));
        assert_eq!(pool.scaled_to(20).question_count(), 10, "there are no more");
    }

    proptest! {
        #[test]
        fn a_paper_never_repeats_a_question(
            seed: u64,
            sizes in proptest::collection::vec((0_usize..6, 0_i64..12, 0_i64..12), 1..5),
        ) {
            let draws = sizes.iter().map(|(count, start, length)| draw(*count, *start..start + length)).collect();
            let pool = Pool { draws };
            if let Ok(drawn) = pool.draw(&mut ChaCha8Rng::seed_from_u64(seed)) {
                prop_assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), drawn.len());
                prop_assert_eq!(drawn.len(), pool.question_count());
                let mut rest = drawn.as_slice();
                for draw in &pool.draws {
                    let (own, others) = rest.split_at(draw.count);
                    prop_assert!(own.iter().all(|question| draw.candidates.contains(question)));
                    rest = others;
                }
            }
        }
    }
}
