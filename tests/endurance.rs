//! What breaks other quiz servers under load, each tried here: connections of the database that get lost or are refused, sessions that
//! are thrown out, one slow query that holds up everybody, probes that wait for it, and a step that is taken twice.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use store::Options;
use testkit::{Engine, TestApp, TestStore, Visitor, arrange, both_engines, fresh_store, wait_for};
use tokio::time::timeout;

/// Longer than anything takes that does not wait for somebody else.
const SOON: Duration = Duration::from_secs(3);

/// A store with few connections, so that many people have to share each.
async fn shared_by_many(t: &TestStore) -> TestApp {
    let options = Options { pool_min: 1, pool_max: 4, ..Options::default() };
    TestApp::start_on(t.second_process_with(options).await, |_| {}).await
}

both_engines!(however_a_request_ends_no_connection_of_the_database_is_lost, async |t: TestStore| {
    let app = shared_by_many(&t).await;
    let ada = app.candidate().await;
    // Far more than there are connections: right, wrong, refused, and given up half-way.
    for round in 0..30 {
        let wrong = json!({"email": "ada@example.org", "password": "not the password"});
        let guest = app.guest();
        let (_, results, missing) = tokio::join!(
            guest.call(Method::POST, "/api/v1/session", &wrong),
            ada.get("/results"),
            ada.get("/attempts/00000000000000000000000000000000"),
        );
        assert_eq!((results.status().as_u16(), missing.status().as_u16()), (200, 404), "in round {round}");
        // Whether it was answered in time does not matter.
        let _ = timeout(Duration::from_millis(1), ada.get("/dashboard")).await;
    }
    wait_for("everything has been given back", async || {
        let pool = app.store().connections();
        (pool.in_use, pool.waiting) == (0, 0)
    })
    .await;
    assert!(app.store().connections().idle <= 4 + 1, "{:?}", app.store().connections());
});

both_engines!(fifty_operations_at_once_share_four_connections_and_none_is_refused, async |t: TestStore| {
    let app = shared_by_many(&t).await;
    let people: Vec<Visitor> = join_all((0..50).map(|_| app.candidate())).await;
    for _ in 0..4 {
        let answers = join_all(people.iter().map(|person| person.get("/dashboard"))).await;
        assert!(answers.iter().all(|answer| answer.status() == 200));
    }
});

both_engines!(an_attempt_takes_up_memory_while_it_is_open_and_not_after, async |t: TestStore| {
    arrange::exam("cloud").minutes(10).publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let id = |made: &Value| made["id"].as_str().expect("it has started").to_owned();
    let attempt =
        id(&ada.call(Method::POST, "/api/v1/exams/cloud/attempts", &json!({})).await.json().await.expect("JSON"));
    assert!(app.remembers(&attempt), "its saves come next");
    assert_eq!(ada.call(Method::POST, &format!("/api/v1/attempts/{attempt}/submit"), &json!({})).await.status(), 200);
    assert!(!app.remembers(&attempt));
    let late = json!({"writer": 0, "operations": [{"seq": 1, "question": 1, "response": {"choice": ["a"]}}]});
    assert_eq!(ada.call(Method::PUT, &format!("/api/v1/attempts/{attempt}/answers"), &late).await.status(), 409);
    assert!(!app.remembers(&attempt), "nor when something comes late");
});

both_engines!(a_thousand_people_stay_signed_in, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let mut people = Vec::new();
    for _ in 0..1_000 {
        people.push(app.candidate().await);
    }
    let again = TestApp::start(&t).await;
    for (number, person) in people.iter().enumerate() {
        let answer = if number % 2 == 0 {
            person.get("/api/v1/attempts").await
        } else {
            // By a server that has not seen any of them before.
            let token = person.token.as_deref().expect("it has a session");
            again.guest().with_token(token).get("/api/v1/attempts").await
        };
        assert_eq!(answer.status(), 200, "number {number}");
    }
});

/// On PostgreSQL, where one can lock a table. Five such queries stop a server of five workers that wait for them.
#[tokio::test]
async fn queries_that_hang_hold_up_nobody_who_does_not_need_them() {
    let t = fresh_store(Engine::Postgres).await;
    arrange::exam("bell").publish(&t).await;
    let options = Options { pool_min: 1, pool_max: 20, ..Options::default() };
    let app = TestApp::start_on(t.second_process_with(options).await, |_| {}).await;
    let (ada, author) = (app.candidate().await, app.person(store::Role::Author).await);
    let started = ada.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &json!({})).await;
    let path = format!("/api/v1/attempts/{}/answers", started["id"].as_str().expect("an id"));
    let save = |seq: i64| json!({"operations": [{"seq": seq, "question": 1, "response": {"choice": ["a"]}}]});
    ada.expect(200, Method::PUT, &path, &save(1)).await;
    let (mut holder, mut observer) = (t.raw().await, t.raw().await);
    holder.execute("BEGIN; LOCK TABLE banks IN ACCESS EXCLUSIVE MODE").await.expect("it is locked");
    let hanging: Vec<_> = (0..20)
        .map(|_| {
            let author = author.clone();
            tokio::spawn(async move { author.get("/admin/banks").await.status() })
        })
        .collect();
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'banks'::regclass";
    // As many as the gate for reports lets in at once.
    wait_for("they wait for the lock", async || observer.number(waiting).await >= 5).await;
    let guest = app.guest();
    for seq in 2..12 {
        let next = save(seq);
        let (saved, healthy, ready) = tokio::join!(
            timeout(SOON, ada.expect(200, Method::PUT, &path, &next)),
            timeout(SOON, guest.get("/healthz")),
            timeout(SOON, guest.get("/readyz")),
        );
        assert_eq!(saved.expect("saves go on")["acknowledged"], json!([seq]));
        assert_eq!(healthy.expect("probes go on").status(), 200);
        assert_eq!(ready.expect("probes go on").status(), 200);
    }
    holder.execute("COMMIT").await.expect("it is unlocked");
    for query in hanging {
        let status = query.await.expect("no panic");
        assert!(status == 200 || status == 503, "{status}");
    }
}

both_engines!(connections_that_are_busy_all_the_time_keep_nobody_new_out, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let busy: Vec<_> = (0..64)
        .map(|_| {
            let guest = app.guest();
            tokio::spawn(async move {
                loop {
                    assert_eq!(guest.get("/healthz").await.status(), 200);
                }
            })
        })
        .collect();
    for number in 0..50 {
        // A client of its own, and so a connection of its own.
        let answer = timeout(SOON, app.guest().get("/sign-in")).await;
        assert_eq!(answer.unwrap_or_else(|_| panic!("number {number} waits")).status(), 200);
    }
    for client in busy {
        client.abort();
        assert!(client.await.expect_err("it goes on until it is stopped").is_cancelled());
    }
});

both_engines!(what_is_sent_twice_counts_once_and_skips_nothing, async |t: TestStore| {
    arrange::exam("bell").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let key = json!({"idempotency_key": "once"});
    let started = ada.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &key).await;
    let again = ada.expect(200, Method::POST, "/api/v1/exams/bell/attempts", &key).await;
    assert_eq!(started["id"], again["id"]);
    let id = started["id"].as_str().expect("an id");
    for number in 1..=3 {
        let operation = json!({"seq": number, "question": number, "response": {"choice": ["a"]}});
        let save = json!({"operations": [operation]});
        let path = format!("/api/v1/attempts/{id}/answers");
        let (one, two) =
            tokio::join!(ada.expect(200, Method::PUT, &path, &save), ada.expect(200, Method::PUT, &path, &save));
        assert_eq!((&one["acknowledged"], &two["acknowledged"]), (&json!([number]), &json!([number])));
    }
    let attempt = ada.expect(200, Method::GET, &format!("/api/v1/attempts/{id}"), &json!({})).await;
    let answered: BTreeSet<&String> = attempt["answers"].as_object().expect("answers").keys().collect();
    assert_eq!(answered.len(), 3, "every question has its own answer: {attempt}");
    let submit = format!("/api/v1/attempts/{id}/submit");
    let nothing = json!({});
    let receipts: Vec<Value> = join_all((0..3).map(|_| ada.expect(200, Method::POST, &submit, &nothing))).await;
    assert!(receipts.iter().all(|receipt| receipt["digest"] == receipts[0]["digest"] && receipt["answered"] == 3));
});
