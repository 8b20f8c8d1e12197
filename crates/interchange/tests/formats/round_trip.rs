//! Any question that can be asked survives the way out into an archive and back.

use super::archive::written;
use super::key;
use bigdecimal::BigDecimal;
use exam::question::{
    Blank, BlankKey, ChoiceKey, ChoiceOption, Content, Difficulty, Explanations, Key, NumericAnswer, NumericKey,
    Points, Question, Severity, TextAnswer, TextKey, Weight, lint,
};
use exam::sealed::Sealed;
use interchange::Format::Archive;
use interchange::{Outcome, read};
use proptest::collection::{SizeRange, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;

/// No tags: what pages leave out does not come back.
fn text() -> impl Strategy<Value = String> {
    "[a-z \"\\\\/\n\té漢*<>&$_{}-]{0,20}".prop_map(|text| text.replace('<', "< "))
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
    #![proptest_config(ProptestConfig::with_cases(500))]

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
