//! `GET /api/v1/attempts`: one's own, newest first, page by page.

use super::{start, submit};
use crate::contract::Api;
use serde_json::{Value, json};
use std::time::Duration;
use testkit::{TestApp, Visitor, arrange, both_engines};

fn ids(page: &Value) -> Vec<String> {
    let rows = page["attempts"].as_array().expect("a list");
    rows.iter().map(|row| row["id"].as_str().expect("an id").to_owned()).collect()
}

/// The ids of all pages of a list.
async fn all_pages(person: &Visitor, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = String::new();
    loop {
        let page = person.read(&format!("/api/v1/attempts?{query}{next}")).await.ok(200);
        pages.push(ids(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => return pages,
        }
        assert!(pages.len() < 20, "the pages never end");
    }
}

both_engines!(the_pages_of_the_list_have_no_gaps_and_no_repeats, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let mut newest_first = Vec::new();
    for round in 0..7 {
        let attempt = start(&ada, "cloud").await;
        submit(&ada, &attempt).await;
        newest_first.insert(0, attempt);
        submit(&bo, &start(&bo, "cloud").await).await;
        // Some start within one millisecond: their order must be stable all the same.
        app.clock.advance(Duration::from_millis(round % 2));
    }
    let open = start(&ada, "cloud").await;
    newest_first.insert(0, open.clone());

    for (limit, sizes) in [(3, vec![3, 3, 2]), (4, vec![4, 4]), (8, vec![8]), (1, vec![1; 8]), (200, vec![8])] {
        let pages = all_pages(&ada, &format!("limit={limit}")).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), sizes, "limit {limit}");
        assert_eq!(pages.concat(), newest_first, "limit {limit}");
    }
    assert_eq!(all_pages(&ada, "").await.concat(), newest_first);
    assert_eq!(all_pages(&ada, "state=submitted&limit=2").await.concat(), newest_first[1..]);
    assert_eq!(all_pages(&ada, "state=open&limit=2").await, [[open]]);
    assert_eq!(all_pages(&ada, "state=expired").await.concat(), Vec::<String>::new());
    assert_eq!(all_pages(&ada, "state=&limit=&cursor=&utm_source=mail").await.concat(), newest_first);
});

both_engines!(what_begins_while_one_pages_through_moves_nothing, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let ada = app.candidate().await;
    let mut started = Vec::new();
    for _ in 0..4 {
        let attempt = start(&ada, "cloud").await;
        submit(&ada, &attempt).await;
        started.push(attempt);
    }
    let first = ada.read("/api/v1/attempts?limit=2").await.ok(200);
    start(&ada, "cloud").await;
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let second = ada.read(&format!("/api/v1/attempts?limit=2&cursor={cursor}")).await.ok(200);
    assert_eq!([ids(&first), ids(&second)].concat(), started.into_iter().rev().collect::<Vec<_>>());
});

both_engines!(wrong_parameters_are_named, async |t| {
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let (ada, bo) = (app.candidate().await, app.candidate().await);
    let of_bo = start(&bo, "cloud").await;
    for (query, pointer) in [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=many", "/limit"),
        ("state=closed", "/state"),
        ("cursor=nonsense", "/cursor"),
        (&format!("cursor={of_bo}"), "/cursor"),
        ("cursor=%00", "/cursor"),
    ] {
        assert_eq!(ada.read(&format!("/api/v1/attempts?{query}")).await.wrong_values(), [pointer], "{query}");
    }
    ada.read("/api/v1/attempts?state=%FF").await.wrong_values();
    assert_eq!(ada.read("/api/v1/attempts").await.ok(200), json!({"attempts": [], "next_cursor": null}));
});
