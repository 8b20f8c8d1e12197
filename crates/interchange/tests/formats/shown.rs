//! Whatever is typed as plain text is shown as typed: our Markdown reads nothing else out of it.

use super::question;
use interchange::Format::Gift;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What a reader sees of Markdown, a line per line; fails when there is anything but text in paragraphs.
fn seen(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_MATH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut text = String::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(piece) => text.push_str(&piece),
            Event::HardBreak => text.push('\n'),
            Event::Start(Tag::Paragraph) => {}
            Event::End(TagEnd::Paragraph) => text.push('\n'),
            other => panic!("{other:?} in {markdown:?}"),
        }
    }
    text
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn gift(markup: &str, text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '~' | '=' | '#' | '{' | '}' | ':' | '\\' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    format!("::t::[{markup}]{escaped}{{T####x}}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn plain_text_is_shown_as_typed(
        text in r"([a-c1-2 ]|[-*_~`\[\]()<>&;#$|:=+.!\\^{}/\x22']|\n|\*\*|__|~~|```|---|\$\$|&lt;|&#6;|<b>|</b>|<!--|1\. |- |\[a\]\(b\)|http://a\.b){0,30}"
    ) {
        prop_assume!(!text.trim().is_empty());
        let question = question(Gift, &gift("plain", &text));
        prop_assert_eq!(lines(&seen(&question.prompt)), lines(&text), "{}", question.prompt);
    }

    #[test]
    fn moodle_text_without_tags_entities_and_maths_is_shown_as_typed(
        text in r"([a-c1-2 ]|[-*_~`\[\]()>;#|:=+.!^{}/\x22']|\n|\*\*|__|~~|```|---|1\. |- |\[a\]\(b\)){0,30}"
    ) {
        prop_assume!(!text.trim().is_empty());
        let question = question(Gift, &gift("moodle", &text));
        let expected: Vec<String> =
            lines(&text).iter().map(|line| line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")).collect();
        prop_assert_eq!(lines(&seen(&question.prompt)), expected, "{}", question.prompt);
    }
}
