//! Practice by plain forms: checking on the way, bookmarks, and drills.

use crate::browser::{Browser, Page};
use crate::contract::Api;
use exam::settings::Mode;
use serde_json::json;
use testkit::{TestApp, TestStore, arrange, both_engines, question};

/// Somebody who has just begun a practice of a question of every kind.
async fn begin(t: &TestStore) -> (TestApp, Browser, Page, String) {
    arrange::exam("kinds")
        .set(|settings| settings.mode = Mode::Practice)
        .asking(question::each_kind())
        .publish(t)
        .await;
    let app = TestApp::start(t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open("/exams/kinds").await;
    intro.says("You can check each answer on the way");
    let page = ana.submit(intro.form("/attempts")).await;
    let attempt = page.path.trim_start_matches("/attempts/").to_owned();
    (app, ana, page, attempt)
}

both_engines!(a_checked_question_shows_what_is_right_and_takes_no_answer, async |t| {
    let (_app, mut ana, page, attempt) = begin(&t).await;
    page.keeps_quiet_about("Why: ");
    let page = ana.submit(page.form("/questions/1").press("check")).await;
    page.says("Answer the question first, then check it.");
    let before = ana.open(&format!("/attempts/{attempt}?question=1")).await;
    let page = ana.submit(page.form("/questions/1").tick("B wrong").press("check")).await;
    assert_eq!(
        (page.path.as_str(), page.heading()),
        (&*format!("/attempts/{attempt}?question=1"), "Question 1".into())
    );
    for text in
        ["Wrong", "0 of 1", "Your answer, wrong", "Right answer", "Why: Which one?", "This answer stays as it is."]
    {
        page.says(text);
    }
    page.keeps_quiet_about("Which two?");
    assert!(page.form("/questions/1").names("choice").is_empty(), "there is nothing to answer with");

    // Its buttons lead on and save nothing.
    let next = ana.submit(page.form("/questions/1").press("next")).await;
    assert_eq!(next.heading(), "Question 2");
    next.keeps_quiet_about("Why: ");
    // A page that was open before the check, in another tab.
    let late = ana.submit(before.form("/questions/1").tick("A right").press("next")).await;
    late.says("This question was checked before, so its answer stays as it was.");
    let body = ana.visitor().read(&format!("/api/v1/attempts/{attempt}")).await.ok(200);
    assert_eq!(body["answers"], json!({"1": {"choice": ["b"]}}));
});

both_engines!(what_was_checked_is_told_among_the_questions_and_its_button_only_leads_on, async |t| {
    let (_app, mut ana, page, attempt) = begin(&t).await;
    page.says("Question 1 , not answered");
    page.says("Save and next");
    let page = ana.submit(page.form("/questions/1").tick("B wrong").press("check")).await;
    page.says("Question 1 , answered , wrong");
    page.says("Question 2 , not answered");
    assert_eq!(page.text_of("next-word"), "Next");
    let page = ana.submit(page.form("/questions/1").press("next")).await;
    assert_eq!(page.text_of("next-word"), "Save and next");
    let page = ana.submit(page.form("/questions/2").tick("A right").press("check")).await;
    page.says("Question 2 , answered in part , wrong");
    let page = ana.open(&format!("/attempts/{attempt}?question=3")).await;
    let page = ana.submit(page.form("/questions/3").fill("number", "42").press("check")).await;
    page.says("Question 3 , answered , right");
    let page = ana.open(&format!("/attempts/{attempt}?question=7")).await;
    let filled = page.form("/questions/7").fill("blank.1", "right").fill("blank.2", "41").fill("blank.3", "b");
    let page = ana.submit(filled.press("check")).await;
    page.says("Question 7 , answered , partly right");
    page.says("Question 1 , answered , wrong");
});

both_engines!(of_each_blank_it_is_said_whether_it_is_right, async |t| {
    let (_app, mut ana, _, attempt) = begin(&t).await;
    let page = ana.open(&format!("/attempts/{attempt}?question=7")).await;
    let filled = page.form("/questions/7").fill("blank.1", "left").fill("blank.2", "41").fill("blank.3", "b");
    let page = ana.submit(filled.press("check")).await;
    for text in ["left Wrong", "41 Wrong", "wrong Wrong", "Right answer: 42"] {
        page.says(text);
    }
    let review = ana.open(&format!("/attempts/{attempt}/review")).await;
    let result = ana.submit(review.form("/submit")).await;
    result.says("left Wrong");
});

both_engines!(a_question_of_every_kind_is_checked_by_its_form, async |t| {
    let (_app, mut ana, _, attempt) = begin(&t).await;
    let mut page = ana.open(&format!("/attempts/{attempt}?question=1")).await;
    for number in 1..=7 {
        let form = page.form(&format!("/questions/{number}"));
        let form = match number {
            1 => form.tick("A right"),
            2 => form.tick("A right").tick("B right too"),
            3 => form.fill("number", "42"),
            4 => form.fill("text", "right"),
            5 => form.fill("match.1", "a").fill("match.2", "b"),
            6 => form.fill("order.a", "1").fill("order.b", "2").fill("order.c", "3"),
            _ => form.fill("blank.1", "right").fill("blank.2", "42").fill("blank.3", "a"),
        };
        let checked = ana.submit(form.press("check")).await;
        assert_eq!(checked.heading(), format!("Question {number}"));
        // What is matched or put in order is always shuffled.
        if ![5, 6].contains(&number) {
            checked.says("1 of 1");
            checked.says("Right");
        }
        checked.says("Why");
        let mut fields = checked.form(&format!("/questions/{number}")).names("");
        // Those of the form by which one signs in again.
        fields.retain(|name| !["email", "password", "access_code"].contains(&name.as_str()));
        assert_eq!(fields, ["writer", "seq", "checked"], "nothing of it can be changed");
        page = ana.submit(checked.form(&format!("/questions/{number}")).press("next")).await;
    }
    assert_eq!(page.path, format!("/attempts/{attempt}/review"));
    let result = ana.submit(page.form("/submit")).await;
    result.says("of 7 points");
    result.says("7 of 7");
});

both_engines!(bookmarks_and_drills_go_by_plain_forms, async |t| {
    let (_app, mut ana, page, attempt) = begin(&t).await;
    let page = ana.submit(page.form("/questions/1").tick("B wrong").press("check")).await;
    let page = ana.submit(page.form("/questions/1").press_button("to", "on")).await;
    assert_eq!(page.path, format!("/attempts/{attempt}?question=1"));
    page.says("Remove bookmark");
    let page = ana.submit(page.form("/questions/1").press("review")).await;
    let result = ana.submit(page.form("/submit")).await;
    result.says("What you missed (7)");
    result.says("What you bookmarked (1)");
    // On the result, the mark is taken back and set elsewhere.
    let missed = ana.open(&format!("/attempts/{attempt}/result?show=missed")).await;
    let result = ana.submit(missed.form("/questions/1/bookmark").press_button("to", "off")).await;
    assert!(result.path.starts_with(&format!("/attempts/{attempt}/result?show=missed")), "{}", result.path);
    result.keeps_quiet_about("What you bookmarked");
    let result = ana.submit(result.form("/questions/4/bookmark").press_button("to", "on")).await;

    let drill = ana.submit(result.form("/exams/kinds/attempts").press_button("from", "bookmarked")).await;
    drill.says("Which word?");
    drill.says("Question 1 of 1");
    let page = ana.submit(drill.form("/questions/1").fill("text", "right").press("review")).await;
    ana.submit(page.form("/submit")).await;

    let intro = ana.open("/exams/kinds").await;
    intro.says("What you missed (6)");
    let drill = ana.submit(intro.form("/exams/kinds/attempts").press_button("from", "missed")).await;
    drill.says("of 6");
});

both_engines!(a_drill_without_questions_says_so, async |t| {
    let (app, _, _, _) = begin(&t).await;
    let bo = app.candidate().await;
    let fields = [("from", "missed"), ("idempotency_key", "k")];
    let page = bo.post_form("/exams/kinds/attempts", &fields).await;
    assert_eq!(page.status(), 422);
    let text = page.text().await.expect("a body");
    assert!(text.contains("There is nothing to practise again"), "{text}");
});
