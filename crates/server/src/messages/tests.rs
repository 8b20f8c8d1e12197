//! What the texts promise: that all that are named are there, in every language, and that none is left over.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const ENGLISH_FILE: &str = include_str!("../../messages/en.ftl");
const STAFF_FILE: &str = include_str!("../../messages/en-staff.ftl");
const OTHERS: [(Language, &str); 2] = [
    (Language::German, include_str!("../../messages/de.ftl")),
    (Language::Arabic, include_str!("../../messages/ar.ftl")),
];

/// All files below a folder of this crate whose names end in `extension`, with their texts.
fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, extension: &str, texts: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).expect("the folder is part of this crate") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                collect(&path, extension, texts);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = std::fs::read_to_string(&path).expect("sources are UTF-8");
                texts.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), extension, &mut found);
    found
}

fn texts(folder: &str, extension: &str) -> Vec<String> {
    files(folder, extension).into_iter().map(|(_, text)| text).collect()
}

/// The messages of a file in their order: each id with all that is written for it.
fn messages(source: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in source.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(" = ") {
            Some((id, text)) if !id.contains([' ', '{', '[']) => found.push((id.to_owned(), text.to_owned())),
            _ => {
                if let Some((_, text)) = found.last_mut() {
                    text.push('\n');
                    text.push_str(line);
                }
            }
        }
    }
    found
}

fn ids(source: &str) -> Vec<String> {
    messages(source).into_iter().map(|(id, _)| id).collect()
}

/// The names of the values that are put into a message.
fn values_in(text: &str) -> BTreeSet<&str> {
    let name = |rest: &'_ str| rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
    text.split('$').skip(1).map(|rest| &rest[..name(rest)]).collect()
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

/// Whether a source is of the staff area alone, which is in English. What can be wrong with a form is told of all forms in one place.
fn is_of_staff(path: &Path) -> bool {
    let path = path.to_string_lossy();
    ["/admin/", "/admin.rs", "macros/staff.html", "macros/operations.html", "view/form.rs"]
        .iter()
        .any(|part| path.contains(part))
}

#[test]
fn every_text_that_is_named_exists() {
    let everybodys: BTreeSet<String> = ids(ENGLISH_FILE).into_iter().collect();
    let staffs: BTreeSet<String> = ids(STAFF_FILE).into_iter().collect();
    let mut found = 0;
    for (path, text) in files("templates", "html").iter().chain(&files("src/view", "rs")) {
        for id in named(text) {
            let path_shown = path.display();
            assert!(
                everybodys.contains(&id) || staffs.contains(&id),
                "{id} of {path_shown} is in no file of messages/"
            );
            assert!(
                everybodys.contains(&id) || is_of_staff(path),
                "{id} of {path_shown} stands in en-staff.ftl, but the page is everybody's: move it to en.ftl and translate it"
            );
            found += 1;
        }
    }
    assert!(found > 300, "only {found} ids were found: is the test still looking in the right places?");
}

#[test]
fn every_text_is_used() {
    let sources = [texts("templates", "html"), texts("src", "rs")].concat();
    let used: BTreeSet<&str> = sources.iter().flat_map(|text| quoted(text)).collect();
    let unused: Vec<_> =
        [ids(ENGLISH_FILE), ids(STAFF_FILE)].concat().into_iter().filter(|id| !used.contains(id.as_str())).collect();
    assert!(unused.is_empty(), "nothing uses {unused:?}");
}

#[test]
fn every_language_has_the_texts_of_english_and_no_others() {
    let english = messages(ENGLISH_FILE);
    for (language, source) in OTHERS {
        let file = format!("messages/{}.ftl", language.tag());
        let own: BTreeMap<String, String> = messages(source).into_iter().collect();
        let lacking: Vec<String> =
            english.iter().filter(|(id, _)| !own.contains_key(id)).map(|(id, text)| format!("{id} = {text}")).collect();
        assert!(lacking.is_empty(), "{file} lacks, to be written in {}:\n{}", language.name(), lacking.join("\n"));
        let left_over: Vec<&String> = own.keys().filter(|id| english.iter().all(|(known, _)| known != *id)).collect();
        assert!(left_over.is_empty(), "{file} has what en.ftl does not: {left_over:?}");
        for (id, text) in &english {
            assert_eq!(values_in(&own[id]), values_in(text), "the values in {id} of {file}, and those in en.ftl");
        }
        let (here, there) = (ids(source), ids(ENGLISH_FILE));
        let strays = here.iter().zip(&there).find(|(here, there)| here != there);
        assert_eq!(strays, None, "{file} is to have the order of en.ftl");
        assert_eq!(here.len(), there.len(), "a text stands twice in {file}");
    }
}

#[test]
fn arabic_has_all_six_forms_wherever_english_has_two() {
    let arabic: BTreeMap<String, String> = OTHERS
        .iter()
        .filter(|(language, _)| *language == Language::Arabic)
        .flat_map(|(_, source)| messages(source))
        .collect();
    let mut found = 0;
    for (id, text) in messages(ENGLISH_FILE) {
        if text.contains("[one]") {
            for form in ["{ FORM($", "[zero]", "[one]", "[two]", "[few]", "[many]", "*[other]"] {
                assert!(arabic[&id].contains(form), "{id} of messages/ar.ftl has no {form}");
            }
            found += 1;
        }
    }
    assert!(found > 10, "only {found} texts with a plural were found");
}

#[test]
fn every_text_can_be_written_out() {
    for (language, source) in [(Language::English, ENGLISH_FILE), (Language::English, STAFF_FILE)].iter().chain(&OTHERS)
    {
        for (id, text) in messages(source) {
            let pattern = Messages::of(*language).bundle.get_message(&id).and_then(|message| message.value());
            let pattern = pattern.unwrap_or_else(|| panic!("{id} of {} is no message", language.tag()));
            for number in [0, 1, 2, 3, 11, 100] {
                let arguments: FluentArgs<'_> =
                    values_in(&text).into_iter().map(|name| (name, FluentValue::from(number))).collect();
                let mut errors = Vec::new();
                let written = Messages::of(*language).bundle.format_pattern(pattern, Some(&arguments), &mut errors);
                assert!(errors.is_empty() && !written.trim().is_empty(), "{id} of {}: {errors:?}", language.tag());
            }
        }
    }
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
    let messages = Messages::of(Language::English);
    assert_eq!(messages.get_with("questions", &[("count", &1_i64)]), "1 question");
    assert_eq!(messages.get_with("questions", &[("count", &12_345_i64)]), "12,345 questions");
    assert_eq!(messages.get_with("percent", &[("value", &72.5)]), "72.5%");
    assert_eq!(messages.get_with("number", &[("value", &-1_234.5)]), "-1,234.5");
    assert_eq!(messages.get_with("take-choose", &[("count", &2_i64)]), "Choose TWO answers");
    assert_eq!(messages.get_with("dashboard-heading", &[("name", &"Ana")]), "Hello, Ana");
}

#[test]
fn german_has_its_own_marks_in_numbers() {
    let messages = Messages::of(Language::German);
    assert_eq!(messages.get_with("questions", &[("count", &1_i64)]), "1 Frage");
    assert_eq!(messages.get_with("questions", &[("count", &12_345_i64)]), "12.345 Fragen");
    assert_eq!(messages.get_with("percent", &[("value", &72.5)]), "72,5\u{a0}%");
    assert_eq!(messages.get_with("number", &[("value", &-1_234.5)]), "-1.234,5");
    assert_eq!(messages.get_with("take-choose", &[("count", &2_i64)]), "Wählen Sie ZWEI Antworten");
}

#[test]
fn arabic_counts_in_six_ways() {
    let messages = Messages::of(Language::Arabic);
    for (count, expected) in [
        (0_i64, "لا أسئلة"),
        (1, "سؤال واحد"),
        (2, "سؤالان"),
        (3, "3 أسئلة"),
        (10, "10 أسئلة"),
        (11, "11 سؤالًا"),
        (65, "65 سؤالًا"),
        (100, "100 سؤال"),
        (103, "103 أسئلة"),
        (1_002, "1,002 سؤال"),
    ] {
        assert_eq!(messages.get_with("questions", &[("count", &count)]), expected);
    }
    assert_eq!(messages.get_with("number", &[("value", &-1_234.5)]), "\u{200e}-1,234.5");
    assert_eq!(messages.get_with("percent", &[("value", &72.5)]), "\u{200e}72.5%\u{200e}");
    assert_eq!(messages.get_with("take-points", &[("points", &3.5)]), "3.5 درجة");
    assert_eq!(messages.get_with("take-choose", &[("count", &5_i64)]), "اختر 5 إجابات");
}

#[test]
fn a_text_of_the_staff_area_is_in_english_in_every_language() {
    for language in Language::ALL {
        let shown = Messages::of(language).get_with("accounts-count", &[("count", &2_i64)]);
        assert_eq!(shown, "2 accounts", "{}", language.tag());
    }
}

#[test]
fn a_slip_shows_its_id() {
    for language in Language::ALL {
        assert_eq!(Messages::of(language).get("no-such-text"), "no-such-text");
    }
}
