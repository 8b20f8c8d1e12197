//! The pages of a running attempt: moving about, and what happens to what cannot be saved.

use crate::browser::{Browser, Page};
use crate::contract::Api;
use axum::http::Method;
use exam::attempt::Verdict;
use exam::settings::Mode;
use serde_json::{Value, json};
use std::time::Duration;
use store::Options;
use testkit::{Engine, TestApp, TestStore, arrange, both_engines, fresh_store, minutes_after_noon, patient, question};

/// Somebody in the middle of an exam of three questions with half an hour of time.
async fn sitting(t: &TestStore) -> (TestApp, Browser, String) {
    arrange::exam("cloud").minutes(30).publish(t).await;
    let (app, ana, page, attempt) = begin(t, "cloud").await;
    assert_eq!(page.heading(), "Question 1");
    (app, ana, attempt)
}

/// Somebody who has just begun an exam that is there.
pub(super) async fn begin(t: &TestStore, exam: &str) -> (TestApp, Browser, Page, String) {
    let app = TestApp::start(t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open(&format!("/exams/{exam}")).await;
    let page = ana.submit(intro.form("/attempts")).await;
    let attempt = page.path.trim_start_matches("/attempts/").to_owned();
    (app, ana, page, attempt)
}

pub(super) async fn answers(browser: &Browser, attempt: &str) -> Value {
    browser.visitor().read(&format!("/api/v1/attempts/{attempt}")).await.ok(200)["answers"].clone()
}

pub(super) fn answer_form(page: &Page, number: usize) -> crate::browser::Form {
    page.form(&format!("/questions/{number}"))
}

both_engines!(one_moves_about_and_every_move_saves, async |t| {
    let (_app, mut ana, attempt) = sitting(&t).await;
    let page = ana.open(&format!("/attempts/{attempt}")).await;

    let page = ana.submit(answer_form(&page, 1).tick("A right").press("next")).await;
    assert_eq!(page.path, format!("/attempts/{attempt}?question=2"));
    let page = ana.submit(answer_form(&page, 2).tick("B wrong").press("previous")).await;
    assert_eq!(page.heading(), "Question 1");
    assert_eq!(answer_form(&page, 1).ticked(), ["A right"], "what was answered is ticked");
    let page = ana.submit(answer_form(&page, 1).tick("C false").press("3")).await;
    assert_eq!(page.heading(), "Question 3", "the navigator jumps");
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"choice": ["c"]}, "2": {"choice": ["b"]}}));

    let page = ana.submit(answer_form(&page, 3).press("review")).await;
    assert_eq!(page.path, format!("/attempts/{attempt}/review"));
    page.says("1 question has no answer yet.");
    let page = ana.open(&format!("/attempts/{attempt}")).await;
    assert_eq!(page.heading(), "Question 3", "one comes back to the first open question");
    let page = ana.open(&format!("/attempts/{attempt}?question=2")).await;
    let page = ana.submit(answer_form(&page, 2).press("clear")).await;
    page.says("Your answer is cleared.");
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"choice": ["c"]}}));
    let page = ana.open(&format!("/attempts/{attempt}?question=4")).await;
    assert_eq!(page.status, 404);
});

both_engines!(moving_on_without_a_change_writes_nothing, async |t| {
    let (app, mut ana, attempt) = sitting(&t).await;
    let page = ana.open(&format!("/attempts/{attempt}")).await;
    let page = ana.submit(answer_form(&page, 1).tick("A right").press("next")).await;
    let page = ana.submit(answer_form(&page, 2).press("previous")).await;
    ana.submit(answer_form(&page, 1).press("next")).await;
    let held = app.store().find_attempt_for_staff(&attempt).await.expect("it can be read").expect("it is there");
    assert_eq!(app.store().operation_log(held.id).await.expect("it can be read").len(), 1);
});

both_engines!(a_form_stays_the_newest_answer_when_an_older_save_of_its_page_comes_late, async |t| {
    let (_app, mut ana, attempt) = sitting(&t).await;
    let page = ana.open(&format!("/attempts/{attempt}")).await;
    let page = ana.submit(answer_form(&page, 1).tick("A right").press("1")).await;
    // The page's script has chosen b under number 2, which is still on its way, and a again.
    ana.submit(answer_form(&page, 1).fill("seq", "2").press("next")).await;
    let late = json!({"writer": 0, "operations": [{"seq": 2, "question": 1, "response": {"choice": ["b"]}}]});
    ana.visitor().put(&format!("/api/v1/attempts/{attempt}/answers"), late).await.ok(200);
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"choice": ["a"]}}));
});

both_engines!(an_order_with_two_items_in_one_place_is_not_saved_and_says_so, async |t| {
    arrange::exam("order").asking([question::ordering("In which order?")]).publish(&t).await;
    let (_app, mut ana, page, attempt) = begin(&t, "order").await;
    let placed = |page: &Page, places: [&str; 3]| {
        ["order.a", "order.b", "order.c"]
            .into_iter()
            .zip(places)
            .fold(answer_form(page, 1), |form, (name, place)| form.fill(name, place))
            .press("review")
    };

    for wrong in [["1", "1", "2"], ["1", "3", ""]] {
        let shown = ana.submit(placed(&page, wrong)).await;
        assert_eq!((shown.status, shown.heading().as_str()), (422, "Question 1"), "{wrong:?}");
        shown.says("This was not saved: give each place to one item");
        assert_eq!(answers(&ana, &attempt).await, json!({}));
    }
    let review = ana.submit(placed(&page, ["3", "1", "2"])).await;
    assert_eq!(review.path, format!("/attempts/{attempt}/review"));
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"order": ["b", "c", "a"]}}));
    let page = ana.open(&format!("/attempts/{attempt}?question=1")).await;
    let form = answer_form(&page, 1);
    assert_eq!(
        ["order.a", "order.b", "order.c"].map(|name| form.value(name)),
        ["3", "1", "2"],
        "it comes back as given"
    );
});

both_engines!(what_was_typed_and_cannot_be_saved_is_kept_on_the_page, async |t| {
    arrange::exam("word").asking([question::short_text("Which word?")]).publish(&t).await;
    let (_app, mut ana, page, attempt) = begin(&t, "word").await;
    let too_long = "<&\"é ".repeat(1_000);

    let shown = ana.submit(answer_form(&page, 1).fill("text", &too_long).press("review")).await;
    assert_eq!(shown.status, 422);
    shown.says("This was not saved: an answer has 4,000 characters at most.");
    assert_eq!(answer_form(&shown, 1).value("text"), too_long);
    assert_eq!(answers(&ana, &attempt).await, json!({}));
});

both_engines!(an_attempt_that_takes_no_more_changes_says_so_and_keeps_what_was_typed, async |t| {
    arrange::exam("word").asking([question::short_text("Which word?")]).publish(&t).await;
    let (_app, mut ana, page, _) = begin(&t, "word").await;
    // As many changes as an attempt may hold.
    let fill = "INSERT INTO answer_operations (attempt_id, writer, seq, question, response, verdict, received_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) \
         SELECT id, 0, i, 1, '{\"text\":\"a\"}', 'counted', 0 FROM attempts, n";
    t.raw().await.execute(fill).await.expect("nobody holds the table");

    let shown = ana.submit(answer_form(&page, 1).fill("text", "banana").press("review")).await;
    assert_eq!(shown.status, 422);
    shown.says("this attempt has been changed more often than it can keep");
    assert_eq!(answer_form(&shown, 1).value("text"), "banana");
});

both_engines!(a_form_of_an_overtaken_tab_says_so_and_does_not_count, async |t| {
    let (app, mut laptop, attempt) = sitting(&t).await;
    let page = laptop.open(&format!("/attempts/{attempt}")).await;
    let taken = laptop.visitor().post(&format!("/api/v1/attempts/{attempt}/writers"), json!({})).await.ok(201);
    assert_eq!(taken["writer"], 1);

    let shown = laptop.submit(answer_form(&page, 1).tick("B wrong").press("next")).await;
    assert_eq!(shown.heading(), "Question 1", "one stays where the answer was not taken");
    shown.says("This exam was continued on another tab or device.");
    assert_eq!((shown.status, answer_form(&shown, 1).ticked()), (409, vec!["B wrong"]), "it is still there");
    assert_eq!(answers(&laptop, &attempt).await, json!({}));
    let held = app.store().find_attempt_for_staff(&attempt).await.expect("it can be read").expect("it is there");
    let log = app.store().operation_log(held.id).await.expect("it can be read");
    assert_eq!(log.iter().map(|logged| logged.verdict).collect::<Vec<_>>(), [Verdict::Superseded]);

    // The page that said so is made for the writer that holds the pen now.
    let page = laptop.submit(answer_form(&shown, 1).tick("C false").press("next")).await;
    assert_eq!(page.heading(), "Question 2");
    assert_eq!(answers(&laptop, &attempt).await, json!({"1": {"choice": ["c"]}}));
});

both_engines!(a_form_after_the_deadline_says_that_it_came_too_late, async |t| {
    let (app, mut ana, attempt) = sitting(&t).await;
    let page = ana.open(&format!("/attempts/{attempt}")).await;
    let page = ana.submit(answer_form(&page, 1).tick("A right").press("next")).await;
    app.clock.set(minutes_after_noon(30).after(Duration::from_millis(1)));

    let late = ana.submit(answer_form(&page, 2).tick("A right").press("next")).await;
    late.says("This came after the end, so it does not count. Your answers up to then are saved.");
    late.says("00:00");
    // From here on there is one thing to do.
    for path in ["", "?question=1", "/review"] {
        let over = ana.open(&format!("/attempts/{attempt}{path}")).await;
        assert_eq!((over.status, over.heading().as_str()), (200, "Time is up"));
        assert!(!over.has_form("/questions/1") && over.has_form("/submit"), "{path}");
    }
    let review = ana.open(&format!("/attempts/{attempt}/review")).await;
    let result = ana.submit(review.form("/submit")).await;
    result.says("1 of 3 points");
    let result = ana.open(&format!("/attempts/{attempt}/result")).await;
    result.says("Time ran out. What you had saved was submitted.");
});

both_engines!(a_finished_attempt_leads_to_its_result_and_an_open_one_to_its_questions, async |t| {
    let (app, mut ana, attempt) = sitting(&t).await;
    let question = ana.open(&format!("/attempts/{attempt}")).await;
    let early = ana.open(&format!("/attempts/{attempt}/result")).await;
    assert_eq!(early.path, format!("/attempts/{attempt}"));

    let review = ana.open(&format!("/attempts/{attempt}/review")).await;
    ana.submit(review.form("/submit")).await;
    let result = format!("/attempts/{attempt}/result");
    for path in [format!("/attempts/{attempt}"), format!("/attempts/{attempt}/review")] {
        assert_eq!(ana.open(&path).await.path, result);
    }
    let forgotten_tab = ana.submit(answer_form(&question, 1).tick("A right").press("next")).await;
    assert_eq!(forgotten_tab.path, format!("{result}?late=1"));
    let twice = ana.submit(review.form("/submit")).await;
    twice.says("We have 0 of 3 answers.");
    let held = app.store().find_attempt_for_staff(&attempt).await.expect("it can be read").expect("it is there");
    let log = app.store().operation_log(held.id).await.expect("it can be read");
    assert_eq!(log.iter().map(|logged| logged.verdict).collect::<Vec<_>>(), [Verdict::Late], "kept as evidence");
});

both_engines!(starting_twice_leads_to_the_same_attempt, async |t| {
    arrange::exam("cloud").attempts(1).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open("/exams/cloud").await;
    let first = ana.submit(intro.form("/attempts")).await;
    let again = ana.submit(intro.form("/attempts")).await;
    assert_eq!(again.path, format!("{}?notice=continued", first.path));
    again.says("Welcome back.");
    let intro_now = ana.open("/exams/cloud").await;
    intro_now.says("You have started this already.");
    let back = ana.click(&intro_now, &first.path).await;
    let review = ana.submit(answer_form(&back, 1).press("review")).await;
    ana.submit(review.form("/submit")).await;

    let replayed = ana.submit(intro.form("/attempts")).await;
    assert_eq!(
        replayed.path,
        format!("{}/result", first.path),
        "the form of a page from before means the same attempt"
    );
    let spent = ana.open("/exams/cloud").await;
    spent.says("You have used all your attempts at this exam.");
    assert!(!spent.has_form("/exams/cloud/attempts"));
    let forced = ana.submit(intro.form("/attempts").fill("idempotency_key", "another")).await;
    assert_eq!(forced.status, 422);
    forced.says("There is a problem You have used all your attempts at this exam");
});

both_engines!(an_answer_that_arrives_after_a_later_one_of_the_same_page_is_told_so, async |t| {
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open("/exams/cloud").await;
    let page = ana.submit(intro.form("/attempts")).await;
    app.clock.set(minutes_after_noon(2));
    ana.submit(answer_form(&page, 1).tick("B wrong").press("next")).await;
    // The one before it had waited on its way.
    app.clock.set(minutes_after_noon(1));
    let shown = ana.submit(answer_form(&page, 1).tick("A right").press("next")).await;
    shown.says("You sent a later answer to this question, which is the one that counts.");
    assert_eq!(answer_form(&shown, 1).ticked(), ["B wrong"]);
});

both_engines!(an_order_may_stay_open_at_its_end_and_what_is_none_comes_back_as_it_was_typed, async |t| {
    arrange::exam("order").asking([question::ordering("In which order?")]).publish(&t).await;
    let (_app, mut ana, page, attempt) = begin(&t, "order").await;
    let form = |page: &Page| answer_form(page, 1).press("1");
    let gap = ana.submit(form(&page).fill("order.a", "3").fill("order.b", "1")).await;
    assert_eq!(gap.status, 422);
    gap.says("give each place to one item, from 1 on without a gap");
    assert_eq!((form(&gap).value("order.a"), form(&gap).value("order.b")), ("3", "1"));
    assert_eq!(answers(&ana, &attempt).await, json!({}));
    let saved = ana.submit(form(&gap).fill("order.a", "2")).await;
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"order": ["b", "a"]}}));
    let values = ["order.a", "order.b", "order.c"].map(|name| form(&saved).value(name).to_owned());
    assert_eq!(values, ["2", "1", ""], "what was saved is shown");
});

both_engines!(an_answer_sent_after_the_hand_in_is_told_so, async |t| {
    let (_app, mut ana, attempt) = sitting(&t).await;
    let page = ana.open(&format!("/attempts/{attempt}")).await;
    ana.visitor().post(&format!("/api/v1/attempts/{attempt}/submit"), json!({})).await.ok(200);
    let told = ana.submit(answer_form(&page, 1).tick("A right").press("next")).await;
    told.says("The exam had ended when this device sent its last answers, so those do not count.");
    assert!(!ana.open(&format!("/attempts/{attempt}/result")).await.text.contains("The exam had ended"));
});

both_engines!(what_is_not_the_form_of_the_question_takes_no_answer_back, async |t| {
    arrange::exam("word").asking([question::short_text("Which word?")]).publish(&t).await;
    let (_app, mut ana, page, attempt) = begin(&t, "word").await;
    ana.submit(answer_form(&page, 1).fill("text", "banana").press("review")).await;
    let address = format!("/attempts/{attempt}/questions/1");
    let strange: [&[(&str, &str)]; 4] = [
        &[],
        &[("go", "next")],
        &[("text", "apple")],
        &[("writer", "0"), ("seq", "1"), ("go", "next"), ("choice", "a")],
    ];
    for fields in strange {
        let refused = ana.visitor().post_form(&address, fields).await;
        assert_eq!(refused.status(), 422, "{fields:?}");
    }
    let json = ana.visitor().call(Method::POST, &address, &json!({"text": "apple"})).await;
    assert_eq!(json.status(), 400);
    assert_eq!(answers(&ana, &attempt).await, json!({"1": {"text": "banana"}}));
});

both_engines!(an_exam_that_closes_before_the_time_is_over_says_how_long_one_has, async |t| {
    let window = |settings: &mut exam::settings::Settings| settings.closes_at = Some(minutes_after_noon(60));
    arrange::exam("cloud").minutes(45).set(window).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let early = ana.open("/exams/cloud").await;
    early.says("When the exam closes, what you have saved is submitted for you");
    assert!(!early.text.contains("Time if you start now"));
    app.clock.set(minutes_after_noon(50));
    let late = ana.open("/exams/cloud").await;
    late.says("Time if you start now 10 min");
    ana.submit(late.form("/attempts")).await;
    assert!(!ana.open("/exams/cloud").await.text.contains("Time if you start now"), "the attempt has its deadline");
});

both_engines!(a_practice_is_as_long_as_one_chooses, async |t| {
    arrange::bank(&t, "large", 25).await;
    arrange::exam("cloud").draw("large", 25).set(|settings| settings.mode = Mode::Practice).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open("/exams/cloud").await;
    let form = intro.form("/attempts");
    assert_eq!(form.ticked(), ["20"]);
    let refused = ana.submit(form.clone().fill("question_count", "11").tick("10")).await;
    assert_eq!(refused.status, 422);
    refused.says("Choose one of the numbers of questions");
    let page = ana.submit(form.tick("10")).await;
    page.says("0 of 10 answered");
});

both_engines!(outside_its_window_an_exam_says_so_and_has_no_start, async |t| {
    let window = |settings: &mut exam::settings::Settings| {
        settings.opens_at = Some(minutes_after_noon(10));
        settings.closes_at = Some(minutes_after_noon(60));
    };
    arrange::exam("cloud").set(window).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    for (minutes, text) in [(0, "This exam has not opened yet."), (60, "This exam has closed.")] {
        app.clock.set(minutes_after_noon(minutes));
        let intro = ana.open("/exams/cloud").await;
        intro.says(text);
        assert!(!intro.has_form("/attempts"));
        let refused = ana.visitor().post_form("/exams/cloud/attempts", &[]).await;
        assert!(matches!(refused.status().as_u16(), 409 | 422), "{refused:?}");
    }
});

both_engines!(whoever_comes_early_waits_in_the_lobby, async |t| {
    arrange::exam("cloud").set(|settings| settings.opens_at = Some(minutes_after_noon(10))).publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    app.clock.set(minutes_after_noon(1));
    let early = ana.open("/exams/cloud").await;
    early.says("Opens in 9 min");
    early.says("Load this page again then.");
    app.clock.set(minutes_after_noon(10));
    let open = ana.open("/exams/cloud").await;
    assert!(!open.text.contains("Opens in"), "{}", open.text);
    ana.submit(open.form("/attempts")).await.says("Question 1");
});

both_engines!(the_trial_question_comes_back_with_what_was_chosen, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let mut guest = Browser::new(&app);
    let intro = guest.open("/exams/cloud").await;
    let trial = guest.click(&intro, "/exams/cloud/trial").await;
    trial.says("Nothing is saved here");
    trial.keeps_quiet_about("This works.");
    let sent = guest.open("/exams/cloud/trial?choice=b&go=next").await;
    sent.says("This works.");
    guest.open("/exams/cloud/trial?choice=z&go=next").await.says("Nothing was chosen.");
    assert_eq!(guest.open("/exams/nowhere/trial").await.status, 404);
});

/// PostgreSQL only: there, a table can be locked.
#[tokio::test]
async fn what_was_typed_comes_back_when_the_database_neither_writes_nor_reads() {
    let t = fresh_store(Engine::Postgres).await;
    arrange::exam("cloud").minutes(30).publish(&t).await;
    let patient = patient(Duration::from_secs(20), Duration::from_secs(20));
    let store = t.second_process_with(Options { save_wait: Duration::from_millis(300), ..patient }).await;
    let app = TestApp::start_on(store, |_| {}).await;
    let mut ana = Browser::of(&app, app.candidate().await);
    let intro = ana.open("/exams/cloud").await;
    let page = ana.submit(intro.form("/attempts")).await;
    let mut raw = t.keep_writers_waiting().await;
    let page = ana.submit(answer_form(&page, 1).tick("B wrong").press("next")).await;
    raw.execute("ROLLBACK").await.expect("it lets go");
    assert_eq!((page.status, page.heading().as_str()), (503, "Question 1"));
    assert_eq!(answer_form(&page, 1).ticked(), ["B wrong"]);
    page.says("Not saved yet: the server is very busy.");
    let page = ana.submit(answer_form(&page, 1).press("next")).await;
    assert_eq!(page.heading(), "Question 2", "sent again, it is saved");
}

both_engines!(a_number_is_described_by_its_unit_as_well, async |t| {
    arrange::exam("far").asking([question::numeric("How far?")]).publish(&t).await;
    let (_app, _ana, page, _) = begin(&t, "far").await;
    assert_eq!(page.attribute(("id", "number"), "aria-describedby"), Some("prompt number-hint number-unit"));
    assert_eq!(page.text_of("number-unit"), "km");
});

both_engines!(no_field_takes_more_than_an_answer_may_have, async |t| {
    arrange::exam("kinds").asking(question::each_kind()).publish(&t).await;
    let (_app, mut ana, page, _) = begin(&t, "kinds").await;
    let mut typed = Vec::new();
    for number in 1..=question::each_kind().len() {
        let page = ana.open(&format!("{}?question={number}", page.path)).await;
        for field in ["number", "text", "blank.1", "blank.2"] {
            if page.attribute(("name", field), "type") == Some("text") {
                typed.push((field, page.attribute(("name", field), "maxlength").map(ToOwned::to_owned)));
            }
        }
    }
    typed.sort_unstable();
    let most = Some("4000".to_owned());
    assert_eq!(typed, ["blank.1", "blank.2", "number", "text"].map(|field| (field, most.clone())));
});
