//! What a paper asks, as the API tells it, and answers to it that fit: sensible, not right.

use crate::dice::Dice;
use exam::answer::Response;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Separates ids that are kept as one text: 65 questions of 20,000 candidates are worth it.
const BETWEEN: char = '\u{1f}';

/// How often a changed answer is taken back instead.
const TAKEN_BACK: f64 = 0.05;

/// Ids of options or stems.
#[derive(Debug)]
struct Ids(Box<str>);

impl Ids {
    fn of(parts: &[Part<'_>]) -> Self {
        let ids: Vec<&str> = parts.iter().map(|part| part.id.as_ref()).collect();
        Self(ids.join(&BETWEEN.to_string()).into())
    }

    fn all(&self) -> Vec<&str> {
        if self.0.is_empty() { Vec::new() } else { self.0.split(BETWEEN).collect() }
    }
}

/// A question of a paper, as far as it takes to answer it.
#[derive(Debug)]
pub(crate) struct Asked {
    number: usize,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `choose` of the options.
    Choice {
        options: Ids,
        choose: usize,
    },
    Number,
    Text,
    Order(Ids),
    Match {
        stems: Ids,
        options: Ids,
    },
    /// Numbers of blanks, each with what it offers; nothing where one types.
    Blanks(Box<[(usize, Option<Ids>)]>),
    /// A kind that is newer than this program: left open.
    Unknown,
}

/// An attempt as the API tells it.
#[derive(Deserialize)]
pub(crate) struct AttemptBody<'a> {
    #[serde(borrow)]
    pub(crate) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) state: Cow<'a, str>,
    #[serde(borrow)]
    questions: Vec<QuestionBody<'a>>,
    pub(crate) answers: BTreeMap<usize, Response>,
    pub(crate) writer: i64,
    pub(crate) last_seq: i64,
}

impl AttemptBody<'_> {
    /// The questions in the order of the paper.
    pub(crate) fn asked(&self) -> Box<[Asked]> {
        self.questions.iter().map(Asked::of).collect()
    }
}

#[derive(Deserialize)]
struct QuestionBody<'a> {
    number: usize,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    multiple: bool,
    #[serde(default)]
    choose: Option<usize>,
    #[serde(borrow, default)]
    options: Vec<Part<'a>>,
    #[serde(borrow, default)]
    stems: Vec<Part<'a>>,
    #[serde(borrow, default)]
    blanks: Vec<BlankBody<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

#[derive(Deserialize)]
struct BlankBody<'a> {
    number: usize,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    options: Vec<Part<'a>>,
}

impl Asked {
    fn of(body: &QuestionBody<'_>) -> Self {
        let kind = match body.kind.as_ref() {
            // "Choose all that apply" does not say how many; two keep both sides of partial credit busy.
            "choice" => Kind::Choice {
                options: Ids::of(&body.options),
                choose: body.choose.unwrap_or(if body.multiple { 2 } else { 1 }),
            },
            "numeric" => Kind::Number,
            "short_text" => Kind::Text,
            "ordering" => Kind::Order(Ids::of(&body.options)),
            "matching" => Kind::Match { stems: Ids::of(&body.stems), options: Ids::of(&body.options) },
            "cloze" => Kind::Blanks(
                body.blanks
                    .iter()
                    .map(|blank| (blank.number, (blank.kind == "dropdown").then(|| Ids::of(&blank.options))))
                    .collect(),
            ),
            _ => Kind::Unknown,
        };
        Self { number: body.number, kind }
    }

    /// Its number on the paper.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// An answer; None for a kind that this program does not know.
    pub(crate) fn answer(&self, dice: &mut Dice) -> Option<Response> {
        let pick = |ids: &[&str], dice: &mut Dice| ids.get(dice.below(ids.len())).map(|id| (*id).to_owned());
        Some(match &self.kind {
            Kind::Choice { options, choose } => {
                let options = options.all();
                let order = dice.order(options.len());
                let mut chosen: Vec<String> =
                    order.iter().take(*choose).map(|index| options[*index].to_owned()).collect();
                chosen.sort_unstable();
                Response::Choice(chosen)
            }
            Kind::Number => Response::Number(format!("{}.{}", dice.below(1_000), 1 + dice.below(9))),
            Kind::Text => Response::Text(typed(dice)),
            Kind::Order(ids) => {
                let ids = ids.all();
                Response::Order(dice.order(ids.len()).into_iter().map(|index| ids[index].to_owned()).collect())
            }
            Kind::Match { stems, options } => {
                let options = options.all();
                let pairs = stems.all().into_iter().filter_map(|stem| Some((stem.to_owned(), pick(&options, dice)?)));
                Response::Match(pairs.collect())
            }
            Kind::Blanks(blanks) => {
                let filled = blanks.iter().filter_map(|(number, offered)| {
                    let text = match offered {
                        Some(ids) => pick(&ids.all(), dice)?,
                        None => dice.below(10_000).to_string(),
                    };
                    Some((number.to_string(), text))
                });
                Response::Blanks(filled.collect())
            }
            Kind::Unknown => return None,
        })
    }

    /// A change of an answer, now and then by taking it back.
    pub(crate) fn change(&self, dice: &mut Dice) -> Option<Response> {
        if dice.happens(TAKEN_BACK) { None } else { self.answer(dice) }
    }

    /// Whether this program knows its kind.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.kind, Kind::Unknown)
    }
}

/// A few words.
fn typed(dice: &mut Dice) -> String {
    const WORDS: [&str; 12] = [
        "border",
        "gateway",
        "subnet",
        "cache",
        "record",
        "proxy",
        "kernel",
        "packet",
        "déjà vu",
        "quota",
        "tunnel",
        "\"port\"",
    ];
    let count = 1 + dice.below(4);
    (0..count).map(|_| WORDS[dice.below(WORDS.len())]).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTEMPT: &str = r#"{"id": "8c1f", "exam": "x", "exam_title": "X", "state": "open", "deadline": null, "questions": [
        {"number": 1, "kind": "choice", "prompt_html": "<p>\u00e9</p>", "multiple": false,
         "options": [{"id": "a", "html": "A"}, {"id": "b", "html": "B"}]},
        {"number": 2, "kind": "choice", "prompt_html": "", "multiple": true, "choose": 3,
         "options": [{"id": "a", "html": ""}, {"id": "b", "html": ""}, {"id": "c", "html": ""}, {"id": "d", "html": ""}]},
        {"number": 3, "kind": "numeric", "prompt_html": "", "unit": "m"},
        {"number": 4, "kind": "short_text", "prompt_html": ""},
        {"number": 5, "kind": "matching", "prompt_html": "", "stems": [{"id": "1", "html": ""}, {"id": "2", "html": ""}],
         "options": [{"id": "a", "html": ""}, {"id": "b", "html": ""}, {"id": "c", "html": ""}]},
        {"number": 6, "kind": "ordering", "prompt_html": "", "options": [{"id": "a", "html": ""}, {"id": "b", "html": ""}]},
        {"number": 7, "kind": "cloze", "prompt_html": "{{1}} {{2}}", "blanks": [{"number": 1, "kind": "text"},
         {"number": 2, "kind": "dropdown", "options": [{"id": "a", "text": "27"}, {"id": "b", "text": "26"}]}]},
        {"number": 8, "kind": "essay", "prompt_html": ""}],
        "answers": {"3": {"number": "7"}}, "writer": 2, "last_seq": 5}"#;

    #[test]
    fn every_kind_gets_an_answer_that_fits() {
        let body: AttemptBody<'_> = serde_json::from_str(ATTEMPT).expect("an attempt");
        assert_eq!((body.writer, body.last_seq), (2, 5));
        assert_eq!(body.answers[&3], Response::Number("7".into()));
        let asked = body.asked();
        let mut dice = Dice::new(1, 1);
        for _ in 0..50 {
            for question in &asked {
                match (question.number(), question.answer(&mut dice)) {
                    (1, Some(Response::Choice(chosen))) => assert!(chosen == ["a"] || chosen == ["b"]),
                    (2, Some(Response::Choice(chosen))) => {
                        assert!(
                            chosen.len() == 3 && chosen.is_sorted() && chosen.windows(2).all(|pair| pair[0] != pair[1])
                        );
                    }
                    (3, Some(Response::Number(text))) => assert!(text.parse::<f64>().is_ok(), "{text}"),
                    (4, Some(Response::Text(text))) => assert_eq!(text.trim(), text),
                    (5, Some(Response::Match(pairs))) => assert_eq!(pairs.len(), 2),
                    (6, Some(Response::Order(mut order))) => {
                        order.sort_unstable();
                        assert_eq!(order, ["a", "b"]);
                    }
                    (7, Some(Response::Blanks(filled))) => assert!(filled["2"] == "a" || filled["2"] == "b"),
                    (8, None) => {}
                    (number, answer) => panic!("{number}: {answer:?}"),
                }
            }
        }
    }
}
