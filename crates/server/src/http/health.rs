//! Probes: alive, and ready to serve.

use crate::app::App;
use crate::operations;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// `GET /healthz`: the process answers.
pub async fn healthz() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /readyz`: the database answers too, takes what is written, and its clock is ours.
pub async fn readyz(State(app): State<App>) -> Response {
    let reasons = operations::reasons(&app).await;
    if reasons.is_empty() {
        return Json(json!({"status": "ready", "database": app.store.engine()})).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "not ready", "reasons": reasons}))).into_response()
}
