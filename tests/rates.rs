//! Rate limits over HTTP: what runs wild is held up, and nobody else.

use crate::api::access_codes::give;
use reqwest::Method;
use serde_json::{Value, json};
use std::net::IpAddr;
use testkit::{TestApp, TestStore, arrange, both_engines};

both_engines!(who_guesses_passwords_has_to_wait_and_others_of_the_same_hall_do_not, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.rate_limits = true).await;
    let guest = app.guest();
    let try_as = async |email: &str| {
        let body = json!({"email": email, "password": "not the password"});
        guest.call(Method::POST, "/api/v1/session", &body).await
    };
    for _ in 0..10 {
        assert_eq!(try_as("ada@example.org").await.status(), 401);
    }
    let refused = try_as("ADA@example.org").await;
    assert_eq!(refused.status(), 429);
    let seconds: u64 = refused.headers()["retry-after"].to_str().expect("digits").parse().expect("seconds");
    assert!((1..=15).contains(&seconds), "{seconds}");
    assert_eq!(refused.json::<Value>().await.expect("a problem")["code"], "rate_limited");
    assert_eq!(try_as("bo@example.org").await.status(), 401);
    let form = guest.post_form("/sign-in", &[("email", "ada@example.org"), ("password", "not the password")]).await;
    assert_eq!(form.status(), 429);
    let page = form.text().await.expect("a page");
    assert!(page.contains(r#"value="ada@example.org""#) && page.contains("then try again"), "{page}");
    for _ in 0..1_000 {
        assert_eq!(guest.get("/healthz").await.status(), 200, "probes are never limited");
    }
});

both_engines!(a_stolen_session_is_no_way_to_guess_the_password, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.rate_limits = true).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let change = [("current_password", "not the password"), ("new_password", "eight green bicycles")];
    for _ in 0..10 {
        assert_eq!(ada.post_form("/account/password", &change).await.status(), 422);
    }
    let hashed = app.app.passwords.figures().done;
    let refused = ada.post_form("/account/password", &change).await;
    assert_eq!((refused.status().as_u16(), app.app.passwords.figures().done), (429, hashed));
    let seconds: u64 = refused.headers()["retry-after"].to_str().expect("digits").parse().expect("seconds");
    assert!((1..=15).contains(&seconds), "{seconds}");
    let page = refused.text().await.expect("a page");
    assert!(page.contains("action=\"/account/password\"") && page.contains("then try again"), "{page}");
    // It is the same allowance as that of the sign-in, and others have their own.
    let email = &ada.account.as_ref().expect("an account").email;
    let body = json!({"email": email, "password": "not the password"});
    assert_eq!(app.guest().call(Method::POST, "/api/v1/session", &body).await.status(), 429);
    assert_eq!(bo.post_form("/account/password", &change).await.status(), 422);
});

both_engines!(who_hands_in_again_and_again_or_makes_up_attempts_is_held_up, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.rate_limits = true).await;
    arrange::exam("bell").publish(app.store()).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let started = ada.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &json!({})).await;
    let path = format!("/api/v1/attempts/{}/submit", started["id"].as_str().expect("an id"));
    let receipt = ada.expect(200, Method::POST, &path, &json!({})).await;
    assert_eq!(ada.expect(200, Method::POST, &path, &json!({})).await, receipt);
    let held_up = async |person: &testkit::Visitor, method: Method, path: &str, until_then: u16| {
        for _ in 0..1_000 {
            let status = person.call(method.clone(), path, &json!({"operations": []})).await.status().as_u16();
            if status == 429 {
                return true;
            }
            assert_eq!(status, until_then);
        }
        false
    };
    let again = async || {
        for _ in 0..1_000 {
            if ada.call(Method::POST, &path, &json!({})).await.status() == 429 {
                return true;
            }
        }
        false
    };
    assert!(again().await, "her hand-in is repeated without end");
    assert!(held_up(&bo, Method::PUT, "/api/v1/attempts/0123abcd/answers", 404).await, "ids are made up without end");
});

both_engines!(a_class_behind_one_address_signs_in_by_codes_at_once_although_some_mistype, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.rate_limits = true).await;
    let code = give(&app, "Ada").await;
    let sign_in = async |code: &str| {
        app.guest().call(Method::POST, "/api/v1/session", &json!({"access_code": code})).await.status().as_u16()
    };
    for number in 0..600 {
        let is_right = number % 2 == 0;
        let status = sign_in(if is_right { &code } else { "7K3M-Q9TX-2WHD" }).await;
        assert_eq!(status, if is_right { 200 } else { 401 }, "{number}");
    }
    // Whoever tries on and on is told to wait. Another try is allowed soon, so that one may come in between.
    let on_and_on = || while app.app.rates.access_code(IpAddr::from([127, 0, 0, 1])).is_ok() {};
    let mut tries = 0;
    while {
        on_and_on();
        sign_in("7K3M-Q9TX-2WHD").await != 429
    } {
        tries += 1;
        assert!(tries < 1_000, "nothing holds it up");
    }
    let form = loop {
        on_and_on();
        let form = app.guest().post_form("/sign-in?code", &[("access_code", &code)]).await;
        if form.status() == 429 {
            break form;
        }
        tries += 1;
        assert!(tries < 2_000, "nothing holds it up");
    };
    let page = form.text().await.expect("a page");
    assert!(page.contains(&format!("value=\"{code}\"")) && page.contains("then try again"), "{page}");
});

both_engines!(an_attempt_that_is_saved_to_without_end_is_held_up_and_loses_nothing, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.rate_limits = true).await;
    arrange::exam("bell").publish(app.store()).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let started = ada.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &json!({})).await;
    let id = started["id"].as_str().expect("an id");
    let path = format!("/api/v1/attempts/{id}/answers");
    let save = |seq: i64| json!({"operations": [{"seq": seq, "question": 1, "response": {"choice": ["a"]}}]});
    let mut saved = 0;
    let refused = loop {
        let answer = ada.call(Method::PUT, &path, &save(saved + 1)).await;
        if answer.status() != 200 {
            break answer;
        }
        saved += 1;
        assert!(saved < 2_000, "nothing holds it up");
    };
    assert!(saved >= 120, "{saved}");
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    let form = [("writer", "0"), ("seq", "0"), ("choice", "b"), ("go", "stay")];
    let form = ada.post_form(&format!("/attempts/{id}/questions/1"), &form).await;
    assert_eq!(form.status(), 429);
    let page = form.text().await.expect("a page");
    assert!(page.contains("Not saved yet"), "{page}");
    let attempt = ada.expect(200, Method::GET, &format!("/api/v1/attempts/{id}"), &json!({})).await;
    assert_eq!(attempt["last_seq"], saved, "what was acknowledged is kept");
    let other = bo.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &json!({})).await;
    let path = format!("/api/v1/attempts/{}/answers", other["id"].as_str().expect("an id"));
    assert_eq!(bo.call(Method::PUT, &path, &save(1)).await.status(), 200, "another attempt");
    ada.expect(200, Method::POST, &format!("/api/v1/attempts/{id}/submit"), &json!({})).await;
});

both_engines!(a_person_who_asks_without_end_is_held_up_and_the_same_hall_goes_on, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.rate_limits = true).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let mut asked = 0;
    while ada.get("/api/v1/attempts").await.status() == 200 {
        asked += 1;
        assert!(asked < 5_000, "nothing holds her up");
    }
    assert!(asked >= 300, "{asked}");
    assert_eq!(bo.get("/api/v1/attempts").await.status(), 200);
    assert_eq!(app.guest().get("/api/v1/exams").await.status(), 200);
});
