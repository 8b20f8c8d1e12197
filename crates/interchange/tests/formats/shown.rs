//! Whatever is typed as plain text is shown as typed: our Markdown reads nothing else out of it.

use super::{item, question};
use interchange::Format::Gift;
use interchange::Outcome;
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

/// The words `w1`, `w2`, ... of a rendered text, in their order.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| word.starts_with('w') && word.len() > 1).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

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

    #[test]
    fn no_word_of_html_is_lost_or_moved_whatever_the_tags(
        pieces in proptest::collection::vec(
            r"(w|w|w|w|<b>|</b>|<sub>|</sub>|<p>|</p>|<div>|</div>|<br>|<ul>|</ul>|<ol>|</ol>|<li>|</li>|<blockquote>|</blockquote>|<h2>|</h2>|<table>|</table>|<tr>|<td>|</td>|<hr>|<span>|<pre>|</pre>|<code>|</code>|\n| |  )", 0..40
        )
    ) {
        let mut source = String::from("w0 ");
        for (number, piece) in pieces.iter().enumerate() {
            if piece == "w" { source.push_str(&format!("w{} ", number + 1)) } else { source.push_str(piece) }
        }
        for markup in ["html", "moodle"] {
            let outcome = item(Gift, &gift(markup, &source)).outcome;
            let (Outcome::Ok(question) | Outcome::Changed(question, _)) = outcome else { panic!("{:?}", outcome.reasons()) };
            let mut seen = String::new();
            for event in Parser::new_ext(&question.prompt, Options::ENABLE_TABLES) {
                match event {
                    Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => seen.push_str(&text),
                    Event::Start(Tag::CodeBlock(_)) => prop_assert!(source.contains("<pre>"), "{}\n{}", source, question.prompt),
                    Event::Start(Tag::List(_)) => prop_assert!(source.contains("<li>"), "{}\n{}", source, question.prompt),
                    Event::Start(Tag::Heading { .. }) => prop_assert!(source.contains("<h2>"), "{}\n{}", source, question.prompt),
                    _ => seen.push(' '),
                }
            }
            prop_assert_eq!(words(&seen), words(&source), "{}\n{}", source, question.prompt);
        }
    }
}
