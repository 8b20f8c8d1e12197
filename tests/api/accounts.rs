//! `POST /api/v1/accounts`.

use crate::contract::Api;
use reqwest::Method;
use serde_json::{Value, json};
use server::config::SignUp;
use testkit::{TestApp, both_engines};

const ACCOUNTS: &str = "/api/v1/accounts";

fn ana(email: &str) -> Value {
    json!({"email": email, "name": "Ana", "password": "correct horse battery"})
}

both_engines!(an_address_has_one_account_however_it_is_written, async |t| {
    let app = TestApp::start(&t).await;
    let guest = app.guest();
    let made = guest.post(ACCOUNTS, ana(" Ana@Example.org ")).await.ok(201);
    assert_eq!((&made["name"], &made["role"]), (&json!("Ana"), &json!("candidate")));
    for same in ["ana@example.org", "ANA@EXAMPLE.ORG", "\tana@example.ORG"] {
        guest.post(ACCOUNTS, ana(same)).await.refused(409, "email_taken");
    }
});

both_engines!(everything_that_is_wrong_is_named_at_once, async |t| {
    let app = TestApp::start(&t).await;
    let guest = app.guest();
    let wrong = guest.post(ACCOUNTS, json!({"email": "ana", "name": " ", "password": "short"})).await;
    assert_eq!(wrong.wrong_values(), ["/email", "/name", "/password"]);
    for (field, bad) in [
        ("/email", json!({"email": "a\u{0}@example.org", "name": "Ana", "password": "correct horse battery"})),
        ("/name", json!({"email": "a@example.org", "name": "A\u{0}a", "password": "correct horse battery"})),
        ("/name", json!({"email": "a@example.org", "name": "x".repeat(101), "password": "correct horse battery"})),
        ("/password", json!({"email": "a@example.org", "name": "Ana", "password": "x".repeat(257)})),
        ("/password", json!({"email": "a@example.org", "name": "Ana"})),
        ("/email", json!({"email": 5, "name": "Ana", "password": "correct horse battery"})),
        ("", json!(["a@example.org", "Ana", "correct horse battery"])),
    ] {
        assert_eq!(guest.post(ACCOUNTS, bad.clone()).await.wrong_values(), [field], "{bad}");
    }
    guest.send_text(Method::POST, ACCOUNTS, "{\"email\":").await.refused(400, "malformed");
});

both_engines!(nobody_makes_themselves_staff, async |t| {
    let app = TestApp::start(&t).await;
    let guest = app.guest();
    let mut eve = ana("eve@example.org");
    eve["role"] = json!("admin");
    assert_eq!(guest.post(ACCOUNTS, eve).await.wrong_values(), ["/role"]);
    assert!(!t.has_admin().await.expect("the database answers"));
});

both_engines!(where_sign_up_is_not_open_nobody_signs_up, async |t| {
    for sign_up in [SignUp::Closed, SignUp::Invite] {
        let app = TestApp::start_with(&t, |site| site.sign_up = sign_up).await;
        app.guest().post(ACCOUNTS, ana("ana@example.org")).await.refused(403, "sign_up_closed");
    }
});
