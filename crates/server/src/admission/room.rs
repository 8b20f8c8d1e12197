//! The waiting room: people get a number when they come, and are called in its order as room becomes free.
//!
//! The server remembers two numbers only, the last one given out and the last one called. A person's own is in a signed cookie, and is
//! good for entering for a while after it was called.

use crate::token::{self, hex};
use exam::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

/// For how long a place is good: people must get from the door to their exam with it, and may have to wait before.
pub const LIFETIME: Duration = Duration::from_secs(2 * 3_600);

/// How many people are called in a second to begin with.
const FIRST_PACE: f64 = 100.0;
const PACE_LEAST: f64 = 2.0;
const PACE_MOST: f64 = 5_000.0;

/// A person's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    number: u64,
    given_at: Timestamp,
}

/// How the room calls people.
#[derive(Debug)]
struct Calling {
    /// People called in a second.
    pace: f64,
    /// The part of a person that is left over from the last call.
    rest: f64,
}

/// What a room signs with.
#[derive(Clone)]
struct Secret {
    key: [u8; 32],
    /// What its cookies are called.
    cookie: Arc<str>,
}

impl Secret {
    fn new(key: [u8; 32]) -> Self {
        Self { key, cookie: format!("examhall_place_{}", hex(&Sha256::digest(key)[..4])).into() }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cookie)
    }
}

/// The room.
#[derive(Debug)]
pub struct Room {
    secret: RwLock<Secret>,
    given: AtomicU64,
    called: AtomicU64,
    calling: Mutex<Calling>,
}

impl Room {
    pub(super) fn new(key: [u8; 32]) -> Self {
        let calling = Mutex::new(Calling { pace: FIRST_PACE, rest: 0.0 });
        Self { secret: RwLock::new(Secret::new(key)), given: AtomicU64::new(0), called: AtomicU64::new(0), calling }
    }

    fn secret(&self) -> Secret {
        self.secret.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn calling(&self) -> MutexGuard<'_, Calling> {
        self.calling.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many have a number and have not been called.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.given.load(Ordering::Relaxed).saturating_sub(self.called.load(Ordering::Relaxed))
    }

    /// The next number.
    #[must_use]
    pub fn give(&self, now: Timestamp) -> Place {
        Place { number: self.given.fetch_add(1, Ordering::Relaxed) + 1, given_at: now }
    }

    /// Whether it has been called.
    #[must_use]
    pub fn is_called(&self, place: Place) -> bool {
        place.number <= self.called.load(Ordering::Relaxed)
    }

    /// How many come before it.
    #[must_use]
    pub fn ahead(&self, place: Place) -> u64 {
        place.number.saturating_sub(self.called.load(Ordering::Relaxed)).saturating_sub(1)
    }

    /// How long it will take until it is called, as far as can be told.
    #[must_use]
    pub fn wait(&self, place: Place) -> Duration {
        let ahead = u32::try_from(self.ahead(place) + 1).map_or(f64::MAX, f64::from);
        Duration::try_from_secs_f64(ahead / self.calling().pace).unwrap_or(Duration::MAX)
    }

    /// Calls the next people if there is room for them.
    pub(super) fn call(&self, has_room: bool, since_last: Duration) {
        let waiting = self.waiting();
        let mut calling = self.calling();
        if waiting == 0 {
            calling.rest = 0.0;
            return;
        }
        // Half as many when there is no room, a twentieth more each time there is: down quickly, up slowly.
        calling.pace = if has_room { calling.pace.mul_add(1.05, 1.0) } else { calling.pace * 0.5 };
        calling.pace = calling.pace.clamp(PACE_LEAST, PACE_MOST);
        // Somebody is called at any time: what keeps the hall full may be no crowd at all.
        let pace = if has_room { calling.pace } else { PACE_LEAST };
        calling.rest += pace * since_last.as_secs_f64();
        let mut now = 0;
        while calling.rest >= 1.0 && now < waiting {
            calling.rest -= 1.0;
            now += 1;
        }
        self.called.fetch_add(now, Ordering::Relaxed);
    }

    fn sign(&self, place: Place) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret().key).expect("a key of any length will do");
        mac.update(&place.number.to_le_bytes());
        mac.update(&place.given_at.0.to_le_bytes());
        hex(&mac.finalize().into_bytes()[..16])
    }

    /// What the room of the process needs that takes over: the secret, and the two numbers.
    #[must_use]
    pub fn estate(&self) -> String {
        let key = hex(&self.secret().key);
        format!("{key}.{}.{}", self.given.load(Ordering::Relaxed), self.called.load(Ordering::Relaxed))
    }

    /// Goes on as the room whose [`Room::estate`] this is: people keep their places. False when it is none.
    #[must_use]
    pub fn inherit(&self, estate: &str) -> bool {
        let parts: Vec<&str> = estate.split('.').collect();
        let [key, given, called] = parts[..] else { return false };
        let pair = |at: usize| key.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
        let bytes: Option<Vec<u8>> = (0..32).map(pair).collect();
        let Some(key) = bytes.and_then(|bytes| bytes.try_into().ok()).filter(|_| key.len() == 64) else { return false };
        let (Ok(given), Ok(called)) = (given.parse(), called.parse()) else { return false };
        *self.secret.write().unwrap_or_else(PoisonError::into_inner) = Secret::new(key);
        self.given.store(given, Ordering::Relaxed);
        self.called.store(called, Ordering::Relaxed);
        true
    }

    /// What its cookies are called: those of other servers, which any request may reach, are kept beside them.
    #[must_use]
    pub fn cookie_name(&self) -> Arc<str> {
        self.secret().cookie
    }

    /// As it is written into a cookie.
    #[must_use]
    pub fn write(&self, place: Place) -> String {
        format!("{}.{}.{}", place.number, place.given_at.0, self.sign(place))
    }

    /// Reads a cookie; None when it is not ours, too old, or of a room that was closed since.
    #[must_use]
    pub fn read(&self, cookie: &str, now: Timestamp) -> Option<Place> {
        let mut parts = cookie.split('.');
        let (number, given_at, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let place = Place { number: number.parse().ok()?, given_at: Timestamp(given_at.parse().ok()?) };
        let is_ours = parts.next().is_none() && token::hash(&self.sign(place)) == token::hash(signature);
        if is_ours {
            // The process before this one went on giving numbers after it had told them.
            self.given.fetch_max(place.number, Ordering::Relaxed);
        }
        (is_ours && now < place.given_at.after(LIFETIME)).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(100);
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[test]
    fn people_are_called_in_the_order_in_which_they_came_and_only_while_there_is_room() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..40).map(|_| room.give(NOW)).collect();
        assert_eq!((room.waiting(), room.ahead(places[39])), (40, 39));
        assert!(room.wait(places[39]) > room.wait(places[0]));
        room.call(false, TICK);
        assert!(places.iter().all(|place| !room.is_called(*place)), "hardly anybody is called into a full hall");
        for _ in 0..5 {
            room.call(false, TICK);
        }
        assert!(room.is_called(places[0]) && !room.is_called(places[1]), "but somebody is");
        let mut calls = 0;
        while room.waiting() > 0 {
            let before = places.iter().filter(|place| room.is_called(**place)).count();
            room.call(true, TICK);
            let called: Vec<bool> = places.iter().map(|place| room.is_called(*place)).collect();
            assert!(called.is_sorted_by(|earlier, later| *earlier >= *later), "{called:?}");
            assert!(called.iter().filter(|called| **called).count() >= before);
            calls += 1;
        }
        assert!(calls > 2, "not all at once: {calls}");
        let next = room.give(NOW);
        assert!(!room.is_called(next), "a newcomer is not called by those before");
    }

    #[test]
    fn the_pace_falls_when_there_is_no_room_and_rises_slowly() {
        let room = Room::new([7; 32]);
        let last = (0..100_000).map(|_| room.give(NOW)).last().expect("there are some");
        let before = room.wait(last);
        for _ in 0..3 {
            room.call(false, TICK);
        }
        assert!(room.wait(last) > before * 7);
        for _ in 0..1_000 {
            room.call(false, TICK);
        }
        let called = 100_000 - room.waiting();
        assert!((190..=210).contains(&called), "{called} in a hundred seconds without room");
    }

    #[test]
    fn a_place_cannot_be_made_up_and_does_not_last_for_ever() {
        let room = Room::new([7; 32]);
        let (first, second) = (room.give(NOW), room.give(NOW));
        let cookie = room.write(second);
        assert_eq!(room.read(&cookie, NOW), Some(second));
        let (_, signature) = cookie.rsplit_once('.').expect("it is signed");
        assert_eq!(room.read(&format!("1.{}.{signature}", NOW.0), NOW), None, "another's number");
        for broken in ["", "1", "1.2", "1.2.3.4", &format!("{cookie}.x"), "x.y.z", &cookie[1..]] {
            assert_eq!(room.read(broken, NOW), None, "{broken}");
        }
        assert_eq!(room.read(&cookie, NOW.after(LIFETIME)), None);
        assert_eq!(Room::new([8; 32]).read(&room.write(first), NOW), None, "of another room");
    }

    #[test]
    fn people_keep_their_places_when_another_process_takes_over() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..5).map(|_| room.give(NOW)).collect();
        room.called.store(2, Ordering::Relaxed);
        let next = Room::new([8; 32]);
        assert!(next.inherit(&room.estate()));
        assert_eq!(next.read(&room.write(places[3]), NOW), Some(places[3]));
        assert!(next.is_called(places[1]) && !next.is_called(places[2]));
        assert_eq!(next.ahead(next.give(NOW)), 3);
        // The process before goes on giving numbers until its last connection is closed.
        let late = (0..20).map(|_| room.give(NOW)).last().expect("there are some");
        assert_eq!(next.read(&room.write(late), NOW), Some(late));
        while next.waiting() > 0 {
            next.call(true, TICK);
        }
        assert!(next.is_called(late), "and those are called as well");
        let estate = room.estate();
        for broken in ["", "1.2.3", &estate[1..], &format!("{estate}.4"), &format!("{estate}x"), &"é".repeat(40)] {
            assert!(!next.inherit(broken), "{broken}");
        }
    }
}
