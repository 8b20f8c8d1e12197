//! `/api/v1/session`: who is asking.

use crate::contract::{self, Api};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, COOKIE, SET_COOKIE, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{TestApp, Visitor, both_engines};

const SESSION: &str = "/api/v1/session";
const OWN: &str = "/api/v1/attempts";
const TWO_WEEKS: Duration = Duration::from_secs(14 * 86_400);

/// Signs Ana up and returns what signs her in.
async fn ana(app: &TestApp) -> Value {
    let password = "correct horse battery";
    let account = json!({"email": "ana@example.org", "name": "Ana", "password": password});
    app.guest().post("/api/v1/accounts", account).await.ok(201);
    json!({"email": "ana@example.org", "password": password})
}

fn token(session: &Value) -> &str {
    session["token"].as_str().expect("a token")
}

both_engines!(a_sign_in_ends_the_session_it_came_with, async |t| {
    let app = TestApp::start(&t).await;
    let credentials = ana(&app).await;
    let first = app.guest().post(SESSION, credentials.clone()).await.ok(200);
    let browser = app.guest().with_token(token(&first));
    browser.read(OWN).await.ok(200);

    let signed_in = browser.post(SESSION, credentials.clone()).await;
    let cookie = signed_in.headers[SET_COOKIE].to_str().expect("ASCII").to_owned();
    let second = signed_in.ok(200);
    assert!(cookie.starts_with(&format!("examhall_session={}; Path=/; Max-Age=1209600; HttpOnly", token(&second))));
    browser.read(OWN).await.refused(401, "signed_out");
    app.guest().with_token(token(&second)).read(OWN).await.ok(200);

    let on_the_phone = app.guest().post(SESSION, credentials).await.ok(200);
    app.guest().with_token(token(&second)).read(OWN).await.ok(200);
    assert_ne!(token(&on_the_phone), token(&second), "another device has a session of its own");
});

both_engines!(a_session_tells_whose_it_is, async |t| {
    let app = TestApp::start(&t).await;
    let credentials = ana(&app).await;
    let session = app.guest().post(SESSION, credentials).await.ok(200);
    let told = app.guest().with_token(token(&session)).read(SESSION).await.ok(200);
    assert_eq!(told, session["account"]);
    app.guest().read(SESSION).await.refused(401, "signed_out");
});

both_engines!(signing_out_ends_this_session_and_no_other, async |t| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let elsewhere = app.sign_in(ada.account.as_ref().expect("an account")).await;

    let signed_out = ada.delete(SESSION).await;
    assert!(
        signed_out.headers[SET_COOKIE].to_str().expect("ASCII").starts_with("examhall_session=; Path=/; Max-Age=0")
    );
    signed_out.ok(204);
    let refused = ada.read(OWN).await;
    assert_eq!(refused.headers[WWW_AUTHENTICATE], "Bearer");
    refused.refused(401, "signed_out");
    elsewhere.read(OWN).await.ok(200);
    ada.delete(SESSION).await.ok(204);
});

both_engines!(a_bearer_token_wins_over_a_cookie, async |t| {
    let app = TestApp::start(&t).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let bearer = |visitor: &Visitor, scheme: &str, token: &str| {
        visitor.request(Method::GET, OWN).header(AUTHORIZATION, format!("{scheme} {token}"))
    };
    let token = |visitor: &Visitor| visitor.token.clone().expect("a token");

    contract::answer(bearer(&app.guest(), "Bearer", &token(&ada))).await.ok(200);
    contract::answer(bearer(&app.guest(), "bearer", &token(&ada))).await.ok(200);
    contract::answer(bearer(&ada, "Bearer", "nonsense")).await.refused(401, "signed_out");
    let signed_out = bo.request(Method::DELETE, SESSION).header(AUTHORIZATION, format!("Bearer {}", token(&ada)));
    contract::answer(signed_out).await.ok(204);
    bo.read(OWN).await.ok(200);
    ada.read(OWN).await.refused(401, "signed_out");
});

both_engines!(the_authorization_of_a_proxy_does_not_hide_the_cookie, async |t| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let basic = ada.request(Method::GET, OWN).header(AUTHORIZATION, "Basic cHJveHk6c2VjcmV0");
    contract::answer(basic).await.ok(200);
});

both_engines!(the_cookie_is_found_among_others_and_strange_ones_are_nobody, async |t| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let token = ada.token.clone().expect("a token");
    let with_cookie = |cookie: String| app.guest().request(Method::GET, OWN).header(COOKIE, cookie);

    contract::answer(with_cookie(format!("a=b; examhall_session={token}; c=d"))).await.ok(200);
    for strange in [
        "examhall_session".to_owned(),
        "examhall_session=".to_owned(),
        format!("xexamhall_session={token}"),
        format!("examhall_session={}", token.to_lowercase()),
        format!("examhall_session={}", server::token::hash(&token)),
        "examhall_session=' OR 1=1 --".to_owned(),
    ] {
        contract::answer(with_cookie(strange)).await.refused(401, "signed_out");
    }
});

both_engines!(a_session_lasts_two_weeks, async |t| {
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    app.clock.advance(TWO_WEEKS - Duration::from_millis(1));
    ada.read(OWN).await.ok(200);
    app.clock.advance(Duration::from_millis(1));
    ada.read(OWN).await.refused(401, "signed_out");
});

both_engines!(a_disabled_account_is_signed_out_and_stays_out, async |t| {
    let app = TestApp::start(&t).await;
    let credentials = ana(&app).await;
    let session = app.guest().post(SESSION, credentials.clone()).await.ok(200);
    let browser = app.guest().with_token(token(&session));
    let (account, _) = t.find_credentials("ana@example.org").await.expect("it can be read").expect("it is there");

    t.set_disabled(account.id, true, None, testkit::NOON).await.expect("a candidate can be disabled");
    browser.read(OWN).await.refused(401, "signed_out");
    app.guest().post(SESSION, credentials.clone()).await.refused(401, "wrong_credentials");
    t.set_disabled(account.id, false, None, testkit::NOON).await.expect("and enabled");
    app.guest().post(SESSION, credentials).await.ok(200);
});

both_engines!(a_refused_sign_in_never_says_which_was_wrong, async |t| {
    let app = TestApp::start(&t).await;
    let credentials = ana(&app).await;
    let mut problems = Vec::new();
    for (email, password) in [
        ("ana@example.org", "wrong horse battery"),
        ("nobody@example.org", "correct horse battery"),
        ("not an address", "correct horse battery"),
        ("ana@example.org\u{0}", "correct horse battery"),
        ("ana@example.org", ""),
        ("", ""),
    ] {
        let refused = app.guest().post(SESSION, json!({"email": email, "password": password})).await;
        assert!(!refused.headers.contains_key(SET_COOKIE));
        let mut problem = refused.refused(401, "wrong_credentials");
        problem["request_id"] = json!("");
        problems.push(problem);
    }
    assert!(problems.iter().all(|problem| *problem == problems[0]), "{problems:#?}");
    assert_eq!(app.guest().post(SESSION, json!({"email": "x"})).await.wrong_values(), ["/password"]);
    assert_eq!(app.guest().post(SESSION, json!({"email": "x", "password": "y", "z": 1})).await.wrong_values(), ["/z"]);
    app.guest().post(SESSION, credentials).await.ok(200);
});

both_engines!(over_https_the_cookie_is_bound_to_this_host, async |t| {
    let app = TestApp::start_with(&t, |site| site.public_url = Some("https://exams.example.org".into())).await;
    let signed_up = app
        .guest()
        .post("/api/v1/accounts", json!({"email": "a@example.org", "name": "Ana", "password": "correct horse battery"}))
        .await;
    let cookie = signed_up.headers[SET_COOKIE].to_str().expect("ASCII").to_owned();
    signed_up.ok(201);
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    assert!(pair.starts_with("__Host-examhall_session="), "{cookie}");
    assert_eq!(attributes, "Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure");

    let with_cookie = |cookie: &str| app.guest().request(Method::GET, OWN).header(COOKIE, cookie.to_owned());
    contract::answer(with_cookie(pair)).await.ok(200);
    let planted = pair.trim_start_matches("__Host-");
    contract::answer(with_cookie(planted)).await.refused(401, "signed_out");
});
