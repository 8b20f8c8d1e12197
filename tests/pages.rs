//! The pages, as people without scripts have them.

mod account;
mod demo;
mod every_page;
mod journey;
mod languages;
mod packed;
mod passwords;
mod practice;
mod results;
mod set_up;
mod sitting;
mod unsent;

use crate::browser::{Browser, Page};
use testkit::TestApp;

/// What everybody in these stories signs in with.
const PASSWORD: &str = "seven red umbrellas";

/// Signs somebody up through the form.
async fn sign_up(app: &TestApp, name: &str) -> (Browser, Page) {
    let mut browser = Browser::new(app);
    let page = browser.open("/sign-up").await;
    let email = format!("{}@example.org", name.to_lowercase());
    let form = page.form("/sign-up").fill("name", name).fill("email", &email).fill("password", PASSWORD);
    let page = browser.submit(form).await;
    (browser, page)
}
