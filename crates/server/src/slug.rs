//! Slugs: the names of banks and exams in addresses and on the command line.

/// The longest slug.
pub const SLUG_MAX: usize = 64;

/// Names that are addresses of the staff area already: `/admin/exams/new` is the form for a new exam.
const RESERVED: [&str; 1] = ["new"];

/// Whether an exam of this name could not be opened.
#[must_use]
pub fn is_reserved(slug: &str) -> bool {
    RESERVED.contains(&slug)
}

/// Whether a text is small letters, digits and single hyphens between them.
#[must_use]
pub fn is_slug(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.len() <= SLUG_MAX && text.split('-').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_words_joined_by_hyphens() {
        for slug in ["cloud", "cloud-fundamentals", "2026-a1", "x"] {
            assert!(is_slug(slug), "{slug}");
        }
        for text in ["", "-", "a-", "-a", "a--b", "Cloud", "a b", "a/b", "ü", "a_b", &"x".repeat(65)] {
            assert!(!is_slug(text), "{text}");
        }
    }
}
