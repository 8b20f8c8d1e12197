//! `/api/v1/session` by access code: candidates sign in without a password, and without the cost of one.

use crate::contract::Api;
use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};
use server::account::access_code::AccessCode;
use std::time::Duration;
use store::{NewAccessCode, Role};
use testkit::arrange::{self, FAKE_HASH};
use testkit::{NOON, TestApp, both_engines};

const SESSION: &str = "/api/v1/session";
const OWN: &str = "/api/v1/attempts";
const AN_HOUR: Duration = Duration::from_secs(3_600);

/// Gives somebody a code for an hour, as the command line does; "Ada" has the address ada@example.org.
pub(crate) async fn give(app: &TestApp, name: &str) -> String {
    let code = AccessCode::make(&app.app.chance);
    let email = format!("{}@example.org", name.to_lowercase());
    let person = [NewAccessCode { email: &email, name, code_hash: &code.hash() }];
    app.store().create_access_codes(&person, FAKE_HASH, NOON.after(AN_HOUR), None, NOON).await.expect("a code is made");
    code.to_string()
}

both_engines!(a_candidate_signs_in_by_code_and_no_password_is_hashed, async |t| {
    let app = TestApp::start(&t).await;
    arrange::exam("bell").publish(app.store()).await;
    let code = give(&app, "Ada").await;
    let before = app.app.passwords.figures();

    let signed_in = app.guest().post(SESSION, json!({"access_code": code})).await;
    let cookie = signed_in.headers[SET_COOKIE].to_str().expect("ASCII").to_owned();
    let session = signed_in.ok(200);
    assert_eq!(
        (&session["account"]["email"], &session["account"]["role"]),
        (&json!("ada@example.org"), &json!("candidate"))
    );
    let token = session["token"].as_str().expect("a token");
    assert!(cookie.starts_with(&format!("examhall_session={token}; ")));
    let ada = app.guest().with_token(token);
    ada.post("/api/v1/exams/bell/attempts", json!({})).await.ok(201);

    // Another device, typed by somebody in a hurry.
    let typed = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
    let elsewhere = app.guest().post(SESSION, json!({"access_code": typed})).await.ok(200);
    assert_ne!(elsewhere["token"], session["token"]);
    ada.read(OWN).await.ok(200);

    app.guest().post(SESSION, json!({"access_code": "0000-0000-0000"})).await.refused(401, "wrong_access_code");
    app.guest().post(SESSION, json!({"access_code": "not a code"})).await.refused(401, "wrong_access_code");
    let after = app.app.passwords.figures();
    assert_eq!((after.done, after.waiting, after.refused), (before.done, 0, 0));
});

both_engines!(a_refused_code_never_says_why, async |t| {
    let app = TestApp::start(&t).await;
    let (replaced, current) = (give(&app, "Ada").await, give(&app, "Ada").await);
    let disabled = give(&app, "Bo").await;
    let promoted = give(&app, "Cy").await;
    let id = async |email: &str| t.find_credentials(email).await.expect("it can be read").expect("it is there").0.id;
    t.set_disabled(id("bo@example.org").await, true, None, NOON).await.expect("a candidate can be disabled");
    t.set_role(id("cy@example.org").await, Role::Invigilator, None, NOON).await.expect("and join the staff");

    let mut problems: Vec<Value> = Vec::new();
    let mut refuse = async |code: &str| {
        let refused = app.guest().post(SESSION, json!({"access_code": code})).await;
        assert!(!refused.headers.contains_key(SET_COOKIE));
        let mut problem = refused.refused(401, "wrong_access_code");
        problem["request_id"] = json!("");
        problems.push(problem);
    };
    for code in [&replaced, &disabled, &promoted, "7K3M-Q9TX-2WHD", "", "\u{0}", "' OR 1=1 --"] {
        refuse(code).await;
    }
    app.clock.advance(AN_HOUR - Duration::from_millis(1));
    app.guest().post(SESSION, json!({"access_code": current})).await.ok(200);
    app.clock.advance(Duration::from_millis(1));
    refuse(&current).await;
    assert!(problems.iter().all(|problem| *problem == problems[0]), "{problems:#?}");
});

both_engines!(a_code_is_sent_alone, async |t| {
    let app = TestApp::start(&t).await;
    let code = give(&app, "Ada").await;
    for (body, pointers) in [
        (json!({"access_code": code, "email": "ada@example.org"}), ["/access_code"].as_slice()),
        (json!({"access_code": code, "password": "correct horse battery"}), &["/access_code"]),
        (json!({"access_code": 7}), &["/access_code"]),
        (json!({"access_code": code, "code": code}), &["/code"]),
        (json!({"access_code": null}), &["/email", "/password"]),
        (json!({}), &["/email", "/password"]),
    ] {
        assert_eq!(app.guest().post(SESSION, body.clone()).await.wrong_values(), pointers, "{body}");
    }
    app.guest().post(SESSION, json!({"access_code": code})).await.ok(200);
});

both_engines!(a_code_ends_the_session_it_came_with_and_its_sessions_end_with_the_account, async |t| {
    let app = TestApp::start(&t).await;
    let code = give(&app, "Ada").await;
    let body = json!({"access_code": code});
    let token = |session: Value| session["token"].as_str().expect("a token").to_owned();
    let first = app.guest().with_token(&token(app.guest().post(SESSION, body.clone()).await.ok(200)));
    let second = app.guest().with_token(&token(first.post(SESSION, body.clone()).await.ok(200)));
    first.read(OWN).await.refused(401, "signed_out");
    give(&app, "Ada").await;
    second.read(OWN).await.ok(200);

    let (ada, _) = t.find_credentials("ada@example.org").await.expect("it can be read").expect("she is there");
    t.set_disabled(ada.id, true, None, NOON).await.expect("a candidate can be disabled");
    second.read(OWN).await.refused(401, "signed_out");
});

both_engines!(a_code_is_kept_nowhere_as_it_is, async |t| {
    let app = TestApp::start(&t).await;
    let code = give(&app, "Ada").await;
    app.guest().post(SESSION, json!({"access_code": code})).await.ok(200);
    let read = AccessCode::read(&code).expect("a code");
    let mut raw = t.raw().await;
    assert_eq!(raw.texts("SELECT code_hash FROM access_codes").await, [read.hash()]);
    let kept = raw.texts("SELECT action || ' ' || subject || ' ' || detail FROM audit_log").await.join("\n");
    let plain = code.replace('-', "");
    assert!(kept.contains("account.access_code") && !kept.contains(&code) && !kept.contains(&plain), "{kept}");
});
