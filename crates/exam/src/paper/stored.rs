//! A paper as it is stored while its attempt is open: short, since thousands are written at the bell.
//!
//! An item is a list: its question, then each of its orders as a word of letters, `a` for the first authored part.
//! `[[131,"cadb"],[7]]` are two questions, the second without parts.

use super::{PaperItem, letter, place_of};
use crate::id::QuestionVersionId;
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

impl Serialize for PaperItem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(1 + self.orders.len()))?;
        list.serialize_element(&self.question)?;
        for order in &self.orders {
            // Lint refuses lists of more parts than there are letters.
            if order.iter().any(|index| *index >= 26) {
                return Err(serde::ser::Error::custom("a list of more than 26 parts"));
            }
            list.serialize_element(&order.iter().map(|index| letter(*index)).collect::<String>())?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for PaperItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Item)
    }
}

struct Item;

impl<'de> Visitor<'de> for Item {
    type Value = PaperItem;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a question and its orders")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PaperItem, A::Error> {
        let question: QuestionVersionId = list.next_element()?.ok_or_else(|| Error::invalid_length(0, &self))?;
        let mut orders = Vec::with_capacity(1);
        while let Some(Order(order)) = list.next_element()? {
            orders.push(order);
        }
        Ok(PaperItem { question, orders })
    }
}

/// A word of letters.
struct Order(Vec<usize>);

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Self(Vec::new()))
    }
}

impl Visitor<'_> for Order {
    type Value = Self;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an order as a word of letters")
    }

    fn visit_str<E: Error>(mut self, word: &str) -> Result<Self, E> {
        self.0.reserve_exact(word.len());
        for byte in word.bytes() {
            self.0.push(place_of(&[byte]).ok_or_else(|| E::custom("an order has letters only"))?);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Paper;
    use super::*;
    use proptest::prelude::*;

    fn item(question: i64, orders: Vec<Vec<usize>>) -> PaperItem {
        PaperItem { question: QuestionVersionId(question), orders }
    }

    #[test]
    fn a_paper_is_stored_as_lists_of_words() {
        let paper = Paper {
            items: vec![item(131, vec![vec![2, 0, 3, 1]]), item(7, vec![]), item(8, vec![vec![], vec![1, 0]])],
        };
        let stored = serde_json::to_string(&paper).unwrap();
        assert_eq!(stored, r#"{"items":[[131,"cadb"],[7],[8,"","ba"]]}"#);
        assert_eq!(serde_json::from_str::<Paper>(&stored).unwrap(), paper);
    }

    #[test]
    fn what_is_no_paper_is_refused() {
        for stored in [r#"{"items":[[]]}"#, r#"{"items":[[1,"aB"]]}"#, r#"{"items":[[1,"é"]]}"#, r#"{"items":[[1,2]]}"#]
        {
            assert!(serde_json::from_str::<Paper>(stored).is_err(), "{stored}");
        }
        assert!(serde_json::to_string(&item(1, vec![vec![26]])).is_err());
    }

    proptest! {
        #[test]
        fn every_paper_is_read_as_it_was_stored(
            items in proptest::collection::vec((any::<i64>(), proptest::collection::vec(proptest::collection::vec(0_usize..26, 0..6), 0..4)), 0..6),
        ) {
            let paper = Paper { items: items.into_iter().map(|(question, orders)| item(question, orders)).collect() };
            prop_assert_eq!(serde_json::from_str::<Paper>(&serde_json::to_string(&paper).unwrap()).unwrap(), paper);
        }
    }
}
