//! From the front page to the result and beyond, by forms alone.

use super::sign_up;
use exam::settings::Percent;
use testkit::{TestApp, arrange, both_engines, question};

both_engines!(a_person_without_scripts_signs_up_sits_an_exam_and_learns_from_it, async |t| {
    let timed = |settings: &mut exam::settings::Settings| {
        settings.time_limit_s = Some(1_800);
        settings.pass = Percent::from_f64(70.0);
        settings.attempts = Some(2);
    };
    arrange::exam("rivers").asking(question::each_kind()).set(timed).publish(&t).await;
    let app = TestApp::start(&t).await;

    let (mut ana, dashboard) = sign_up(&app, "Ana").await;
    assert_eq!((dashboard.path.as_str(), dashboard.status), ("/dashboard", 200));
    dashboard.says("Hello, Ana");
    let catalogue = ana.click(&dashboard, "/exams").await;
    let intro = ana.click(&catalogue, "/exams/rivers").await;
    assert_eq!(intro.heading(), "Exam rivers");
    for fact in ["30 min", "70%", "2 of 2"] {
        intro.says(fact);
    }
    let mut page = ana.submit(intro.form("/exams/rivers/attempts")).await;
    let attempt = page.path.trim_start_matches("/attempts/").to_owned();
    page.says("30:00");

    // Each question is answered right, once, in the order of the paper.
    for number in 1..=7 {
        assert_eq!(page.heading(), format!("Question {number}"));
        page.says(&format!("{} of 7 answered", number - 1));
        let form = page.form(&format!("/attempts/{attempt}/questions/{number}"));
        let form = match page.text.as_str() {
            text if text.contains("Which one?") => form.tick("A right"),
            text if text.contains("Which two?") => {
                page.says("Choose TWO answers");
                form.tick("A right").tick("B right too")
            }
            text if text.contains("How far?") => form.fill("number", "42,0"),
            text if text.contains("Which word?") => form.fill("text", "  RIGHT "),
            text if text.contains("Which belong together?") => form.choose("match.1", "1").choose("match.2", "2"),
            text if text.contains("In which order?") => {
                let letters = form.names("order.");
                letters.iter().fold(form, |form, name| {
                    let item = page.text_of(&format!("item-{}", name.trim_start_matches("order.")));
                    form.fill(name, &item)
                })
            }
            text if text.contains("Fill in") => {
                form.fill("blank.1", "right").fill("blank.2", "42").choose("blank.3", "right")
            }
            text => panic!("an unknown question: {text}"),
        };
        page = ana.submit(form.press(if number < 7 { "next" } else { "review" })).await;
    }

    assert_eq!(page.path, format!("/attempts/{attempt}/review"));
    assert_eq!(page.heading(), "Check before you submit");
    page.says("Answered 7");
    page.keeps_quiet_about("no answer yet");
    // Another look at one of them, by the review and back.
    let again = ana.click(&page, &format!("/attempts/{attempt}?question=3")).await;
    assert_eq!(again.heading(), "Question 3");
    let page = ana.submit(again.form("/questions/3").press("review")).await;
    page.says("Answered 7");

    let result = ana.submit(page.form("/submit")).await;
    assert_eq!(result.path, format!("/attempts/{attempt}/result?submitted"));
    for text in
        ["Submitted. We have 7 of 7 answers.", "100%", "Passed", "7 of 7 points", "Why: Which one?", "Why: Fill in"]
    {
        result.says(text);
    }
    let missed = ana.open(&format!("/attempts/{attempt}/result?show=missed")).await;
    missed.says("You missed none. Well done.");

    let history = ana.click(&result, "/results").await;
    history.says("Exam rivers");
    history.says("100%");
    let dashboard = ana.click(&history, "/dashboard").await;
    for text in ["Average 100%", "Best 100%", "Finished 1", "Questions answered 7"] {
        dashboard.says(text);
    }
    let intro = ana.click(&result, "/exams/rivers").await;
    intro.says("1 of 2");
    let out = ana.submit(intro.form("/sign-out")).await;
    assert_eq!(out.path, "/sign-in?signed-out");
    out.says("You are signed out.");
    assert_eq!(ana.open("/dashboard").await.path, "/sign-in?required&next=%2Fdashboard");
});
