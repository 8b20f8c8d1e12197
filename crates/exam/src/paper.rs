//! A paper: the questions one candidate gets and the order of their parts, fixed when the attempt starts.
//!
//! Options, items and choices are named by letters *after* shuffling, per paper: "a" on one paper says nothing about "a" on
//! another. Only this module translates between those letters and the authored order.

mod stored;

use crate::blueprint::{NotEnoughQuestions, Pool};
use crate::id::QuestionVersionId;
use crate::question::{Blank, Content};
use crate::settings::Settings;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// The questions of one attempt in their order; question numbers count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// What is asked, in order.
    pub items: Vec<PaperItem>,
}

/// One question of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperItem {
    /// The question, in the version it had when the exam was published.
    pub question: QuestionVersionId,
    /// The order of each of its lists, see [`PaperItem::arrange`]; `order[place shown] = authored index`.
    pub orders: Vec<Vec<usize>>,
}

impl Paper {
    /// Draws a paper from a pool. The same seed, pool and settings give the same paper within one release of Examhall; what
    /// counts afterwards is the stored paper, never the seed.
    ///
    /// `content` gives the parts of a question of the pool.
    ///
    /// # Errors
    /// When the pool cannot fill its draws.
    pub fn draw<'a>(
        pool: &Pool,
        settings: &Settings,
        seed: u64,
        content: impl Fn(QuestionVersionId) -> Option<&'a Content>,
    ) -> Result<Self, NotEnoughQuestions> {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        let mut questions = pool.draw(&mut rng)?;
        if settings.shuffle_questions {
            questions.shuffle(&mut rng);
        }
        let items = questions
            .iter()
            .filter_map(|question| Some((*question, content(*question)?)))
            .map(|(question, content)| PaperItem::arrange(question, content, settings.shuffle_options, &mut rng))
            .collect::<Vec<_>>();
        if items.len() < questions.len() {
            return Err(NotEnoughQuestions { wanted: questions.len(), found: items.len() });
        }
        Ok(Self { items })
    }

    /// The item with a question number, counted from 1.
    #[must_use]
    pub fn item(&self, number: usize) -> Option<&PaperItem> {
        self.items.get(number.checked_sub(1)?)
    }
}

impl PaperItem {
    /// Arranges the parts of a question: one order for the options of a choice, the items of an ordering and the choices of
    /// a matching; one per blank (empty for typed ones) of a cloze. Pinned options keep their place. Items to be put in
    /// order are always shuffled, since the authored order may be the right one.
    pub fn arrange(question: QuestionVersionId, content: &Content, shuffle: bool, rng: &mut impl Rng) -> Self {
        let mut item = Self::unshuffled(question, content);
        let shuffles = shuffle || matches!(content, Content::Ordering { .. } | Content::Matching { .. });
        let pinned = |index: usize| match content {
            Content::Choice { options, .. } => options.get(index).is_some_and(|option| option.pinned),
            _ => false,
        };
        for order in item.orders.iter_mut().filter(|_| shuffles) {
            // As most are; it comes to the same.
            if !order.iter().copied().any(pinned) {
                order.shuffle(rng);
                continue;
            }
            let free: Vec<usize> = order.iter().copied().filter(|index| !pinned(*index)).collect();
            let mut shuffled = free.clone();
            shuffled.shuffle(rng);
            for (place, index) in free.into_iter().zip(shuffled) {
                order[place] = index;
            }
        }
        item
    }

    /// The question with its parts in authored order: enough to tell which parts it has.
    #[must_use]
    pub fn unshuffled(question: QuestionVersionId, content: &Content) -> Self {
        let counts = match content {
            Content::Choice { options, .. } => vec![options.len()],
            Content::Ordering { items } => vec![items.len()],
            Content::Matching { choices, .. } => vec![choices.len()],
            Content::Cloze { blanks } => blanks
                .iter()
                .map(|blank| match blank {
                    Blank::Dropdown { options } => options.len(),
                    Blank::Text {} | Blank::Number {} => 0,
                })
                .collect(),
            Content::Numeric { .. } | Content::ShortText {} => Vec::new(),
        };
        Self { question, orders: counts.into_iter().map(|count| (0..count).collect()).collect() }
    }

    /// The parts of list `list` in the order shown, each with its letter and authored index.
    pub fn shown(&self, list: usize) -> impl Iterator<Item = (String, usize)> + '_ {
        self.orders.get(list).into_iter().flatten().enumerate().map(|(place, index)| (letter(place), *index))
    }

    /// The authored index of a letter of list `list`.
    #[must_use]
    pub fn authored(&self, list: usize, letter_shown: &str) -> Option<usize> {
        self.orders.get(list)?.get(place_of(letter_shown.as_bytes())?).copied()
    }

    /// The letter under which an authored index of list `list` is shown.
    #[must_use]
    pub fn letter_of(&self, list: usize, authored: usize) -> Option<String> {
        self.orders.get(list)?.iter().position(|index| *index == authored).map(letter)
    }
}

/// The letter of a place: a, b, ... z. Lint refuses longer lists.
fn letter(place: usize) -> String {
    let offset = u8::try_from(place).ok().filter(|offset| *offset < 26);
    offset.map_or_else(|| format!("z{place}"), |offset| char::from(b'a' + offset).to_string())
}

fn place_of(letter_shown: &[u8]) -> Option<usize> {
    match letter_shown {
        [byte @ b'a'..=b'z'] => Some(usize::from(byte - b'a')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::ChoiceOption;
    use proptest::prelude::*;

    fn options(pinned: &[bool]) -> Content {
        let options = pinned
            .iter()
            .enumerate()
            .map(|(index, pinned)| ChoiceOption { text: format!("option {index}"), pinned: *pinned })
            .collect();
        Content::Choice { options, multiple: false, choose: None }
    }

    proptest! {
        #[test]
        fn shuffling_keeps_every_option_and_the_place_of_pinned_ones(
            seed: u64,
            pinned in proptest::collection::vec(any::<bool>(), 2..26),
        ) {
            let content = options(&pinned);
            let item = PaperItem::arrange(QuestionVersionId(1), &content, true, &mut ChaCha12Rng::seed_from_u64(seed));
            let mut seen = item.orders[0].clone();
            for (place, is_pinned) in pinned.iter().enumerate() {
                prop_assert!(!is_pinned || seen[place] == place);
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..pinned.len()).collect::<Vec<_>>());
            for (letter, index) in item.shown(0) {
                prop_assert_eq!(item.authored(0, &letter), Some(index));
                prop_assert_eq!(item.letter_of(0, index), Some(letter));
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_paper_and_another_seed_another() {
        let content = options(&[false; 5]);
        let draws = vec![crate::blueprint::PoolDraw { count: 8, candidates: (1..30).map(QuestionVersionId).collect() }];
        let pool = Pool { draws };
        let settings = Settings::new(crate::settings::Mode::Exam);
        let draw = |seed| Paper::draw(&pool, &settings, seed, |_| Some(&content)).expect("enough questions");
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn letters_outside_the_list_are_nothing() {
        let item =
            PaperItem::arrange(QuestionVersionId(1), &options(&[false; 4]), false, &mut ChaCha12Rng::seed_from_u64(1));
        for letter in ["e", "A", "", "aa", "1", "é"] {
            assert_eq!(item.authored(0, letter), None, "{letter:?}");
        }
    }
}
