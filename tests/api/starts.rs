//! `POST /api/v1/exams/{slug}/attempts`: one attempt per intention, within the limits of the exam.

use super::{look, start, submit};
use crate::contract::Api;
use exam::settings::Mode;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{NOON, TestApp, arrange, both_engines, minutes_after_noon};

const STARTS: &str = "/api/v1/exams/cloud/attempts";

fn key(key: &str) -> Value {
    json!({"idempotency_key": key})
}

both_engines!(a_key_always_means_the_same_attempt, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;

    let first = ada.post(STARTS, key("monday")).await.ok(201);
    let again = ada.post(STARTS, key("monday")).await.ok(200);
    assert_eq!(again["id"], first["id"]);
    let without = ada.post(STARTS, json!({})).await.ok(200);
    assert_eq!(without["id"], first["id"], "one attempt is open, so it is meant");
    let tuesday = ada.post(STARTS, key("tuesday")).await.ok(200);
    assert_eq!(tuesday["id"], first["id"], "at most one attempt is open, whatever the key");

    submit(&ada, first["id"].as_str().expect("an id")).await;
    for known in ["monday", "tuesday"] {
        let replayed = ada.post(STARTS, key(known)).await.ok(200);
        assert_eq!(replayed["id"], first["id"], "a repeated {known} must not start another attempt");
        assert_eq!(replayed["state"], "submitted");
    }
    let second = ada.post(STARTS, key("wednesday")).await.ok(201);
    assert_ne!(second["id"], first["id"]);
});

both_engines!(a_key_belongs_to_one_person_and_one_exam, async |t| {
    arrange::exam("cloud").publish(&t).await;
    arrange::exam("network").publish(&t).await;
    let app = TestApp::start(&t).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);

    let of_ada = ada.post(STARTS, key("1")).await.ok(201);
    let of_bo = bo.post(STARTS, key("1")).await.ok(201);
    let of_another_exam = ada.post("/api/v1/exams/network/attempts", key("1")).await.ok(201);

    assert_ne!(of_ada["id"], of_bo["id"]);
    assert_ne!(of_ada["id"], of_another_exam["id"]);
});

both_engines!(a_start_that_cannot_be_meant_is_refused, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;

    for bad in ["", "a\nb", "a\u{0}b", &"k".repeat(201)] {
        assert_eq!(ada.post(STARTS, key(bad)).await.wrong_values(), ["/idempotency_key"], "{bad:?}");
    }
    for bad in [json!({"question_count": 2}), json!({"question_count": 0})] {
        assert_eq!(ada.post(STARTS, bad).await.wrong_values(), ["/question_count"]);
    }
    for (field, bad) in [
        ("/color", json!({"color": "red"})),
        ("/question_count", json!({"question_count": -1})),
        ("/idempotency_key", json!({"idempotency_key": 5})),
        ("", json!([])),
    ] {
        assert_eq!(ada.post(STARTS, bad.clone()).await.wrong_values(), [field], "{bad}");
    }
    ada.send_text(Method::POST, STARTS, "{").await.refused(400, "malformed");
    ada.post("/api/v1/exams/nowhere/attempts", json!({})).await.refused(404, "not_found");
    assert_eq!(ada.read("/api/v1/attempts").await.ok(200)["attempts"], json!([]), "nothing was started");

    let longest = ada.post(STARTS, key(&"k".repeat(200))).await.ok(201);
    let no_body = ada.send_text(Method::POST, STARTS, "").await.ok(200);
    assert_eq!(no_body["id"], longest["id"], "a start needs no body");
});

both_engines!(an_exam_that_is_not_published_cannot_be_found, async |t| {
    arrange::exam("draft").create(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    ada.post("/api/v1/exams/draft/attempts", json!({})).await.refused(404, "not_found");
    assert_eq!(ada.read("/api/v1/exams").await.ok(200)["exams"], json!([]));
});

both_engines!(attempts_are_limited, async |t| {
    arrange::exam("cloud").attempts(2).publish(&t).await;
    let app = TestApp::start(&t).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let first = ada.post(STARTS, key("first")).await.ok(201);
    submit(&ada, first["id"].as_str().expect("an id")).await;
    let second = start(&ada, "cloud").await;
    assert_eq!(ada.post(STARTS, json!({})).await.ok(200)["id"], second.as_str(), "the second is still open");
    submit(&ada, &second).await;

    ada.post(STARTS, json!({})).await.refused(409, "no_attempts_left");
    ada.post(STARTS, key("third")).await.refused(409, "no_attempts_left");
    assert_eq!(ada.post(STARTS, key("first")).await.ok(200)["id"], first["id"], "a repeated start uses up nothing");
    bo.post(STARTS, json!({})).await.ok(201);
});

both_engines!(an_exam_opens_and_closes_to_the_millisecond, async |t| {
    let window = |settings: &mut exam::settings::Settings| {
        settings.opens_at = Some(minutes_after_noon(10));
        settings.closes_at = Some(minutes_after_noon(60));
        settings.time_limit_s = Some(45 * 60);
    };
    arrange::exam("cloud").set(window).publish(&t).await;
    let app = TestApp::start(&t).await;
    let (ada, bo, eve) = (app.candidate().await, app.candidate().await, app.candidate().await);
    let a_millisecond = std::time::Duration::from_millis(1);

    app.clock.set(minutes_after_noon(10).before(a_millisecond));
    ada.post(STARTS, key("1")).await.refused(409, "not_open");
    app.clock.set(minutes_after_noon(10));
    let early = ada.post(STARTS, key("1")).await.ok(201);
    assert_eq!(early["deadline"], "2026-11-23T12:55:00.000Z", "the time limit");
    app.clock.set(minutes_after_noon(60).before(a_millisecond));
    let late = bo.post(STARTS, json!({})).await.ok(201);
    assert_eq!(late["deadline"], "2026-11-23T13:00:00.000Z", "the close cuts the time limit off");
    app.clock.set(minutes_after_noon(60));
    eve.post(STARTS, json!({})).await.refused(409, "not_open");
    assert_eq!(ada.post(STARTS, key("1")).await.ok(200)["id"], early["id"], "what was started can be found again");
});

both_engines!(a_practice_has_as_many_questions_as_are_asked_for, async |t| {
    arrange::bank(&t, "large", 34).await;
    arrange::exam("cloud").draw("large", 34).set(|settings| settings.mode = Mode::Practice).publish(&t).await;
    let app = TestApp::start(&t).await;
    let offered = app.guest().read("/api/v1/exams").await.ok(200);
    assert_eq!(offered["exams"][0]["question_counts"], json!([10, 20, 30]));

    for (asked, given) in [(json!({}), 10), (json!({"question_count": 20}), 20), (json!({"question_count": 30}), 30)] {
        let person = app.candidate().await;
        let attempt = person.post(STARTS, asked).await.ok(201);
        assert_eq!(attempt["questions"].as_array().map(Vec::len), Some(given));
    }
    let ada = app.candidate().await;
    for not_offered in [1, 11, 34, 50] {
        let refused = ada.post(STARTS, json!({"question_count": not_offered})).await;
        assert_eq!(refused.wrong_values(), ["/question_count"], "{not_offered}");
    }
});

both_engines!(a_new_version_does_not_change_a_paper_that_is_being_sat, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let before = look(&ada, &attempt).await;

    let questions = arrange::referenced([
        testkit::question::choice("Another question?"),
        testkit::question::choice("And another?"),
        testkit::question::choice("And a third?"),
    ]);
    let bank = t.find_bank("cloud").await.expect("it can be read").expect("it is there");
    t.upsert_questions(&bank, &questions, None, NOON).await.expect("questions are written");
    arrange::publish(&t, "cloud").await;

    assert_eq!(look(&ada, &attempt).await, before);
    assert_eq!(ada.post(STARTS, json!({})).await.ok(200)["questions"], before["questions"]);
    let bo = app.candidate().await;
    let new = bo.post(STARTS, json!({})).await.ok(201);
    assert_ne!(new["questions"], before["questions"], "who starts now gets the new version");
});
