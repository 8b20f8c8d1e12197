//! Pages are packed for who takes them so, while there is time for it.

use flate2::read::GzDecoder;
use reqwest::Method;
use server::server::setup_link;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::Duration;
use store::Role;
use testkit::{NOON, TestApp, TestStore, Visitor, arrange, both_engines};

/// A page as it comes over the line to somebody whose browser accepts these encodings: what it is packed by, and its bytes.
async fn page(visitor: &Visitor, path: &str, accepted: &str) -> (Option<String>, Vec<u8>) {
    let request = visitor.request(Method::GET, path).header("accept-encoding", accepted);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{path}");
    let header = |name| {
        let values = response.headers().get_all(name).iter().map(|value| value.to_str().expect("plain"));
        values.collect::<Vec<_>>().join(", ")
    };
    let encoding = Some(header("content-encoding")).filter(|encoding| !encoding.is_empty());
    assert_eq!(encoding.is_some(), header("vary").contains("accept-encoding"), "{path}");
    (encoding, response.bytes().await.expect("all of it").to_vec())
}

/// Somebody in the middle of an exam, and the address of its page.
async fn sitting(t: &TestStore) -> (TestApp, Visitor, String) {
    arrange::bank(t, "ops", 5).await;
    let exam = arrange::exam("ops").draw("ops", 5).publish(t).await;
    let account = arrange::candidate(t, "Ana").await;
    let attempt = arrange::start(t, &exam, &account, NOON).await;
    let app = TestApp::start(t).await;
    let ana = app.sign_in(&account).await;
    (app, ana, format!("/attempts/{}", attempt.public_id))
}

both_engines!(a_page_is_packed_for_who_takes_it_and_is_the_same_then, async |t| {
    let (_app, ana, attempt) = sitting(&t).await;
    for path in ["/exams".to_owned(), format!("{attempt}/questions")] {
        let (encoding, plain) = page(&ana, &path, "br").await;
        assert_eq!(encoding, None);
        let (encoding, packed) = page(&ana, &path, "gzip, br").await;
        assert_eq!(encoding.as_deref(), Some("gzip"), "{path}");
        assert!(packed.len() < plain.len() / 2, "{path}: {} of {}", packed.len(), plain.len());
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).expect("it can be unpacked");
        assert!(unpacked == plain, "{path}");
    }
});

both_engines!(the_page_of_a_question_names_all_its_scripts, async |t| {
    let (_app, ana, attempt) = sitting(&t).await;
    let (_, html) = page(&ana, &attempt, "").await;
    let html = String::from_utf8(html).expect("text");
    let named = |start: &str| {
        let parts = html.split(start).skip(1).filter_map(|rest| rest.split('"').next());
        parts.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let (preloaded, run) = (named("<link rel=\"modulepreload\" href=\""), named("<script type=\"module\" src=\""));
    assert!(preloaded.len() > 20 && run.len() > 2 && run.is_subset(&preloaded), "{run:?} of {preloaded:?}");
    for module in &preloaded {
        assert_eq!(ana.get(module).await.status(), 200, "{module}");
    }
});

both_engines!(what_is_late_with_its_work_does_not_pack, async |t| {
    let app = TestApp::start(&t).await;
    let guest = app.guest();
    assert!(page(&guest, "/sign-up", "gzip").await.0.is_some());
    // Nobody has been woken since: it is at least as late as that.
    app.app.delay.take(Duration::from_millis(20));
    assert_eq!(page(&guest, "/sign-up", "gzip").await.0, None);
});

both_engines!(pages_with_secrets_or_of_which_others_can_choose_a_part_are_never_packed, async |t| {
    let app = TestApp::start(&t).await;
    let admin = app.person(Role::Admin).await;
    for path in ["/admin", "/admin/accounts", "/admin/exams/new", "/dashboard?guess", "/results?guess=secret"] {
        assert_eq!(page(&admin, path, "gzip").await.0, None, "{path}");
    }
    assert!(page(&admin, "/dashboard", "gzip").await.0.is_some());
});

both_engines!(a_link_for_the_set_up_is_never_packed, async |t| {
    let app = TestApp::start(&t).await;
    let link = setup_link(app.store(), &app.clock, &app.app.chance, "").await.expect("the database answers");
    assert_eq!(page(&app.guest(), &link.expect("there is no admin yet"), "gzip").await.0, None);
});

both_engines!(what_is_no_page_with_a_200_is_left_as_it_is, async |t| {
    let app = TestApp::start(&t).await;
    for (method, path) in [(Method::GET, "/nowhere"), (Method::HEAD, "/sign-up"), (Method::GET, "/api/v1/exams/x")] {
        let request = app.guest().request(method, path).header("accept-encoding", "gzip");
        let response = request.send().await.expect("an answer");
        assert!(!response.headers().contains_key("content-encoding"), "{path}");
    }
});
