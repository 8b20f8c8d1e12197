//! Columns of numbers as bits, the highest bit of a byte first.
//!
//! A number is written as an exponential Golomb code (Teuhola 1978) of an order `k`: with `q = (number >> k) + 1`, one zero for each
//! bit of `q` after its first, then `q`, then the `k` lowest bits of the number. A column is one bit, 1 when all its numbers are
//! alike; then that number (order 0), or six bits for the order that makes the column shortest and every number. Numbers with a
//! sign are folded: 0, -1, 1, -2, 2 ... become 0, 1, 2, 3, 4 ...

/// The bits of an order.
const ORDER_BITS: u32 = 6;

/// Writes bits.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
    /// How many bits of the last byte are in use; 0 when it is full.
    used: u32,
}

impl Writer {
    /// The lowest `count` bits of a value, at most 128.
    pub(super) fn bits(&mut self, value: u128, count: u32) {
        for place in (0..count).rev() {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if value >> place & 1 == 1
                && let Some(last) = self.bytes.last_mut()
            {
                *last |= 0x80 >> self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// One number.
    pub(super) fn number(&mut self, value: u64, order: u32) {
        let (quotient, length) = quotient(value, order);
        self.bits(0, length - 1);
        self.bits(quotient, length);
        self.bits(u128::from(value), order);
    }

    /// As many numbers as the reader will ask for.
    pub(super) fn column(&mut self, values: &[u64]) {
        let Some((first, others)) = values.split_first() else { return };
        let alike = others.iter().all(|value| value == first);
        self.bits(u128::from(alike), 1);
        if alike {
            self.number(*first, 0);
            return;
        }
        let longest = values.iter().map(|value| u64::BITS - value.leading_zeros()).max().unwrap_or(0).min(63);
        let length = |order: &u32| values.iter().map(|value| u64::from(length_of(*value, *order))).sum::<u64>();
        let order = (0..=longest).min_by_key(length).unwrap_or(0);
        self.bits(u128::from(order), ORDER_BITS);
        for value in values {
            self.number(*value, order);
        }
    }

    /// As many numbers with a sign as the reader will ask for.
    pub(super) fn signed_column(&mut self, values: impl Iterator<Item = i64>) {
        let folded = |value: i64| value.wrapping_shl(1).cast_unsigned() ^ (value >> 63).cast_unsigned();
        self.column(&values.map(folded).collect::<Vec<_>>());
    }

    /// What was written, its last byte filled up with zeros.
    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// What of a number is written in front of its lowest bits, and how many bits that has.
fn quotient(value: u64, order: u32) -> (u128, u32) {
    let quotient = u128::from(value >> order) + 1;
    (quotient, u128::BITS - quotient.leading_zeros())
}

fn length_of(value: u64, order: u32) -> u32 {
    2 * quotient(value, order).1 - 1 + order
}

/// Reads bits.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    /// Of the next bit.
    place: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    /// The next `count` bits, at most 64; None when there are not so many.
    pub(super) fn bits(&mut self, count: u32) -> Option<u64> {
        let mut value = 0;
        for _ in 0..count {
            let byte = *self.bytes.get(self.place / 8)?;
            value = value << 1 | u64::from(byte >> (7 - self.place % 8) & 1);
            self.place += 1;
        }
        Some(value)
    }

    pub(super) fn number(&mut self, order: u32) -> Option<u64> {
        let mut zeros = 0;
        while self.bits(1)? == 0 {
            zeros += 1;
            // The quotient of the largest number has 65 bits.
            if zeros > u64::BITS {
                return None;
            }
        }
        let quotient = 1_u128 << zeros | u128::from(self.bits(zeros)?);
        let high = u64::try_from(quotient - 1).ok()?;
        let low = self.bits(order)?;
        // What would be shifted out was never written.
        (high.leading_zeros() >= order || high == 0).then(|| high.checked_shl(order).unwrap_or(0) | low)
    }

    /// Numbers written as a column.
    pub(super) fn column(&mut self, count: usize) -> Option<Vec<u64>> {
        if count == 0 {
            return Some(Vec::new());
        }
        if self.bits(1)? == 1 {
            return Some(vec![self.number(0)?; count]);
        }
        let order = u32::try_from(self.bits(ORDER_BITS)?).ok()?;
        (0..count).map(|_| self.number(order)).collect()
    }

    /// Numbers written as a column of numbers with a sign.
    pub(super) fn signed_column(&mut self, count: usize) -> Option<Vec<i64>> {
        let unfolded = |folded: u64| (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        Some(self.column(count)?.into_iter().map(unfolded).collect())
    }

    /// What lies behind the last byte that was read from; None when the rest of that byte is not zeros.
    pub(super) fn finish(mut self) -> Option<&'a [u8]> {
        while !self.place.is_multiple_of(8) {
            if self.bits(1)? != 0 {
                return None;
            }
        }
        self.bytes.get(self.place / 8..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn columns_come_back(
            small in proptest::collection::vec(0..9_u64, 0..40),
            any in proptest::collection::vec(any::<u64>(), 0..40),
            signed in proptest::collection::vec(any::<i64>(), 0..40),
            alike in (any::<u64>(), 0..40_usize),
        ) {
            let mut writer = Writer::default();
            let alike = vec![alike.0; alike.1];
            writer.column(&small);
            writer.column(&any);
            writer.signed_column(signed.iter().copied());
            writer.column(&alike);
            let written = [writer.finish(), b"tail".to_vec()].concat();
            let mut reader = Reader::new(&written);
            prop_assert_eq!(reader.column(small.len()), Some(small));
            prop_assert_eq!(reader.column(any.len()), Some(any));
            prop_assert_eq!(reader.signed_column(signed.len()), Some(signed));
            prop_assert_eq!(reader.column(alike.len()), Some(alike));
            prop_assert_eq!(reader.finish(), Some(&b"tail"[..]));
        }

        #[test]
        fn other_bits_are_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), count in 0..9_usize) {
            let mut reader = Reader::new(&bytes);
            while reader.column(count).is_some_and(|read| !read.is_empty()) {}
            let mut reader = Reader::new(&bytes);
            let _ = reader.signed_column(count);
            let _ = reader.finish();
        }
    }

    #[test]
    fn the_ends_of_the_numbers_come_back_in_every_order() {
        for order in 0..64 {
            for value in [0, 1, 2, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
                let mut writer = Writer::default();
                writer.number(value, order);
                let written = writer.finish();
                assert_eq!(written.len(), usize::try_from(length_of(value, order).div_ceil(8)).unwrap());
                assert_eq!(Reader::new(&written).number(order), Some(value), "{value} in order {order}");
            }
        }
    }

    #[test]
    fn the_codes_are_those_of_the_literature() {
        // Of order 0: 1, 010, 011, 00100 ...; of order 2: 100, 101, 110, 111, 01000 ...
        for (value, order, code) in
            [(0, 0, "1"), (1, 0, "010"), (2, 0, "011"), (3, 0, "00100"), (3, 2, "111"), (4, 2, "01000")]
        {
            let mut writer = Writer::default();
            writer.number(value, order);
            let bits: String = writer.finish().iter().map(|byte| format!("{byte:08b}")).collect();
            assert_eq!(bits.trim_end_matches('0'), code.trim_end_matches('0'), "{value} in order {order}");
            assert_eq!(length_of(value, order) as usize, code.len());
        }
    }
}
