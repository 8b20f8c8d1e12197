//! The journey of an outside tool through the API, as the contract writes it.

use crate::contract::Api;
use reqwest::header::SET_COOKIE;
use serde_json::json;
use testkit::{TestApp, arrange, both_engines};

both_engines!(an_outside_tool_signs_up_sits_an_exam_and_reads_its_result, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let guest = app.guest();

    let account = json!({"email": "ana@example.org", "name": "Ana", "password": "correct horse battery"});
    let signed_up = guest.post("/api/v1/accounts", account).await;
    let cookie = signed_up.headers[SET_COOKIE].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    assert_eq!(signed_up.ok(201)["role"], "candidate");

    let credentials = json!({"email": "ANA@example.org", "password": "correct horse battery"});
    let session = guest.post("/api/v1/session", credentials).await.ok(200);
    let ana = guest.with_token(session["token"].as_str().expect("a token"));

    let exams = guest.read("/api/v1/exams").await.ok(200);
    assert_eq!(exams["exams"][0]["slug"], "cloud");
    assert_eq!(exams["exams"][0]["time_limit_s"], 1_800);

    let start = json!({"idempotency_key": "k1"});
    let attempt = ana.post("/api/v1/exams/cloud/attempts", start.clone()).await.ok(201);
    let id = attempt["id"].as_str().expect("an id");
    assert_eq!(attempt["state"], "open");
    assert_eq!(attempt["deadline"], "2026-11-23T12:30:00.000Z");
    let again = ana.post("/api/v1/exams/cloud/attempts", start).await.ok(200);
    assert_eq!(again["id"], attempt["id"], "the same key is the same attempt");

    let save = json!({"operations": [{"seq": 1, "question": 1, "response": {"choice": ["a"]}}]});
    let saved = ana.put(&format!("/api/v1/attempts/{id}/answers"), save).await.ok(200);
    assert_eq!(saved["acknowledged"], json!([1]));
    assert_eq!(saved["rejected"], json!([]));

    let attempt = ana.read(&format!("/api/v1/attempts/{id}")).await.ok(200);
    assert_eq!(attempt["answers"], json!({"1": {"choice": ["a"]}}));
    assert_eq!(attempt["last_seq"], 1);

    let receipt = ana.post(&format!("/api/v1/attempts/{id}/submit"), json!({})).await.ok(200);
    assert_eq!((&receipt["state"], &receipt["answered"]), (&json!("submitted"), &json!(1)));
    let again = ana.post(&format!("/api/v1/attempts/{id}/submit"), json!({})).await.ok(200);
    assert_eq!(again, receipt, "submitting again gives the same receipt");

    let result = ana.read(&format!("/api/v1/attempts/{id}/result")).await.ok(200);
    assert_eq!((&result["points"], &result["max_points"]), (&json!(1), &json!(3)));
    assert!(result["questions"][0]["key"].is_object(), "the default policy shows keys at submit");
    let list = ana.read("/api/v1/attempts?state=submitted").await.ok(200);
    assert_eq!(list["attempts"][0]["id"], receipt["attempt"]);
});
