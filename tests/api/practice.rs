//! Practice by the API: checking questions, bookmarks and drills.

use super::{look, save, start, submit};
use crate::contract::Api;
use exam::question::Question;
use exam::release::{ReleasePolicy, When};
use exam::settings::{Mode, Settings};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{TestApp, TestStore, Visitor, arrange, both_engines, minutes_after_noon, question};

/// A practice of certain questions in their order, each right by "a".
async fn practice(t: &TestStore, slug: &str, questions: impl IntoIterator<Item = Question>) {
    arrange::exam(slug).set(|settings| settings.mode = Mode::Practice).asking(questions).publish(t).await;
}

async fn check(person: &Visitor, attempt: &str, number: i64) -> crate::contract::Answer {
    person.post(&format!("/api/v1/attempts/{attempt}/questions/{number}/check"), json!({})).await
}

async fn bookmark(person: &Visitor, method: Method, attempt: &str, number: i64) -> u16 {
    let path = format!("/api/v1/attempts/{attempt}/questions/{number}/bookmark");
    crate::contract::answer(person.request(method, &path)).await.status
}

/// The right answer to a question of [`question::each_kind`]. What is matched or put in order is always shuffled.
fn right(number: i64, question: &Value) -> Value {
    let id = |html: &str| -> Value {
        let options = question["options"].as_array().expect("it has options");
        options.iter().find(|option| option["html"] == html).expect("it has this one")["id"].clone()
    };
    match number {
        1 => json!({"choice": ["a"]}),
        2 => json!({"choice": ["a", "b"]}),
        3 => json!({"number": "42"}),
        4 => json!({"text": "right"}),
        5 => json!({"match": {"1": id("1"), "2": id("2")}}),
        6 => json!({"order": [id("1"), id("2"), id("3")]}),
        _ => json!({"blanks": {"1": "right", "2": "42", "3": "a"}}),
    }
}

both_engines!(a_question_of_every_kind_is_checked_and_nothing_of_the_others_is_told, async |t| {
    practice(&t, "kinds", question::each_kind()).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "kinds").await;
    let explanations: Vec<String> = question::each_kind()
        .iter()
        .map(|question| format!("Why: {}", question.prompt.split(" {{").next().unwrap_or_default()))
        .collect();
    let questions = look(&ada, &attempt).await["questions"].clone();
    for (number, asked) in (1..).zip(questions.as_array().expect("questions")) {
        let response = right(number, asked);
        check(&ada, &attempt, number).await.refused(422, "unanswered");
        let saved = save(&ada, &attempt, 0, number, number, response.clone()).await;
        assert_eq!(saved["acknowledged"], json!([number]));
        let result = check(&ada, &attempt, number).await.ok(200);
        assert_eq!(
            (&result["number"], &result["correct"], &result["points"]),
            (&json!(number), &json!(true), &json!(1))
        );
        assert_eq!(result["response"], response);
        assert!(result["key"].is_object(), "{result}");
        assert_eq!(check(&ada, &attempt, number).await.ok(200), result, "checking again says the same");

        let body = look(&ada, &attempt).await;
        let numbers: Vec<_> =
            body["checked"].as_array().expect("some").iter().map(|one| one["number"].as_i64()).collect();
        assert_eq!(numbers, (1..=number).map(Some).collect::<Vec<_>>());
        let page = ada.get(&format!("/attempts/{attempt}/questions")).await.text().await.expect("a body");
        for (other, text) in (1..).zip(&explanations) {
            assert_eq!(body.to_string().contains(text), other <= number, "{text} after {number}");
            assert_eq!(page.contains(text), other <= number, "{text} on the page after {number}");
        }
    }
    let receipt = submit(&ada, &attempt).await;
    assert_eq!(receipt["answered"], 7);
    let result = ada.read(&format!("/api/v1/attempts/{attempt}/result")).await.ok(200);
    assert_eq!(result["percent"], 100);
    check(&ada, &attempt, 1).await.refused(409, "closed");
});

both_engines!(a_later_save_of_a_checked_question_is_refused_and_changes_nothing, async |t| {
    practice(&t, "cloud", [question::choice("One?"), question::choice("Two?")]).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, json!({"choice": ["b"]})).await;
    let wrong = check(&ada, &attempt, 1).await.ok(200);
    assert_eq!((&wrong["correct"], &wrong["key"]), (&json!(false), &json!({"choice": ["a"]})));

    let saved = save(&ada, &attempt, 0, 2, 1, json!({"choice": ["a"]})).await;
    assert_eq!((&saved["acknowledged"], &saved["rejected"]), (&json!([]), &json!([{"seq": 2, "code": "checked"}])));
    let saved = save(&ada, &attempt, 0, 3, 2, json!({"choice": ["a"]})).await;
    assert_eq!(saved["acknowledged"], json!([3]), "the others go on");
    assert_eq!(look(&ada, &attempt).await["answers"]["1"], json!({"choice": ["b"]}));
    submit(&ada, &attempt).await;
    let result = ada.read(&format!("/api/v1/attempts/{attempt}/result")).await.ok(200);
    assert_eq!(result["points"], 1, "the answer that was checked is graded");
});

both_engines!(no_exam_and_no_practice_that_holds_something_back_is_checked, async |t| {
    let held_back = |part: fn(&mut ReleasePolicy)| {
        move |settings: &mut Settings| {
            settings.mode = Mode::Practice;
            settings.closes_at = Some(minutes_after_noon(60));
            part(&mut settings.release);
        }
    };
    arrange::exam("exam").publish(&t).await;
    arrange::exam("no-keys").set(held_back(|release| release.keys = When::Never)).publish(&t).await;
    arrange::exam("late").set(held_back(|release| release.explanations = When::AtClose)).publish(&t).await;
    arrange::exam("no-marks").set(held_back(|release| release.marks = When::Never)).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    for exam in ["exam", "no-keys", "late", "no-marks"] {
        let attempt = start(&ada, exam).await;
        save(&ada, &attempt, 0, 1, 1, json!({"choice": ["b"]})).await;
        check(&ada, &attempt, 1).await.refused(403, "not_checkable");
        let fields = [("writer", "0"), ("seq", "1"), ("choice", "b"), ("go", "check")];
        let form = ada.post_form(&format!("/attempts/{attempt}/questions/1"), &fields).await;
        assert_eq!(form.status(), 403, "{exam}");
        assert_eq!(bookmark(&ada, Method::PUT, &attempt, 1).await, 403, "{exam}");
        let body = look(&ada, &attempt).await;
        assert!(body.get("checked").is_none() && !body.to_string().contains("Why: "), "{body}");
        let saved = save(&ada, &attempt, 0, 2, 1, json!({"choice": ["a"]})).await;
        assert_eq!(saved["acknowledged"], json!([2]), "{exam}: nothing was closed");
    }
});

both_engines!(only_who_holds_the_pen_in_time_checks, async |t| {
    let set = |settings: &mut Settings| settings.mode = Mode::Practice;
    arrange::exam("cloud").set(set).minutes(10).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, json!({"choice": ["b"]})).await;
    ada.post(&format!("/api/v1/attempts/{attempt}/writers"), json!({})).await.ok(201);
    check(&ada, &attempt, 1).await.refused(409, "superseded");
    let path = format!("/api/v1/attempts/{attempt}/questions/1/check");
    assert_eq!(ada.post(&path, json!({"writer": "x"})).await.wrong_values(), ["/writer"]);
    ada.post(&format!("/api/v1/attempts/{attempt}/questions/9/check"), json!({"writer": 1}))
        .await
        .refused(404, "not_found");
    app.clock.set(minutes_after_noon(10).after(std::time::Duration::from_millis(1)));
    ada.post(&path, json!({"writer": 1})).await.refused(409, "late");
});

both_engines!(a_question_is_bookmarked_once_its_key_was_shown, async |t| {
    practice(&t, "cloud", [question::choice("One?"), question::choice("Two?")]).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, json!({"choice": ["b"]})).await;
    let path = format!("/api/v1/attempts/{attempt}/questions/1/bookmark");
    crate::contract::answer(ada.request(Method::PUT, &path)).await.refused(403, "not_released");
    check(&ada, &attempt, 1).await.ok(200);
    assert_eq!(bookmark(&ada, Method::PUT, &attempt, 1).await, 204);
    assert_eq!(bookmark(&ada, Method::PUT, &attempt, 1).await, 204, "again");
    assert_eq!(bookmark(&ada, Method::PUT, &attempt, 2).await, 403, "the other one was not checked");
    assert_eq!(bookmark(&ada, Method::PUT, &attempt, 3).await, 404);
    submit(&ada, &attempt).await;
    assert_eq!(bookmark(&ada, Method::PUT, &attempt, 2).await, 204, "the result shows it");
    assert_eq!(bookmark(&ada, Method::DELETE, &attempt, 1).await, 204);
    let eve = app.candidate().await;
    assert_eq!(bookmark(&eve, Method::PUT, &attempt, 2).await, 404);
    let drill = ada.post("/api/v1/exams/cloud/attempts", json!({"from": "bookmarked"})).await.ok(201);
    let prompts: Vec<_> = drill["questions"].as_array().expect("some").iter().map(|one| &one["prompt_html"]).collect();
    assert_eq!(prompts, ["<p>Two?</p>"]);
    eve.post("/api/v1/exams/cloud/attempts", json!({"from": "bookmarked"})).await.refused(409, "nothing_to_draw");
});

both_engines!(a_drill_asks_what_was_missed_the_last_time, async |t| {
    practice(&t, "cloud", [question::choice("One?"), question::choice("Two?"), question::choice("Three?")]).await;
    arrange::exam("exam").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let missed = |key: &str| json!({"from": "missed", "idempotency_key": key});
    let starts = "/api/v1/exams/cloud/attempts";
    ada.post(starts, missed("1")).await.refused(409, "nothing_to_draw");
    assert_eq!(ada.post(starts, json!({"from": "elsewhere"})).await.wrong_values(), ["/from"]);
    assert_eq!(ada.post("/api/v1/exams/exam/attempts", json!({"from": "missed"})).await.wrong_values(), ["/from"]);

    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, json!({"choice": ["a"]})).await;
    save(&ada, &attempt, 0, 2, 2, json!({"choice": ["b"]})).await;
    let open = ada.post(starts, missed("2")).await.ok(200);
    assert_eq!(open["id"], attempt.as_str(), "one is open, so it is meant");
    submit(&ada, &attempt).await;

    let prompts = |body: &Value| -> Vec<String> {
        let mut prompts: Vec<_> =
            body["questions"].as_array().expect("some").iter().map(|one| one["prompt_html"].to_string()).collect();
        prompts.sort();
        prompts
    };
    let drill = ada.post(starts, missed("3")).await.ok(201);
    assert_eq!(prompts(&drill), ["\"<p>Three?</p>\"", "\"<p>Two?</p>\""]);
    // All right this time: nothing is left, and a repeated start still finds its attempt.
    let id = drill["id"].as_str().expect("an id").to_owned();
    for number in [1, 2] {
        save(&ada, &id, 0, number, number, json!({"choice": ["a"]})).await;
    }
    submit(&ada, &id).await;
    ada.post(starts, missed("4")).await.refused(409, "nothing_to_draw");
    assert_eq!(ada.post(starts, missed("3")).await.ok(200)["id"], drill["id"]);
    let attempt = start(&ada, "cloud").await;
    submit(&ada, &attempt).await;
    let again = ada.post(starts, missed("5")).await.ok(201);
    assert_eq!(prompts(&again).len(), 3, "what was right before and left open now was missed");
});

both_engines!(a_drill_counts_as_an_attempt, async |t| {
    let set = |settings: &mut Settings| settings.mode = Mode::Practice;
    arrange::exam("cloud").set(set).attempts(2).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    for body in [json!({}), json!({"from": "missed"})] {
        let attempt = ada.post("/api/v1/exams/cloud/attempts", body).await.ok(201);
        submit(&ada, attempt["id"].as_str().expect("an id")).await;
    }
    ada.post("/api/v1/exams/cloud/attempts", json!({"from": "missed"})).await.refused(409, "no_attempts_left");
});

both_engines!(what_was_missed_is_not_told_by_a_drill_before_the_marks_are, async |t| {
    let set = |settings: &mut Settings| {
        settings.mode = Mode::Practice;
        settings.release.marks = When::Never;
    };
    arrange::exam("silent").set(set).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "silent").await;
    submit(&ada, &attempt).await;
    ada.post("/api/v1/exams/silent/attempts", json!({"from": "missed"})).await.refused(409, "nothing_to_draw");
});
