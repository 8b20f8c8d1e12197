//! Rate limits: how many requests a person, an attempt or a place may send. They are there for what runs wild and for who guesses
//! passwords; nobody who sits an exam meets them.
//!
//! A person is held to their own number, wherever they come from, and an attempt to its own. The place (address) counts only for those
//! of whom nothing else is known, and has the allowance of a whole hall: thousands of people share one address.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::peer;
use axum::http::{Extensions, HeaderMap};
use exam::id::{AccountId, AttemptId};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What is counted, each with its own allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// What a person who is signed in asks for.
    Account,
    /// What is saved to an attempt.
    Attempt,
    /// What comes from a place, of people who are not signed in; and tries to sign in.
    Address,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Account, Self::Attempt, Self::Address];

    /// Its name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Attempt => "attempt",
            Self::Address => "address",
        }
    }
}

/// A number of requests that may come at once, and how soon there may be another one.
struct Allowance {
    at_once: u32,
    another_after: Duration,
}

/// A person: a page and what belongs to it are ten requests at most.
const ACCOUNT: Allowance = Allowance { at_once: 300, another_after: Duration::from_millis(50) };
/// An attempt: the page saves once a second at most, and sends what it kept while it had no network in parts.
const ATTEMPT: Allowance = Allowance { at_once: 120, another_after: Duration::from_millis(200) };
/// Those of a place who are not signed in: a hall that opens the sign-in page when the bell rings.
const ADDRESS: Allowance = Allowance { at_once: 20_000, another_after: Duration::from_millis(2) };
/// Tries of a place to sign in or up: a hall that does that within minutes. Each costs a hash.
const TRIES_OF_PLACE: Allowance = Allowance { at_once: 3_000, another_after: Duration::from_millis(50) };
/// Tries to sign in as somebody from one place: people mistype.
const TRIES_AS_ONE: Allowance = Allowance { at_once: 10, another_after: Duration::from_secs(15) };
/// Tries to sign in as somebody from anywhere: an attacker may have many places. Whoever keeps at it keeps the person from signing in
/// anew; who has a session goes on.
const TRIES_AS_ONE_ANYWHERE: Allowance = Allowance { at_once: 100, another_after: Duration::from_secs(3) };

/// Tries of a place to sign in by access code: a hall whose people come at once and mistype. A code names nobody, so that only the
/// place can be counted; and nobody finds one by trying. There are 2^60 (1.2e18) codes. With 20,000 of them valid, each try hits one
/// with a chance of 1.7e-14; a place makes 50 tries a second, 1.3e8 in a month, and hits with a chance of two in a million. A
/// thousand places that try for a month: one in 440.
const CODES_OF_PLACE: Allowance = Allowance { at_once: 20_000, another_after: Duration::from_millis(20) };

/// Numbers of the waiting room: a hall whose people come at once, and then as many as are called while it is full. A place that asks
/// for more without showing the numbers it has would keep everybody behind it out.
const NUMBERS_OF_PLACE: Allowance = Allowance { at_once: 20_000, another_after: Duration::from_millis(50) };

/// How many people are remembered that somebody tried to sign in as. With more, it is guesses at names; then the place is asked first,
/// which allows few of them.
const TRIED: usize = 200_000;

type Limiter<K> = DefaultKeyedRateLimiter<K>;

/// What stands for an address of mail: enough to tell them apart, and nothing to read. Differs from process to process, so that
/// nobody can find two that are the same.
type Short = u64;

/// Who has asked for how much.
pub struct Rates {
    is_on: bool,
    clock: DefaultClock,
    short: RandomState,
    accounts: Limiter<AccountId>,
    attempts: Limiter<AttemptId>,
    addresses: Limiter<IpAddr>,
    tries_of_place: Limiter<IpAddr>,
    tries_as_one: Limiter<Short>,
    tries_as_one_anywhere: Limiter<Short>,
    codes_of_place: Limiter<IpAddr>,
    numbers_of_place: Limiter<IpAddr>,
    refused: [AtomicU64; Scope::ALL.len()],
}

fn limiter<K: Hash + Eq + Clone>(allowance: &Allowance) -> Limiter<K> {
    let quota = Quota::with_period(allowance.another_after).expect("an allowance is renewed");
    RateLimiter::keyed(quota.allow_burst(NonZeroU32::new(allowance.at_once).expect("an allowance allows something")))
}

impl Rates {
    /// Nobody has asked for anything yet. `is_on`: whether anybody is held to anything.
    #[must_use]
    pub fn new(is_on: bool) -> Self {
        Self {
            is_on,
            clock: DefaultClock::default(),
            short: RandomState::new(),
            accounts: limiter(&ACCOUNT),
            attempts: limiter(&ATTEMPT),
            addresses: limiter(&ADDRESS),
            tries_of_place: limiter(&TRIES_OF_PLACE),
            tries_as_one: limiter(&TRIES_AS_ONE),
            tries_as_one_anywhere: limiter(&TRIES_AS_ONE_ANYWHERE),
            codes_of_place: limiter(&CODES_OF_PLACE),
            numbers_of_place: limiter(&NUMBERS_OF_PLACE),
            refused: Default::default(),
        }
    }

    fn check<K: Hash + Eq + Clone>(&self, scope: Scope, limiter: &Limiter<K>, key: &K) -> Result<()> {
        if !self.is_on {
            return Ok(());
        }
        limiter.check_key(key).map_err(|until| {
            self.refused[scope as usize].fetch_add(1, Ordering::Relaxed);
            Error::TooMany(until.wait_time_from(self.clock.now()))
        })
    }

    /// A request of somebody who is signed in.
    ///
    /// # Errors
    /// [`Error::TooMany`], with how long to wait.
    pub fn account(&self, account: AccountId) -> Result<()> {
        self.check(Scope::Account, &self.accounts, &account)
    }

    /// A save to an attempt.
    ///
    /// # Errors
    /// [`Error::TooMany`], with how long to wait.
    pub fn attempt(&self, attempt: AttemptId) -> Result<()> {
        self.check(Scope::Attempt, &self.attempts, &attempt)
    }

    /// A request of somebody of whom only the place is known.
    ///
    /// # Errors
    /// [`Error::TooMany`], with how long to wait.
    pub fn address(&self, place: IpAddr) -> Result<()> {
        self.check(Scope::Address, &self.addresses, &place)
    }

    /// A try to sign in as somebody.
    ///
    /// # Errors
    /// [`Error::TooMany`], with how long to wait.
    pub fn sign_in(&self, place: IpAddr, email: &str) -> Result<()> {
        let email = email.trim().to_lowercase();
        let as_one = || self.check(Scope::Address, &self.tries_as_one, &self.short.hash_one((&email, place)));
        if self.tries_as_one.len() < TRIED {
            // Refused as one, it costs the others of the place nothing.
            as_one()?;
            self.sign_up(place)?;
        } else {
            self.sign_up(place)?;
            as_one()?;
        }
        self.check(Scope::Account, &self.tries_as_one_anywhere, &self.short.hash_one(&email))
    }

    /// A try to sign in by access code.
    ///
    /// # Errors
    /// [`Error::TooMany`], with how long to wait.
    pub fn access_code(&self, place: IpAddr) -> Result<()> {
        self.check(Scope::Address, &self.codes_of_place, &place)
    }

    /// A try to make an account.
    ///
    /// # Errors
    /// [`Error::TooMany`], with how long to wait.
    pub fn sign_up(&self, place: IpAddr) -> Result<()> {
        self.check(Scope::Address, &self.tries_of_place, &place)
    }

    /// Whether a place may have another number of the waiting room; who may not waits without one, and asks again.
    #[must_use]
    pub fn number(&self, place: IpAddr) -> bool {
        !self.is_on || self.numbers_of_place.check_key(&place).is_ok()
    }

    /// How many requests were refused, by scope.
    #[must_use]
    pub fn refused(&self) -> [(Scope, u64); Scope::ALL.len()] {
        Scope::ALL.map(|scope| (scope, self.refused[scope as usize].load(Ordering::Relaxed)))
    }

    /// Forgets those who have their whole allowance again.
    pub fn forget(&self) {
        fn forget<K: Hash + Eq + Clone>(limiter: &Limiter<K>) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        forget(&self.accounts);
        forget(&self.attempts);
        forget(&self.addresses);
        forget(&self.tries_of_place);
        forget(&self.tries_as_one);
        forget(&self.tries_as_one_anywhere);
        forget(&self.codes_of_place);
        forget(&self.numbers_of_place);
    }
}

/// The place that a request comes from.
#[must_use]
pub fn place_of(app: &App, extensions: &Extensions, headers: &HeaderMap) -> IpAddr {
    peer::place(peer::origin(extensions, headers, &app.site.trusted_proxies))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(refused: Result<()>) -> Duration {
        let Err(Error::TooMany(wait)) = refused else { panic!("it is allowed") };
        wait
    }

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 2));

    #[test]
    fn who_guesses_a_password_has_to_wait_and_keeps_nobody_else_of_the_place_out() {
        let rates = Rates::new(true);
        for _ in 0..10 {
            rates.sign_in(HERE, "ana@example.org").expect("people mistype");
        }
        let waits = wait(rates.sign_in(HERE, " Ana@Example.org "));
        assert!(waits > Duration::from_secs(10) && waits <= Duration::from_secs(15), "{waits:?}");
        for _ in 0..10_000 {
            wait(rates.sign_in(HERE, "ana@example.org"));
        }
        rates.sign_in(HERE, "bo@example.org").expect("somebody else in the same hall");
        rates.sign_in(THERE, "ana@example.org").expect("the person, elsewhere");
        assert_eq!(rates.refused()[Scope::Address as usize], (Scope::Address, 10_001));
    }

    #[test]
    fn names_without_end_take_bounded_memory() {
        let rates = Rates::new(true);
        for number in 0..400_000 {
            // Most are refused, since the place has had its tries.
            _ = rates.sign_in(HERE, &format!("guess{number}@example.org"));
        }
        let held = rates.tries_as_one.len();
        assert!(held < TRIED + 10_000, "{held}");
        rates.sign_in(THERE, "ana@example.org").expect("people elsewhere sign in as ever");
    }

    #[test]
    fn a_hall_behind_one_address_gets_in_at_once() {
        let rates = Rates::new(true);
        for number in 0..2_000 {
            rates.address(HERE).expect("the page");
            rates.sign_in(HERE, &format!("c{number}@example.org")).expect("the sign-in");
        }
        assert!(rates.refused().iter().all(|(_, count)| *count == 0));
    }

    #[test]
    fn a_hall_signs_in_by_codes_at_once_and_who_tries_codes_without_end_has_to_wait() {
        let rates = Rates::new(true);
        for _ in 0..CODES_OF_PLACE.at_once {
            rates.access_code(HERE).expect("a person with a code");
        }
        let mut refused = 0;
        for _ in 0..100_000 {
            refused += u32::from(rates.access_code(HERE).is_err());
        }
        assert!(refused > 90_000, "{refused}");
        rates.access_code(THERE).expect("another hall");
        rates.sign_in(HERE, "ana@example.org").expect("passwords are another matter");
    }

    #[test]
    fn a_hall_gets_its_numbers_at_once_and_a_place_that_takes_them_without_end_no_more_than_are_called() {
        let rates = Rates::new(true);
        let given = (0..200_000).filter(|_| rates.number(HERE)).count();
        assert!((20_000..21_000).contains(&given), "{given}");
        assert!(rates.number(THERE), "another hall");
    }

    #[test]
    fn a_person_and_an_attempt_are_held_to_their_own_number() {
        let rates = Rates::new(true);
        for _ in 0..ACCOUNT.at_once {
            rates.account(AccountId(1)).expect("as many as are allowed");
        }
        assert!(wait(rates.account(AccountId(1))) <= ACCOUNT.another_after);
        rates.account(AccountId(2)).expect("another person");
        for _ in 0..ATTEMPT.at_once {
            rates.attempt(AttemptId(1)).expect("as many as are allowed");
        }
        assert!(wait(rates.attempt(AttemptId(1))) <= ATTEMPT.another_after);
        rates.attempt(AttemptId(2)).expect("another attempt");
        rates.forget();
        wait(rates.attempt(AttemptId(1)));
    }

    #[test]
    fn switched_off_nobody_is_held_to_anything() {
        let rates = Rates::new(false);
        for _ in 0..1_000 {
            rates.account(AccountId(1)).and_then(|()| rates.attempt(AttemptId(1))).expect("it is off");
            rates.sign_in(HERE, "ana@example.org").expect("it is off");
        }
    }
}
