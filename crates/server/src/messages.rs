//! The texts people read, by message id, from the Fluent files in `messages/`: one per language, and one more for the staff area.
//!
//! Templates and view code name ids only; tests prove that every id they name exists in every language, with the same values
//! put in, and that none is unused.

mod language;
mod numbers;
mod plurals;
#[cfg(test)]
mod tests;

pub use language::Language;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;

static ENGLISH: LazyLock<Messages> = LazyLock::new(|| {
    let files = [include_str!("../messages/en.ftl"), include_str!("../messages/en-staff.ftl")];
    Messages::parse(Language::English, &files)
});
static GERMAN: LazyLock<Messages> =
    LazyLock::new(|| Messages::parse(Language::German, &[include_str!("../messages/de.ftl")]));
static ARABIC: LazyLock<Messages> =
    LazyLock::new(|| Messages::parse(Language::Arabic, &[include_str!("../messages/ar.ftl")]));

/// All texts of one language.
pub struct Messages {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Messages {
    /// The texts of a language. Those that it lacks are in English; a test sees to it that it lacks the staff area's only.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::Arabic => &ARABIC,
        }
    }

    fn parse(language: Language, files: &[&str]) -> Self {
        let tag = language.tag();
        let mut bundle = FluentBundle::new_concurrent(vec![tag.parse().expect("the language tag is a constant")]);
        // Values stand in elements with dir="auto" where it matters, and messages isolate the names and titles in them by
        // themselves: marks around every number would end up in attributes and titles.
        bundle.set_use_isolating(false);
        match language {
            Language::English => bundle.set_formatter(Some(numbers::in_english)),
            Language::German => bundle.set_formatter(Some(numbers::in_german)),
            Language::Arabic => {
                bundle.set_formatter(Some(numbers::in_arabic));
                let added = bundle.add_function("FORM", |given, _| plurals::form_of(given));
                added.expect("nothing else is called so");
            }
        }
        for file in files {
            let resource = FluentResource::try_new((*file).to_owned());
            let resource = resource.unwrap_or_else(|(_, errors)| panic!("texts of {tag}: {errors:?}"));
            bundle.add_resource(resource).unwrap_or_else(|errors| panic!("texts of {tag}: {errors:?}"));
        }
        Self { language, bundle }
    }

    /// The language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a message; the id itself when there is none, so that a slip shows instead of failing a page.
    #[must_use]
    pub fn get(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// The text of a message with values put in.
    #[must_use]
    pub fn get_with(&self, id: &str, arguments: &[(&str, &dyn Argument)]) -> String {
        let arguments = arguments.iter().map(|(name, value)| (*name, value.value()));
        self.format(id, Some(&arguments.collect()))
    }

    fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return match self.language {
                Language::English => id.to_owned(),
                _ => Self::of(Language::English).format(id, arguments),
            };
        };
        // Errors are missing arguments; the text then shows the argument's name, which is the best one can do.
        self.bundle.format_pattern(pattern, arguments, &mut Vec::new()).into_owned()
    }
}

/// A value that a message can hold: a text, or a number whose plural form the message may choose by.
pub trait Argument {
    /// The value as Fluent takes it.
    fn value(&self) -> FluentValue<'_>;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

macro_rules! arguments {
    ($($type:ty: $from:expr;)*) => {$(
        impl Argument for $type {
            fn value(&self) -> FluentValue<'_> {
                let from: fn(&Self) -> FluentValue<'_> = $from;
                from(self)
            }
        }
    )*};
}

arguments! {
    str: |text| FluentValue::from(text);
    String: |text| FluentValue::from(text.as_str());
    i32: |number| FluentValue::from(*number);
    i64: |number| FluentValue::from(*number);
    u16: |number| FluentValue::from(*number);
    u64: |number| FluentValue::from(*number);
    usize: |number| FluentValue::from(*number);
    f64: |number| FluentValue::from(*number);
}
