//! A question as a candidate sees it, as JSON and on the page. Takes public content only: there is no key in reach here.

use crate::exams::pages::whole;
use crate::markup::{Html, Piece, plain_text, split_blanks};
use crate::published::QuestionHtml;
use crate::view::take::{
    Answered, BlankField, Body, Check, ChoiceOption, ClozeBlank, ClozePiece, MatchChoice, MatchStem, OrderItem,
    Question as QuestionView,
};
use exam::answer::Response;
use exam::paper::PaperItem;
use exam::question::{Blank, Content};
use serde::Serialize;
use std::collections::BTreeMap;

/// A question of an attempt in JSON.
#[derive(Debug, Serialize)]
pub struct QuestionBody<'a> {
    number: usize,
    kind: &'static str,
    prompt_html: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    multiple: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choose: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<PartBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stems: Option<Vec<PartBody<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blanks: Option<Vec<BlankBody<'a>>>,
}

/// An option, item, choice or stem.
#[derive(Debug, Serialize)]
struct PartBody<'a> {
    id: String,
    html: &'a str,
}

/// A blank of a cloze text; its place in the prompt is marked `{{number}}`.
#[derive(Debug, Serialize)]
struct BlankBody<'a> {
    number: usize,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<Vec<OptionBody<'a>>>,
}

#[derive(Debug, Serialize)]
struct OptionBody<'a> {
    id: String,
    text: &'a str,
}

/// A question of a paper in JSON.
#[must_use]
pub fn question_body<'a>(
    number: usize,
    item: &PaperItem,
    content: &'a Content,
    html: &'a QuestionHtml,
) -> QuestionBody<'a> {
    let parts = || item.shown(0).map(|(id, index)| PartBody { id, html: html.parts[index].as_str() }).collect();
    let mut body = QuestionBody {
        number,
        kind: content.kind(),
        prompt_html: html.prompt.as_str(),
        multiple: None,
        choose: None,
        unit: None,
        options: None,
        stems: None,
        blanks: None,
    };
    match content {
        Content::Choice { multiple, choose, .. } => {
            body.multiple = Some(*multiple);
            body.choose = *choose;
            body.options = Some(parts());
        }
        Content::Numeric { unit } => body.unit = unit.as_deref(),
        Content::ShortText {} => {}
        Content::Ordering { .. } => body.options = Some(parts()),
        Content::Matching { .. } => {
            let stem = |(index, html): (usize, &'a Html)| PartBody { id: (index + 1).to_string(), html: html.as_str() };
            body.stems = Some(html.stems.iter().enumerate().map(stem).collect());
            body.options = Some(parts());
        }
        Content::Cloze { blanks } => {
            let blank = |(index, blank): (usize, &'a Blank)| BlankBody {
                number: index + 1,
                kind: match blank {
                    Blank::Text {} => "text",
                    Blank::Number {} => "number",
                    Blank::Dropdown { .. } => "dropdown",
                },
                options: dropdown(item, index, blank)
                    .map(|options| options.into_iter().map(|(id, text)| OptionBody { id, text }).collect()),
            };
            body.blanks = Some(blanks.iter().enumerate().map(blank).collect());
        }
    }
    body
}

/// The options of a dropdown as letters and texts, in the paper's order.
fn dropdown<'a>(item: &PaperItem, index: usize, blank: &'a Blank) -> Option<Vec<(String, &'a str)>> {
    let Blank::Dropdown { options } = blank else { return None };
    Some(item.shown(index).map(|(letter, authored)| (letter, options[authored].as_str())).collect())
}

/// A question of a paper on its page, with the answer so far.
#[must_use]
pub fn question_view(
    number: usize,
    item: &PaperItem,
    content: &Content,
    html: &QuestionHtml,
    response: Option<&Response>,
) -> QuestionView {
    let typed = || match response {
        Some(Response::Number(text) | Response::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let empty = BTreeMap::new();
    let filled = match response {
        Some(Response::Match(parts) | Response::Blanks(parts)) => parts,
        _ => &empty,
    };
    let body = match content {
        Content::Choice { multiple, choose, .. } => {
            let chosen = |letter: &str| matches!(response, Some(Response::Choice(letters)) if letters.iter().any(|l| l == letter));
            let option = |(id, index): (String, usize)| ChoiceOption {
                chosen: chosen(&id),
                html: html.parts[index].clone(),
                id,
            };
            Body::Choice {
                multiple: *multiple,
                choose: choose.map(whole),
                options: item.shown(0).map(option).collect(),
            }
        }
        Content::Numeric { unit } => Body::Numeric { value: typed(), unit: unit.clone() },
        Content::ShortText {} => Body::ShortText { value: typed() },
        Content::Matching { choices, .. } => Body::Matching {
            stems: html
                .stems
                .iter()
                .enumerate()
                .map(|(index, html)| {
                    let id = (index + 1).to_string();
                    MatchStem { chosen: filled.get(&id).cloned(), html: html.clone(), id }
                })
                .collect(),
            choices: item
                .shown(0)
                .map(|(id, index)| MatchChoice {
                    id,
                    text: plain_text(&choices[index]),
                    html: html.parts[index].clone(),
                })
                .collect(),
        },
        Content::Ordering { .. } => ordering(item, html, response),
        Content::Cloze { blanks } => {
            let piece = |piece: Piece| match piece {
                Piece::Text(html) => ClozePiece::Text(html),
                Piece::Blank(number) => ClozePiece::Blank(ClozeBlank {
                    number: whole(number),
                    field: number.checked_sub(1).and_then(|index| Some((index, blanks.get(index)?))).map_or(
                        BlankField::Text,
                        |(index, blank)| match blank {
                            Blank::Text {} => BlankField::Text,
                            Blank::Number {} => BlankField::Number,
                            Blank::Dropdown { .. } => {
                                let options = dropdown(item, index, blank).unwrap_or_default().into_iter();
                                BlankField::Dropdown(options.map(|(letter, text)| (letter, text.to_owned())).collect())
                            }
                        },
                    ),
                    value: filled.get(&number.to_string()).cloned().unwrap_or_default(),
                }),
            };
            Body::Cloze { pieces: split_blanks(&html.prompt).into_iter().map(piece).collect() }
        }
    };
    let prompt = if matches!(content, Content::Cloze { .. }) { Html::default() } else { html.prompt.clone() };
    QuestionView { number: whole(number), prompt, body, points: None, check: Check::None }
}

/// How much of a question a response answers, by what the question asks for.
#[must_use]
pub fn answered(content: &Content, response: Option<&Response>) -> Answered {
    let (given, asked) = match (content, response) {
        (_, None) => return Answered::Open,
        (Content::Choice { choose: Some(choose), .. }, Some(Response::Choice(letters))) => (letters.len(), *choose),
        (Content::Ordering { items }, Some(Response::Order(letters))) => (letters.len(), items.len()),
        (Content::Matching { stems, .. }, Some(Response::Match(parts))) => (parts.len(), stems.len()),
        (Content::Cloze { blanks }, Some(Response::Blanks(parts))) => (parts.len(), blanks.len()),
        _ => return Answered::Fully,
    };
    if given < asked { Answered::Partly } else { Answered::Fully }
}

/// Items as answered, then those left open as the paper lists them.
fn ordering(item: &PaperItem, html: &QuestionHtml, response: Option<&Response>) -> Body {
    let shown: Vec<(String, usize)> = item.shown(0).collect();
    let answered: Vec<(String, usize)> = match response {
        Some(Response::Order(letters)) => {
            letters.iter().filter_map(|letter| Some((letter.clone(), item.authored(0, letter)?))).collect()
        }
        _ => Vec::new(),
    };
    let is_answered = answered.len() == shown.len();
    let given = answered.len();
    let open = shown.into_iter().filter(|part| !answered.contains(part)).collect::<Vec<_>>();
    let item = |(place, (id, index)): (usize, (String, usize))| {
        let position = (place < given).then(|| (place + 1).to_string());
        OrderItem { id, html: html.parts[index].clone(), position }
    };
    Body::Ordering { items: answered.into_iter().chain(open).enumerate().map(item).collect(), answered: is_answered }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_a_part_of_the_question_is_told_from_a_whole_one() {
        let parts = |count: usize| (1..=count).map(|number| (number.to_string(), "a".to_owned())).collect();
        let letters = |count: usize| Response::Choice(["a", "b", "c"][..count].iter().map(|&l| l.into()).collect());
        let options = vec!["x".to_owned(), "y".into(), "z".into()];
        // How many options there are does not matter here.
        let choose = |choose| Content::Choice { multiple: true, choose, options: Vec::new() };
        assert_eq!(answered(&choose(Some(2)), None), Answered::Open);
        assert_eq!(answered(&choose(Some(2)), Some(&letters(1))), Answered::Partly);
        assert_eq!(answered(&choose(Some(2)), Some(&letters(2))), Answered::Fully);
        assert_eq!(answered(&choose(Some(2)), Some(&letters(3))), Answered::Fully, "too many is another matter");
        assert_eq!(answered(&choose(None), Some(&letters(1))), Answered::Fully, "all that apply may be one");
        let cloze = Content::Cloze { blanks: vec![Blank::Text {}, Blank::Number {}] };
        assert_eq!(answered(&cloze, Some(&Response::Blanks(parts(1)))), Answered::Partly);
        assert_eq!(answered(&cloze, Some(&Response::Blanks(parts(2)))), Answered::Fully);
        let matching = Content::Matching { stems: options.clone(), choices: options.clone() };
        assert_eq!(answered(&matching, Some(&Response::Match(parts(2)))), Answered::Partly);
        assert_eq!(answered(&matching, Some(&Response::Match(parts(3)))), Answered::Fully);
        assert_eq!(answered(&Content::ShortText {}, Some(&Response::Text("ls".into()))), Answered::Fully);
    }
}
