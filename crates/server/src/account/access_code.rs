//! Access codes: random, short enough to be typed from a sheet of paper, and signing candidates in without a password.
//!
//! A code has 60 random bits, so nobody guesses one ([`crate::http::rates`] has the arithmetic) and a plain hash is enough to store it.
//! That is what codes are for: at the bell nobody can hash thousands of passwords, and looking a code up costs next to nothing.

use crate::app::App;
use crate::chance::Chance;
use crate::http::errors::{Error, Result};
use crate::token;
use std::fmt;
use std::net::IpAddr;
use store::Account;

/// Crockford's base 32: no I, L, O (read as digits) and no U.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 12;
const GROUP: usize = 4;

/// A code. What shows it is `Display` only, in groups: `7K3M-Q9TX-2WHD`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AccessCode([u8; LENGTH]);

impl AccessCode {
    /// A new one.
    #[must_use]
    pub fn make(chance: &Chance) -> Self {
        let mut bits = chance.seed();
        Self([(); LENGTH].map(|()| {
            let symbol = SYMBOLS[usize::try_from(bits % 32).unwrap_or_default()];
            bits /= 32;
            symbol
        }))
    }

    /// Reads what somebody typed: in any case, with blanks and dashes wherever they like, O for 0 and I or L for 1.
    #[must_use]
    pub fn read(typed: &str) -> Option<Self> {
        let mut code = [0; LENGTH];
        let mut length = 0;
        for letter in typed.chars() {
            let symbol = match letter.to_ascii_uppercase() {
                'O' => b'0',
                'I' | 'L' => b'1',
                // Those that word processors and mail programs put in the place of a hyphen as well.
                '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' => continue,
                letter if letter.is_whitespace() => continue,
                letter => u8::try_from(letter).ok().filter(|symbol| SYMBOLS.contains(symbol))?,
            };
            *code.get_mut(length)? = symbol;
            length += 1;
        }
        (length == LENGTH).then_some(Self(code))
    }

    /// The form in which it is stored and looked up.
    #[must_use]
    pub fn hash(&self) -> String {
        token::hash(&self.0.iter().copied().map(char::from).collect::<String>())
    }
}

impl fmt::Display for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, symbol) in self.0.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*symbol))?;
        }
        Ok(())
    }
}

impl fmt::Debug for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessCode")
    }
}

/// Somebody whose code was right a moment ago.
pub struct CheckedCode {
    /// Who it is.
    pub account: Account,
    /// The hash of the code.
    pub code_hash: String,
}

/// Checks a code as somebody typed it. No password is hashed for it.
///
/// # Errors
/// [`Error::WrongAccessCode`], without saying why; [`Error::TooMany`] after many tries from a place.
pub async fn check(app: &App, place: IpAddr, typed: &str) -> Result<CheckedCode> {
    app.rates.access_code(place)?;
    let code_hash = AccessCode::read(typed).ok_or(Error::WrongAccessCode)?.hash();
    let account = app.store.find_by_access_code(&code_hash, app.now(), app.site.demo).await?;
    account.map(|account| CheckedCode { account, code_hash }).ok_or(Error::WrongAccessCode)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = AccessCode::read("7K3M-Q9TX-2WH0").expect("a code");
        assert_eq!(code.to_string(), "7K3M-Q9TX-2WH0");
        for typed in
            ["7k3mq9tx2who", " 7K3M Q9TX 2WHO\n", "7-k-3-m q9tx\u{2013}2wh\u{a0}0", "7K3M\u{2011}Q9TX\u{2011}2WH0"]
        {
            assert_eq!(AccessCode::read(typed).as_ref(), Some(&code), "{typed:?}");
        }
        assert_eq!(AccessCode::read("ilIL-oO00-1111"), AccessCode::read("1111-0000-1111"));
        assert_eq!(code.hash(), token::hash("7K3MQ9TX2WH0"));
    }

    #[test]
    fn what_is_no_code_is_none() {
        for typed in [
            "",
            "-",
            "7K3M-Q9TX-2WH",
            "7K3M-Q9TX-2WH00",
            "7K3M-Q9TX-2WHU",
            "7K3M-Q9TX-2WH!",
            "7K3M-Q9TX-2WHé",
            "７K3MQ9TX2WH0",
        ] {
            assert_eq!(AccessCode::read(typed), None, "{typed:?}");
        }
        assert_eq!(AccessCode::read(&"0".repeat(1_000_000)), None);
    }

    #[test]
    fn codes_are_made_of_all_symbols_at_every_place_and_do_not_repeat() {
        let chance = Chance::from_seed(1);
        let codes: Vec<AccessCode> = (0..2_000).map(|_| AccessCode::make(&chance)).collect();
        for place in 0..LENGTH {
            let symbols: HashSet<u8> = codes.iter().map(|code| code.0[place]).collect();
            assert_eq!(symbols.len(), SYMBOLS.len(), "at place {place}");
        }
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        assert!(codes.iter().all(|code| AccessCode::read(&code.to_string()).as_ref() == Some(code)));
    }

    #[test]
    fn a_code_is_in_no_debug_output() {
        assert_eq!(format!("{:?}", AccessCode::make(&Chance::from_seed(1))), "AccessCode");
    }
}
