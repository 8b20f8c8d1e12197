//! Pages in the language of whoever reads them.

use crate::browser::{Browser, Page};
use reqwest::Method;
use serde_json::json;
use store::Role;
use testkit::{NOON, TestApp, arrange, both_engines, question};

/// A German and an Arabic browser, with the way each language is written.
const SPEAKERS: [(&str, &str, &str); 2] = [("de-CH, de;q=0.9, en;q=0.5", "de", "ltr"), ("ar", "ar", "rtl")];

both_engines!(every_page_is_in_the_language_that_a_browser_asks_for, async |t| {
    let exam = arrange::exam("kinds").asking(question::each_kind()).minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    for (asks_for, tag, direction) in SPEAKERS {
        let is_in = |page: &Page| assert_eq!(page.language(), (tag, direction), "{}", page.path);
        let mut guest = Browser::new(&app).asking_for(asks_for);
        for path in [
            "/",
            "/sign-up",
            "/sign-in",
            "/sign-in?required",
            "/setup?token=spent",
            "/new-password?token=spent",
            "/exams",
            "/exams/kinds",
            "/nowhere",
        ] {
            is_in(&guest.open(path).await);
        }
        let visitor = app.candidate().await;
        let account = visitor.account.clone().expect("a candidate has an account");
        let past = arrange::start(&t, &exam, &account, NOON).await;
        arrange::submit(&t, &exam, &past, NOON).await;
        let (past, open) = (past.public_id, arrange::start(&t, &exam, &account, NOON).await.public_id);
        let mut ana = Browser::of(&app, visitor).asking_for(asks_for);
        for path in ["/dashboard", "/results", "/account/password", "/exams/kinds", "/admin", "/attempts/nowhere"] {
            let page = ana.open(path).await;
            // The staff area is in English, and so is what it says to those who may not see it.
            if path == "/admin" {
                assert_eq!((page.status, page.language()), (403, ("en", "ltr")));
            } else {
                is_in(&page);
            }
        }
        for number in 1..=7 {
            is_in(&ana.open(&format!("/attempts/{open}?question={number}")).await);
        }
        is_in(&ana.open(&format!("/attempts/{open}/review")).await);
        is_in(&ana.open(&format!("/attempts/{past}/result?show=all")).await);
    }
});

both_engines!(a_form_with_mistakes_comes_back_in_its_language, async |t| {
    let app = TestApp::start(&t).await;
    let mut ana = Browser::new(&app).asking_for("de");
    let page = ana.open("/sign-up").await;
    let page =
        ana.submit(page.form("/sign-up").fill("name", "Ana").fill("email", "ana@").fill("password", "kurz")).await;
    assert_eq!((page.status, page.language()), (422, ("de", "ltr")));
    page.says("Es gibt ein Problem Geben Sie eine E-Mail-Adresse der Form name@example.org ein");
    page.says("mindestens 10 Zeichen");
});

both_engines!(a_language_is_chosen_on_any_page_and_kept, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::new(&app).asking_for("de");
    let page = ana.open("/sign-in?next=%2Fexams%2Fcloud").await;
    assert_eq!(page.language(), ("de", "ltr"));
    let page = ana.submit(page.form("/language").press_button("language", "ar")).await;
    assert_eq!((page.path.as_str(), page.language()), ("/sign-in?next=%2Fexams%2Fcloud", ("ar", "rtl")));
    assert_eq!(page.form("/sign-in").value("next"), "/exams/cloud", "nothing of the page is lost");
    // Also where nothing is found, and where a form has come back with mistakes.
    let page = ana.open("/nowhere").await;
    assert_eq!(page.language(), ("ar", "rtl"));
    let page = ana.submit(page.form("/language").press_button("language", "en")).await;
    assert_eq!((page.path.as_str(), page.status, page.language()), ("/nowhere", 404, ("en", "ltr")));
    let page = ana.open("/sign-up").await;
    let page = ana.submit(page.form("/sign-up")).await;
    assert_eq!(page.status, 422);
    let page = ana.submit(page.form("/language").press_button("language", "de")).await;
    assert_eq!((page.path.as_str(), page.status, page.language()), ("/sign-up", 200, ("de", "ltr")));
    // Nobody else is spoken to in it.
    assert_eq!(Browser::new(&app).open("/exams").await.language(), ("en", "ltr"));
});

both_engines!(a_choice_leads_nowhere_else_and_is_one_of_those_offered, async |t| {
    let app = TestApp::start(&t).await;
    let eve = app.guest();
    let chosen = eve.post_form("/language", &[("language", "de"), ("next", "https://evil.example/")]).await;
    assert_eq!((chosen.status().as_u16(), &chosen.headers()["location"]), (303, &"/".parse().expect("a header")));
    let cookie = chosen.headers()["set-cookie"].to_str().expect("ASCII");
    assert!(
        cookie.starts_with("examhall_language=de; Path=/; ") && cookie.contains("; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    for nonsense in ["", "xx", "d", "e n", "\r\nset-cookie: a=b"] {
        let refused = eve.post_form("/language", &[("language", nonsense)]).await;
        assert_eq!(refused.status(), 422, "{nonsense:?}");
        assert!(!refused.headers().contains_key("set-cookie"));
    }
    // A tag with more in it is the language, not what came with it.
    let chosen = eve.post_form("/language", &[("language", "de-x;evil")]).await;
    assert!(chosen.headers()["set-cookie"].to_str().expect("ASCII").starts_with("examhall_language=de; Path=/; "));
});

both_engines!(the_staff_area_is_in_english_and_offers_no_choice, async |t| {
    let app = TestApp::start(&t).await;
    let mut ida = Browser::of(&app, app.person(Role::Invigilator).await).asking_for("ar");
    let page = ida.open("/admin").await;
    assert_eq!(page.language(), ("en", "ltr"));
    assert!(!page.has_form("/language"), "a choice would change nothing here");
    let page = ida.open("/dashboard").await;
    assert_eq!(page.language(), ("ar", "rtl"));
    assert!(page.has_form("/language"));
});

both_engines!(no_cache_shows_somebody_a_page_in_anothers_language, async |t| {
    let app = TestApp::start(&t).await;
    for (asks_for, tag, _) in SPEAKERS {
        for path in ["/exams", "/nowhere"] {
            let answer = app
                .guest()
                .request(Method::GET, path)
                .header("accept-language", asks_for)
                .send()
                .await
                .expect("an answer");
            let header = |name: &str| answer.headers()[name].to_str().expect("ASCII").to_owned();
            assert_eq!(header("content-language"), tag);
            assert_eq!(header("vary"), "accept-language, cookie");
            assert_eq!(header("cache-control"), "no-store");
            assert!(!answer.headers().contains_key("etag"));
        }
    }
    // What is the same for everybody is in no language.
    for path in ["/api/v1/exams", "/api/v1/openapi.json"] {
        let answer =
            app.guest().request(Method::GET, path).header("accept-language", "ar").send().await.expect("an answer");
        assert!(!answer.headers().contains_key("content-language"), "{path}");
    }
});

both_engines!(programs_are_answered_in_english, async |t| {
    let app = TestApp::start(&t).await;
    let body = json!({"email": "ana@", "name": "Ana", "password": "short"});
    let refused = app.guest().request(Method::POST, "/api/v1/accounts").header("accept-language", "de");
    let refused = refused.json(&body).send().await.expect("an answer");
    assert_eq!(refused.status(), 422);
    let text = refused.text().await.expect("a body");
    assert!(text.contains("Enter an email address in the form name@example.org"), "{text}");
});
