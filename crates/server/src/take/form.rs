//! Answers out of plain forms: fields to the one response that the API would take.

use crate::http::extract::Form;
use exam::answer::{BadResponse, Response};
use exam::question::Content;
use serde_json::{Map, Value, json};

/// The response that a form holds for a question; None when it is left open.
///
/// Fields: `choice` (repeated), `number`, `text`, `order.<item>` with a position, `match.<stem>` and `blank.<n>`. Only choices may be
/// missing, which is how nothing ticked is sent; a form without the others is of another question.
///
/// # Errors
/// When it cannot be read as an answer: a field is missing, two items are at one position, or a position is left out before another.
pub fn response(form: &Form, content: &Content) -> Result<Option<Response>, BadResponse> {
    let asked = match content {
        Content::Choice { .. } => None,
        Content::Numeric { .. } => Some("number"),
        Content::ShortText {} => Some("text"),
        Content::Matching { .. } => Some("match."),
        Content::Cloze { .. } => Some("blank."),
        Content::Ordering { .. } => Some("order."),
    };
    if asked.is_some_and(|name| !form.has(name)) {
        return Err(BadResponse::Kind);
    }
    let family = |prefix: &str| -> Value {
        let fields = form.family(prefix).map(|(name, value)| (name.to_owned(), Value::from(value)));
        Value::Object(fields.collect::<Map<_, _>>())
    };
    let value = match content {
        Content::Choice { .. } => json!({"choice": form.all("choice").collect::<Vec<_>>()}),
        Content::Numeric { .. } => json!({"number": form.get("number")}),
        Content::ShortText {} => json!({"text": form.get("text")}),
        Content::Matching { .. } => json!({"match": family("match.")}),
        Content::Cloze { .. } => json!({"blanks": family("blank.")}),
        Content::Ordering { items } => json!({"order": order(form, items.len())?}),
    };
    Response::from_json(&value)
}

/// The items by their positions, the last of which may be open.
fn order(form: &Form, count: usize) -> Result<Vec<String>, BadResponse> {
    let placed = form.family("order.").filter(|(_, position)| !position.trim().is_empty());
    let mut places: Vec<Option<String>> = vec![None; count];
    for (item, position) in placed {
        let position: usize = position.parse().map_err(|_| BadResponse::UnknownPart)?;
        let place = position.checked_sub(1).and_then(|index| places.get_mut(index)).ok_or(BadResponse::UnknownPart)?;
        if place.replace(item.to_owned()).is_some() {
            return Err(BadResponse::TooMany);
        }
    }
    let given = places.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    places.into_iter().take(given).collect::<Option<Vec<_>>>().ok_or(BadResponse::UnknownPart)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Form {
        Form(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn an_order_is_read_from_positions() {
        let content = Content::Ordering { items: vec!["x".into(), "y".into(), "z".into()] };
        let read = |fields: &[(&str, &str)]| response(&form(fields), &content);
        let placed = [("order.a", "2"), ("order.b", "3"), ("order.c", "1")];
        assert_eq!(read(&placed), Ok(Some(Response::Order(vec!["c".into(), "a".into(), "b".into()]))));
        assert_eq!(read(&[("order.a", ""), ("order.b", "")]), Ok(None));
        assert_eq!(read(&[("order.a", "1"), ("order.b", "1"), ("order.c", "2")]), Err(BadResponse::TooMany));
        let two = [("order.c", "2"), ("order.b", ""), ("order.a", "1")];
        assert_eq!(read(&two), Ok(Some(Response::Order(vec!["a".into(), "c".into()]))), "the last may be open");
        assert_eq!(read(&[("order.a", "2"), ("order.b", "")]), Err(BadResponse::UnknownPart), "but not one before it");
        assert_eq!(read(&[("order.a", "9")]), Err(BadResponse::UnknownPart));
        assert_eq!(read(&[("order.a", "0")]), Err(BadResponse::UnknownPart));
    }

    #[test]
    fn a_form_of_another_question_takes_no_answer_back() {
        let numeric = Content::Numeric { unit: None };
        for content in [numeric, Content::ShortText {}, Content::Ordering { items: vec!["x".into()] }] {
            assert_eq!(response(&form(&[("choice", "a"), ("go", "next")]), &content), Err(BadResponse::Kind));
        }
    }

    #[test]
    fn open_selects_are_no_answer() {
        let content = Content::Matching { stems: vec!["x".into(), "y".into()], choices: vec!["p".into(), "q".into()] };
        assert_eq!(response(&form(&[("match.1", ""), ("match.2", "")]), &content), Ok(None));
        let one = response(&form(&[("match.1", "b"), ("match.2", "")]), &content);
        assert_eq!(one, Ok(Some(Response::Match([("1".to_owned(), "b".to_owned())].into()))));
    }
}
