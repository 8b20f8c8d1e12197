//! Who is here: the people who have asked for something of late, counted for whoever runs the hall.

use exam::id::AccountId;
use exam::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long somebody is taken to be here after a request.
pub const HERE_FOR: Duration = Duration::from_secs(5 * 60);

/// How many parts there are, so that requests seldom wait for each other.
const PARTS: usize = 16;

/// When each person was last seen.
#[derive(Debug, Default)]
pub struct Presence([Mutex<HashMap<AccountId, Timestamp>>; PARTS]);

impl Presence {
    /// Somebody is here now.
    pub fn note(&self, account: AccountId, now: Timestamp) {
        let part = usize::try_from(account.0.unsigned_abs()).unwrap_or(0) % PARTS;
        self.0[part].lock().unwrap_or_else(PoisonError::into_inner).insert(account, now);
    }

    /// How many are here. Forgets the others.
    pub fn count(&self, now: Timestamp) -> usize {
        let since = now.before(HERE_FOR);
        let parts = self.0.iter().map(|part| {
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            part.retain(|_, seen| *seen >= since);
            part.len()
        });
        parts.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_once_until_nothing_has_been_heard_of_them_for_a_while() {
        let presence = Presence::default();
        let now = Timestamp(1_700_000_000_000);
        for person in [1, 2, 17, 1] {
            presence.note(AccountId(person), now);
        }
        let later = now.after(Duration::from_secs(200));
        presence.note(AccountId(2), later);
        assert_eq!((presence.count(now), presence.count(later)), (3, 3));
        assert_eq!(presence.count(later.after(Duration::from_secs(200))), 1);
    }
}
