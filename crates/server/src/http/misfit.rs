//! What in a JSON body does not fit its request: where, and what to do about it.

use crate::http::errors::FieldProblem;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

/// The first thing that does not fit in a body that is JSON but no `T`. Values are not repeated: they may be secret or long.
pub(super) fn find<T: DeserializeOwned>(body: &[u8]) -> FieldProblem {
    // Read a second time, so that the path is kept track of for bodies that are refused only.
    let mut json = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Ok(_) => FieldProblem { pointer: String::new(), detail: "The body does not fit.".into() },
        Err(error) => told(&pointer(error.path()), &error.inner().to_string()),
    }
}

/// An RFC 6901 pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer += &format!("/{index}"),
            Segment::Map { key } => pointer += &token(key),
            // Requests hold neither enumerations with content nor keys that are no texts.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn token(key: &str) -> String {
    format!("/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Serde's message in our words.
fn told(pointer: &str, message: &str) -> FieldProblem {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let quoted = |prefix: &str| message.strip_prefix(prefix)?.split('`').nth(1);
    let problem = |pointer: String, detail: &str| FieldProblem { pointer, detail: detail.to_owned() };
    if let Some(name) = quoted("missing field ") {
        return problem(format!("{pointer}{}", token(name)), "This field is missing.");
    }
    if let Some(name) = quoted("duplicate field ") {
        return problem(format!("{pointer}{}", token(name)), "Send this field once.");
    }
    if quoted("unknown field ").is_some() {
        return problem(pointer.to_owned(), "There is no such field.");
    }
    let types = message.strip_prefix("invalid type: ").and_then(|types| types.rsplit_once(", expected "));
    if let Some((found, wanted)) = types {
        return problem(pointer.to_owned(), &format!("Send {} here, not {}.", wanted_type(wanted), found_type(found)));
    }
    if message.starts_with("invalid value: integer") {
        return problem(pointer.to_owned(), "The number is out of range.");
    }
    problem(pointer.to_owned(), "This does not fit here.")
}

fn wanted_type(wanted: &str) -> &str {
    match wanted {
        "a sequence" => "a list",
        "i64" | "u64" | "usize" | "i32" | "u32" => "a whole number",
        wanted if wanted.starts_with("struct ") || wanted == "a map" => "an object",
        wanted => wanted,
    }
}

fn found_type(found: &str) -> &'static str {
    match found.split(' ').next().unwrap_or_default() {
        "null" => "null",
        "boolean" => "true or false",
        "integer" => "a number",
        "floating" => "a fraction",
        "string" => "a string",
        "sequence" => "a list",
        "map" => "an object",
        _ => "this",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Body {
        name: String,
        #[serde(default)]
        count: Option<usize>,
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Part {
        seq: i64,
        raw: Box<serde_json::value::RawValue>,
    }

    #[test]
    fn what_does_not_fit_is_pointed_at_and_told_without_the_value() {
        for (body, pointer, detail) in [
            ("{}", "/name", "This field is missing."),
            (r#"{"name": 5}"#, "/name", "Send a string here, not a number."),
            (r#"{"name": "a", "name": "b"}"#, "/name", "Send this field once."),
            (r#"{"name": "a", "a/b~c": 1}"#, "/a~1b~0c", "There is no such field."),
            (r#"{"name": "a", "count": "secret"}"#, "/count", "Send a whole number here, not a string."),
            (r#"{"name": "a", "count": -1}"#, "/count", "The number is out of range."),
            (r#"{"name": "a", "count": 1.5}"#, "/count", "Send a whole number here, not a fraction."),
            (r#"{"name": "a", "parts": {}}"#, "/parts", "Send a list here, not an object."),
            (r#"{"name": "a", "parts": [null]}"#, "/parts/0", "Send an object here, not null."),
            (
                r#"{"name": "a", "parts": [{"seq": 1, "raw": [1]}, {"seq": 1}]}"#,
                "/parts/1/raw",
                "This field is missing.",
            ),
            (
                r#"{"name": "a", "parts": [{"seq": true, "raw": 1}]}"#,
                "/parts/0/seq",
                "Send a whole number here, not true or false.",
            ),
        ] {
            assert!(serde_json::from_str::<Body>(body).is_err(), "{body}");
            let found = find::<Body>(body.as_bytes());
            assert_eq!((found.pointer.as_str(), found.detail.as_str()), (pointer, detail), "{body}");
        }
    }
}
