//! The archive: what is written is read back exactly, and what people write by hand is understood.

use super::{explanations, item, key, question, reading, refused, right, several, weights};
use exam::question::{
    BlankKey, Content, Difficulty, Explanations, Key, NumericAnswer, Points, Question, TextAnswer, TextKey, Weight,
};
use exam::sealed::{Permit, Sealed};
use interchange::Format::Archive;
use interchange::{BankInfo, Outcome, read, write_archive};

fn archive(questions: &str) -> String {
    format!(
        r#"{{"examhall": "bank", "version": 1, "bank": {{"slug": "b", "title": "B"}}, "questions": [{questions}]}}"#
    )
}

pub(super) fn written(questions: &[(&str, &Question)]) -> String {
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

#[test]
fn ids_are_kept_exactly_or_refused() {
    let with_id = |id: &str| {
        let id = serde_json::to_string(id).expect("a text");
        item(
            Archive,
            &archive(&format!(r#"{{"id": {id}, "kind": "short_text", "prompt": "?", "accept": [{{"text": "a"}}]}}"#)),
        )
    };
    assert_eq!(with_id("a  b ").reference.as_deref(), Some("a  b "));
    assert_eq!(with_id("").reference, None);
    assert!(with_id(&"é".repeat(200)).question().is_some());
    assert!(with_id(&"é".repeat(201)).question().is_none());
    assert!(with_id("a\nb").question().is_none());
}

#[test]
fn two_questions_on_one_line_may_not_share_an_id() {
    let one = r#"{"id": "x", "kind": "short_text", "prompt": "?", "accept": [{"text": "a"}]}"#;
    let reading = reading(Archive, &archive(&format!("{one}, {one}")));
    assert!(reading.items[0].question().is_some());
    assert_eq!(
        reading.items[1].outcome.reasons(),
        ["The id “x” is also that of the question on line 1. Give it another."]
    );
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
