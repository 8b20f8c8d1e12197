//! `submit` and `result`: the receipt, the end by the clock, and what the release policy shows when.

use super::{look, save, start, submit};
use crate::contract::Api;
use exam::attempt::{BODY_DEADLINE, QUEUE_DEADLINE, WRITE_DEADLINE};
use exam::release::{ReleasePolicy, When};
use exam::settings::Percent;
use serde_json::{Value, json};
use server::take::sweep;
use sha2::{Digest, Sha256};
use std::time::Duration;
use store::{Options, Role};
use testkit::{Engine, TestApp, Visitor, arrange, both_engines, fresh_store, minutes_after_noon, patient, question};

async fn result(person: &Visitor, attempt: &str) -> Value {
    person.read(&format!("/api/v1/attempts/{attempt}/result")).await.ok(200)
}

both_engines!(an_open_attempt_has_no_result, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    ada.read(&format!("/api/v1/attempts/{attempt}/result")).await.refused(409, "still_open");
});

both_engines!(somebody_elses_attempt_is_not_there, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let operations = json!({"operations": [{"seq": 1, "question": 1, "response": {"choice": ["a"]}}]});

    for role in Role::ALL {
        let eve = app.person(role).await;
        for id in [attempt.as_str(), "00000000000000000000000000000000"] {
            let at = |rest: &str| format!("/api/v1/attempts/{id}{rest}");
            for answer in [
                eve.read(&at("")).await,
                eve.read(&at("/result")).await,
                eve.post(&at("/writers"), json!({})).await,
                eve.put(&at("/answers"), operations.clone()).await,
                eve.post(&at("/submit"), json!({})).await,
            ] {
                let problem = answer.refused(404, "not_found");
                assert_eq!(problem["detail"], "There is nothing here.", "existing or not, the answer is the same");
            }
        }
    }
    let now = look(&ada, &attempt).await;
    let untouched = (&json!("open"), &json!({}), &json!(0));
    assert_eq!((&now["state"], &now["answers"], &now["writer"]), untouched, "nothing of it was changed");
});

both_engines!(the_receipt_can_be_computed_from_the_answers, async |t| {
    arrange::exam("kinds").asking(question::each_kind()).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "kinds").await;
    let paper = look(&ada, &attempt).await;
    for question in paper["questions"].as_array().expect("a list") {
        let number = question["number"].as_i64().expect("a number");
        let response = match question["kind"].as_str().expect("text") {
            "choice" => json!({"choice": ["a"]}),
            "numeric" => json!({"number": "42"}),
            "short_text" => json!({"text": "Größe \u{1f30a} \"\\\"\t\u{7f}\n</script>"}),
            "matching" => json!({"match": {"2": "a", "1": "c"}}),
            "ordering" => continue,
            "cloze" => json!({"blanks": {"3": "b", "1": "ü"}}),
            other => panic!("{other} is new: answer it"),
        };
        save(&ada, &attempt, 0, number, number, response).await;
    }
    let receipt = submit(&ada, &attempt).await;
    let held = look(&ada, &attempt).await;

    // The rule of docs/api.md, by other means than the server's. Objects of serde_json are sorted.
    let mut answers: Vec<(u64, &Value)> = held["answers"]
        .as_object()
        .expect("an object")
        .iter()
        .map(|(number, response)| (number.parse().expect("a number"), response))
        .collect();
    answers.sort_by_key(|(number, _)| *number);
    let mut lines = format!("{attempt}\n");
    for (number, response) in &answers {
        lines.push_str(&format!("{number}\t{response}\n"));
    }
    let digest: String = Sha256::digest(lines.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();

    assert_eq!(receipt["digest"], digest, "{lines}");
    assert_eq!((&receipt["answered"], &receipt["question_count"]), (&json!(6), &json!(7)));
    assert_eq!(result(&ada, &attempt).await["digest"], digest);
});

both_engines!(everything_right_earns_everything_in_every_kind, async |t| {
    arrange::exam("kinds")
        .asking(question::each_kind())
        .set(|settings| settings.pass = Percent::from_f64(100.0))
        .publish(&t)
        .await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let first = start(&ada, "kinds").await;
    submit(&ada, &first).await;
    let nothing = result(&ada, &first).await;
    assert_eq!((&nothing["percent"], &nothing["passed"]), (&json!(0), &json!(false)));

    // The key is shown in the letters of that paper; on the next one the same texts have other letters, so it is
    // translated by what people see.
    let attempt = start(&ada, "kinds").await;
    let (paper, old_paper) = (look(&ada, &attempt).await, look(&ada, &first).await);
    let by_prompt = |paper: &Value, prompt: &Value| -> Value {
        let questions = paper["questions"].as_array().expect("a list");
        questions.iter().find(|question| question["prompt_html"] == *prompt).expect("it is asked").clone()
    };
    for question in paper["questions"].as_array().expect("a list") {
        let number = question["number"].as_i64().expect("a number");
        let old = by_prompt(&old_paper, &question["prompt_html"]);
        let old_number = old["number"].as_u64().expect("a number");
        let key = nothing["questions"].as_array().expect("a list").iter().find(|mark| mark["number"] == old_number);
        let key = &key.expect("every question is marked")["key"];
        let letter = |old_letter: &Value| -> Value {
            let options = old["options"].as_array().expect("options");
            let text = &options.iter().find(|option| option["id"] == *old_letter).expect("an option")["html"];
            let options = question["options"].as_array().expect("options");
            options.iter().find(|option| option["html"] == *text).expect("the same option")["id"].clone()
        };
        let letters = |list: &Value| -> Vec<Value> { list.as_array().expect("a list").iter().map(letter).collect() };
        let response = match question["kind"].as_str().expect("text") {
            "choice" => json!({"choice": letters(&key["choice"])}),
            "numeric" => json!({"number": key["number"][0]}),
            "short_text" => json!({"text": key["text"][0]}),
            "ordering" => json!({"order": letters(&key["order"])}),
            "matching" => {
                let pairs = key["match"].as_object().expect("an object");
                let pairs: serde_json::Map<_, _> = pairs.iter().map(|(k, v)| (k.clone(), letter(v))).collect();
                json!({"match": pairs})
            }
            "cloze" => {
                let blanks = key["blanks"].as_object().expect("an object");
                let blanks: serde_json::Map<_, _> = blanks.iter().map(|(k, v)| (k.clone(), v[0].clone())).collect();
                json!({"blanks": blanks})
            }
            other => panic!("{other} is new: answer it"),
        };
        save(&ada, &attempt, 0, number, number, response).await;
    }
    submit(&ada, &attempt).await;
    let all = result(&ada, &attempt).await;
    for mark in all["questions"].as_array().expect("a list") {
        assert_eq!((&mark["correct"], &mark["points"]), (&json!(true), &mark["max_points"]), "{mark}");
    }
    assert_eq!((&all["percent"], &all["passed"]), (&json!(100), &json!(true)));
});

both_engines!(the_sweep_ends_what_is_overdue_with_what_was_saved, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, json!({"choice": ["a"]})).await;
    save(&ada, &attempt, 0, 2, 2, json!({"choice": ["b"]})).await;

    let last_moment = minutes_after_noon(30).after(BODY_DEADLINE).after(QUEUE_DEADLINE).after(WRITE_DEADLINE);
    app.clock.set(last_moment);
    assert_eq!(sweep::sweep(&app.app, &|| false).await.expect("the database answers"), 0);
    assert_eq!(look(&ada, &attempt).await["state"], "open", "a save that came in time may still be on its way");

    app.clock.set(last_moment.after(Duration::from_millis(1)));
    // The server's own loop may have been quicker.
    sweep::sweep(&app.app, &|| false).await.expect("the database answers");
    let ended = look(&ada, &attempt).await;
    assert_eq!((&ended["state"], &ended["submitted_at"]), (&json!("expired"), &ended["deadline"]));
    let result = result(&ada, &attempt).await;
    assert_eq!((&result["points"], &result["answered"], &result["state"]), (&json!(1), &json!(2), &json!("expired")));
    let receipt = submit(&ada, &attempt).await;
    assert_eq!((&receipt["state"], &receipt["digest"]), (&json!("expired"), &result["digest"]));
});

both_engines!(however_many_attempts_cannot_be_ended_the_others_are, async |t| {
    let exam = arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    // More than a sweep ends at once, all longer overdue, and none with a paper that can be read.
    let mut raw = t.raw().await;
    raw.execute(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 401) \
         INSERT INTO accounts (email, email_key, name, search, password_hash, role, created_at) \
         SELECT 'p' || i, 'p' || i, 'broken', '', '', 'candidate', 0 FROM n",
    )
    .await
    .expect("people can be made");
    raw.execute(&format!(
        "INSERT INTO attempts (public_id, exam_id, exam_version_id, account_id, number, state, paper, question_count, \
         started_at, deadline) SELECT 'broken' || id, {}, {}, id, 1, 'open', 'broken', 1, 0, 1 FROM accounts \
         WHERE name = 'broken'",
        exam.summary.exam_id, exam.summary.version_id
    ))
    .await
    .expect("attempts can be made");

    app.clock.set(minutes_after_noon(60));
    sweep::sweep(&app.app, &|| false).await.expect("the database answers");
    assert_eq!(look(&ada, &attempt).await["state"], "expired");
    assert_eq!(raw.number("SELECT COUNT(*) FROM attempts WHERE state = 'open'").await, 401);
});

/// PostgreSQL only: on SQLite no other process holds an attempt alone.
#[tokio::test]
async fn attempts_that_are_held_elsewhere_keep_none_behind_them_from_being_ended() {
    let t = fresh_store(Engine::Postgres).await;
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let patient = patient(Duration::from_secs(20), Duration::from_secs(20));
    let store = t.second_process_with(Options { save_wait: Duration::from_millis(500), ..patient }).await;
    let app = TestApp::start_on(store, |_| {}).await;
    let mut attempts = Vec::new();
    for _ in 0..20 {
        let person = app.candidate().await;
        attempts.push((start(&person, "cloud").await, person));
    }
    // The longest overdue: more than are ended at once.
    let mut raw = t.raw().await;
    raw.execute("BEGIN; SELECT id FROM attempts ORDER BY deadline, id LIMIT 18 FOR UPDATE")
        .await
        .expect("nobody else holds them");
    app.clock.set(minutes_after_noon(60));
    sweep::sweep(&app.app, &|| false).await.expect("the database answers");
    for (place, (attempt, person)) in attempts.iter().enumerate() {
        let expected = if place < 18 { "open" } else { "expired" };
        assert_eq!(look(person, attempt).await["state"], expected, "number {place}");
    }
    raw.execute("ROLLBACK").await.expect("it lets go");
    sweep::sweep(&app.app, &|| false).await.expect("the database answers");
    assert_eq!(raw.number("SELECT COUNT(*) FROM attempts WHERE state = 'open'").await, 0);
}

both_engines!(each_part_of_a_result_is_shown_when_its_policy_says, async |t| {
    let published = async |slug: &str, release: ReleasePolicy| {
        let change = |settings: &mut exam::settings::Settings| {
            settings.release = release;
            settings.closes_at = Some(minutes_after_noon(60));
        };
        arrange::exam(slug).set(change).publish(&t).await;
    };
    let at_submit = ReleasePolicy::default();
    published("everything", at_submit).await;
    published("marks-first", ReleasePolicy { keys: When::AtClose, explanations: When::Never, ..at_submit }).await;
    published("after-close", ReleasePolicy { marks: When::AtClose, ..at_submit }).await;
    published("nothing", ReleasePolicy { marks: When::Never, ..at_submit }).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let mut attempts = Vec::new();
    for slug in ["everything", "marks-first", "after-close", "nothing"] {
        let attempt = start(&ada, slug).await;
        save(&ada, &attempt, 0, 1, 1, json!({"choice": ["a"]})).await;
        submit(&ada, &attempt).await;
        attempts.push((slug, attempt));
    }
    // (marks, keys, explanations)
    let shown = async |attempt: &str| {
        let result = result(&ada, attempt).await;
        let marks = result["points"].is_number();
        for field in ["max_points", "percent"] {
            assert_eq!(result[field].is_number(), marks, "{field} comes with the marks");
        }
        assert_eq!(result["domains"] != json!([]), marks, "domains come with the marks");
        assert_eq!(result["questions"].is_array(), marks, "questions come with the marks");
        let question = &result["questions"][0];
        (marks, question["key"].is_object(), question["explanation_html"].is_string())
    };
    let in_list = async |slug: &str| {
        let list = ada.read("/api/v1/attempts").await.ok(200);
        let rows = list["attempts"].as_array().expect("a list").clone();
        rows.iter().find(|row| row["exam"] == slug).expect("it is listed")["percent"].is_number()
    };
    let before = [(true, true, true), (true, false, false), (false, false, false), (false, false, false)];
    for ((slug, attempt), expected) in attempts.iter().zip(before) {
        assert_eq!(shown(attempt).await, expected, "{slug} at submit");
        assert_eq!(in_list(slug).await, expected.0, "{slug} at submit");
    }
    app.clock.set(minutes_after_noon(60));
    let after = [(true, true, true), (true, true, false), (true, true, true), (false, false, false)];
    for ((slug, attempt), expected) in attempts.iter().zip(after) {
        assert_eq!(shown(attempt).await, expected, "{slug} at close");
        assert_eq!(in_list(slug).await, expected.0, "{slug} at close");
    }
});
