//! Signing up, in and out.

use super::{PASSWORD, sign_up};
use crate::api::access_codes::give;
use crate::browser::{Browser, Page};
use server::config::SignUp;
use store::Role;
use testkit::{NOON, TestApp, arrange, both_engines};

both_engines!(what_was_typed_is_kept_when_something_is_wrong, async |t| {
    let app = TestApp::start(&t).await;
    let mut ana = Browser::new(&app);
    let page = ana.open("/sign-up?next=/exams").await;
    let form = page.form("/sign-up").fill("name", "Ana \"the\" <b>").fill("email", "ana@").fill("password", "short");
    let page = ana.submit(form).await;

    assert_eq!(page.status, 422);
    assert!(page.title().starts_with("Error: "), "{}", page.title());
    page.says("There is a problem Enter an email address in the form name@example.org Use at least 10 characters");
    let form = page.form("/sign-up");
    assert_eq!((form.value("name"), form.value("email")), ("Ana \"the\" <b>", "ana@"));
    assert_eq!(form.value("next"), "/exams");
    assert_eq!(form.value("password"), "", "a password is never sent back");
    let page = ana.submit(form.fill("email", "ana@example.org").fill("password", PASSWORD)).await;
    assert_eq!((page.path.as_str(), page.status), ("/exams", 200));
    page.says("Ana \"the\" <b>");
});

both_engines!(a_taken_address_is_told_on_the_form, async |t| {
    let app = TestApp::start(&t).await;
    sign_up(&app, "Ana").await;
    let (_, page) = sign_up(&app, "ANA").await;
    assert_eq!(page.status, 422);
    page.says("Use another email address. This one has an account already");
    assert_eq!(page.form("/sign-up").value("name"), "ANA");
});

both_engines!(a_wrong_password_keeps_the_address_and_says_nothing_more, async |t| {
    let app = TestApp::start(&t).await;
    sign_up(&app, "Ana").await;
    let mut browser = Browser::new(&app);
    for email in ["ana@example.org", "nobody@example.org"] {
        let page = browser.open("/sign-in").await;
        let page = browser.submit(page.form("/sign-in").fill("email", email).fill("password", "wrong")).await;
        assert_eq!(page.status, 422);
        page.says("Check the email address and the password. They do not belong together");
        assert_eq!((page.form("/sign-in").value("email"), page.form("/sign-in").value("password")), (email, ""));
        assert!(browser.visitor().token.is_none());
    }
});

both_engines!(one_signs_in_on_the_way_and_comes_to_where_one_wanted, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    sign_up(&app, "Ana").await;
    let mut ana = Browser::new(&app);
    let page = ana.open("/results?cursor=").await;
    assert_eq!(page.path, "/sign-in?required&next=%2Fresults%3Fcursor%3D");
    page.says("Sign in to continue. You come back to where you were.");
    let form = page.form("/sign-in").fill("email", "ana@example.org").fill("password", PASSWORD);
    let page = ana.submit(form).await;
    assert_eq!(page.path, "/results?cursor=");
    assert_eq!(ana.open("/sign-in?next=/exams").await.path, "/exams", "who is signed in goes straight on");

    // By the other way: a guest at an exam signs up instead.
    let mut bo = Browser::new(&app);
    let intro = bo.open("/exams/cloud").await;
    let page = bo.click(&intro, "/sign-up?next=/exams/cloud").await;
    let form = page.form("/sign-up").fill("name", "Bo").fill("email", "bo@example.org").fill("password", PASSWORD);
    assert_eq!(bo.submit(form).await.path, "/exams/cloud");
});

both_engines!(one_signs_in_with_a_code_alone_and_comes_to_where_one_wanted, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let code = give(&app, "Ada").await;
    let mut ada = Browser::new(&app);
    let page = ada.open("/sign-in?next=/exams/cloud").await;
    page.says("I have an access code");
    let page = ada.submit(page.form("/sign-in?code").fill("access_code", "7k3m q9tx 2whd")).await;
    assert_eq!(page.status, 422);
    assert!(page.title().starts_with("Error: "), "{}", page.title());
    page.says("Check the access code. It is not right, or no longer valid.");
    let form = page.form("/sign-in?code");
    assert_eq!((form.value("access_code"), form.value("next")), ("7k3m q9tx 2whd", "/exams/cloud"));
    assert!(ada.visitor().token.is_none());

    let page = ada.submit(form.fill("access_code", &code.to_lowercase())).await;
    assert_eq!((page.path.as_str(), page.status), ("/exams/cloud", 200));
    page.says("Ada");
    let mut elsewhere = Browser::new(&app);
    let page = elsewhere.open("/sign-in?code").await;
    assert_eq!(elsewhere.submit(page.form("/sign-in?code").fill("access_code", &code)).await.path, "/dashboard");
});

both_engines!(staff_sign_in_to_their_area_and_candidates_to_their_dashboard, async |t| {
    let app = TestApp::start(&t).await;
    sign_up(&app, "Ana").await;
    let sign_in = async || {
        let mut browser = Browser::new(&app);
        let page = browser.open("/sign-in").await;
        let form = page.form("/sign-in").fill("email", "ana@example.org").fill("password", PASSWORD);
        browser.submit(form).await.path
    };
    assert_eq!(sign_in().await, "/dashboard");
    let (ana, _) =
        app.store().find_credentials("ana@example.org").await.expect("it can be read").expect("she is there");
    for role in [Role::Invigilator, Role::Author, Role::Admin] {
        app.store().set_role(ana.id, role, None, NOON).await.expect("it can be changed");
        assert_eq!(sign_in().await, "/admin", "{role:?}");
    }
});

both_engines!(a_link_cannot_send_people_to_another_site, async |t| {
    let app = TestApp::start(&t).await;
    sign_up(&app, "Ana").await;
    for elsewhere in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "/\u{1}",
        "/\u{b}",
    ] {
        let mut browser = Browser::new(&app);
        let page = browser.open("/sign-in").await;
        let form = page.form("/sign-in").fill("email", "ana@example.org").fill("password", PASSWORD);
        let page = browser.submit(form.fill("next", elsewhere)).await;
        assert_eq!((page.status, page.path.as_str()), (200, "/dashboard"), "{elsewhere:?}");
        assert_eq!(browser.open("/sign-in?next=/%01").await.path, "/dashboard");
    }
});

both_engines!(a_form_sent_after_the_session_ended_leads_back_to_its_page, async |t| {
    let app = TestApp::start(&t).await;
    for (form, page) in [
        ("/attempts/7f3a/questions/4", "%2Fattempts%2F7f3a"),
        ("/exams/cloud/attempts", "%2Fexams%2Fcloud"),
        ("/account/password", "%2Faccount%2Fpassword"),
    ] {
        let response = app.guest().post_form(form, &[]).await;
        assert_eq!(response.headers()["location"], format!("/sign-in?required&next={page}").as_str());
    }
});

both_engines!(where_sign_up_is_closed_nothing_offers_it, async |t| {
    let app = TestApp::start_with(&t, |site| site.sign_up = SignUp::Closed).await;
    let mut guest = Browser::new(&app);
    for path in ["/", "/exams", "/sign-in"] {
        let page = guest.open(path).await;
        assert_eq!(page.status, 200);
        assert!(!page.links().any(|link| link.starts_with("/sign-up")), "{path} offers to sign up");
    }
    let closed = guest.open("/sign-up").await;
    assert_eq!((closed.status, closed.heading()), (403, "Accounts are made for you here".into()));
    let forced = [("name", "Eve"), ("email", "eve@example.org"), ("password", PASSWORD)];
    assert_eq!(app.guest().post_form("/sign-up", &forced).await.status(), 403);
    assert!(t.find_credentials("eve@example.org").await.expect("it can be read").is_none());
});

both_engines!(papers_are_let_go_where_somebody_signs_in_and_not_beside_one_that_is_sat, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let lets_go = |page: &Page| page.runs("/js/player/let-go.js");
    let mut guest = Browser::new(&app);
    for path in ["/sign-in", "/sign-in?signed-out", "/sign-in?required&next=/results"] {
        assert!(lets_go(&guest.open(path).await), "{path}");
    }
    for path in ["/sign-in?beside", "/", "/exams", "/sign-up", "/nowhere"] {
        assert!(!lets_go(&guest.open(path).await), "{path}");
    }
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open("/exams/cloud").await;
    let attempt = ana.submit(intro.form("/attempts")).await;
    assert!(!lets_go(&attempt));
    assert!(attempt.links().any(|link| link == "/sign-in?beside"), "the exam itself leads to it");
    let mut ben = Browser::of(&app, app.candidate().await);
    for (path, lets) in [(attempt.path.as_str(), true), ("/attempts/nobodys", true), ("/nowhere", false)] {
        let missing = ben.open(path).await;
        assert_eq!((missing.status, lets_go(&missing)), (404, lets), "{path}");
    }
});

both_engines!(a_name_turns_no_text_around, async |t| {
    let app = TestApp::start(&t).await;
    for (name, status) in [("Ana\u{202e}anA", 422), ("\u{2067}Ana", 422), ("Ana\u{7}", 422), ("\u{200f}آنا", 200)] {
        let mut ana = Browser::new(&app);
        let page = ana.open("/sign-up").await;
        let form = page.form("/sign-up").fill("name", name).fill("email", "ana@example.org").fill("password", PASSWORD);
        let page = ana.submit(form).await;
        assert_eq!(page.status, status, "{name:?}");
        if status == 422 {
            page.says("Enter the name without characters that do not show");
        }
    }
});
