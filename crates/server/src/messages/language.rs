//! The languages that pages can be in, and which of them somebody reads.

/// A language with a file of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// The language of the sources, of the staff area, and of whoever reads none of the others.
    #[default]
    English,
    /// German.
    German,
    /// Arabic, which is written from right to left.
    Arabic,
}

impl Language {
    /// All of them, in the order in which pages offer them.
    pub const ALL: [Self; 3] = [Self::English, Self::German, Self::Arabic];

    /// Its tag (RFC 5646).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Arabic => "ar",
        }
    }

    /// Its name in itself, which is how people find it among others that they cannot read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
            Self::Arabic => "العربية",
        }
    }

    /// Which way it is written: `ltr` or `rtl`.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German => "ltr",
            Self::Arabic => "rtl",
        }
    }

    /// The language of a tag, whatever variety of it the tag names.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The one that an Accept-Language header (RFC 9110, 12.5.4) likes best; None when it names none of them.
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best = None;
        for range in header.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let named = parts.next().and_then(Self::from_tag);
            let weight = parts.find_map(|parameter| parameter.strip_prefix("q="));
            // A weight that cannot be read is no wish.
            let weight = weight.map_or(Ok(1.0), str::parse::<f32>).unwrap_or(0.0);
            // Of equal ones the first counts, as browsers list them in the order in which people have put them.
            if let Some(language) = named
                && weight > best.map_or(0.0, |(_, most)| most)
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_language_that_it_likes_best() {
        for (header, expected) in [
            ("de", Some(Language::German)),
            ("de-AT", Some(Language::German)),
            ("DE-at", Some(Language::German)),
            ("ar-EG,ar;q=0.9,en;q=0.5", Some(Language::Arabic)),
            ("en-GB,de;q=0.9", Some(Language::English)),
            ("en;q=0.3, de;q=0.7", Some(Language::German)),
            ("fr, de;q=0.5", Some(Language::German)),
            ("de, ar", Some(Language::German)),
            ("de;q=0, en", Some(Language::English)),
            ("de;q=0", None),
            ("de;q=nonsense", None),
            ("fr, *;q=0.1", None),
            ("den, arc", None),
            ("*", None),
            ("", None),
            (",;,q=1", None),
        ] {
            assert_eq!(Language::accepted(header), expected, "{header:?}");
        }
    }

    #[test]
    fn tags_lead_back_to_their_languages() {
        for language in Language::ALL {
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
    }
}
