//! Chance that a seed repeats.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

/// A generator of its own for each place that needs one, so that what one draws does not move what another gets.
#[derive(Debug)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// The generator of a place: which of its kind, and under it which event.
    #[must_use]
    pub fn at(seed: u64, place: u64, event: u64) -> Self {
        let mut bytes = [0; 32];
        for (part, value) in bytes.chunks_exact_mut(8).zip([seed, place, event, 0x63_68_61_6f_73]) {
            part.copy_from_slice(&value.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(bytes))
    }

    /// A number from 0 up to but without 1.
    pub fn share(&mut self) -> f64 {
        self.0.random()
    }

    /// A whole number below `end`, which is at least 1.
    pub fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    /// A time between two.
    pub fn between(&mut self, from: Duration, to: Duration) -> Duration {
        from + to.saturating_sub(from).mul_f64(self.share())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_what_another_does_not() {
        let drawn = |seed, place, event| Chance::at(seed, place, event).share().to_bits();
        assert_eq!(drawn(1, 2, 3), drawn(1, 2, 3));
        assert_ne!(drawn(1, 2, 3), drawn(1, 3, 2));
        assert_ne!(drawn(1, 2, 3), drawn(2, 2, 3));
    }

    #[test]
    fn times_stay_between_theirs() {
        let mut chance = Chance::at(1, 1, 1);
        let (from, to) = (Duration::from_millis(50), Duration::from_millis(600));
        assert!((0..1_000).map(|_| chance.between(from, to)).all(|time| from <= time && time <= to));
    }
}
