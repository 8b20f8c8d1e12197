//! Chance in a rehearsal: grown from the plan's seed and the candidate's number, so that a run can be had again.

use crate::plan::Think;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use std::time::Duration;

/// The spread of think times.
const SIGMA: f64 = 0.8;
/// The shortest think time is the mean divided by this, the longest the mean multiplied by [`LONGEST`].
const SHORTEST: f64 = 15.0;
const LONGEST: f64 = 10.0;

/// A candidate's own generator.
#[derive(Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// `stream` keeps candidates, and what is made for them, apart.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// From 0 up to, not including, 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something happens that has this share.
    pub(crate) fn happens(&mut self, share: f64) -> bool {
        share > 0.0 && self.unit() < share
    }

    /// From 0 up to, not including, `count`; 0 for none.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * u128::try_from(count).unwrap_or(0);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// A random part of a duration.
    pub(crate) fn part_of(&mut self, whole: Duration) -> Duration {
        whole.mul_f64(self.unit())
    }

    /// So many hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.below(16)])).collect()
    }

    /// An order of so many things (Fisher and Yates).
    pub(crate) fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for place in (1..count).rev() {
            order.swap(place, self.below(place + 1));
        }
        order
    }

    /// A think time. The logarithm is normal; its mean is lowered by half the variance, so that the mean of the times is the one
    /// asked for. Times outside the range are drawn again, which less than 2 in 1,000 are.
    pub(crate) fn think(&mut self, think: Think) -> Duration {
        let Think::Mean(mean) = think else { return Duration::ZERO };
        loop {
            // Box and Muller; 1 - unit is never 0.
            let normal = (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos();
            let factor = (SIGMA * normal - SIGMA * SIGMA / 2.0).exp();
            if (1.0 / SHORTEST..=LONGEST).contains(&factor) {
                return mean.mul_f64(factor);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn think_times_keep_their_mean_and_their_range() {
        let mut dice = Dice::new(1, 0);
        let mean = Duration::from_secs(30);
        let times: Vec<Duration> = (0..20_000).map(|_| dice.think(Think::Mean(mean))).collect();
        assert!(times.iter().all(|time| (mean / 15..=mean * 10).contains(time)));
        let average = times.iter().sum::<Duration>().as_secs_f64() / 20_000.0;
        assert!((29.0..31.0).contains(&average), "{average}");
        let mut sorted = times;
        sorted.sort_unstable();
        // The median of a log-normal lies below its mean by the factor exp(-sigma^2 / 2) = 0.726.
        assert!((20.5..23.0).contains(&sorted[10_000].as_secs_f64()), "{:?}", sorted[10_000]);
    }

    #[test]
    fn the_same_seed_and_candidate_give_the_same_chance_and_another_candidate_another() {
        let draw = |seed, stream| Dice::new(seed, stream).hex(16);
        assert_eq!(draw(1, 1), draw(1, 1));
        assert_ne!(draw(1, 1), draw(1, 2));
        assert_ne!(draw(1, 1), draw(2, 1));
    }

    #[test]
    fn shares_and_orders_are_what_they_say() {
        let mut dice = Dice::new(7, 7);
        assert_eq!((0..1_000).filter(|_| dice.happens(0.0)).count(), 0);
        assert_eq!((0..1_000).filter(|_| dice.happens(1.0)).count(), 1_000);
        let some = (0..10_000).filter(|_| dice.happens(0.2)).count();
        assert!((1_800..2_200).contains(&some), "{some}");
        let mut order = dice.order(26);
        order.sort_unstable();
        assert_eq!(order, (0..26).collect::<Vec<_>>());
        assert!((0..1_000).all(|_| dice.below(3) < 3));
        assert_eq!(dice.below(0), 0);
    }
}
