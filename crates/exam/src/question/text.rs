//! Comparing typed text: case, accents, white space and wildcards.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Brings a text into the form in which it is compared: composed, white space collapsed, and unless they matter, without
/// case and accents.
#[must_use]
pub fn fold_text(text: &str, case_sensitive: bool, accent_sensitive: bool) -> String {
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // Accents are only separable in the decomposed form; NFC afterwards makes equal texts equal strings.
    let accents: String = if accent_sensitive {
        spaced.nfc().collect()
    } else {
        spaced.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect()
    };
    if case_sensitive { accents } else { accents.to_lowercase() }
}

/// Whether the whole of `text` matches `pattern`, in which `*` stands for any run of characters and `\*` for a star.
///
/// Takes time in proportion to the product of the lengths at worst, whatever the pattern.
#[must_use]
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    #[derive(PartialEq)]
    enum Token {
        Any,
        One(char),
    }
    let mut tokens = Vec::new();
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '\\' if characters.peek() == Some(&'*') => {
                characters.next();
                Token::One('*')
            }
            other => Token::One(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut token, mut place) = (0, 0);
    // Where the last star was and how much of the text it has swallowed so far.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match tokens.get(token) {
            Some(Token::Any) => {
                star = Some((token, place));
                token += 1;
            }
            Some(Token::One(expected)) if *expected == text[place] => {
                token += 1;
                place += 1;
            }
            _ => match star {
                Some((star_token, swallowed)) => {
                    star = Some((star_token, swallowed + 1));
                    token = star_token + 1;
                    place = swallowed + 1;
                }
                None => return false,
            },
        }
    }
    tokens[token..].iter().all(|token| *token == Token::Any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_are_folded_unless_they_matter() {
        assert_eq!(fold_text("  Café\tau  LAIT ", false, false), "cafe au lait");
        assert_eq!(fold_text("Café", true, true), "Café");
        assert_eq!(fold_text("cafe\u{301}", true, true), "café");
        assert_ne!(fold_text("Cafe", false, true), fold_text("Café", false, true));
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("idempot*", "idempotent", true),
            ("*graph*", "cryptography", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b", "abc", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            (r"2\*3", "2*3", true),
            (r"2\*3", "2xx3", false),
            ("a**", "a", true),
        ] {
            assert_eq!(matches_pattern(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_still_quick() {
        let pattern = "*a".repeat(200);
        assert!(!matches_pattern(&pattern, &"a".repeat(150)));
    }
}
