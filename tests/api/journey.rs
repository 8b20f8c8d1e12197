//! The journey of an outside tool through the API, as the contract writes it.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{TestApp, arrange, both_engines};

both_engines!(an_outside_tool_signs_up_sits_an_exam_and_reads_its_result, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let guest = app.guest();

    let account = json!({"email": "ana@example.org", "name": "Ana", "password": "correct horse battery"});
    let response = guest.call(Method::POST, "/api/v1/accounts", &account).await;
    assert_eq!(response.status(), 201);
    assert!(response.headers()["set-cookie"].to_str().expect("text").contains("HttpOnly; SameSite=Lax"));

    let credentials = json!({"email": "ANA@example.org", "password": "correct horse battery"});
    let session = guest.expect(200, Method::POST, "/api/v1/session", &credentials).await;
    let ana = guest.with_token(session["token"].as_str().expect("a token"));

    let exams = guest.expect(200, Method::GET, "/api/v1/exams", &Value::Null).await;
    assert_eq!(exams["exams"][0]["slug"], "cloud");
    assert_eq!(exams["exams"][0]["time_limit_s"], 1_800);

    let start = json!({"idempotency_key": "k1"});
    let attempt = ana.expect(201, Method::POST, "/api/v1/exams/cloud/attempts", &start).await;
    let id = attempt["id"].as_str().expect("an id");
    assert_eq!(attempt["state"], "open");
    assert_eq!(attempt["deadline"], "2026-11-23T12:30:00.000Z");
    let again = ana.expect(200, Method::POST, "/api/v1/exams/cloud/attempts", &start).await;
    assert_eq!(again["id"], attempt["id"], "the same key is the same attempt");

    let save = json!({"operations": [{"seq": 1, "question": 1, "response": {"choice": ["a"]}}]});
    let saved = ana.expect(200, Method::PUT, &format!("/api/v1/attempts/{id}/answers"), &save).await;
    assert_eq!(saved["acknowledged"], json!([1]));
    assert_eq!(saved["rejected"], json!([]));

    let attempt = ana.expect(200, Method::GET, &format!("/api/v1/attempts/{id}"), &Value::Null).await;
    assert_eq!(attempt["answers"], json!({"1": {"choice": ["a"]}}));
    assert_eq!(attempt["last_seq"], 1);

    let receipt = ana.expect(200, Method::POST, &format!("/api/v1/attempts/{id}/submit"), &json!({})).await;
    assert_eq!((&receipt["state"], &receipt["answered"]), (&json!("submitted"), &json!(1)));
    let again = ana.expect(200, Method::POST, &format!("/api/v1/attempts/{id}/submit"), &json!({})).await;
    assert_eq!(again, receipt, "submitting again gives the same receipt");

    let result = ana.expect(200, Method::GET, &format!("/api/v1/attempts/{id}/result"), &Value::Null).await;
    assert!(result["max_points"].as_f64().expect("marks") > 0.0);
    assert!(result["questions"][0]["key"].is_object(), "the default policy shows keys at submit");
    let list = ana.expect(200, Method::GET, "/api/v1/attempts?state=submitted", &Value::Null).await;
    assert_eq!(list["attempts"][0]["id"], receipt["attempt"]);
});
