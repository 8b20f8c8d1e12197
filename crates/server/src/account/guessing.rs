//! Passwords that anybody would try first. In time proportional to their length: this is looked at before any limit.

use std::collections::BTreeSet;

/// What fingers and minds go along, in either direction.
const ROWS: [&str; 8] = [
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiop[]",
    "!@#$%^&*()_+",
    "1q2w3e4r5t6y7u8i9o0p",
];
/// What most of such lists begin with (`password123`).
const COMMON: [&str; 9] =
    ["password", "passw0rd", "passwort", "examhall", "letmein", "welcome", "willkommen", "iloveyou", "administrator"];
/// A password of fewer different characters is one that repeats itself.
const DIFFERENT_LEAST: usize = 5;
/// What else must be in a password beside what is easy to guess.
const OWN_LEAST: usize = 5;

/// Whether a password is a row of the keyboard or the alphabet, repeats itself, or is hardly more than a common one or what is known
/// `about` its person: address and name. NIST SP 800-63B (3.1.1.2) asks for such a list, and for no rules about kinds of characters.
#[must_use]
pub(super) fn is_easy_to_guess(password: &str, about: &[&str]) -> bool {
    let password = password.to_lowercase();
    let length = password.chars().count();
    if password.chars().collect::<BTreeSet<char>>().len() < DIFFERENT_LEAST {
        return true;
    }
    let reversed: String = password.chars().rev().collect();
    if ROWS.iter().any(|row| row.contains(&password) || row.contains(&reversed)) {
        return true;
    }
    let known = about.iter().flat_map(|text| {
        let text = text.trim().to_lowercase();
        let name = text.split('@').next().unwrap_or_default().to_owned();
        let joined: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
        [text, name, joined]
    });
    COMMON
        .iter()
        .map(|common| (*common).to_owned())
        .chain(known)
        // A short name is in many a good password.
        .filter(|known| known.chars().count() >= OWN_LEAST)
        .any(|known| password.contains(&known) && length < known.chars().count() + OWN_LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_would_try_first_is_no_password() {
        let about = ["ana.lovelace@example.org", "Ana Lovelace"];
        for easy in [
            "1234567890",
            "aaaaaaaaaa",
            "abcdefghij",
            "qwertyuiop",
            "password123",
            "ana.lovelace",
            "AnaLovelace1",
            "0987654321",
            "ababababab",
        ] {
            assert!(is_easy_to_guess(easy, &about), "{easy}");
        }
        for fine in ["seven red umbrellas", "uTh7kx0Pqe", "ana likes umbrellas", "Regenschirm im Mai", "سبع مظلات حمراء"]
        {
            assert!(!is_easy_to_guess(fine, &about), "{fine}");
        }
    }
}
