//! The waiting room.

use super::page::Page;
use askama::Template;

/// `any`: more people want to get in than fit; the page goes on by itself when it is this one's turn
#[derive(Template)]
#[template(path = "waiting.html")]
pub struct WaitingPage {
    /// The frame.
    pub page: Page,
    /// How many come before.
    pub ahead: i64,
    /// How long that takes, in seconds.
    pub wait_s: i64,
    /// The page to go to.
    pub to: String,
    /// Whether a form was sent, which has to be sent again.
    pub was_form: bool,
}

impl WaitingPage {
    /// After how many seconds it is looked again whether it is this one's turn. Nearly at once for those who are next; people who came
    /// together do not all ask in the same second.
    fn refresh_s(&self) -> i64 {
        (self.wait_s / 2).clamp(2, 18) + self.ahead % 3
    }

    fn wait_text(&self) -> String {
        let page = &self.page;
        match self.wait_s {
            ..=9 => page.t("waiting-moment"),
            10..=90 => page.t1("waiting-seconds", "seconds", (self.wait_s + 9) / 10 * 10),
            _ => page.t1("waiting-minutes", "minutes", (self.wait_s + 59) / 60),
        }
    }
}
