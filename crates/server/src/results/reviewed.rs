//! A question beside its answer and, as far as permits go, its key and explanations: for results, and for authors.

use crate::exams::pages::whole;
use crate::markup::{Html, name_blanks, render, render_inline};
use crate::published::QuestionHtml;
use crate::view::flaw::Flaw;
use crate::view::results::{ReviewedAnswer, ReviewedOption, ReviewedPart, ReviewedQuestion, ReviewedText, Verdict};
use exam::answer::Response;
use exam::grade::{Mark, Outcome, ShownKey, blank_outcomes, shown_key};
use exam::paper::PaperItem;
use exam::question::{Blank, Content, Explanations, Key, Question};
use exam::sealed::Permit;

/// What of a question may be shown.
pub struct Permits<'a> {
    /// The marks it earned; None while they are withheld or when there are none.
    pub mark: Option<&'a Mark>,
    /// Opens its key.
    pub key: Option<&'a Permit<Key>>,
    /// Opens its explanations.
    pub explanations: Option<&'a Permit<Explanations>>,
}

/// A question with its answer.
#[must_use]
pub fn reviewed(
    number: usize,
    item: &PaperItem,
    question: &Question,
    html: &QuestionHtml,
    response: Option<&Response>,
    permits: &Permits<'_>,
) -> ReviewedQuestion {
    let key = permits.key.map(|permit| shown_key(question, item, permit));
    let explanations = permits.explanations.map(|permit| question.explanations.open(permit));
    let verdict = permits.mark.map_or(Verdict::Unknown, |mark| verdict(mark.outcome));
    // Where nobody was asked there is nothing to be wrong: authors look at the key alone.
    let is_judged = response.is_some() || permits.mark.is_some();
    let blanks = permits.key.filter(|_| is_judged).map(|permit| blank_outcomes(question, item, response, permit));
    let is_cloze = matches!(question.content, Content::Cloze { .. });
    ReviewedQuestion {
        number: whole(number),
        prompt: if is_cloze { name_blanks(&html.prompt) } else { html.prompt.clone() },
        verdict,
        points: permits.mark.map(|mark| mark.points.as_f64()),
        max_points: question.points.as_f64(),
        domains: question.domains.clone(),
        answer: answer(
            item,
            &question.content,
            html,
            response,
            key.as_ref(),
            explanations,
            &blanks.unwrap_or_default(),
        ),
        flaw: flaw(&question.content, response),
        explanation: explanations.and_then(|explanations| explanations.general.as_deref()).map(render),
        bookmarked: None,
    }
}

/// What people call what became of an answer.
#[must_use]
pub fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Correct => Verdict::Right,
        Outcome::Partial => Verdict::Partly,
        Outcome::Incorrect => Verdict::Wrong,
        Outcome::Unanswered => Verdict::Unanswered,
    }
}

/// Why an answer, or a blank of it, is sure to be wrong.
#[must_use]
pub fn flaw(content: &Content, response: Option<&Response>) -> Option<Flaw> {
    Some(match exam::flaw::flaw(content, response?)? {
        exam::flaw::Flaw::TooMany => Flaw::TooMany,
        exam::flaw::Flaw::NoNumber => Flaw::NoNumber,
        exam::flaw::Flaw::BlankNoNumber => Flaw::BlankNoNumber,
    })
}

/// Whether what was chosen or placed is right; unknown without the key.
fn verdict_beside(given: Option<&String>, right: Option<&String>) -> Verdict {
    match right {
        Some(_) if given == right => Verdict::Right,
        Some(_) => Verdict::Wrong,
        None => Verdict::Unknown,
    }
}

fn answer(
    item: &PaperItem,
    content: &Content,
    html: &QuestionHtml,
    response: Option<&Response>,
    key: Option<&ShownKey>,
    explanations: Option<&Explanations>,
    outcomes: &[Outcome],
) -> ReviewedAnswer {
    match content {
        Content::Choice { .. } => ReviewedAnswer::Options(options(item, html, response, key, explanations)),
        Content::Numeric { unit } => {
            let with_unit = |text: &str| unit.as_ref().map_or_else(|| text.to_owned(), |unit| format!("{text} {unit}"));
            ReviewedAnswer::Text(ReviewedText {
                given: match response {
                    Some(Response::Number(text)) => Some(with_unit(text)),
                    _ => None,
                },
                accepted: match key {
                    Some(ShownKey::Number(numbers)) => numbers.iter().map(|number| with_unit(number)).collect(),
                    _ => Vec::new(),
                },
            })
        }
        Content::ShortText {} => ReviewedAnswer::Text(ReviewedText {
            given: match response {
                Some(Response::Text(text)) => Some(text.clone()),
                _ => None,
            },
            accepted: match key {
                Some(ShownKey::Text(texts)) => texts.clone(),
                _ => Vec::new(),
            },
        }),
        Content::Matching { .. } => ReviewedAnswer::Parts(matching(item, html, response, key)),
        Content::Ordering { items } => ReviewedAnswer::Parts(ordering(item, html, items.len(), response, key)),
        Content::Cloze { blanks } => ReviewedAnswer::Parts(cloze(item, blanks, response, key, outcomes)),
    }
}

fn options(
    item: &PaperItem,
    html: &QuestionHtml,
    response: Option<&Response>,
    key: Option<&ShownKey>,
    explanations: Option<&Explanations>,
) -> Vec<ReviewedOption> {
    let has = |letters: &[String], letter: &str| letters.iter().any(|other| other == letter);
    let option = |(letter, authored): (String, usize)| ReviewedOption {
        html: html.parts[authored].clone(),
        chosen: matches!(response, Some(Response::Choice(letters)) if has(letters, &letter)),
        right: match key {
            Some(ShownKey::Choice(letters)) => Some(has(letters, &letter)),
            _ => None,
        },
        rationale: explanations
            .and_then(|explanations| explanations.per_option.get(authored)?.as_deref())
            .map(render_inline),
        letter,
    };
    item.shown(0).map(option).collect()
}

/// The markup of a part by its letter.
fn part(item: &PaperItem, html: &QuestionHtml, letter: &str) -> Option<Html> {
    html.parts.get(item.authored(0, letter)?).cloned()
}

fn matching(
    item: &PaperItem,
    html: &QuestionHtml,
    response: Option<&Response>,
    key: Option<&ShownKey>,
) -> Vec<ReviewedPart> {
    let stems = html.stems.iter().enumerate().map(|(index, stem)| {
        let id = (index + 1).to_string();
        let given = match response {
            Some(Response::Match(pairs)) => pairs.get(&id),
            _ => None,
        };
        let right = match key {
            Some(ShownKey::Match(pairs)) => pairs.get(&id),
            _ => None,
        };
        ReviewedPart {
            label: stem.clone(),
            given: given.and_then(|letter| part(item, html, letter)),
            accepted: right.and_then(|letter| part(item, html, letter)).into_iter().collect(),
            verdict: verdict_beside(given, right),
        }
    });
    stems.collect()
}

fn ordering(
    item: &PaperItem,
    html: &QuestionHtml,
    count: usize,
    response: Option<&Response>,
    key: Option<&ShownKey>,
) -> Vec<ReviewedPart> {
    let places = (0..count).map(|place| {
        let given = match response {
            Some(Response::Order(letters)) => letters.get(place),
            _ => None,
        };
        let right = match key {
            Some(ShownKey::Order(letters)) => letters.get(place),
            _ => None,
        };
        ReviewedPart {
            label: Html::text(&(place + 1).to_string()),
            given: given.and_then(|letter| part(item, html, letter)),
            accepted: right.and_then(|letter| part(item, html, letter)).into_iter().collect(),
            verdict: verdict_beside(given, right),
        }
    });
    places.collect()
}

fn cloze(
    item: &PaperItem,
    blanks: &[Blank],
    response: Option<&Response>,
    key: Option<&ShownKey>,
    outcomes: &[Outcome],
) -> Vec<ReviewedPart> {
    let parts = blanks.iter().enumerate().map(|(index, blank)| {
        let id = (index + 1).to_string();
        // A dropdown's answers are letters; people read its texts.
        let text = |given: &String| match blank {
            Blank::Dropdown { options } => {
                item.authored(index, given).and_then(|authored| options.get(authored)).map(|text| Html::text(text))
            }
            Blank::Text {} | Blank::Number {} => Some(Html::text(given)),
        };
        let given = match response {
            Some(Response::Blanks(filled)) => filled.get(&id),
            _ => None,
        };
        let accepted = match key {
            Some(ShownKey::Blanks(blanks)) => blanks.get(&id),
            _ => None,
        };
        ReviewedPart {
            label: Html::text(&format!("[{id}]")),
            given: given.and_then(text),
            accepted: accepted.into_iter().flatten().filter_map(text).collect(),
            // Whether typed text matches a pattern is the grade's business.
            verdict: match outcomes.get(index) {
                Some(Outcome::Unanswered) => Verdict::Wrong,
                Some(outcome) => verdict(*outcome),
                None => Verdict::Unknown,
            },
        }
    });
    parts.collect()
}
