//! The operations page: what it shows is what happens, and it is there when nothing else is.

use crate::browser::Browser;
use crate::crowd::crowd;
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use store::Role;
use testkit::{TestApp, TestStore, Visitor, arrange, both_engines};

async fn told(visitor: &Visitor) -> Value {
    let response = visitor.get("/admin/operations/figures").await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    response.json().await.expect("JSON")
}

/// What has been counted of a class of requests.
fn of_class<'a>(told: &'a Value, name: &str) -> &'a Value {
    let classes = told["totals"]["classes"].as_array().expect("classes");
    classes.iter().find(|of_class| of_class["name"] == name).unwrap_or_else(|| panic!("no {name} in {told}"))
}

both_engines!(the_operations_page_shows_what_people_do, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let (ada, admin) = (app.candidate().await, app.person(Role::Admin).await);
    arrange::exam("bell").publish(app.store()).await;
    let started = ada.expect(201, Method::POST, "/api/v1/exams/bell/attempts", &json!({})).await;
    let (id, question) = (started["id"].as_str().expect("an id"), &started["questions"][0]);
    let answer = json!({"choice": [question["options"][0]["id"]]});
    let save = json!({"operations": [{"seq": 1, "question": 1, "response": answer}]});
    ada.expect(200, Method::PUT, &format!("/api/v1/attempts/{id}/answers"), &save).await;
    for _ in 0..3 {
        assert_eq!(ada.get("/results").await.status(), 200);
    }

    let figures = told(&admin).await;
    for (class, least) in [("browse", 3), ("start", 1), ("save", 1)] {
        let counted = of_class(&figures, class);
        assert!(counted["answered"].as_u64().expect("a count") >= least, "{class}: {counted}");
        let by_duration = counted["by_duration"].as_array().expect("counts");
        assert_eq!(by_duration.len(), figures["totals"]["bounds_s"].as_array().expect("bounds").len() + 1);
        assert_eq!(
            by_duration.iter().filter_map(Value::as_u64).sum::<u64>(),
            counted["answered"].as_u64().expect("a count")
        );
        assert_eq!((&counted["refused"], &counted["failed"]), (&json!(0), &json!(0)));
    }
    assert!(figures["totals"]["jobs"].as_u64().expect("a count") >= 1, "the answer was written: {figures}");
    assert!(figures["values"]["inside"].as_f64().expect("people") >= 2.0, "{figures}");
    assert!(figures["values"]["resident"].as_f64().expect("memory") > 1e6, "{figures}");
    assert_eq!(figures["reasons"], json!([]));
    let is_on_postgres = app.store().engine() == "postgres";
    let backends = figures["said"]["backends"]["text"].as_str();
    assert_eq!(backends.is_some_and(|text| text.contains(" of ")), is_on_postgres, "{backends:?}");
    assert!(!figures.to_string().contains(&ada.account.as_ref().expect("it has one").email), "nothing of anybody");

    let before = of_class(&figures, "browse")["answered"].as_u64().expect("a count");
    assert_eq!(ada.get("/results").await.status(), 200);
    let after = told(&admin).await;
    assert_eq!(of_class(&after, "browse")["answered"], before + 1, "what is counted is counted at once");
    assert!(after["at_ms"].as_u64() >= figures["at_ms"].as_u64());
    assert_eq!(after["process"], figures["process"]);

    let page = Browser::of(&app, admin).open("/admin/operations").await;
    assert_eq!((page.status, page.heading()), (200, "Operations".to_owned()));
    for words in ["Ready", "People inside 2", "In the waiting room 0", "Memory available", "Everything since the start"]
    {
        page.says(words);
    }
});

both_engines!(the_operations_page_is_there_when_everything_else_is_refused, async |t: TestStore| {
    let app = TestApp::start_with(&t, |site| site.admission = true).await;
    let admin = app.person(Role::Admin).await;
    let inside = crowd(&app).await;
    assert_eq!(admin.get("/admin/attempts").await.status(), 503);
    assert_eq!(admin.get("/exams").await.status(), 503);
    let figures = told(&admin).await;
    // The gates become wider again while this test runs.
    let is_held_back = |text: &str| text.ends_with("held back");
    assert!(figures["said"]["level"]["text"].as_str().is_some_and(is_held_back), "{}", figures["said"]["level"]);
    assert!(figures["said"]["pressure"]["text"].as_str().is_some_and(|text| text.ends_with(" of 40")));
    assert_eq!(figures["said"]["waiting"]["text"], "1", "whoever asked for the exams waits");
    let browsing = of_class(&figures, "browse");
    assert!(browsing["refused"].as_u64() >= Some(1) && browsing["failed"] == 0, "{browsing}");
    let page = Browser::of(&app, admin).open("/admin/operations").await;
    assert_eq!(page.status, 200);
    page.says("held back");
    drop(inside);
});

both_engines!(a_crowd_before_the_operations_page_costs_the_database_one_look, async |t: TestStore| {
    let app = TestApp::start(&t).await;
    let looks = (0..20).map(|_| {
        let app = app.app.clone();
        tokio::spawn(async move { app.watch.figures(&app).await })
    });
    let mut seen = Vec::new();
    for look in looks.collect::<Vec<_>>() {
        seen.push(look.await.expect("it does not panic"));
    }
    assert!(seen.iter().all(|figures| Arc::ptr_eq(figures, &seen[0])), "everybody is shown the same");
});
