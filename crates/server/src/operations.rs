//! How the server is doing, for those who run it: the figures behind `/metrics`, `/readyz` and the operations page.

mod figures;

pub use figures::{Figures, reasons};

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::metrics;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// `GET /metrics`: for Prometheus.
pub async fn scrape(State(app): State<App>) -> Result<Response> {
    let figures = Figures::gather(&app).await;
    let text = metrics::write(&app, figures).map_err(Error::internal)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
