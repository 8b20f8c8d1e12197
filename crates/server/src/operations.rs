//! How the server is doing, for those who run it: the figures behind `/metrics`, `/readyz` and the operations page.

mod figures;
mod look;
mod looked;
mod watch;

pub use figures::{Figures, reasons};
pub use look::{Look, OfClass, within};
pub use watch::Watch;

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::page::{Frame, show};
use crate::metrics;
use crate::view::Moment;
use crate::view::admin::{OperationsPage, Told};
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// `GET /metrics`: for Prometheus.
pub async fn scrape(State(app): State<App>) -> Result<Response> {
    let figures = app.watch.figures(&app).await;
    let text = metrics::write(&app, figures).map_err(Error::internal)?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

/// `GET /admin/operations`: the figures of this moment, for people.
pub async fn page(State(app): State<App>, Frame(page): Frame) -> Result<Response> {
    let look = Look::take(&app).await;
    show(&OperationsPage::new(page, &look, Moment(app.now().0)))
}

/// `GET /admin/operations/figures`: the same for the page's own script, which asks again and again.
pub async fn told(State(app): State<App>, Frame(page): Frame) -> Json<Told> {
    Json(Told::new(&page, &Look::take(&app).await))
}
