//! The waiting room: people get a number when they come, and are called in its order as room becomes free.
//!
//! The server remembers a few numbers only: the last one given out, the last one called, and how many have come in. A person's own is in a
//! signed cookie, and is good for entering for a while after it was called; once they are in, the cookie says so.
//!
//! Who is called does not come at once: the page asks again after seconds. So as many are called as may be on their way, and no more
//! until some have come in. Where too many were called nevertheless, the last of them are called back, so that nobody overtakes those before.

mod calling;

pub(super) use calling::Space;

use crate::token::{self, hex};
use calling::{Calling, Count};
use exam::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

/// For how long a place is good: people must get from the door to their exam with it, and may have to wait before.
pub const LIFETIME: Duration = Duration::from_secs(2 * 3_600);

/// A person's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    number: u64,
    given_at: Timestamp,
    /// Whether its person has been let in with it.
    is_in: bool,
}

impl Place {
    /// Whether its person has been let in with it.
    #[must_use]
    pub fn is_in(self) -> bool {
        self.is_in
    }
}

/// What a room signs with.
#[derive(Clone)]
struct Secret {
    key: [u8; 32],
    /// What tells its server from others.
    name: Arc<str>,
    /// What its cookies are called.
    cookie: Arc<str>,
}

impl Secret {
    fn new(key: [u8; 32]) -> Self {
        let name = hex(&Sha256::digest(key)[..4]);
        Self { key, cookie: format!("examhall_place_{name}").into(), name: name.into() }
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
    entered: AtomicU64,
    calling: Mutex<Calling>,
}

impl Room {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self {
            secret: RwLock::new(Secret::new(key)),
            given: AtomicU64::default(),
            called: AtomicU64::default(),
            entered: AtomicU64::default(),
            calling: Mutex::new(Calling::new()),
        }
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
        Place { number: self.given.fetch_add(1, Ordering::Relaxed) + 1, given_at: now, is_in: false }
    }

    /// The place that the next number would be, which is not given out.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Place {
        Place { number: self.given.load(Ordering::Relaxed) + 1, given_at: now, is_in: false }
    }

    /// Whether it has been called, or its person is in already.
    #[must_use]
    pub fn is_called(&self, place: Place) -> bool {
        place.is_in || place.number <= self.called.load(Ordering::Relaxed)
    }

    /// Notes that a person is let in; their place from now on, if it is another.
    #[must_use]
    pub fn enters(&self, place: Place) -> Option<Place> {
        if place.is_in {
            return None;
        }
        if self.calling().comes(place.number) {
            self.entered.fetch_add(1, Ordering::Relaxed);
        }
        Some(Place { is_in: true, ..place })
    }

    /// Notes that somebody was called for whom there was no room: they and those behind them are called anew, lest those who ask next get
    /// in first. Who was called long ago comes late, and calls nobody back.
    pub fn call_back(&self, place: Place) {
        let mut calling = self.calling();
        if place.is_in || !calling.may_call_back(place.number) {
            return;
        }
        let called = self.called.fetch_min(place.number - 1, Ordering::Relaxed).min(place.number - 1);
        calling.is_back_at(called);
    }

    /// Whether so few are called that nothing can be late because of them.
    pub(super) fn calls_hardly_anybody(&self) -> bool {
        self.calling().calls_hardly_anybody()
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
        Duration::try_from_secs_f64(ahead / self.calling().pace()).unwrap_or(Duration::MAX)
    }

    /// Calls the next people if there is room for them.
    pub(super) fn call(&self, space: Space, since_last: Duration) {
        let waiting = self.waiting();
        // Held until they are called: nobody is called back meanwhile.
        let mut calling = self.calling();
        let now = calling.next(waiting, self.count(), space, since_last);
        self.called.fetch_add(now, Ordering::Relaxed);
    }

    fn count(&self) -> Count {
        Count { called: self.called.load(Ordering::Relaxed), entered: self.entered.load(Ordering::Relaxed) }
    }

    fn sign(&self, place: Place) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret().key).expect("a key of any length will do");
        mac.update(&place.number.to_le_bytes());
        mac.update(&place.given_at.0.to_le_bytes());
        mac.update(&[u8::from(place.is_in)]);
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
        // Who was called by the process before is not waited for.
        self.calling().begins_at(self.count());
        true
    }

    /// What tells the server from others. A process that takes over goes on under the same name, one that is started anew has another.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        Arc::clone(&self.secret.read().unwrap_or_else(PoisonError::into_inner).name)
    }

    /// What its cookies are called: those of other servers, which any request may reach, are kept beside them.
    #[must_use]
    pub fn cookie_name(&self) -> Arc<str> {
        self.secret().cookie
    }

    /// As it is written into a cookie.
    #[must_use]
    pub fn write(&self, place: Place) -> String {
        let state = if place.is_in { "in" } else { "out" };
        format!("{}.{}.{state}.{}", place.number, place.given_at.0, self.sign(place))
    }

    /// Reads a cookie; None when it is not ours, too old, or of a room that was closed since.
    #[must_use]
    pub fn read(&self, cookie: &str, now: Timestamp) -> Option<Place> {
        let mut parts = cookie.split('.');
        let (number, given_at, state, signature) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_in = state == "in";
        let place = Place { number: number.parse().ok()?, given_at: Timestamp(given_at.parse().ok()?), is_in };
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
    use super::calling::COMES_WITHIN;
    use super::*;

    const TICK: Duration = Duration::from_millis(100);
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    #[test]
    fn people_are_called_in_the_order_in_which_they_came_and_only_while_there_is_room() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..400).map(|_| room.give(NOW)).collect();
        assert_eq!((room.waiting(), room.ahead(places[399])), (400, 399));
        assert!(room.wait(places[399]) > room.wait(places[0]));
        room.call(Space::Taken, TICK);
        assert!(places.iter().all(|place| !room.is_called(*place)), "hardly anybody is called into a full hall");
        for _ in 0..5 {
            room.call(Space::Taken, TICK);
        }
        assert!(room.is_called(places[0]) && !room.is_called(places[1]), "but somebody is");
        let mut calls = 0;
        while room.waiting() > 0 {
            let before = places.iter().filter(|place| room.is_called(**place)).count();
            room.call(Space::Free, TICK);
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
        for _ in 0..50 {
            room.call(Space::Taken, TICK);
        }
        assert!(room.wait(last) > before * 7);
        for _ in 0..950 {
            room.call(Space::Taken, TICK);
        }
        let called = 100_000 - room.waiting();
        assert!((190..=210).contains(&called), "{called} in a hundred seconds without room");
    }

    #[test]
    fn no_more_are_called_than_may_be_on_their_way_until_some_come_in() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..10_000).map(|_| room.give(NOW)).collect();
        let called = || 10_000 - room.waiting();
        for _ in 0..20 {
            room.call(Space::Free, TICK);
        }
        let first = called();
        assert!((100..=200).contains(&first), "{first} in two seconds in which nobody can have come");
        for place in &places[..usize::try_from(first).expect("a few")] {
            let place = room.enters(*place).expect("it changes");
            assert_eq!((room.enters(place), room.read(&room.write(place), NOW)), (None, Some(place)));
        }
        room.call(Space::Free, TICK);
        assert!(called() >= 2 * first - 20, "as many again: {}", called());
        // Those do not come at all.
        for _ in 0..600 {
            room.call(Space::Free, TICK);
        }
        assert!(called() > 3 * first, "they are not waited for for ever: {}", called());
    }

    #[test]
    fn a_cookie_that_is_shown_again_and_again_makes_room_for_nobody() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..10_000).map(|_| room.give(NOW)).collect();
        let called = || 10_000 - room.waiting();
        room.call(Space::Free, TICK);
        let first = called();
        for _ in 0..50 {
            for _ in 0..1_000 {
                assert!(room.enters(places[0]).is_some());
                // Nor does one who finds no room call others back more than once.
                room.call_back(places[50]);
            }
            room.call(Space::Free, TICK);
        }
        assert!(called() < 4 * first, "{} of {first} who cannot have come", called());
        assert!(called() > 50, "{}", called());
    }

    #[test]
    fn two_who_take_turns_do_not_call_the_others_back_for_ever() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..10).map(|_| room.give(NOW)).collect();
        let all_are_called = || {
            while room.waiting() > 0 {
                room.call(Space::Free, TICK);
            }
        };
        for who in [3, 6] {
            all_are_called();
            room.call_back(places[who]);
            assert!(!room.is_called(places[who]), "once each");
        }
        for who in [3, 6, 3] {
            all_are_called();
            room.call_back(places[who]);
            assert!(room.is_called(places[9]), "and not again");
        }
    }

    #[test]
    fn who_was_called_back_is_not_called_in_a_crowd_some_time_later() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..10_000).map(|_| room.give(NOW)).collect();
        let called = || 10_000 - room.waiting();
        let ticks = usize::try_from(COMES_WITHIN.as_millis() / TICK.as_millis()).expect("a few");
        // Everybody who is called comes in, until a good many have.
        let mut entered = 0;
        for _ in 0..ticks - 1 {
            room.call(Space::Free, TICK);
            for place in &places[entered..usize::try_from(called()).expect("a few")] {
                let _ = room.enters(*place);
            }
            entered = usize::try_from(called()).expect("a few").min(5_000).max(entered);
            if called() > 2_000 {
                break;
            }
        }
        let many = called();
        room.call_back(places[500]);
        assert_eq!(called(), 500);
        // Around the next turn of the counts nobody is called but as many as may be on their way.
        let mut most = 0;
        let mut before = called();
        for _ in 0..3 * ticks {
            room.call(Space::Taken, TICK);
            most = most.max(called() - before);
            before = called();
        }
        assert!(most <= 1, "{most} at once, without room, of {many}");
    }

    #[test]
    fn when_one_who_was_called_finds_no_room_those_behind_are_called_back_but_not_those_who_are_in() {
        let room = Room::new([7; 32]);
        let places: Vec<Place> = (0..50).map(|_| room.give(NOW)).collect();
        room.call(Space::Free, TICK);
        assert!(places.iter().all(|place| room.is_called(*place)));
        let inside = room.enters(places[40]).expect("it changes");
        room.call_back(places[10]);
        assert!(room.is_called(places[9]) && !room.is_called(places[10]) && !room.is_called(places[30]));
        assert!(room.is_called(inside), "who is in stays in");
        room.call_back(inside);
        assert!(room.is_called(places[9]), "and calls nobody back");
        for _ in 0..600 {
            room.call(Space::Free, TICK);
        }
        room.call_back(places[10]);
        assert!(room.is_called(places[30]), "who comes late calls nobody back");
    }

    #[test]
    fn a_place_cannot_be_made_up_and_does_not_last_for_ever() {
        let room = Room::new([7; 32]);
        let (first, second) = (room.give(NOW), room.give(NOW));
        let cookie = room.write(second);
        assert_eq!(room.read(&cookie, NOW), Some(second));
        let (_, signature) = cookie.rsplit_once('.').expect("it is signed");
        assert_eq!(room.read(&format!("1.{}.out.{signature}", NOW.0), NOW), None, "another's number");
        assert_eq!(room.read(&cookie.replace("out", "in"), NOW), None, "nobody lets themselves in");
        for broken in ["", "1", "1.2", "1.2.3", "1.2.out.4", &format!("{cookie}.x"), "x.y.z", &cookie[1..]] {
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
            next.call(Space::Free, TICK);
        }
        assert!(next.is_called(late), "and those are called as well");
        let estate = room.estate();
        for broken in ["", "1.2.3", &estate[1..], &format!("{estate}.4"), &format!("{estate}x"), &"é".repeat(40)] {
            assert!(!next.inherit(broken), "{broken}");
        }
    }
}
