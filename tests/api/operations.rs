//! `PUT /api/v1/attempts/{id}/answers`: what counts, what is refused, what is kept as evidence.

use super::{look, save, start, submit};
use crate::contract::Api;
use exam::attempt::Verdict;
use exam::time::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use server::clock::{ServerClock, SystemClock};
use server::clocks::Clocks;
use std::time::Duration;
use testkit::{TestApp, Visitor, arrange, both_engines, minutes_after_noon, question};

/// What the log holds: (writer, seq, verdict).
async fn log(app: &TestApp, attempt: &str) -> Vec<(i64, i64, Verdict)> {
    let attempt = app.store().find_attempt_for_staff(attempt).await.expect("it can be read").expect("it is there");
    let log = app.store().operation_log(attempt.id).await.expect("it can be read");
    log.iter().map(|logged| (logged.operation.writer, logged.operation.seq, logged.verdict)).collect()
}

async fn take_pen(person: &Visitor, attempt: &str) -> i64 {
    let taken = person.post(&format!("/api/v1/attempts/{attempt}/writers"), json!({})).await.ok(201);
    taken["writer"].as_i64().expect("a number")
}

fn choice(letter: &str) -> Value {
    json!({"choice": [letter]})
}

fn rejected(seq: i64, code: &str) -> Value {
    json!([{"seq": seq, "code": code}])
}

both_engines!(the_same_operation_again_is_acknowledged_again_and_changes_nothing, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;

    save(&ada, &attempt, 0, 1, 1, choice("a")).await;
    save(&ada, &attempt, 0, 2, 1, choice("b")).await;
    let again = save(&ada, &attempt, 0, 1, 1, choice("a")).await;

    assert_eq!((&again["acknowledged"], &again["rejected"]), (&json!([1]), &json!([])));
    assert_eq!(look(&ada, &attempt).await["answers"], json!({"1": {"choice": ["b"]}}), "the later answer stands");
    assert_eq!(log(&app, &attempt).await.len(), 2, "nothing was written twice");
});

both_engines!(a_number_used_for_something_else_is_a_conflict_and_the_first_stands, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, choice("a")).await;

    let other_answer = save(&ada, &attempt, 0, 1, 1, choice("b")).await;
    let other_question = save(&ada, &attempt, 0, 1, 2, choice("a")).await;

    for saved in [other_answer, other_question] {
        assert_eq!((&saved["acknowledged"], &saved["rejected"]), (&json!([]), &rejected(1, "seq_conflict")));
    }
    assert_eq!(look(&ada, &attempt).await["answers"], json!({"1": {"choice": ["a"]}}));
});

both_engines!(whatever_the_order_of_arrival_the_highest_number_counts, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;

    save(&ada, &attempt, 0, 5, 1, choice("c")).await;
    let late_comer = save(&ada, &attempt, 0, 3, 1, choice("a")).await;
    assert_eq!(late_comer["acknowledged"], json!([3]));
    let body = json!({"operations": [
        {"seq": 9, "question": 2, "response": {"choice": ["d"]}},
        {"seq": 8, "question": 2, "response": {"choice": ["a"]}},
    ]});
    ada.put(&format!("/api/v1/attempts/{attempt}/answers"), body).await.ok(200);

    let now = look(&ada, &attempt).await;
    assert_eq!(now["answers"], json!({"1": {"choice": ["c"]}, "2": {"choice": ["d"]}}));
    assert_eq!(now["last_seq"], 9);
    assert_eq!(now["latest"], json!({"1": {"writer": 0, "seq": 5}, "2": {"writer": 0, "seq": 9}}));

    // What takes an answer back decides about its question, though there is no answer.
    save(&ada, &attempt, 0, 10, 1, json!(null)).await;
    let now = look(&ada, &attempt).await;
    assert_eq!(now["answers"], json!({"2": {"choice": ["d"]}}));
    assert_eq!(now["latest"]["1"], json!({"writer": 0, "seq": 10}));
});

both_engines!(what_is_held_is_told_without_the_questions_to_whoever_has_them, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, choice("a")).await;

    let asked = async |query: &str| ada.read(&format!("/api/v1/attempts/{attempt}{query}")).await;
    let mut whole = asked("?questions=all").await.ok(200);
    let held = asked("?questions=none").await.ok(200);
    assert!(whole["questions"].as_array().is_some_and(|questions| !questions.is_empty()));
    whole.as_object_mut().expect("an object").remove("questions");
    for (name, value) in whole.as_object().expect("an object") {
        if name != "server_time" {
            assert_eq!(&held[name], value, "{name}");
        }
    }
    assert_eq!(held.get("questions"), None);
    assert_eq!(asked("?questions=some").await.wrong_values(), ["/questions"]);
});

both_engines!(an_overtaken_tab_is_told_so_and_what_it_sent_is_kept_as_evidence, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, choice("a")).await;

    let phone = take_pen(&ada, &attempt).await;
    assert_eq!(phone, 1);
    let from_the_laptop = save(&ada, &attempt, 0, 2, 1, choice("b")).await;
    assert_eq!(from_the_laptop["rejected"], rejected(2, "superseded"));
    let replayed = save(&ada, &attempt, 0, 1, 1, choice("a")).await;
    assert_eq!(replayed["acknowledged"], json!([1]), "what counted before the pen was taken still counts");
    let from_the_phone = save(&ada, &attempt, phone, 1, 1, choice("c")).await;
    assert_eq!(from_the_phone["acknowledged"], json!([1]));

    let now = look(&ada, &attempt).await;
    assert_eq!((&now["answers"], &now["writer"]), (&json!({"1": {"choice": ["c"]}}), &json!(1)));
    let evidence = [(0, 1, Verdict::Counted), (0, 2, Verdict::Superseded), (1, 1, Verdict::Counted)];
    let mut log = log(&app, &attempt).await;
    log.sort_by_key(|(writer, seq, _)| (*writer, *seq));
    assert_eq!(log, evidence);
});

both_engines!(a_writer_number_that_was_not_given_out_is_refused, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let answers = format!("/api/v1/attempts/{attempt}/answers");
    let operations = json!([{"seq": 1, "question": 1, "response": {"choice": ["a"]}}]);

    for writer in [1, 99, i64::MAX, -1] {
        let saved = ada.put(&answers, json!({"writer": writer, "operations": operations})).await;
        assert_eq!(saved.wrong_values(), ["/writer"], "{writer}");
    }
    assert_eq!(look(&ada, &attempt).await["answers"], json!({}));
    assert_eq!(log(&app, &attempt).await, []);
});

both_engines!(at_the_deadline_is_in_time_and_a_millisecond_later_is_late, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;

    app.clock.set(minutes_after_noon(30));
    let in_time = save(&ada, &attempt, 0, 1, 1, choice("a")).await;
    assert_eq!(in_time["acknowledged"], json!([1]));
    assert_eq!(in_time["server_time"], in_time["deadline"]);

    app.clock.advance(Duration::from_millis(1));
    let late = save(&ada, &attempt, 0, 2, 1, choice("b")).await;
    assert_eq!((&late["acknowledged"], &late["rejected"]), (&json!([]), &rejected(2, "late")));
    let replayed = save(&ada, &attempt, 0, 1, 1, choice("a")).await;
    assert_eq!(replayed["acknowledged"], json!([1]), "it was in time when it came first");

    assert_eq!(look(&ada, &attempt).await["answers"], json!({"1": {"choice": ["a"]}}));
    assert_eq!(log(&app, &attempt).await, [(0, 1, Verdict::Counted), (0, 2, Verdict::Late)]);
    let receipt = submit(&ada, &attempt).await;
    assert_eq!((&receipt["state"], &receipt["submitted_at"]), (&json!("expired"), &late["deadline"]));
});

both_engines!(after_the_end_a_save_is_closed_and_what_was_new_in_it_is_evidence, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let answers = format!("/api/v1/attempts/{attempt}/answers");
    save(&ada, &attempt, 0, 1, 1, choice("b")).await;
    let receipt = submit(&ada, &attempt).await;
    let result = ada.read(&format!("/api/v1/attempts/{attempt}/result")).await.ok(200);

    let afterthought = json!({"operations": [{"seq": 2, "question": 1, "response": {"choice": ["a"]}}]});
    ada.put(&answers, afterthought.clone()).await.refused(409, "closed");
    ada.put(&answers, afterthought).await.refused(409, "closed");
    ada.post(&format!("/api/v1/attempts/{attempt}/writers"), json!({})).await.refused(409, "closed");
    let replayed = save(&ada, &attempt, 0, 1, 1, choice("b")).await;
    assert_eq!(replayed["acknowledged"], json!([1]), "the answer to this save may have been lost on its way");

    assert_eq!(log(&app, &attempt).await, [(0, 1, Verdict::Counted), (0, 2, Verdict::Late)]);
    assert_eq!(submit(&ada, &attempt).await, receipt);
    assert_eq!(ada.read(&format!("/api/v1/attempts/{attempt}/result")).await.ok(200), result);
});

both_engines!(one_bad_operation_does_not_hold_up_the_others, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;

    // As text: a lone surrogate and a number out of range cannot be written by a JSON library.
    let body = r#"{"operations": [
        {"seq": 1, "question": 1, "response": {"choice": ["a"]}},
        {"seq": 2, "question": 1, "response": {"choice": ["z"]}},
        {"seq": 3, "question": 2, "response": {"text": "not a choice"}},
        {"seq": 4, "question": 9, "response": {"choice": ["a"]}},
        {"seq": 5, "question": -1, "response": {"choice": ["a"]}},
        {"seq": 6, "question": 2, "response": {"text": "\ud800"}},
        {"seq": 7, "question": 2, "response": {"number": 1e999}},
        {"seq": 8, "question": 2, "response": {"essay": "?"}},
        {"seq": 9, "question": 2, "response": ["a"]},
        {"seq": 10, "question": 2, "response": {"choice": ["a", "b"]}},
        {"seq": 11, "question": 3, "response": {"choice": ["c"]}}
    ]}"#;
    let saved = ada.send_text(Method::PUT, &format!("/api/v1/attempts/{attempt}/answers"), body).await.ok(200);

    assert_eq!(saved["acknowledged"], json!([1, 11]));
    let codes: Vec<(i64, &str)> = saved["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|rejected| (rejected["seq"].as_i64().expect("a number"), rejected["code"].as_str().expect("a code")))
        .collect();
    let expected = [
        (2, "invalid_response"),
        (3, "invalid_response"),
        (4, "unknown_question"),
        (5, "unknown_question"),
        (6, "invalid_response"),
        (7, "invalid_response"),
        (8, "invalid_response"),
        (9, "invalid_response"),
        (10, "invalid_response"),
    ];
    assert_eq!(codes, expected);
    assert_eq!(
        look(&ada, &attempt).await["answers"],
        json!({"1": {"choice": ["a"]}, "3": {"choice": ["c"]}}),
        "the good ones are saved"
    );
});

both_engines!(a_save_that_cannot_be_read_is_refused_whole_with_a_reason, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let answers = format!("/api/v1/attempts/{attempt}/answers");
    let good = r#"{"seq": 1, "question": 1, "response": {"choice": ["a"]}}"#;

    for malformed in ["{", "not JSON", "{\"operations\": [}", "\"\u{1}\"", "{\"operations\": []} x"] {
        ada.send_text(Method::PUT, &answers, malformed).await.refused(400, "malformed");
    }
    ada.send_text(Method::PUT, &answers, b"{\"operations\": \"\xff\"}".to_vec()).await.refused(400, "malformed");
    for invalid in [
        "[]".to_owned(),
        format!("[0, [{good}]]"),
        "{}".to_owned(),
        "null".to_owned(),
        "5".to_owned(),
        r#"{"operations": {}}"#.to_owned(),
        r#"{"operations": [{"seq": "1", "question": 1, "response": null}]}"#.to_owned(),
        r#"{"operations": [{"seq": 1.5, "question": 1, "response": null}]}"#.to_owned(),
        r#"{"operations": [{"seq": 1, "question": 1}]}"#.to_owned(),
        format!(r#"{{"writer": "0", "operations": [{good}]}}"#),
        format!(r#"{{"operations": [{good}], "operations": [{good}]}}"#),
    ] {
        let refused = ada.send_text(Method::PUT, &answers, invalid.clone()).await;
        assert_eq!(refused.wrong_values().len(), 1, "{invalid}");
    }
    let refused =
        ada.send_text(Method::PUT, &answers, format!(r#"{{"operations": [{}, {good}]}}"#, good.replace('1', "0")));
    assert_eq!(refused.await.wrong_values(), ["/operations/0/seq"]);
    assert_eq!(log(&app, &attempt).await, [], "nothing of them was kept");
});

both_engines!(taking_the_pen_and_handing_in_take_no_fields, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    for (call, status) in [("writers", 201), ("submit", 200)] {
        let path = format!("/api/v1/attempts/{attempt}/{call}");
        assert_eq!(ada.post(&path, json!({"bogus": 1})).await.wrong_values(), ["/bogus"], "{call}");
        assert_eq!(ada.post(&path, json!(null)).await.wrong_values(), [""], "{call}");
        ada.send_text(Method::POST, &path, "not json").await.refused(400, "malformed");
        let now = look(&ada, &attempt).await;
        assert_eq!((&now["state"], &now["writer"]), (&json!("open"), &json!(i64::from(status == 200))), "{call}");
        ada.send_text(Method::POST, &path, "").await.ok(status);
    }
});

both_engines!(a_save_takes_five_hundred_operations_and_no_more, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let answers = format!("/api/v1/attempts/{attempt}/answers");
    let operations = |count: i64| {
        let letter = |seq: i64| if seq % 2 == 0 { "a" } else { "b" };
        let list: Vec<Value> =
            (1..=count).map(|seq| json!({"seq": seq, "question": 1, "response": choice(letter(seq))})).collect();
        json!({"operations": list})
    };

    assert_eq!(ada.put(&answers, operations(501)).await.wrong_values(), ["/operations"]);
    let saved = ada.put(&answers, operations(500)).await.ok(200);
    assert_eq!(saved["acknowledged"].as_array().map(Vec::len), Some(500));
    let now = look(&ada, &attempt).await;
    assert_eq!((&now["answers"], &now["last_seq"]), (&json!({"1": {"choice": ["a"]}}), &json!(500)));
});

both_engines!(fields_of_a_later_version_are_ignored_in_a_save, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let body = json!({
        "battery": 17,
        "operations": [{"seq": 1, "question": 1, "flagged": true, "response": {"choice": ["a"], "confidence": 3}}],
    });
    let saved = ada.put(&format!("/api/v1/attempts/{attempt}/answers"), body).await.ok(200);
    assert_eq!(saved["acknowledged"], json!([1]));
    assert_eq!(look(&ada, &attempt).await["answers"], json!({"1": {"choice": ["a"]}}));
});

both_engines!(every_kind_of_response_is_held_in_one_form_and_can_be_taken_back, async |t| {
    arrange::exam("kinds").asking(question::each_kind()).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "kinds").await;
    let mut seq = 0;
    for (number, sent, held) in [
        (1, json!({"choice": ["b"]}), json!({"choice": ["b"]})),
        (2, json!({"choice": ["e", "a", "e"]}), json!({"choice": ["a", "e"]})),
        (3, json!({"number": "  4,20 "}), json!({"number": "4,20"})),
        (3, json!({"number": 3.5}), json!({"number": "3.5"})),
        (4, json!({"text": "déjà \u{1f30a} \" \\ \n vu"}), json!({"text": "déjà \u{1f30a} \" \\ \n vu"})),
        (5, json!({"match": {"2": "c", "1": ""}}), json!({"match": {"2": "c"}})),
        (6, json!({"order": ["c", "a"]}), json!({"order": ["c", "a"]})),
        (7, json!({"blanks": {"1": "x", "2": "", "3": "b"}}), json!({"blanks": {"1": "x", "3": "b"}})),
    ] {
        seq += 1;
        assert_eq!(save(&ada, &attempt, 0, seq, number, sent.clone()).await["acknowledged"], json!([seq]), "{sent}");
        assert_eq!(look(&ada, &attempt).await["answers"][number.to_string()], held, "{sent}");
    }
    for (number, empty) in [
        (1, Value::Null),
        (2, json!({"choice": []})),
        (3, json!({"number": " "})),
        (4, json!({"text": ""})),
        (5, json!({"match": {"1": ""}})),
        (6, json!({"order": []})),
        (7, json!({"blanks": {}})),
    ] {
        seq += 1;
        let taken_back = save(&ada, &attempt, 0, seq, number, empty).await;
        assert_eq!(taken_back["acknowledged"], json!([seq]), "{number}");
    }
    assert_eq!(look(&ada, &attempt).await["answers"], json!({}));
});

both_engines!(a_nul_in_an_answer_is_never_a_fault_of_the_server, async |t| {
    let words = [question::short_text("Which word?"), question::cloze("Fill in")];
    arrange::exam("words").asking(words).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "words").await;

    save(&ada, &attempt, 0, 1, 1, json!({"text": "a\u{0}b"})).await;
    save(&ada, &attempt, 0, 2, 2, json!({"blanks": {"1": "\u{0}"}})).await;
    let good = save(&ada, &attempt, 0, 3, 1, json!({"text": "fine"})).await;

    assert_eq!(good["acknowledged"], json!([3]));
    look(&ada, &attempt).await;
    submit(&ada, &attempt).await;
    ada.read(&format!("/api/v1/attempts/{attempt}/result")).await.ok(200);
});

both_engines!(a_number_that_two_operations_of_one_save_claim_is_invalid_and_nothing_is_saved, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    let answers = format!("/api/v1/attempts/{attempt}/answers");
    let operation = |seq: i64, letter: &str| json!({"seq": seq, "question": 1, "response": choice(letter)});
    let two = json!({"operations": [operation(1, "a"), operation(2, "a"), operation(2, "b")]});
    assert_eq!(ada.put(&answers, two).await.wrong_values(), ["/operations/2/seq"]);
    assert!(log(&app, &attempt).await.is_empty());
    let twice = json!({"operations": [operation(1, "a"), operation(1, "a")]});
    assert_eq!(ada.put(&answers, twice).await.ok(200)["acknowledged"], json!([1]), "the same one twice is harmless");
});

both_engines!(a_server_whose_clock_is_not_its_databases_judges_nobodys_time, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = start(&ada, "cloud").await;
    save(&ada, &attempt, 0, 1, 1, choice("a")).await;
    // The clock of tests stands at a noon long gone.
    app.app.clocks.compare(app.store(), app.app.clock.as_ref()).await;
    let answers = format!("/api/v1/attempts/{attempt}/answers");
    let later = json!({"operations": [{"seq": 2, "question": 1, "response": choice("b")}]});
    if t.engine() == testkit::Engine::Sqlite {
        // A file has no clock.
        app.guest().read("/readyz").await.ok(200);
        ada.put(&answers, later).await.ok(200);
        return;
    }
    let ready = app.guest().get("/readyz").await;
    assert_eq!(ready.status(), 503);
    let told: Value = ready.json().await.expect("JSON");
    assert!(told["reasons"][0].as_str().expect("a reason").contains("clocks"), "{told}");
    ada.put(&answers, later).await.refused(503, "clock_apart");
    ada.post(&format!("/api/v1/attempts/{attempt}/submit"), json!({})).await.refused(503, "clock_apart");
    assert_eq!(swept_an_hour_later(&app).await, 0, "and ends nobody's attempt");
    assert_eq!(look(&ada, &attempt).await["state"], "open");
    assert_eq!(log(&app, &attempt).await.len(), 1);
    assert_eq!(look(&ada, &attempt).await["answers"], json!({"1": choice("a")}), "looking is allowed");
});

/// What a sweep ends when all deadlines are long past.
async fn swept_an_hour_later(app: &TestApp) -> usize {
    app.clock.advance(Duration::from_secs(3_600));
    server::take::sweep::sweep(&app.app, &|| false).await.expect("the database answers")
}

/// PostgreSQL only: a file has no clock.
#[tokio::test]
async fn a_server_follows_small_corrections_of_the_clocks_and_no_large_one_once_it_has_judged() {
    let t = testkit::fresh_store(testkit::Engine::Postgres).await;
    let (clock, system, clocks) = (ServerClock::start(), SystemClock, Clocks::default());
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    clock.set(system.now().before(hours(3)));
    clocks.compare(&t, &clock).await;
    assert!(clocks.apart_ms().is_some_and(|apart| apart > 10_000_000), "{:?}", clocks.apart_ms());
    clocks.follow(&t, &clock, &system).await;
    assert!(clocks.check().is_ok() && clock.behind(&system).abs() < 250, "it had judged nothing yet");

    clock.set(system.now().after(Duration::from_secs(5)));
    clocks.compare(&t, &clock).await;
    assert!(clocks.check().is_err());
    clocks.follow(&t, &clock, &system).await;
    assert!(clocks.check().is_ok(), "a time service corrected both");

    clock.set(system.now().before(hours(3)));
    clocks.compare(&t, &clock).await;
    clocks.follow(&t, &clock, &system).await;
    assert!(clocks.check().is_err() && clock.behind(&system) > 10_000_000, "nobody loses three hours");
}
