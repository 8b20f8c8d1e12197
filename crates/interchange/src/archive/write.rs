//! Writing an archive: reading it gives the same questions again.

use crate::reading::BankInfo;
use exam::question::{
    Blank, BlankKey, ChoiceKey, Content, Difficulty, Explanations, Key, NumericAnswer, NumericKey, Points, Question,
    TextKey, Weight,
};
use exam::sealed::Permit;
use serde::{Serialize, Serializer};

mod layout;

/// Writes a bank with its questions, keys and explanations; a reference is what the bank calls the question, and may be
/// empty.
///
/// A question whose key does not fit its content cannot be asked, and is written without what does not fit.
pub fn write_archive<'q, R: AsRef<str>>(
    bank: &BankInfo,
    questions: impl IntoIterator<Item = (R, &'q Question)>,
    keys: &Permit<Key>,
    explanations: &Permit<Explanations>,
) -> String {
    let mut out = String::from("{\n  \"examhall\": \"bank\",\n  \"version\": 1,\n  \"bank\": ");
    let BankInfo { slug, title, description, licence } = bank;
    out.push_str(&layout::block(&BankOut { slug, title, description, licence }, 2));
    out.push_str(",\n  \"questions\": [");
    for (index, (reference, question)) in questions.into_iter().enumerate() {
        out.push_str(if index == 0 { "\n    " } else { ",\n    " });
        let parts = QuestionOut::new(
            reference.as_ref(),
            question,
            question.key.open(keys),
            question.explanations.open(explanations),
        );
        out.push_str(&layout::block(&parts, 4));
    }
    out.push_str("\n  ]\n}\n");
    out
}

#[derive(Serialize)]
struct BankOut<'a> {
    slug: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    licence: &'a str,
}

/// The fields of a question in the order in which people read them.
#[derive(Serialize, Default)]
struct QuestionOut<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    kind: &'static str,
    prompt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    multiple: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choose: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<OptionOut<'a>>>,
    #[serde(flatten)]
    answers: AnswersOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairs: Option<Vec<PairOut<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    distractors: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choices: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Vec<usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blanks: Option<Vec<BlankOut<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    domains: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    difficulty: Option<Difficulty>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Points>,
}

#[derive(Serialize)]
struct OptionOut<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    correct: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Percent>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pinned: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rationale: Option<&'a str>,
}

#[derive(Serialize)]
struct PairOut<'a> {
    stem: &'a str,
    choice: &'a str,
}

/// What is accepted as a typed answer.
#[derive(Serialize, Default)]
struct AnswersOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    accept: Option<Vec<AcceptOut<'a>>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    case_sensitive: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    accent_sensitive: bool,
}

#[derive(Serialize, Default)]
struct AcceptOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Percent>,
}

#[derive(Serialize, Default)]
struct BlankOut<'a> {
    #[serde(flatten)]
    answers: AnswersOut<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<OptionOut<'a>>>,
}

/// A weight as a plain number of percent: 50, not 50.0.
struct Percent(Weight);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(weight) = self;
        if weight.0 % 100_000 == 0 {
            serializer.serialize_i64(weight.0 / 100_000)
        } else {
            serializer.serialize_f64(weight.as_percent())
        }
    }
}

fn unless_full(weight: Weight) -> Option<Percent> {
    (weight != Weight::FULL).then_some(Percent(weight))
}

impl<'a> QuestionOut<'a> {
    fn new(id: &'a str, question: &'a Question, key: &'a Key, explanations: &'a Explanations) -> Self {
        let mut out = Self {
            id,
            kind: question.content.kind(),
            prompt: &question.prompt,
            explanation: explanations.general.as_deref(),
            domains: &question.domains,
            difficulty: question.difficulty,
            points: (question.points != Points::ONE).then_some(question.points),
            ..Self::default()
        };
        match (&question.content, key) {
            (Content::Choice { options, multiple, choose }, Key::Choice(key)) => {
                // What a reader concludes from "choose" alone need not be said.
                out.multiple = (*multiple != choose.is_some_and(|choose| choose > 1)).then_some(*multiple);
                out.choose = *choose;
                let option = |(index, option): (usize, &'a exam::question::ChoiceOption)| OptionOut {
                    text: &option.text,
                    correct: matches!(key, ChoiceKey::Correct { options } if options.contains(&index)),
                    weight: if let ChoiceKey::Weighted { weights } = key {
                        weights.get(index).copied().map(Percent)
                    } else {
                        None
                    },
                    pinned: option.pinned,
                    rationale: explanations.per_option.get(index).and_then(|text| text.as_deref()),
                };
                out.options = Some(options.iter().enumerate().map(option).collect());
            }
            (Content::Numeric { unit }, Key::Numeric(key)) => {
                out.unit = unit.as_deref();
                out.answers = AnswersOut::numbers(key);
            }
            (Content::ShortText {}, Key::ShortText(key)) => out.answers = AnswersOut::texts(key),
            (Content::Matching { stems, choices }, Key::Matching { pairs }) => out.matching(stems, choices, pairs),
            (Content::Ordering { items }, Key::Ordering { order }) => {
                out.items = Some(items);
                let as_they_stand = order.iter().copied().eq(0..items.len());
                out.order = (!as_they_stand).then(|| order.iter().map(|item| item + 1).collect());
            }
            (Content::Cloze { blanks }, Key::Cloze { blanks: keys }) => {
                out.blanks = Some(blanks.iter().zip(keys).map(|(blank, key)| BlankOut::new(blank, key)).collect());
            }
            _ => {}
        }
        out
    }

    fn matching(&mut self, stems: &'a [String], choices: &'a [String], pairs: &[usize]) {
        let choice = |index: &usize| choices.get(*index).map_or("", String::as_str);
        self.pairs =
            Some(stems.iter().zip(pairs).map(|(stem, index)| PairOut { stem, choice: choice(index) }).collect());
        let mut used = Vec::new();
        for index in pairs {
            if !used.contains(index) {
                used.push(*index);
            }
        }
        // Choices in the order of the pairs, then the distractors: the usual case, and the easier one to write by hand.
        if used.iter().copied().eq(0..used.len()) && used.len() <= choices.len() {
            self.distractors = Some(&choices[used.len()..]).filter(|distractors| !distractors.is_empty());
        } else {
            self.choices = Some(choices);
        }
    }
}

impl<'a> AnswersOut<'a> {
    fn texts(key: &'a TextKey) -> Self {
        let accept = key.accepted.iter().map(|answer| AcceptOut {
            text: Some(&answer.pattern),
            weight: unless_full(answer.weight),
            ..AcceptOut::default()
        });
        Self {
            accept: Some(accept.collect()),
            case_sensitive: key.case_sensitive,
            accent_sensitive: key.accent_sensitive,
        }
    }

    fn numbers(key: &NumericKey) -> Self {
        let accept = |NumericAnswer { min, max, weight }: &NumericAnswer| {
            let weight = unless_full(*weight);
            if min == max {
                AcceptOut { value: Some(min.to_string()), weight, ..AcceptOut::default() }
            } else {
                AcceptOut { min: Some(min.to_string()), max: Some(max.to_string()), weight, ..AcceptOut::default() }
            }
        };
        Self { accept: Some(key.accepted.iter().map(accept).collect()), ..Self::default() }
    }
}

impl<'a> BlankOut<'a> {
    fn new(blank: &'a Blank, key: &'a BlankKey) -> Self {
        match (blank, key) {
            (Blank::Dropdown { options }, BlankKey::Dropdown { correct }) => {
                let option = |(index, text): (usize, &'a String)| OptionOut {
                    text,
                    correct: index == *correct,
                    weight: None,
                    pinned: false,
                    rationale: None,
                };
                Self { options: Some(options.iter().enumerate().map(option).collect()), ..Self::default() }
            }
            (_, BlankKey::Text(key)) => Self { answers: AnswersOut::texts(key), ..Self::default() },
            (_, BlankKey::Number(key)) => Self { answers: AnswersOut::numbers(key), ..Self::default() },
            _ => Self::default(),
        }
    }
}
