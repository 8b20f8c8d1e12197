//! The archive: what is written is read back exactly, and what people write by hand is understood.

use super::{explanations, item, key, question, reading, refused, right, several, weights};
use bigdecimal::BigDecimal;
use exam::question::{
    Blank, BlankKey, ChoiceKey, ChoiceOption, Content, Difficulty, Explanations, Key, NumericAnswer, NumericKey,
    Points, Question, Severity, TextAnswer, TextKey, Weight, lint,
};
use exam::sealed::{Permit, Sealed};
use interchange::Format::Archive;
use interchange::{BankInfo, Outcome, read, write_archive};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, SizeRange};
use std::collections::BTreeSet;

fn archive(questions: &str) -> String {
    format!(
        r#"{{"examhall": "bank", "version": 1, "bank": {{"slug": "b", "title": "B"}}, "questions": [{questions}]}}"#
    )
}

fn written(questions: &[(&str, &Question)]) -> String {
    let bank = BankInfo { slug: "net".into(), title: "Networks".into(), ..BankInfo::default() };
    write_archive(&bank, questions.iter().copied(), &Permit::for_staff(), &Permit::for_staff())
}

#[test]
fn a_choice_question_with_rationales() {
    let question = question(
        Archive,
        &archive(
            r#"{"id": "q1", "kind": "choice", "prompt": "Which *two*? (Choose TWO.)", "choose": 2,
                "options": [{"text": "a", "correct": true, "rationale": "yes"}, {"text": "b"}, {"text": "c", "correct": true, "pinned": true}],
                "explanation": "Because.", "domains": ["Networks"], "difficulty": "hard", "points": 2.5}"#,
        ),
    );
    assert_eq!((right(&question), several(&question)), (vec![0, 2], (true, Some(2))));
    assert_eq!(explanations(&question).per_option, [Some("yes".to_owned()), None, None]);
    assert_eq!(explanations(&question).general.as_deref(), Some("Because."));
    assert_eq!((question.difficulty, question.points), (Some(Difficulty::Hard), Points(2_500)));
    let Content::Choice { options, .. } = &question.content else { panic!("no choice") };
    assert!(options[2].pinned && !options[0].pinned);
}

#[test]
fn weights_in_percent_make_a_weighted_choice() {
    let question = question(
        Archive,
        &archive(
            r#"{"kind": "choice", "prompt": "?", "multiple": true, "options": [{"text": "a", "weight": 66.66667}, {"text": "b", "weight": 33.33333}, {"text": "c", "weight": -50}, {"text": "d"}]}"#,
        ),
    );
    assert_eq!(weights(&question), [66.66667, 33.33333, -50.0, 0.0]);
    assert_eq!(several(&question), (true, None));
}

#[test]
fn numbers_are_exact_whether_written_as_text_or_number() {
    let question = question(
        Archive,
        &archive(
            r#"{"kind": "numeric", "prompt": "?", "accept": [{"value": "99.9", "tolerance": "0.05"}, {"min": 1, "max": 2.5, "weight": 50}], "unit": "GiB"}"#,
        ),
    );
    let Key::Numeric(key) = key(&question) else { panic!("not numeric") };
    let expected = [("99.85", "99.95", 100.0), ("1", "2.5", 50.0)].map(|(min, max, weight)| NumericAnswer {
        min: min.parse().unwrap(),
        max: max.parse().unwrap(),
        weight: Weight::from_percent(weight).unwrap(),
    });
    assert_eq!(key.accepted, expected);
    assert_eq!(question.content, Content::Numeric { unit: Some("GiB".into()) });
}

#[test]
fn one_choice_may_serve_several_stems_and_distractors_follow() {
    let question = question(
        Archive,
        &archive(
            r#"{"kind": "matching", "prompt": "?", "pairs": [{"stem": "a", "choice": "x"}, {"stem": "b", "choice": "y"}, {"stem": "c", "choice": "x"}], "distractors": ["z"]}"#,
        ),
    );
    let Content::Matching { stems, choices } = &question.content else { panic!("no matching") };
    assert_eq!((stems.len(), choices.as_slice()), (3, &["x".to_owned(), "y".into(), "z".into()][..]));
    assert_eq!(key(&question), &Key::Matching { pairs: vec![0, 1, 0] });
}

#[test]
fn items_stand_in_the_right_order() {
    let question =
        question(Archive, &archive(r#"{"kind": "ordering", "prompt": "?", "items": ["first", "second", "third"]}"#));
    assert_eq!(key(&question), &Key::Ordering { order: vec![0, 1, 2] });
}

#[test]
fn a_cloze_has_blanks_of_three_sorts() {
    let question = question(
        Archive,
        &archive(
            r#"{"kind": "cloze", "prompt": "{{1}} {{2}} {{3}}", "blanks": [
                {"accept": [{"text": "a*"}], "case_sensitive": true},
                {"accept": [{"value": "1", "tolerance": "0.5"}]},
                {"options": [{"text": "x"}, {"text": "y", "correct": true}]}]}"#,
        ),
    );
    let Key::Cloze { blanks } = key(&question) else { panic!("no cloze") };
    assert!(matches!(&blanks[0], BlankKey::Text(key) if key.case_sensitive && !key.accent_sensitive));
    assert!(matches!(&blanks[1], BlankKey::Number(key) if key.accepted.len() == 1));
    assert_eq!(blanks[2], BlankKey::Dropdown { correct: 1 });
}

#[test]
fn the_frame_is_checked_and_says_where_it_is_broken() {
    for (text, expected) in [
        ("[]", "Line 1: An archive starts with {."),
        ("{}", "Line 1: This is JSON, but not an Examhall archive: it lacks \"examhall\": \"bank\"."),
        ("{\n\"examhall\": \"exam\"}", "Line 2: This archive holds no bank: \"examhall\" must be \"bank\"."),
        ("{\"examhall\": \"bank\"}", "Line 1: The archive lacks its \"version\": 1."),
        ("{\"examhall\": \"bank\",\n\n\"version\": 2}", "Line 3: The archive has version “2”, but only 1 can be read."),
        ("{\"examhall\": \"bank\", \"version\": 1}", "Line 1: The archive lacks the list \"questions\"."),
        ("{\"examhall\": \"bank\", \"version\": 1, \"questions\": {}}", "Line 1: \"questions\" must be a list in [ ]."),
        ("{\"examhall\": \"bank\", \"examhall\": 1}", "Line 1: The archive has \"examhall\" twice."),
        ("{\n\"examhall\" \"bank\"}", "Line 2: A : is expected behind \"examhall\"."),
        ("{\n examhall: 1}", "Line 2: The name of a field, in quotation marks, is expected here."),
        ("{\"bank\": [}", "Line 1: The brackets of \"bank\" do not match."),
        (
            r#"{"examhall": "bank", "version": 1, "bank": 1, "questions": []}"#,
            "Line 1: The bank must be an object in { }.",
        ),
    ] {
        assert_eq!(read(Archive, text.as_bytes()).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn what_the_frame_holds_beyond_is_noted() {
    let text = r#"{"examhall": "bank", "version": 1, "author": "Ada", "bank": {"slug": "b", "title": "B", "colour": 1}, "questions": []} x"#;
    assert_eq!(
        reading(Archive, text).notes,
        [
            "What follows the end of the archive on line 1 was ignored.",
            "The field “colour” of the bank was ignored.",
            "The field “author” of the archive was ignored."
        ]
    );
}

#[test]
fn an_archive_cut_short_gives_what_is_left_of_it() {
    let whole = written(&[("a", &short_text("One?")), ("b", &short_text("Two?"))]);
    let reading = reading(Archive, &whole[..whole.len() - 40]);
    assert!(matches!(reading.items[0].outcome, Outcome::Ok(_)));
    assert!(matches!(reading.items[1].outcome, Outcome::Refused(_)));
    assert_eq!(reading.notes.len(), 1);
}

#[test]
fn numbers_that_would_fill_the_memory_are_refused() {
    for number in ["1e999999999", "1e-999999999", "1e1001"] {
        let text = format!(r#"{{"kind": "numeric", "prompt": "?", "accept": [{{"value": "{number}"}}]}}"#);
        assert_eq!(refused(Archive, &archive(&text)), ["Answer 1: \"value\" must be a number."], "{number}");
    }
}

fn short_text(prompt: &str) -> Question {
    let accepted = vec![TextAnswer { pattern: "a".into(), weight: Weight::FULL }];
    Question {
        prompt: prompt.into(),
        content: Content::ShortText {},
        key: Sealed::new(Key::ShortText(TextKey { accepted, case_sensitive: false, accent_sensitive: false })),
        explanations: Sealed::new(Explanations { general: Some("Because.".into()), per_option: Vec::new() }),
        domains: vec!["Networks".into()],
        difficulty: None,
        points: Points::ONE,
    }
}

#[test]
fn archives_are_laid_out_for_people() {
    let expected = r#"{
  "examhall": "bank",
  "version": 1,
  "bank": {
    "slug": "net",
    "title": "Networks"
  },
  "questions": [
    {
      "id": "q-1",
      "kind": "short_text",
      "prompt": "Say \"a\".",
      "accept": [
        {"text": "a"}
      ],
      "explanation": "Because.",
      "domains": [
        "Networks"
      ]
    }
  ]
}
"#;
    assert_eq!(written(&[("q-1", &short_text("Say \"a\"."))]), expected);
    assert_eq!(written(&[]).lines().count(), 10);
}

#[test]
fn a_key_that_does_not_fit_is_not_written() {
    let mut question = short_text("?");
    question.content = Content::Ordering { items: vec!["a".into(), "b".into()] };
    assert!(matches!(item(Archive, &written(&[("", &question)])).outcome, Outcome::Refused(_)));
}

fn text() -> impl Strategy<Value = String> {
    "[a-z \"\\\\/\n\té漢*<>&$_{}-]{0,20}"
}

/// Texts that are not empty and that no two are the same.
fn texts(count: impl Into<SizeRange>) -> impl Strategy<Value = Vec<String>> {
    vec(text(), count)
        .prop_map(|texts| texts.into_iter().enumerate().map(|(index, text)| format!("{index}{text}")).collect())
}

fn weight() -> impl Strategy<Value = Weight> {
    (-10_000_000_i64..=10_000_000).prop_map(Weight)
}

/// Any positive weights, of which one is full.
fn positive_weights(count: impl Into<SizeRange>) -> impl Strategy<Value = Vec<Weight>> {
    (vec((1_i64..=10_000_000).prop_map(Weight), count), any::<Index>()).prop_map(|(mut weights, full)| {
        let full = full.index(weights.len());
        weights[full] = Weight::FULL;
        weights
    })
}

fn number() -> impl Strategy<Value = BigDecimal> {
    prop_oneof!["-?[0-9]{1,30}(\\.[0-9]{1,30})?", "-?[0-9]{1,3}e-?[1-2]?[0-9]{1,2}"]
        .prop_map(|text| text.parse().expect("a number"))
}

fn numeric_key() -> impl Strategy<Value = NumericKey> {
    positive_weights(1..4).prop_flat_map(|weights| {
        vec((number(), number(), any::<bool>()), weights.len()).prop_map(move |ranges| {
            let answer = |((one, other, point), weight): ((BigDecimal, BigDecimal, bool), &Weight)| {
                let max = if point { one.clone() } else { one.clone().max(other.clone()) };
                NumericAnswer { min: if point { one } else { one.min(other) }, max, weight: *weight }
            };
            NumericKey { accepted: ranges.into_iter().zip(&weights).map(answer).collect() }
        })
    })
}

fn text_key() -> impl Strategy<Value = TextKey> {
    (positive_weights(1..4), any::<bool>(), any::<bool>()).prop_flat_map(
        |(weights, case_sensitive, accent_sensitive)| {
            texts(weights.len()).prop_map(move |patterns| {
                let answers =
                    patterns.into_iter().zip(&weights).map(|(pattern, weight)| TextAnswer { pattern, weight: *weight });
                TextKey { accepted: answers.collect(), case_sensitive, accent_sensitive }
            })
        },
    )
}

fn choice() -> impl Strategy<Value = (Content, Key, Vec<Option<String>>)> {
    let options = (texts(2..8), vec(any::<bool>(), 8), vec(option::of(text()), 8));
    (options, vec(weight(), 8), any::<Index>(), vec(any::<bool>(), 8), any::<bool>(), 0..4).prop_map(
        |((texts, pins, rationales), mut weights, best, marks, told, sort)| {
            let count = texts.len();
            let best = best.index(count);
            let options = texts.into_iter().zip(pins).map(|(text, pinned)| ChoiceOption { text, pinned }).collect();
            let mut right: BTreeSet<usize> = (0..count).filter(|index| marks[*index]).collect();
            right.insert(best);
            weights.truncate(count);
            weights[best] = Weight::FULL;
            let (key, multiple) = match sort {
                0 => (ChoiceKey::Correct { options: BTreeSet::from([best]) }, false),
                1 => (ChoiceKey::Correct { options: right }, true),
                2 => (ChoiceKey::Weighted { weights }, false),
                _ => (ChoiceKey::Weighted { weights }, true),
            };
            let choose = told.then(|| key.right_options(multiple).len());
            let mut per_option: Vec<Option<String>> = rationales.into_iter().take(count).collect();
            if per_option.iter().all(Option::is_none) {
                per_option.clear();
            }
            (Content::Choice { options, multiple, choose }, Key::Choice(key), per_option)
        },
    )
}

fn matching() -> impl Strategy<Value = (Content, Key, Vec<Option<String>>)> {
    (texts(2..6), texts(2..6)).prop_flat_map(|(stems, choices)| {
        vec(0..choices.len(), stems.len()).prop_map(move |pairs| {
            (Content::Matching { stems: stems.clone(), choices: choices.clone() }, Key::Matching { pairs }, Vec::new())
        })
    })
}

fn ordering() -> impl Strategy<Value = (Content, Key, Vec<Option<String>>)> {
    texts(2..7).prop_flat_map(|items| {
        Just((0..items.len()).collect::<Vec<_>>())
            .prop_shuffle()
            .prop_map(move |order| (Content::Ordering { items: items.clone() }, Key::Ordering { order }, Vec::new()))
    })
}

fn cloze() -> impl Strategy<Value = (Content, Key, Vec<Option<String>>)> {
    let dropdown = (texts(2..5), any::<Index>()).prop_map(|(options, correct)| {
        let correct = correct.index(options.len());
        (Blank::Dropdown { options }, BlankKey::Dropdown { correct })
    });
    let blank = prop_oneof![
        text_key().prop_map(|key| (Blank::Text {}, BlankKey::Text(key))),
        numeric_key().prop_map(|key| (Blank::Number {}, BlankKey::Number(key))),
        dropdown,
    ];
    vec(blank, 1..4).prop_map(|blanks| {
        let (blanks, keys) = blanks.into_iter().unzip();
        (Content::Cloze { blanks }, Key::Cloze { blanks: keys }, Vec::new())
    })
}

fn any_question() -> impl Strategy<Value = Question> {
    let parts = prop_oneof![
        choice(),
        (option::of(text()), numeric_key()).prop_map(|(unit, key)| (
            Content::Numeric { unit },
            Key::Numeric(key),
            Vec::new()
        )),
        text_key().prop_map(|key| (Content::ShortText {}, Key::ShortText(key), Vec::new())),
        matching(),
        ordering(),
        cloze(),
    ];
    let difficulty = option::of(proptest::sample::select(&Difficulty::ALL[..]));
    (parts, text(), option::of(text()), texts(0..4), difficulty, 1_i64..=1_000_000).prop_map(
        |((content, key, per_option), prompt, general, domains, difficulty, points)| {
            let marks = match &content {
                Content::Cloze { blanks } => (1..=blanks.len()).map(|number| format!("{{{{{number}}}}} ")).collect(),
                _ => String::new(),
            };
            Question {
                prompt: format!("?{prompt} {marks}"),
                content,
                key: Sealed::new(key),
                explanations: Sealed::new(Explanations { general, per_option }),
                domains,
                difficulty,
                points: Points(points),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_valid_question_survives_the_way_out_and_back(questions in vec(any_question(), 1..4)) {
        prop_assume!(questions.iter().all(|question| lint(question).iter().all(|flaw| flaw.severity() < Severity::Error)));
        let names: Vec<String> = (0..questions.len()).map(|number| format!("q-{number}")).collect();
        let named: Vec<(&str, &Question)> = names.iter().map(String::as_str).zip(&questions).collect();
        let text = written(&named);
        let reading = read(Archive, text.as_bytes()).expect("an archive");
        prop_assert!(reading.notes.is_empty());
        prop_assert_eq!(reading.bank.as_ref().map(|bank| bank.slug.as_str()), Some("net"));
        prop_assert_eq!(reading.items.len(), questions.len());
        for ((item, question), name) in reading.items.iter().zip(&questions).zip(&names) {
            prop_assert_eq!(&item.outcome, &Outcome::Ok(question.clone()), "{}\n{:?}\n{}", text, key(question), question.explanations.to_stored());
            prop_assert_eq!(item.reference.as_ref(), Some(name));
            let start = text.lines().nth(item.line - 1).expect("a line of the file");
            prop_assert_eq!(start, "    {");
        }
    }
}

#[test]
fn the_demo_banks_are_read_as_they_are() {
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo");
    for file in std::fs::read_dir(demo).unwrap().map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|extension| extension == "json") {
            let reading = read(Archive, &std::fs::read(&file).unwrap()).unwrap();
            let counts = reading.counts();
            assert_eq!((counts.changed, counts.refused), (0, 0), "{}", file.display());
            assert!(reading.notes.is_empty(), "{:?}", reading.notes);
        }
    }
}
