//! `/demo/{key}`: the entrance that needs no password, in a demo only.

use crate::browser::Browser;
use server::demo::{self, SIGN_INS};
use store::{NewAccount, Role};
use testkit::arrange::{FAKE_HASH, new_account};
use testkit::{NOON, TestApp, TestStore, arrange, both_engines};

/// A demo's account, without the rest of the demo.
async fn demo_account(t: &TestStore, role: Role) -> &'static str {
    let sign_in = SIGN_INS.iter().find(|sign_in| sign_in.role == role).expect("one per role");
    let new = NewAccount { password_hash: FAKE_HASH, demo: true, ..new_account(sign_in.email, sign_in.name, role) };
    t.create_account(new, None, NOON).await.expect("an account is made");
    sign_in.email
}

both_engines!(the_printed_link_lets_in_whom_one_chooses, async |t| {
    let email = demo_account(&t, Role::Candidate).await;
    let app = TestApp::start_with(&t, |site| site.demo = true).await;
    let link = format!("/demo/{}", demo::link_key(&t).await.expect("the database answers"));
    let mut visitor = Browser::new(&app);
    let entrance = visitor.open(&link).await;
    assert_eq!(entrance.status, 200);
    let page = visitor.submit(entrance.form(&link).fill("email", email)).await;
    assert_eq!(page.path, "/dashboard");
    page.says("Hello, Robin");
    page.says("This is a demo.");
});

both_engines!(without_the_key_or_without_the_demo_there_is_no_entrance, async |t| {
    let email = demo_account(&t, Role::Admin).await;
    let key = demo::link_key(&t).await.expect("the database answers");
    let in_demo = TestApp::start_with(&t, |site| site.demo = true).await;
    let in_earnest = TestApp::start(&t).await;
    let stranger = in_demo.candidate().await.account.expect("an account").email;
    for (app, key, email) in [
        (&in_demo, "guessed", email),
        (&in_earnest, &key, email),
        (&in_demo, &key, stranger.as_str()),
        (&in_demo, &key, ""),
    ] {
        let response = app.guest().post_form(&format!("/demo/{key}"), &[("email", email)]).await;
        assert_eq!(response.status(), 404, "{email:?} by {key}");
        assert!(!response.headers().contains_key("set-cookie"));
    }
    assert_eq!(in_earnest.guest().get(&format!("/demo/{key}")).await.status(), 404);
    assert_eq!(in_demo.guest().get("/demo/guessed").await.status(), 404);
});

both_engines!(whoever_has_the_demo_link_gets_nothing_that_outlasts_the_demo, async |t| {
    let email = demo_account(&t, Role::Admin).await;
    let (demo, _) = t.find_credentials(email).await.expect("it can be read").expect("it was made");
    arrange::account(&t, "Mallory", Role::Candidate).await;
    let (mallory, _) = t.find_credentials("mallory@example.org").await.expect("it can be read").expect("it was made");
    let app = TestApp::start_with(&t, |site| site.demo = true).await;
    let admin = app.sign_in(&demo).await;

    let form = [("email", "eve@example.org"), ("name", "Eve"), ("role", "admin"), ("password", "seven red umbrellas")];
    assert_eq!(admin.post_form("/admin/accounts", &form).await.status(), 303);
    let (eve, _) = t.find_credentials("eve@example.org").await.expect("it can be read").expect("it was made");
    assert!(eve.demo);
    assert!(!t.has_admin().await.expect("the database answers"), "the set-up link still works");

    let own = format!("/admin/accounts/{}", mallory.id);
    for (path, fields) in [("role", &[("role", "admin")][..]), ("disable", &[])] {
        let refused = admin.post_form(&format!("{own}/{path}"), fields).await;
        assert_eq!(refused.status(), 422, "{path}");
        assert!(refused.text().await.expect("a page").contains("Demo accounts can change demo accounts only"));
    }
    assert_eq!(t.find_account(mallory.id).await.expect("it can be read"), Some(mallory));
});
