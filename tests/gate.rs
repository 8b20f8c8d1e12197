//! What every request passes: a handler that panics or never answers costs its own request, and is told like any error.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::Value;
use server::http::gate::gate;
use server::http::policy::Classes;
use std::time::Duration;
use testkit::{Engine, TestApp, fresh_store};
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
        .layer(gate(app.app.clone(), Classes::default()));
    assert_eq!(ask(service.clone(), "/api/panics").await, (StatusCode::INTERNAL_SERVER_ERROR, "internal".into()));
    assert_eq!(ask(service, "/api/hangs").await, (StatusCode::SERVICE_UNAVAILABLE, "busy".into()));
}
