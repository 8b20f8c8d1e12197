//! One look at everything that the operations page shows: the figures of the moment, and what has been counted since the start.

use super::Figures;
use crate::app::App;
use crate::http::policy::Class;
use crate::metrics::{BOUNDS, STATUSES};
use crate::password::HashFigures;
use std::sync::Arc;
use std::time::Duration;

/// What one look sees.
#[derive(Debug, Clone)]
pub struct Look {
    /// The figures of the moment.
    pub figures: Arc<Figures>,
    /// Whose figures these are.
    pub id: String,
    /// For how long the server has been there.
    pub uptime: Duration,
    /// Requests since the start, by class.
    pub classes: [OfClass; Class::ALL.len()],
    /// The last class of requests that is not held back as far as can be.
    pub level: Class,
    /// How narrow the gates are, from 0 to 40.
    pub pressure: u32,
    /// Whether the gates ever become narrower.
    pub admission: bool,
    /// Requests above what one may send, since the start.
    pub rate_limited: u64,
    /// Connections that were turned away since the start.
    pub connections_refused: u64,
    /// How the hashing of passwords goes.
    pub hashing: HashFigures,
    /// The database, as it is called.
    pub engine: &'static str,
}

/// What has become of the requests of a class.
#[derive(Debug, Clone, Copy)]
pub struct OfClass {
    /// The class.
    pub class: Class,
    /// All that were answered, those that were refused among them.
    pub answered: u64,
    /// Those that were refused for lack of room, sent to the waiting room, or told that too many sign in.
    pub refused: u64,
    /// Those that failed for another reason.
    pub failed: u64,
    /// How many took as long as each of [`BOUNDS`] at most and longer than the one before; the last is above all of them.
    pub by_duration: [u64; BOUNDS.len() + 1],
}

impl OfClass {
    /// What is refused is answered like a failure, 503, and is none: requests that did not get in, and passwords that were not hashed.
    fn of(
        class: Class,
        by_status: [u64; STATUSES.len()],
        (requests, passwords): (u64, u64),
        by_duration: [u64; BOUNDS.len() + 1],
    ) -> Self {
        let [.., errors] = by_status;
        let refused = requests + if class == Class::SignIn { passwords } else { 0 };
        Self { class, answered: by_status.iter().sum(), refused, failed: errors.saturating_sub(refused), by_duration }
    }
}

impl Look {
    /// Looks at everything.
    pub async fn take(app: &App) -> Self {
        let (refused, hashing) = (app.admission.refused(), app.passwords.figures());
        let of_class = |(class, refused): (Class, u64)| {
            let by_duration = app.metrics.durations(class).read().1;
            OfClass::of(class, app.metrics.by_status(class), (refused, hashing.refused), by_duration)
        };
        Self {
            figures: app.watch.figures(app).await,
            id: app.watch.id().to_owned(),
            uptime: app.watch.uptime(),
            classes: refused.map(of_class),
            level: app.admission.level(),
            pressure: app.admission.pressure(),
            admission: app.site.admission,
            rate_limited: app.rates.refused().iter().map(|(_, refused)| refused).sum(),
            connections_refused: app.connections.refused(),
            hashing,
            engine: app.store.engine(),
        }
    }
}

/// A count to reckon with.
#[expect(clippy::cast_precision_loss, reason = "above 2^53 a count may be off by one")]
fn number(count: u64) -> f64 {
    count as f64
}

/// The time within which a share of all was done, in the unit of the bounds: as far as its class tells, within which it is taken to
/// be spread evenly. Infinite above the last bound; None when there was nothing.
#[must_use]
pub fn within(share: f64, bounds: &[f64], counts: &[u64]) -> Option<f64> {
    let all: u64 = counts.iter().sum();
    if all == 0 {
        return None;
    }
    let wanted = share * number(all);
    let (mut below, mut least) = (0.0, 0.0);
    for (bound, count) in bounds.iter().zip(counts) {
        let count = number(*count);
        if count > 0.0 && below + count >= wanted {
            return Some(least + (bound - least) * (wanted - below) / count);
        }
        below += count;
        least = *bound;
    }
    Some(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_told_to_come_again_is_no_failure() {
        let of = |class, refused| OfClass::of(class, [70, 5, 5, 20], refused, [0; BOUNDS.len() + 1]);
        let told = |of: OfClass| (of.answered, of.refused, of.failed);
        assert_eq!(told(of(Class::SignIn, (8, 10))), (100, 18, 2), "to the waiting room, or to sign in later");
        assert_eq!(told(of(Class::Browse, (8, 10))), (100, 8, 12), "passwords are no matter of others");
        assert_eq!(told(of(Class::Browse, (21, 0))), (100, 21, 0), "it is counted before it is answered");
    }

    #[test]
    fn a_share_of_requests_is_done_within_the_time_that_their_classes_tell() {
        let bounds = [1.0, 2.0, 4.0];
        assert_eq!(within(0.5, &bounds, &[0, 0, 0, 0]), None);
        assert_eq!(within(0.5, &bounds, &[10, 0, 0, 0]), Some(0.5));
        assert_eq!(within(0.5, &bounds, &[50, 50, 0, 0]), Some(1.0));
        assert_eq!(within(0.75, &bounds, &[50, 0, 50, 0]), Some(3.0));
        assert_eq!(within(0.99, &bounds, &[98, 0, 0, 2]), Some(f64::INFINITY));
    }
}
