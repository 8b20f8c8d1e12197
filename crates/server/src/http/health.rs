//! Probes: alive, and ready to serve.

use crate::app::App;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// How long the database is waited for: load balancers give a probe a few seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process answers.
pub async fn healthz() -> Response {
    Json(json!({"status": "ok"})).into_response()
}

/// `GET /readyz`: the database answers too, takes what is written, and its clock is ours.
pub async fn readyz(State(app): State<App>) -> Response {
    let mut reasons = Vec::new();
    let hangs = |_| Err(store::Error::Unavailable("it hangs".into()));
    if let Err(error) = timeout(PATIENCE, app.store.ping()).await.unwrap_or_else(hangs) {
        tracing::warn!(%error, "not ready");
        reasons.push("the database does not answer".to_owned());
    }
    if !app.store.is_writing() {
        reasons.push("answers cannot be written".to_owned());
    }
    if let Some(apart) = app.clocks.apart_ms() {
        reasons.push(format!("the clocks of server and database differ by {} ms", apart.unsigned_abs()));
    }
    if reasons.is_empty() {
        return Json(json!({"status": "ready", "database": app.store.engine()})).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "not ready", "reasons": reasons}))).into_response()
}
