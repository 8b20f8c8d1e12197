//! What every request passes: a handler that panics or never answers costs its own request, and is told like any error.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use server::http::gate::gate;
use server::http::policy::Class;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use testkit::{Engine, TestApp, arrange, fresh_store};
use tower::ServiceExt as _;

async fn ask(service: Router, path: &str) -> (StatusCode, Value) {
    let request = Request::builder().uri(path).body(Body::empty()).expect("a plain request");
    let Ok(response): Result<Response, _> = service.oneshot(request).await;
    assert_eq!(response.headers()["cache-control"], "no-store", "every answer carries the headers");
    let id = response.headers()["x-request-id"].to_str().expect("letters").to_owned();
    let status = response.status();
    let body = to_bytes(response.into_body(), 10_000).await.expect("it is in memory");
    let problem: Value = serde_json::from_slice(&body).expect("problem+json");
    assert_eq!(problem["request_id"], *id);
    (status, problem["code"].clone())
}

#[tokio::test]
async fn a_handler_that_panics_or_never_answers_costs_its_own_request() {
    let t = fresh_store(Engine::Sqlite).await;
    let app = TestApp::start_with(&t, |site| site.request_timeout = Duration::from_millis(20)).await;
    let service = Router::new()
        .route("/api/panics", get(async || -> StatusCode { panic!("a defect") }))
        .route("/api/hangs", get(async || std::future::pending::<StatusCode>().await))
        .layer(gate(app.app.clone(), Arc::default()));
    assert_eq!(ask(service.clone(), "/api/panics").await, (StatusCode::INTERNAL_SERVER_ERROR, "internal".into()));
    assert_eq!(ask(service, "/api/hangs").await, (StatusCode::SERVICE_UNAVAILABLE, "busy".into()));
}

#[tokio::test]
async fn what_is_at_hand_is_told_and_counted_as_what_the_router_answers() {
    let t = fresh_store(Engine::Sqlite).await;
    arrange::exam("cloud").publish(&t).await;
    let app = TestApp::start(&t).await;
    let guest = app.guest();
    let style = format!("{}css/examhall.css", server::http::assets::prefix(None));
    // The router looks at the list; for a moment after that it is at hand.
    for (path, class) in [(style.as_str(), Class::Sitting), ("/api/v1/exams", Class::Browse)] {
        let mut tag = String::new();
        for asked in [
            ("accept-encoding", "br".to_owned()),
            ("accept-encoding", "identity".to_owned()),
            ("if-none-match", String::new()),
        ] {
            let (name, value) = if asked.0 == "if-none-match" { (asked.0, tag.clone()) } else { asked };
            let mut seen = Vec::new();
            let before = app.app.metrics.by_status(class);
            // A HEAD is answered by the router.
            for method in [Method::HEAD, Method::GET] {
                let answer = guest.request(method, path).header(name, &value).send().await.expect("an answer");
                let status = answer.status().as_u16();
                let mut headers: BTreeMap<String, String> = BTreeMap::new();
                for (name, value) in answer.headers() {
                    headers.insert(name.to_string(), value.to_str().expect("text").to_owned());
                }
                let id = headers.remove("x-request-id").expect("every answer has one");
                assert_eq!((id.len(), &id[4..5]), (9, "-"), "{id}");
                headers.remove("date");
                if status == 304 {
                    // The router says 0, which is not how long the content is.
                    headers.remove("content-length");
                }
                tag = headers["etag"].clone();
                assert_eq!(headers.contains_key("content-security-policy"), path != style, "a style is no document");
                assert!(headers.contains_key("x-content-type-options"), "{headers:?}");
                seen.push((status, headers));
            }
            assert_eq!(seen[0], seen[1], "{path} with {name}: {value}");
            let counted: u64 = app.app.metrics.by_status(class).iter().sum::<u64>() - before.iter().sum::<u64>();
            assert_eq!(counted, 2, "{path}");
        }
    }
    assert_eq!(guest.get("/static/x/none.css").await.status(), 404);
}
