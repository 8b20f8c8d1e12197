//! When more come than fit: who is let in, who is told to wait, and how.

use crate::api::access_codes::give;
use reqwest::header::HeaderValue;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::admission::{Answers, LARGE_BODIES, LARGE_SAVES, Pass, SMALL_BODY};
use server::http::policy::Class;
use std::time::Duration;
use testkit::{TestApp, TestStore, Visitor, arrange, both_engines};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};

/// So late, and so little answered, that nobody else gets in while those are inside who are returned. The server of a test does not look
/// by itself.
pub(crate) async fn crowd(app: &TestApp) -> Vec<Pass<'_>> {
    let admission = &app.app.admission;
    let classes = [Class::Sitting, Class::Start, Class::SignIn, Class::Browse, Class::Report];
    for class in classes {
        drop(admission.enter(class).await);
    }
    for _ in 0..40 {
        admission.look(Duration::from_secs(5), Answers::default(), Duration::from_secs(1_000));
    }
    let mut inside = Vec::new();
    for class in classes {
        while let Ok(pass) = admission.enter(class).await {
            inside.push(pass);
        }
    }
    inside
}

fn calm(app: &TestApp) {
    while app.app.admission.pressure() > 0 {
        app.app.admission.look(Duration::ZERO, Answers::default(), Duration::from_millis(100));
    }
}

/// The cookie with somebody's place.
fn place(response: &Response) -> String {
    let cookie = response.headers()["set-cookie"].to_str().expect("letters");
    assert!(cookie.contains("HttpOnly; SameSite=Lax"), "{cookie}");
    cookie.split(';').next().expect("the pair comes first").to_owned()
}

async fn get_with(visitor: &Visitor, path: &str, place: &str) -> Response {
    visitor.request(Method::GET, path).header("cookie", place).send().await.expect("an answer")
}

both_engines!(who_sits_an_exam_notices_nothing_of_a_crowd_before_the_door, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let exam = arrange::exam("bell").publish(app.store()).await;
    let started = ada.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &json!({})).await;
    let (id, question) = (started["id"].as_str().expect("an id"), &started["questions"][0]);
    let save =
        json!({"operations": [{"seq": 1, "question": 1, "response": {"choice": [question["options"][0]["id"]]}}]});
    let inside = crowd(&app).await;
    let saved = ada.expect(200, Method::PUT, &format!("/api/v1/attempts/{id}/answers"), &save).await;
    assert_eq!(saved["acknowledged"], json!([1]));
    ada.expect(200, Method::POST, &format!("/api/v1/attempts/{id}/submit"), &json!({})).await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(app.guest().get(path).await.status(), 200, "{path}");
    }
    drop((exam, inside));
});

both_engines!(programs_are_told_when_to_come_again, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let sign_in = json!({"email": "ada@example.org", "password": "wrong"});
    let inside = crowd(&app).await;
    let before: u64 = app.app.admission.refused().iter().map(|(_, refused)| refused).sum();
    for (method, path, body) in [(Method::GET, "/api/v1/exams", json!({})), (Method::POST, "/api/v1/session", sign_in)]
    {
        let refused = ada.call(method, path, &body).await;
        assert_eq!(refused.status(), 503, "{path}");
        let seconds: u64 = refused.headers()["retry-after"].to_str().expect("digits").parse().expect("seconds");
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert!(refused.headers().get("set-cookie").is_none(), "there is no waiting room for programs");
        let problem: Value = refused.json().await.expect("a problem");
        assert_eq!(problem["code"], "busy");
        assert!(problem["detail"].as_str().expect("a sentence").contains("Try again in"), "{problem}");
    }
    let refused: u64 = app.app.admission.refused().iter().map(|(_, refused)| refused).sum();
    assert_eq!(refused - before, 2);
    drop(inside);
    calm(&app);
    assert_eq!(ada.get("/api/v1/exams").await.status(), 200);
});

both_engines!(people_wait_in_a_room_and_get_in_by_themselves, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let (first, second) = (app.guest(), app.guest());
    let inside = crowd(&app).await;
    let waits = first.get("/exams?page=1&x=%22").await;
    assert_eq!(waits.status(), 503);
    assert!(waits.headers().contains_key("retry-after"));
    let places = (place(&waits), place(&second.get("/sign-in?next=%2Fexams").await));
    let page = waits.text().await.expect("a page");
    assert!(page.contains("You are in the queue"), "{page}");
    assert!(page.contains(r#"<meta http-equiv="refresh" content=""#), "{page}");
    assert!(page.contains(";url=/exams?page=1&#38;x=%22"), "back to where they wanted to go: {page}");
    // An address that browsers take for another host's.
    let elsewhere = get_with(&first, "//elsewhere.example/exams", &places.0).await.text().await.expect("a page");
    assert!(elsewhere.contains("You are in the queue") && elsewhere.contains(";url=/\""), "{elsewhere}");
    let again = get_with(&first, "/exams", &places.0).await;
    assert_eq!(again.status(), 503);
    assert_eq!(place(&again), places.0, "whoever asks again keeps their place");
    drop(inside);
    calm(&app);
    while app.app.admission.room.waiting() > 0 {
        app.app.admission.look(Duration::ZERO, Answers::default(), Duration::from_millis(100));
    }
    assert_eq!(get_with(&first, "/exams", &places.0).await.status(), 200);
    assert_eq!(get_with(&second, "/sign-in", &places.1).await.status(), 200);
    assert_eq!(app.guest().get("/exams").await.status(), 200, "nobody waits any more");
});

both_engines!(who_sends_a_head_and_no_body_keeps_nobody_out, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    arrange::exam("bell").publish(app.store()).await;
    let address = app.base.strip_prefix("http://").expect("a plain address").to_owned();
    let token = ada.token.as_deref().expect("she is signed in");
    let send = async |path: &str, length: usize| {
        let mut stream = TcpStream::connect(&address).await.expect("a connection");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("it is taken");
        stream
    };
    let (start, pen) = ("/api/v1/exams/bell/attempts", "/api/v1/attempts/7f3a/writers");
    // More than the widest of the two gates has places.
    let mut heads = Vec::new();
    for path in [start, pen].into_iter().cycle().take(240) {
        heads.push(send(path, 10).await);
    }
    let started = ada.expect(201, Method::POST, start, &json!({})).await;
    let id = started["id"].as_str().expect("an id");
    ada.expect(201, Method::POST, &format!("/api/v1/attempts/{id}/writers"), &json!({})).await;
    assert_eq!(app.app.admission.room.waiting(), 0);
    // And there is an end to them: of those that may be large, soon.
    for _ in 0..LARGE_BODIES {
        heads.push(send(pen, 1_000_000).await);
    }
    while app.app.admission.bodies_awaited()[1] < LARGE_BODIES {
        tokio::task::yield_now().await;
    }
    let mut answer = [0; 12];
    send(pen, 1_000_000).await.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 503");
});

both_engines!(
    what_guests_send_takes_little_memory_and_large_saves_only_what_there_is_room_for,
    async |t: TestStore| {
        let app = TestApp::start(&t).await;
        // Each of these would be shown again, several times as large.
        let next = "\"".repeat(SMALL_BODY / 3);
        for (path, fields) in [
            ("/sign-in", [("email", "ada@example.org"), ("next", next.as_str())]),
            ("/sign-in?code", [("access_code", "7K3M-Q9TX-2WHD"), ("next", next.as_str())]),
            ("/sign-up", [("email", "ada@example.org"), ("name", next.as_str())]),
        ] {
            assert_eq!(app.guest().post_form(path, &fields).await.status(), 413, "{path}");
        }
        let typed = json!({"email": "ada@example.org", "password": "x".repeat(SMALL_BODY)});
        let refused = app.guest().call(Method::POST, "/api/v1/session", &typed).await;
        assert_eq!(refused.json::<Value>().await.expect("a problem")["code"], "too_large");

        let ada = app.candidate().await;
        arrange::exam("bell").publish(app.store()).await;
        let started = ada.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &json!({})).await;
        let path = format!("/api/v1/attempts/{}/answers", started["id"].as_str().expect("an id"));
        let save = |seq: i64, padding: usize| json!({"operations": [{"seq": seq, "question": 1, "response": {"choice": ["a"]}}], "padding": "x".repeat(padding)});
        let admission = &app.app.admission;
        let mut taken = Vec::new();
        while let Ok(room) = admission.room_for_save(4 << 20) {
            taken.push(room);
        }
        assert_eq!(taken.len(), LARGE_SAVES / (4 << 20));
        let refused = ada.call(Method::PUT, &path, &save(1, SMALL_BODY)).await;
        assert_eq!((refused.status().as_u16(), refused.headers().contains_key("retry-after")), (503, true));
        ada.expect(200, Method::PUT, &path, &save(1, 0)).await;
        drop(taken);
        ada.expect(200, Method::PUT, &path, &save(2, SMALL_BODY)).await;
        assert!(admission.room_for_save(LARGE_SAVES as u64).is_ok(), "an answered save takes no room");
    }
);

both_engines!(without_admission_nobody_waits, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.admission = false).await;
    let inside = crowd(&app).await;
    assert_eq!(app.guest().get("/exams").await.status(), 200);
    assert_eq!(app.guest().call(Method::GET, "/api/v1/exams", &json!({})).await.status(), 200);
    assert_eq!(app.app.admission.room.waiting(), 0);
    drop(inside);
});

both_engines!(newcomers_do_not_overtake_those_who_wait, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let room = &app.app.admission.room;
    let early = app.guest();
    let inside = crowd(&app).await;
    let place = place(&early.get("/exams").await);
    // So many that they will not all be called while this test runs.
    for _ in 0..10_000_000 {
        let _ = room.give(app.app.now());
    }
    drop(inside);
    calm(&app);
    let number = room.read(place.split_once('=').expect("a pair").1, app.app.now()).expect("it is ours");
    while !room.is_called(number) {
        app.app.admission.look(Duration::ZERO, Answers::default(), Duration::from_millis(100));
    }
    assert_eq!(get_with(&early, "/exams", &place).await.status(), 200, "it is their turn");
    let late = app.guest().get("/exams").await;
    assert_eq!(late.status(), 503, "there is room, but others come first");
    assert_eq!(get_with(&app.guest(), "/exams", "examhall_place=1.2.3").await.status(), 503, "a place made up");
    let form = app.guest().post_form("/sign-in", &[("email", "ada@example.org")]).await;
    assert_eq!(form.status(), 503);
    let page = form.text().await.expect("a page");
    assert!(page.contains(";url=/sign-in\""), "{page}");
    assert!(page.contains("send it again when you are in"), "{page}");
});

/// So many sign in by password that somebody is refused, until the task is aborted.
async fn crowd_of_sign_ins(app: &TestApp) -> JoinHandle<()> {
    let passwords = app.app.passwords.clone();
    let crowd = tokio::spawn(async move {
        let mut waiting = JoinSet::new();
        loop {
            let asking = passwords.clone();
            waiting.spawn(async move { asking.hash("correct horse battery".into()).await });
            tokio::task::yield_now().await;
            while waiting.try_join_next().is_some() {}
        }
    });
    while app.app.passwords.figures().refused == 0 {
        tokio::task::yield_now().await;
    }
    crowd
}

both_engines!(who_has_an_access_code_signs_in_however_many_passwords_wait, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let code = give(&app, "Ada").await;
    let crowd = crowd_of_sign_ins(&app).await;
    for _ in 0..20 {
        let api = app.guest().call(Method::POST, "/api/v1/session", &json!({"access_code": code})).await;
        assert_eq!(api.status(), 200);
    }
    let form = app.guest().post_form("/sign-in?code", &[("access_code", &code), ("next", "/exams")]).await;
    assert_eq!((form.status().as_u16(), &form.headers()["location"]), (303, &HeaderValue::from_static("/exams")));
    assert!(app.app.passwords.figures().waiting > 0, "the crowd is still there");
    crowd.abort();
});

both_engines!(whoever_would_wait_long_to_sign_in_is_told_and_keeps_what_was_typed, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let crowd = crowd_of_sign_ins(&app).await;
    // A place may have become free in this very moment; then somebody gets in, after all those before them.
    let mut tries = 0;
    let form = loop {
        let fields = [("email", "ada@example.org"), ("password", "correct horse battery"), ("next", "/exams/bell")];
        let form = app.guest().post_form("/sign-in", &fields).await;
        tries += 1;
        if form.status() == 503 || tries == 5 {
            break form;
        }
    };
    assert_eq!(form.status(), 503);
    assert!(form.headers().contains_key("retry-after"));
    let page = form.text().await.expect("a page");
    assert!(page.contains("Many people are signing in right now"), "{page}");
    assert!(page.contains(r#"value="ada@example.org""#) && page.contains(r#"value="/exams/bell""#), "{page}");
    let body = json!({"email": "ada@example.org", "password": "correct horse battery"});
    let api = loop {
        let api = app.guest().call(Method::POST, "/api/v1/session", &body).await;
        tries += 1;
        if api.status() == 503 || tries == 10 {
            break api;
        }
    };
    assert_eq!(api.status(), 503);
    assert_eq!(api.json::<Value>().await.expect("a problem")["code"], "busy");
    crowd.abort();
});
