//! Answers of plain forms that come back because they could not be taken: they are sent again from the page that says so.

use super::sitting::{answer_form, answers, begin};
use crate::browser::{Browser, Page};
use serde_json::json;
use testkit::{arrange, both_engines, question};

/// Somebody has typed a word, and the page on which it came back when it was sent.
async fn sent_in_vain(ana: &mut Browser, page: &Page) -> Page {
    let told = ana.submit(answer_form(page, 1).fill("text", "<bana\"na>").press("review")).await;
    told.says("Your answer is not saved yet, but it is still on this page.");
    assert_eq!(answer_form(&told, 1).value("text"), "<bana\"na>");
    told
}

both_engines!(an_answer_of_somebody_signed_out_is_sent_again_after_signing_in, async |t| {
    arrange::exam("word").asking([question::short_text("Which word?")]).publish(&t).await;
    let (app, ana, page, attempt) = begin(&t, "word").await;
    let account = ana.visitor().account.clone().expect("an account");
    let mut guest = Browser::new(&app);
    let told = sent_in_vain(&mut guest, &page).await;
    assert_eq!((told.status, told.heading().as_str()), (401, "You are signed out"));
    assert!(told.links().any(|link| link == "/sign-in?beside"));

    // The session of another tab is that of this one.
    let mut ana = Browser::of(&app, app.sign_in(&account).await);
    let review = ana.submit(answer_form(&told, 1)).await;
    assert_eq!(review.path, format!("/attempts/{attempt}/review"), "it goes where it was to go");
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"text": "<bana\"na>"}}));
    // A form without an answer is not worth it.
    let asked = guest.submit(review.form("/submit")).await;
    assert_eq!(asked.path, format!("/sign-in?required&next=%2Fattempts%2F{attempt}"));
});

both_engines!(an_answer_comes_back_when_its_attempt_cannot_be_read, async |t| {
    arrange::exam("word").asking([question::short_text("Which word?")]).publish(&t).await;
    let (_app, mut ana, page, attempt) = begin(&t, "word").await;
    let mut raw = t.raw().await;
    raw.execute("ALTER TABLE attempts RENAME TO elsewhere").await.expect("nobody holds it");
    let told = sent_in_vain(&mut ana, &page).await;
    raw.execute("ALTER TABLE elsewhere RENAME TO attempts").await.expect("nobody holds it");
    assert_eq!(told.status, 500);
    assert_eq!(ana.submit(answer_form(&told, 1)).await.path, format!("/attempts/{attempt}/review"));
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"text": "<bana\"na>"}}));
});
