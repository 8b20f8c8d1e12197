//! `/api/v1`.

pub(crate) mod access_codes;
mod accounts;
mod attempts;
mod journey;
mod operations;
mod practice;
mod results;
mod session;
mod starts;

use crate::contract::Api;
use serde_json::{Value, json};
use testkit::Visitor;

/// Starts an exam; the attempt's id.
async fn start(person: &Visitor, exam: &str) -> String {
    let attempt = person.post(&format!("/api/v1/exams/{exam}/attempts"), json!({})).await.ok(201);
    attempt["id"].as_str().expect("an id").to_owned()
}

/// Saves one operation of a writer; what became of it.
async fn save(person: &Visitor, attempt: &str, writer: i64, seq: i64, question: i64, response: Value) -> Value {
    let operation = json!({"seq": seq, "question": question, "response": response});
    let body = json!({"writer": writer, "operations": [operation]});
    person.put(&format!("/api/v1/attempts/{attempt}/answers"), body).await.ok(200)
}

/// The attempt as it stands.
async fn look(person: &Visitor, attempt: &str) -> Value {
    person.read(&format!("/api/v1/attempts/{attempt}")).await.ok(200)
}

/// Hands an attempt in; the receipt.
async fn submit(person: &Visitor, attempt: &str) -> Value {
    person.post(&format!("/api/v1/attempts/{attempt}/submit"), json!({})).await.ok(200)
}
