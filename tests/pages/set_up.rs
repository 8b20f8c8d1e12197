//! `/setup`: the first admin.

use super::PASSWORD;
use crate::browser::{Browser, Page};
use server::server::{SETUP_LINK_LIFETIME, setup_link};
use store::Role;
use testkit::{TestApp, arrange, both_engines};

async fn link(app: &TestApp) -> Option<String> {
    let link = setup_link(app.store(), &app.clock, &app.app.chance, "").await;
    link.expect("the database answers")
}

/// The form on a page, filled in.
fn filled(page: &Page) -> crate::browser::Form {
    page.form("/setup").fill("name", "Ada").fill("email", "ada@example.org").fill("password", PASSWORD)
}

both_engines!(the_link_makes_the_first_admin_once, async |t| {
    let app = TestApp::start(&t).await;
    let link = link(&app).await.expect("there is no admin yet");
    let (mut ada, mut eve) = (Browser::new(&app), Browser::new(&app));
    let page = ada.open(&link).await;
    assert_eq!((page.status, page.heading().as_str()), (200, "Set up Examhall"));
    let page_of_eve = eve.open(&link).await;

    let mistaken = ada.submit(filled(&page).fill("password", "short")).await;
    assert_eq!((mistaken.status, mistaken.form("/setup").value("name")), (422, "Ada"));
    let response = ada.visitor().post_form("/setup", &fields(&mistaken)).await;
    assert_eq!((response.status().as_u16(), &response.headers()["location"]), (303, &"/admin".parse().expect("ASCII")));
    let (account, _) = t.find_credentials("ada@example.org").await.expect("it can be read").expect("it is there");
    assert_eq!(account.role, Role::Admin);

    eve.open(&link).await.says("There is an admin already, so this link no longer works. Sign in.");
    let late = eve.submit(filled(&page_of_eve).fill("email", "eve@example.org")).await;
    assert_eq!((late.status, late.path.as_str()), (200, "/sign-in?is-set-up&next=/admin"));
    assert!(t.find_credentials("eve@example.org").await.expect("it can be read").is_none());
    assert_eq!(self::link(&app).await, None, "no further link is given out");
});

fn fields(page: &Page) -> [(&'static str, &'static str); 4] {
    // The token is the one value that the page knows; it lives as long as the test.
    let token: &'static str = Box::leak(page.form("/setup").value("token").to_owned().into_boxed_str());
    [("token", token), ("name", "Ada"), ("email", "ada@example.org"), ("password", PASSWORD)]
}

both_engines!(a_link_that_is_wrong_or_old_makes_nobody, async |t| {
    let app = TestApp::start(&t).await;
    let mut ada = Browser::new(&app);
    let first = link(&app).await.expect("there is no admin yet");
    let page_of_first = ada.open(&first).await;
    let second = link(&app).await.expect("there is no admin yet");
    let page_of_second = ada.open(&second).await;
    assert_eq!(page_of_second.status, 200);
    app.clock.advance(SETUP_LINK_LIFETIME);

    for path in [first.as_str(), &second, "/setup", "/setup?token=guessed"] {
        let page = ada.open(path).await;
        assert_eq!(page.status, 422, "{path}");
        page.says("This link has been used or is too old.");
        assert!(!page.has_form("/setup"), "nobody fills in what is refused anyway");
    }
    for page in [page_of_first, page_of_second] {
        let page = ada.submit(filled(&page)).await;
        assert_eq!((page.status, page.form("/setup").value("email")), (422, "ada@example.org"));
        page.says("This link has been used or is too old.");
    }
    assert!(!t.has_admin().await.expect("the database answers"));
});

both_engines!(once_there_is_an_admin_the_link_leads_to_signing_in, async |t| {
    let app = TestApp::start(&t).await;
    let link = link(&app).await.expect("there is no admin yet");
    arrange::account(app.store(), "Ada", Role::Admin).await;
    for link in [link.as_str(), "/setup", "/setup?token=guessed"] {
        let page = Browser::new(&app).open(link).await;
        assert_eq!((page.status, page.path.as_str()), (200, "/sign-in?is-set-up&next=/admin"), "{link}");
    }
    assert_eq!(self::link(&app).await, None);
});
