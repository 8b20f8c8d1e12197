//! Calls of the API. Whatever a test is about, each answer is held against the OpenAPI document: its status, its content
//! type and its schema.

use jsonschema::Validator;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use testkit::Visitor;

/// The document as it lies in the repository.
pub(crate) const TEXT: &str = include_str!("../crates/server/openapi.json");

/// The same, read.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).expect("it is JSON"));

/// An answer that the document allows.
#[derive(Debug)]
pub(crate) struct Answer {
    what: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The body of an answer that must have a status.
    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.body);
        self.body
    }

    /// The problem of an answer that must have a status and a code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, &self.body["code"]), (status, &json!(code)), "{}: {}", self.what, self.body);
        assert_eq!(self.body["status"], status, "{}", self.what);
        self.body
    }

    /// The pointers of the wrong values that an `invalid` answer names.
    #[track_caller]
    pub(crate) fn wrong_values(self) -> Vec<String> {
        let problem = self.refused(422, "invalid");
        let errors = problem["errors"].as_array().expect("an invalid request names what is wrong");
        errors.iter().map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect()
    }
}

/// Short names for calls of the API.
pub(crate) trait Api {
    /// GET.
    async fn read(&self, path: &str) -> Answer;
    /// POST of JSON.
    async fn post(&self, path: &str, body: Value) -> Answer;
    /// PUT of JSON.
    async fn put(&self, path: &str, body: Value) -> Answer;
    /// DELETE.
    async fn delete(&self, path: &str) -> Answer;
    /// Any body, called JSON.
    async fn send_text(&self, method: Method, path: &str, body: impl Into<Vec<u8>>) -> Answer;
}

impl Api for Visitor {
    async fn read(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        answer(self.request(Method::PUT, path).json(&body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path)).await
    }

    async fn send_text(&self, method: Method, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        answer(self.request(method, path).header(CONTENT_TYPE, "application/json").body(body.into())).await
    }
}

/// Sends a request of the API and holds its answer against the document.
pub(crate) async fn answer(request: RequestBuilder) -> Answer {
    let (client, request) = request.build_split();
    let request = request.expect("a request that can be sent");
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let what = format!("{method} {}", request.url());
    let response = client.execute(request).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    let text = std::str::from_utf8(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(text).unwrap_or(Value::Null) };
    if method != Method::HEAD {
        let kind = headers.get(CONTENT_TYPE).map(|kind| kind.to_str().expect("ASCII"));
        check(&what, &method, &path, status, kind, text);
    }
    Answer { what, status, headers, body }
}

fn check(what: &str, method: &Method, path: &str, status: u16, kind: Option<&str>, text: &str) {
    let what = format!("{what} answered {status} {text}");
    let operation = operation(method, path);
    let documented = operation.map(|(template, operation)| {
        let response = &operation["responses"][status.to_string()];
        assert!(response.is_object(), "{what}: the document knows no such status of {template}");
        resolved(response)
    });
    let Some(response) = documented else {
        // Not an operation: then it can only be an error.
        assert!((400..500).contains(&status), "{what}: the document knows no such operation");
        assert_eq!(kind, Some("application/problem+json"), "{what}");
        return hold(&what, "problem", &json!({"$ref": "#/components/schemas/Problem"}), text);
    };
    if response["content"].is_null() {
        assert!(text.is_empty() && kind.is_none(), "{what}: the document knows no body of it");
        return;
    }
    let kind = kind.unwrap_or_else(|| panic!("{what}: it has no content type"));
    let schema = &response["content"][kind]["schema"];
    assert!(schema.is_object(), "{what}: the document knows no {kind} of it");
    hold(&what, &schema.to_string(), schema, text);
}

/// The template and the operation of the document that a request is one of.
pub(crate) fn operation(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let fits = |template: &str| {
        let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        wanted.len() == given.len() && wanted.iter().zip(&given).all(|(w, g)| w == g || w.starts_with('{'))
    };
    let (template, item) = paths.iter().find(|(template, _)| fits(template))?;
    let operation = item.get(method.as_str().to_lowercase())?;
    Some((template, operation))
}

/// What a local reference stands for.
pub(crate) fn resolved(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => DOCUMENT.pointer(reference.trim_start_matches('#')).expect("a reference leads somewhere"),
        None => value,
    }
}

/// Holds a text against a schema of the document. Equal keys are equal schemas.
#[track_caller]
pub(crate) fn hold(what: &str, key: &str, schema: &Value, text: &str) {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let validator = {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let compiled = known.entry(key.to_owned()).or_insert_with(|| Arc::new(compile(schema)));
        Arc::clone(compiled)
    };
    let body: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    let flaws: Vec<String> =
        validator.iter_errors(&body).map(|flaw| format!("{} at {}", flaw, flaw.instance_path)).collect();
    assert!(flaws.is_empty(), "{what}: the document does not allow {flaws:#?}");
}

fn compile(schema: &Value) -> Validator {
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": DOCUMENT["components"],
        "allOf": [schema],
    });
    let options = jsonschema::options().should_validate_formats(true);
    options.build(&whole).unwrap_or_else(|error| panic!("{schema}: {error}"))
}
