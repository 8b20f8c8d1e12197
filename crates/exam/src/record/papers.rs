//! The columns of a paper: its questions, and in which order their parts were shown.

use super::bits::{Reader, Writer};
use super::{MOST, differences, sums, within};
use crate::id::QuestionVersionId;
use crate::paper::{Paper, PaperItem};

/// The order of the codes of parts that are no order of all parts.
const PART_ORDER: u32 = 3;
/// The longest list that is looked through for each of its parts.
const LONGEST: usize = 100;

/// None when it is so large that it would not be read again.
pub(super) fn pack(paper: &Paper, columns: &mut Writer) -> Option<()> {
    let lists = || paper.items.iter().flat_map(|item| &item.orders);
    columns.signed_column(differences(paper.items.iter().map(|item| item.question.0)));
    columns.column(&paper.items.iter().map(|item| within(item.orders.len())).collect::<Option<Vec<_>>>()?);
    within(lists().count())?;
    columns.column(&lists().map(|list| within(list.len())).collect::<Option<Vec<_>>>()?);
    within(lists().map(Vec::len).sum())?;
    columns.column(&lists().map(|list| u64::from(!is_order(list))).collect::<Vec<_>>());
    for list in lists() {
        if is_order(list) {
            let mut left: Vec<usize> = (0..list.len()).collect();
            for part in list {
                let place = left.iter().position(|known| known == part)?;
                columns.bits(place as u128, bits_of(left.len()));
                left.remove(place);
            }
        } else {
            list.iter().for_each(|part| columns.number(*part as u64, PART_ORDER));
        }
    }
    Some(())
}

/// Whether a list names each of its places once. One so long that looking its parts up takes a while is not asked.
fn is_order(list: &[usize]) -> bool {
    let mut named = vec![false; list.len()];
    list.len() <= LONGEST
        && list.iter().all(|part| named.get_mut(*part).is_some_and(|named| !std::mem::replace(named, true)))
}

/// How many bits tell one of `count` apart.
fn bits_of(count: usize) -> u32 {
    usize::BITS - count.saturating_sub(1).leading_zeros()
}

/// None when it is damaged.
pub(super) fn read(reader: &mut Reader<'_>, questions: usize) -> Option<Paper> {
    let ids = sums(reader.signed_column(questions)?, 0);
    let lists = read_counts(reader, questions)?;
    let lengths = read_counts(reader, lists.iter().sum())?;
    let mut others = reader.column(lengths.len())?.into_iter().zip(lengths);
    let mut items = Vec::with_capacity(questions);
    for (id, lists) in ids.zip(lists) {
        let orders = others.by_ref().take(lists).map(|(is_other, length)| read_list(reader, is_other, length));
        items.push(PaperItem { question: QuestionVersionId(id), orders: orders.collect::<Option<_>>()? });
    }
    Some(Paper { items })
}

/// A column of numbers that count what comes later.
fn read_counts(reader: &mut Reader<'_>, count: usize) -> Option<Vec<usize>> {
    let mut left = MOST as u64;
    let counts = reader.column(count)?.into_iter().map(|count| {
        left = left.checked_sub(count)?;
        usize::try_from(count).ok()
    });
    counts.collect()
}

fn read_list(reader: &mut Reader<'_>, is_other: u64, length: usize) -> Option<Vec<usize>> {
    match is_other {
        0 if length <= LONGEST => {
            let mut left: Vec<usize> = (0..length).collect();
            let mut part = || {
                let place = usize::try_from(reader.bits(bits_of(left.len()))?).ok()?;
                (place < left.len()).then(|| left.remove(place))
            };
            (0..length).map(|_| part()).collect()
        }
        1 => (0..length).map(|_| usize::try_from(reader.number(PART_ORDER)?).ok()).collect(),
        _ => None,
    }
}
