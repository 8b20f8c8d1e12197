//! Every page of the table opens for everybody whom its policy admits, and is whole ([`crate::browser`] looks it over).

use crate::browser::Browser;
use crate::paths::Names;
use reqwest::Method;
use store::Role;
use testkit::{NOON, TestApp, arrange, both_engines, question};

/// Pages that are there at certain times only and have tests of their own, and what is no page but a file.
const ELSEWHERE: [&str; 7] = [
    "/setup",
    "/new-password",
    "/demo/{key}",
    "/attempts/worker.js",
    "/attempts/{id}/questions",
    "/admin/banks/{slug}/export",
    "/admin/operations/figures",
];

both_engines!(every_page_opens_for_whom_it_is_meant, async |t| {
    let exam = arrange::exam("kinds").asking(question::each_kind()).minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut people = vec![(None, app.guest())];
    for role in Role::ALL {
        people.push((Some(role), app.person(role).await));
    }
    let mut opened = 0;
    for (role, visitor) in people {
        let mut names = Names {
            attempt: String::new(),
            exam: "kinds".to_owned(),
            bank: "kinds-1".to_owned(),
            account: String::new(),
        };
        let mut finished = String::new();
        if let Some(account) = &visitor.account {
            let past = arrange::start(&t, &exam, account, NOON).await;
            arrange::submit(&t, &exam, &past, NOON).await;
            finished = past.public_id;
            names.attempt = arrange::start(&t, &exam, account, NOON).await.public_id;
            names.account = account.id.to_string();
        }
        let mut browser = Browser::of(&app, visitor);
        for route in app.routes() {
            let is_page = !["/api/", "/static/", "/healthz", "/readyz", "/metrics", "/favicon.ico"]
                .iter()
                .any(|path| route.path.starts_with(path));
            let shown = route.policy.admits(role) && route.method == Method::GET && is_page;
            if !shown || ELSEWHERE.contains(&route.path) {
                continue;
            }
            let names = match route.path.ends_with("/result") {
                true => Names { attempt: finished.clone(), ..names.clone() },
                false => names.clone(),
            };
            let page = browser.open(&names.fill(route.path)).await;
            assert_eq!(page.status, 200, "{} at {}", role.map_or("a guest", Role::name), page.path);
            opened += 1;
        }
        if !names.attempt.is_empty() {
            for number in 1..=7 {
                let page = browser.open(&format!("/attempts/{}?question={number}", names.attempt)).await;
                assert_eq!((page.status, page.heading()), (200, format!("Question {number}")));
            }
        }
    }
    assert!(opened > 30, "only {opened} pages were opened");
});

both_engines!(pages_that_say_what_went_wrong_are_whole_too, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut guest = Browser::new(&app);
    let mut ana = Browser::of(&app, app.candidate().await);
    for path in ["/nowhere", "/exams/nowhere", "/demo/nowhere", "/static/x/nowhere", "/%ff", "/exams/%00"] {
        for browser in [&mut guest, &mut ana] {
            let page = browser.open(path).await;
            assert_eq!(page.status, 404, "{path}");
            assert!(page.links().any(|link| link == "/"), "{path} leads nowhere");
        }
    }
    let page = ana.open("/attempts/nowhere").await;
    assert_eq!(page.status, 404);
    page.says("If you ask for help, give this code:");
    page.says("candidate 0");
    assert_eq!(ana.open("/results?cursor=%00").await.status, 422);
});
