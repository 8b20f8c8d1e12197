//! Passwords that are changed by whoever knows them, and set anew by a link that an admin hands over.

use super::{PASSWORD, sign_up};
use crate::api::access_codes::give;
use crate::browser::{Browser, Page};
use crate::contract::Api;
use reqwest::StatusCode;
use serde_json::json;
use server::account::password::LINK_LIFETIME;
use store::{Account, Role};
use testkit::{NOON, TestApp, TestStore, arrange, both_engines};

const CHANGE: &str = "/account/password";
const NEW: &str = "eight green bicycles";

/// A browser in which somebody has signed in, and where that led to.
async fn sign_in(app: &TestApp, email: &str, password: &str) -> (Browser, Page) {
    let mut browser = Browser::new(app);
    let page = browser.open("/sign-in").await;
    let page = browser.submit(page.form("/sign-in").fill("email", email).fill("password", password)).await;
    (browser, page)
}

async fn changes(t: &TestStore, account: &Account) -> i64 {
    t.count_audit("account.password", &format!("account {}", account.id)).await.expect("it can be read")
}

async fn account_of(t: &TestStore, email: &str) -> Account {
    t.find_credentials(email).await.expect("it can be read").expect("it is there").0
}

both_engines!(who_knows_the_password_changes_it_and_is_signed_out_everywhere_else, async |t| {
    let app = TestApp::start(&t).await;
    let (mut ana, page) = sign_up(&app, "Ana").await;
    let (mut elsewhere, _) = sign_in(&app, "ana@example.org", PASSWORD).await;
    let account = account_of(&t, "ana@example.org").await;
    let page = ana.click(&page, CHANGE).await;
    assert_eq!((page.status, page.heading().as_str()), (200, "Change your password"));

    let too_long = "x".repeat(257);
    for (current, new, problem) in [
        ("", "", "There is a problem Enter your current password Enter a new password"),
        ("not the password", NEW, "Check your current password. It is not right"),
        (PASSWORD, "short", "Use at least 10 characters for the password"),
        (PASSWORD, too_long.as_str(), "Use at most 256 characters for the password"),
        (PASSWORD, "1234567890", "Choose a password that is harder to guess"),
        (PASSWORD, "ana@example.org", "Choose a password that is harder to guess"),
        (PASSWORD, PASSWORD, "Choose a password other than the current one"),
    ] {
        let refused = ana.submit(page.form(CHANGE).fill("current_password", current).fill("new_password", new)).await;
        assert_eq!(refused.status, 422, "{problem}");
        assert!(refused.title().starts_with("Error: "), "{}", refused.title());
        refused.says(problem);
        let form = refused.form(CHANGE);
        assert_eq!((form.value("current_password"), form.value("new_password")), ("", ""), "never sent back");
    }
    assert_eq!((elsewhere.open("/results").await.status, changes(&t, &account).await), (200, 0));

    let form = page.form(CHANGE).fill("current_password", PASSWORD).fill("new_password", NEW);
    let page = ana.submit(form).await;
    assert_eq!((page.status, page.path.as_str()), (200, "/account/password?changed"));
    page.says("Your password is changed. You are signed out everywhere else.");
    assert_eq!(ana.open("/results").await.path, "/results", "this session goes on");
    assert_eq!(elsewhere.open("/results").await.path, "/sign-in?required&next=%2Fresults");
    assert_eq!(changes(&t, &account).await, 1);
    let (_, page) = sign_in(&app, "ana@example.org", PASSWORD).await;
    page.says("Check the email address and the password. They do not belong together");
    assert_eq!(sign_in(&app, "ana@example.org", NEW).await.1.path, "/dashboard");
});

both_engines!(who_signed_in_by_a_code_changes_no_password_though_they_know_it, async |t| {
    let app = TestApp::start(&t).await;
    sign_up(&app, "Ada").await;
    let code = give(&app, "Ada").await;
    let mut hall = Browser::new(&app);
    let page = hall.open("/sign-in?code").await;
    hall.submit(page.form("/sign-in?code").fill("access_code", &code)).await;
    let before = app.app.passwords.figures().done;

    let page = hall.open(CHANGE).await;
    assert_eq!((page.status, page.heading().as_str()), (403, "Your password cannot be changed here"));
    page.says("You are signed in with an access code, which needs no password.");
    let known = [("current_password", PASSWORD), ("new_password", NEW)];
    assert_eq!(hall.visitor().post_form(CHANGE, &known).await.status(), 403);
    assert_eq!(app.app.passwords.figures().done, before, "nothing is tried either");
    assert_eq!(changes(&t, &account_of(&t, "ada@example.org").await).await, 0);

    // On a device of her own she may, which ends what the code began.
    let (ada, _) = sign_in(&app, "ada@example.org", PASSWORD).await;
    let changed = ada.visitor().post_form(CHANGE, &known).await;
    assert_eq!(changed.headers()["location"], "/account/password?changed");
    assert_eq!(hall.open("/results").await.path, "/sign-in?required&next=%2Fresults");
});

both_engines!(an_attempt_goes_on_where_its_person_changes_the_password, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let (mut ana, _) = sign_up(&app, "Ana").await;
    let intro = ana.open("/exams/cloud").await;
    let attempt = ana.submit(intro.form("/attempts")).await.path;
    assert!(!ana.open(&attempt).await.links().any(|link| link == CHANGE), "nothing leads away from a question");
    let form = [("current_password", PASSWORD), ("new_password", NEW)];
    assert_eq!(ana.visitor().post_form(CHANGE, &form).await.status(), StatusCode::SEE_OTHER);
    let answers = format!("/api/v1{}/answers", attempt.split('?').next().expect("a path"));
    let operation = json!({"seq": 1, "question": 1, "response": {"choice": ["a"]}});
    ana.visitor().put(&answers, json!({"operations": [operation]})).await.ok(200);
});

/// Has an admin make a link for somebody: the whole page, and the path that the link leads to.
async fn make_link(app: &TestApp, root: &mut Browser, account: &Account) -> (Page, String) {
    let page = root.open(&format!("/admin/accounts/{}", account.id)).await;
    let page = root.submit(page.form("/password-link")).await;
    assert_eq!(page.status, 200);
    let link = page.attribute(("id", "password_link"), "value").expect("it is shown").to_owned();
    let path = link.strip_prefix(&app.base).unwrap_or_else(|| panic!("{link} leads elsewhere")).to_owned();
    (page, path)
}

/// Sends the form of a link's page.
async fn set(browser: &mut Browser, page: &Page, password: &str) -> Page {
    browser.submit(page.form(&page.path).fill("password", password)).await
}

both_engines!(a_link_of_an_admin_sets_a_new_password_once, async |t| {
    let app = TestApp::start(&t).await;
    let (mut ana, _) = sign_up(&app, "Ana").await;
    let account = account_of(&t, "ana@example.org").await;
    let mut root = Browser::of(&app, app.person(Role::Admin).await);
    let (page, link) = make_link(&app, &mut root, &account).await;
    page.says("Pass it on to Ana yourself; nothing is mailed. It works once, within 24 hours, and is not shown again.");
    let again = root.open(&format!("/admin/accounts/{}", account.id)).await;
    assert_eq!(again.attribute(("id", "password_link"), "value"), None, "it is shown once");
    assert_eq!(ana.open("/results").await.path, "/results", "it ends nothing by itself");

    let mut elsewhere = Browser::new(&app);
    let page = elsewhere.open(&link).await;
    assert_eq!((page.status, page.heading().as_str()), (200, "Set a new password"));
    page.says("ana@example.org");
    let refused = set(&mut elsewhere, &page, "short").await;
    assert_eq!((refused.status, refused.path.as_str()), (422, link.as_str()));
    refused.says("Use at least 10 characters for the password");

    let page = set(&mut elsewhere, &refused, NEW).await;
    assert_eq!(page.path, "/sign-in?new-password");
    page.says("Your new password is set. Sign in with it.");
    assert_eq!(ana.open("/results").await.path, "/sign-in?required&next=%2Fresults", "all sessions have ended");
    assert_eq!(sign_in(&app, "ana@example.org", PASSWORD).await.1.status, 422);
    assert_eq!(sign_in(&app, "ana@example.org", NEW).await.1.path, "/dashboard");
    let mut eve = Browser::new(&app);
    let spent = eve.open(&link).await;
    assert_eq!((spent.status, spent.heading().as_str()), (422, "This link no longer works"));
    spent.says("The exam office can give you another one.");
    let late = set(&mut eve, &refused, "nine blue elephants").await;
    assert_eq!((late.status, late.heading().as_str()), (422, "This link no longer works"));
    assert_eq!(changes(&t, &account).await, 1);
});

both_engines!(of_two_who_use_a_link_at_once_one_sets_the_password, async |t| {
    let app = TestApp::start(&t).await;
    let ada = arrange::candidate(&t, "Ada").await;
    let mut root = Browser::of(&app, app.person(Role::Admin).await);
    let (_, link) = make_link(&app, &mut root, &ada).await;
    let (one, two) = (app.guest(), app.guest());
    let passwords = [NEW, "nine blue elephants"];
    let forms = passwords.map(|password| [("password", password)]);
    let (first, second) = tokio::join!(one.post_form(&link, &forms[0]), two.post_form(&link, &forms[1]));
    let mut statuses = [first.status().as_u16(), second.status().as_u16()];
    let winner = usize::from(statuses[1] == 303);
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 422]);
    for (number, password) in passwords.into_iter().enumerate() {
        let expected = if number == winner { 200 } else { 422 };
        assert_eq!(sign_in(&app, "ada@example.org", password).await.1.status, expected, "{password}");
    }
    assert_eq!(changes(&t, &ada).await, 1);
});

both_engines!(a_link_ends_with_a_newer_one_with_time_and_with_the_account, async |t| {
    let app = TestApp::start(&t).await;
    let ada = arrange::candidate(&t, "Ada").await;
    let root = app.person(Role::Admin).await;
    let by = root.account.as_ref().expect("an account").id;
    let mut root = Browser::of(&app, root);
    let mut guest = Browser::new(&app);
    let (_, first) = make_link(&app, &mut root, &ada).await;
    let (_, second) = make_link(&app, &mut root, &ada).await;
    for (path, status) in
        [(first.as_str(), 422), (second.as_str(), 200), ("/new-password", 422), ("/new-password?token=x", 422)]
    {
        assert_eq!(guest.open(path).await.status, status, "{path}");
    }
    let page = guest.open(&second).await;
    t.set_disabled(ada.id, true, Some(by), NOON).await.expect("it can be disabled");
    let shown = root.open(&format!("/admin/accounts/{}", ada.id)).await;
    assert!(!shown.has_form("/password-link"), "there is nothing to set it for");
    let forced = root.visitor().post_form(&format!("/admin/accounts/{}/password-link", ada.id), &[]).await;
    assert_eq!(forced.status(), 422);
    assert_eq!(set(&mut guest, &page, NEW).await.status, 422);
    t.set_disabled(ada.id, false, Some(by), NOON).await.expect("it can be enabled");
    assert_eq!(set(&mut guest, &page, NEW).await.status, 422, "it does not come back");

    let (_, third) = make_link(&app, &mut root, &ada).await;
    let page = guest.open(&third).await;
    app.clock.advance(LINK_LIFETIME);
    assert_eq!((guest.open(&third).await.status, set(&mut guest, &page, NEW).await.status), (422, 422));
    assert_eq!(changes(&t, &ada).await, 0);
});

both_engines!(nobody_makes_a_link_for_themselves_or_for_somebody_beyond_the_demo, async |t| {
    let app = TestApp::start_with(&t, |site| site.demo = true).await;
    let root = app.person(Role::Admin).await;
    let own = format!("/admin/accounts/{}", root.account.as_ref().expect("an account").id);
    assert_eq!(root.post_form(&format!("{own}/password-link"), &[]).await.status(), 403);
    let mut root = Browser::of(&app, root);
    let page = root.open(&own).await;
    assert!(!page.has_form("/password-link") && page.links().any(|link| link == CHANGE));

    let ada = arrange::candidate(&t, "Ada").await;
    let demo = store::NewAccount { demo: true, ..arrange::new_account("kim@example.org", "Kim", Role::Admin) };
    let demo = t.create_account(demo, None, NOON).await.expect("it is made");
    let mut kim = Browser::of(&app, app.sign_in(&demo).await);
    let page = kim.open(&format!("/admin/accounts/{}", ada.id)).await;
    let refused = kim.submit(page.form("/password-link")).await;
    assert_eq!(refused.status, 422);
    refused.says("Demo accounts can change demo accounts only.");
    assert_eq!(refused.attribute(("id", "password_link"), "value"), None);
});

both_engines!(a_link_begins_with_the_address_that_is_set_and_no_answer_with_it_is_kept, async |t| {
    let app = TestApp::start_with(&t, |site| site.public_url = Some("http://exams.example.org".to_owned())).await;
    let ada = arrange::candidate(&t, "Ada").await;
    let root = app.person(Role::Admin).await;
    let made = root.post_form(&format!("/admin/accounts/{}/password-link", ada.id), &[]).await;
    assert_eq!((made.status().as_u16(), &made.headers()["cache-control"]), (200, &"no-store".parse().expect("ASCII")));
    let html = made.text().await.expect("a page");
    let (_, link) = html.split_once("value=\"http://exams.example.org").expect("it begins so");
    let path = link.split('"').next().expect("to its end");
    let opened = app.guest().get(path).await;
    assert_eq!(opened.status(), 200, "{path}");
    assert_eq!(opened.headers()["cache-control"], "no-store");
    assert_eq!(opened.headers()["referrer-policy"], "same-origin");
    let token = path.split_once("?token=").expect("it has a token").1;
    let kept = "SELECT COUNT(*) FROM password_links WHERE token_hash LIKE ";
    assert_eq!(t.raw().await.number(&format!("{kept}'%{token}%'")).await, 0, "only its hash is stored");
    assert_eq!(t.raw().await.number(&format!("{kept}'{}'", server::token::hash(token))).await, 1);
});
