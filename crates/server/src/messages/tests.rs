//! What the texts promise: that all that are named are there, in every language, and that none is left over.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

/// The text of all files below a folder of this crate whose names end in `extension`.
fn texts(folder: &str, extension: &str) -> Vec<String> {
    fn collect(folder: &Path, extension: &str, texts: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the folder is part of this crate") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                collect(&path, extension, texts);
            } else if path.extension().is_some_and(|found| found == extension) {
                texts.push(std::fs::read_to_string(&path).expect("sources are UTF-8"));
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), extension, &mut found);
    found
}

fn defined() -> BTreeSet<String> {
    let source = include_str!("../messages/en.ftl");
    let lines = source.lines().filter_map(|line| line.split_once(" = "));
    lines.map(|(id, _)| id.to_owned()).filter(|id| !id.starts_with([' ', '#'])).collect()
}

/// Everything in quotes that has the form of a message id.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|part| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

/// The ids handed to `t`, `t1`, `t2`, `get` and `get_with`, directly or as the outcome of a `match`.
fn named(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for call in [".t(", ".t1(", ".t2(", "messages.get(", "get_with("] {
        for (place, _) in text.match_indices(call) {
            let arguments = &text[place + call.len()..];
            let arguments = arguments.trim_start();
            if let Some(literal) = arguments.strip_prefix('"') {
                ids.extend(literal.split('"').next().map(str::to_owned));
            } else if arguments.starts_with("match ") {
                let arms = &arguments[..arguments.find("})").unwrap_or(arguments.len())];
                ids.extend(arms.split("=> \"").skip(1).filter_map(|arm| arm.split('"').next()).map(str::to_owned));
            }
        }
    }
    ids
}

#[test]
fn every_text_that_is_named_exists() {
    let defined = defined();
    let mut found = 0;
    for text in texts("templates", "html").iter().chain(&texts("src/view", "rs")) {
        for id in named(text) {
            assert!(defined.contains(&id), "{id} is not in messages/en.ftl");
            found += 1;
        }
    }
    assert!(found > 300, "only {found} ids were found: is the test still looking in the right places?");
}

#[test]
fn every_text_is_used() {
    let sources = [texts("templates", "html"), texts("src", "rs")].concat();
    let used: BTreeSet<&str> = sources.iter().flat_map(|text| quoted(text)).collect();
    let unused: Vec<_> = defined().into_iter().filter(|id| !used.contains(id.as_str())).collect();
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}

#[test]
fn templates_hold_no_text_of_their_own() {
    for template in texts("templates", "html") {
        // The one block that stands inside an attribute holds class names.
        let template = template
            .split("{% block main_class %}")
            .enumerate()
            .map(|(part, text)| if part == 0 { text } else { &text[text.find("{%").unwrap_or_default()..] });
        for text in words_outside_tags(&template.collect::<String>()) {
            assert!(text == "UTC", "a template says {text:?}");
        }
    }
}

/// What a template would show besides the values it is given: letters outside tags, expressions and comments.
fn words_outside_tags(template: &str) -> Vec<String> {
    let mut rest = template;
    let mut shown = String::new();
    while let Some(start) = rest.find(['{', '<']) {
        let (before, from) = rest.split_at(start);
        shown.push_str(before);
        let end = ["{{", "{%", "{#", "<"].iter().find(|open| from.starts_with(**open)).map(|open| match *open {
            "{{" => "}}",
            "{%" => "%}",
            "{#" => "#}",
            _ => ">",
        });
        let close = end.and_then(|end| from.find(end).map(|place| place + end.len())).unwrap_or(1);
        // A tag may hold expressions with brackets; the rest of it is then seen as text, so skip to its real end.
        rest = if from.starts_with('<') { after_tag(from) } else { &from[close..] };
        shown.push('\n');
    }
    shown.push_str(rest);
    let lines = shown.lines().map(|line| line.chars().filter(|c| c.is_alphabetic()).collect::<String>());
    lines.filter(|line| !line.is_empty()).collect()
}

fn after_tag(markup: &str) -> &str {
    let mut depth = 0_usize;
    let mut previous = ' ';
    for (place, character) in markup.char_indices() {
        match (previous, character) {
            ('{', '{' | '%' | '#') => depth += 1,
            ('}' | '%' | '#', '}') => depth = depth.saturating_sub(1),
            (_, '>') if depth == 0 => return &markup[place + 1..],
            _ => {}
        }
        previous = character;
    }
    ""
}

#[test]
fn only_markup_of_our_own_is_written_out_unescaped() {
    for template in texts("templates", "html") {
        for forbidden in ["|safe", "| safe", "style=\"", " onclick", "<script>"] {
            assert!(!template.contains(forbidden), "{forbidden} in {template:.200}");
        }
    }
}

#[test]
fn plurals_and_numbers_are_written_out() {
    let messages = Messages::english();
    assert_eq!(messages.get_with("questions", &[("count", &1_i64)]), "1 question");
    assert_eq!(messages.get_with("questions", &[("count", &12_345_i64)]), "12,345 questions");
    assert_eq!(messages.get_with("percent", &[("value", &72.5)]), "72.5%");
    assert_eq!(messages.get_with("number", &[("value", &-1_234.5)]), "-1,234.5");
    assert_eq!(messages.get_with("take-choose", &[("count", &2_i64)]), "Choose TWO answers");
    assert_eq!(messages.get_with("dashboard-heading", &[("name", &"Ana")]), "Hello, Ana");
}

#[test]
fn a_slip_shows_its_id() {
    assert_eq!(Messages::english().get("no-such-text"), "no-such-text");
}
