//! The page of a result: what it says about what it does not show.

use crate::browser::Browser;
use crate::contract::Api;
use exam::release::{ReleasePolicy, When};
use serde_json::json;
use store::Role;
use testkit::{TestApp, arrange, both_engines, minutes_after_noon};

const BOTH_NEVER: &str = "The right answers and explanations are not shown for this exam.";
const BOTH_LATER: &str = "You can see the right answers and explanations here from";
const KEYS_NEVER: &str = "The right answers are not shown for this exam.";
const KEYS_LATER: &str = "You can see the right answers here from";
const EXPLANATIONS_NEVER: &str = "Explanations are not shown for this exam.";
const EXPLANATIONS_LATER: &str = "You can see the explanations here from";

both_engines!(a_result_says_of_each_part_whether_and_when_it_is_shown, async |t| {
    use When::{AtClose, AtSubmit, Never};
    let stories: [(&str, When, When, &[&str]); 7] = [
        ("all", AtSubmit, AtSubmit, &[]),
        ("keys-only", AtSubmit, Never, &[EXPLANATIONS_NEVER]),
        ("keys-first", AtSubmit, AtClose, &[EXPLANATIONS_LATER]),
        ("no-keys", Never, AtClose, &[KEYS_NEVER, EXPLANATIONS_LATER]),
        ("later-keys", AtClose, AtSubmit, &[KEYS_LATER]),
        ("later", AtClose, AtClose, &[BOTH_LATER]),
        ("never", Never, Never, &[BOTH_NEVER]),
    ];
    for (slug, keys, explanations, _) in stories {
        let release = ReleasePolicy { marks: AtSubmit, keys, explanations };
        let set = |settings: &mut exam::settings::Settings| {
            settings.release = release;
            settings.closes_at = Some(minutes_after_noon(60));
        };
        arrange::exam(slug).set(set).publish(&t).await;
    }
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    for (slug, keys, _, expected) in stories {
        let intro = ana.open(&format!("/exams/{slug}")).await;
        let page = ana.submit(intro.form("/attempts")).await;
        let page = ana.submit(page.form("/questions/1").tick("B wrong").press("review")).await;
        let result = ana.submit(page.form("/submit")).await;
        result.says("0 of 3 points");
        for text in [BOTH_NEVER, BOTH_LATER, KEYS_NEVER, KEYS_LATER, EXPLANATIONS_NEVER, EXPLANATIONS_LATER] {
            if expected.contains(&text) { result.says(text) } else { result.keeps_quiet_about(text) }
        }
        if keys == AtSubmit { result.says("Right answer") } else { result.keeps_quiet_about("Right answer ") }
    }
});

both_engines!(staff_see_of_a_running_attempt_what_is_answered_and_what_is_open, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = ada.post("/api/v1/exams/cloud/attempts", json!({})).await.ok(201)["id"].as_str().unwrap().to_owned();
    let mut ivy = Browser::of(&app, app.person(Role::Invigilator).await);
    let before = ivy.open(&format!("/admin/attempts/{attempt}")).await;
    let open = before.times("Not answered");
    assert!(open >= 2, "nothing is answered yet, and {open} are told as open");
    let one = json!({"operations": [{"seq": 1, "question": 1, "response": {"choice": ["a"]}}]});
    ada.put(&format!("/api/v1/attempts/{attempt}/answers"), one).await.ok(200);
    assert_eq!(ivy.open(&format!("/admin/attempts/{attempt}")).await.times("Not answered"), open - 1);
});

both_engines!(an_open_attempt_is_listed_with_what_is_answered_so_far, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let attempt = ada.post("/api/v1/exams/cloud/attempts", json!({})).await.ok(201)["id"].as_str().unwrap().to_owned();
    let mut browser = Browser::of(&app, ada);
    for page in ["/", "/results"] {
        browser.open(page).await.says("0 of 3 answered");
    }
    let one = json!({"operations": [{"seq": 1, "question": 2, "response": {"choice": ["a"]}}]});
    browser.visitor().put(&format!("/api/v1/attempts/{attempt}/answers"), one).await.ok(200);
    for page in ["/", "/results"] {
        browser.open(page).await.says("1 of 3 answered");
    }
    let listed = browser.visitor().read("/api/v1/attempts").await.ok(200);
    assert_eq!(listed["attempts"][0]["answered"], json!(null), "the contract: {listed}");
});

both_engines!(an_answer_that_cannot_count_in_full_is_told_before_and_after_the_end, async |t| {
    arrange::exam("kinds").asking(testkit::question::each_kind()).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open("/exams/kinds").await;
    let page = ana.submit(intro.form("/attempts")).await;
    let page = ana.submit(page.form("/questions/1").tick("B wrong").press("review")).await;
    page.keeps_quiet_about("loses points as it is");
    let attempt = page.path.trim_end_matches("/review").to_owned();
    for (number, filled) in [(2, &["A right", "B right too", "C wrong"][..]), (3, &["about 40"]), (7, &["forty"])] {
        let page = ana.open(&format!("{attempt}?question={number}")).await;
        let form = page.form(&format!("/questions/{number}"));
        let form = match number {
            2 => filled.iter().fold(form, |form, option| form.tick(option)),
            3 => form.fill("number", filled[0]),
            _ => form.fill("blank.1", "right").fill("blank.2", filled[0]).fill("blank.3", "b"),
        };
        ana.submit(form.press("next")).await;
    }
    let review = ana.open(&format!("{attempt}/review")).await;
    review.says("3 answers lose points as they are");
    assert_eq!(
        (review.times("Too many chosen"), review.times("Not a number"), review.times("A blank is not a number")),
        (1, 1, 1)
    );
    assert_eq!(
        review.times("Answered"),
        3,
        "the figure above the list, the filter of what is answered in part, and the one that may be right: {}",
        review.text
    );
    let result = ana.submit(review.form("/submit")).await;
    assert_eq!(result.times("More was chosen than was asked for"), 1);
    assert_eq!(result.times("cannot be read as a number, and counts as wrong"), 1);
    assert_eq!(result.times("that blank counts as wrong"), 1);
});
