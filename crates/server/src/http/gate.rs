//! What every request passes on its way in and out, in one layer: its id and time, the limit on how long it may take, a
//! panic of its handler, the error it ends with, the headers of the answer, and its line in the log.
//!
//! One layer instead of one for each of these: a layer of a router costs every request several allocations.

use crate::app::App;
use crate::http::around::{Answers, around};
use crate::http::errors::{Asked, Error};
use crate::http::trace::Traced;
use crate::http::{errors, security};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use tower::{Layer, ServiceExt as _};

/// The layer.
pub fn gate<S: Answers>(app: App) -> impl Layer<S, Service = impl Answers> + Clone + Send + Sync + 'static {
    around(move |inner, request| pass(app.clone(), inner, request))
}

async fn pass(app: App, inner: impl Answers, mut request: Request) -> Response {
    let traced = Traced::begin(&app, &mut request);
    let asked = Asked::of(&request);
    let answer = AssertUnwindSafe(inner.oneshot(request)).catch_unwind();
    let response = match tokio::time::timeout(app.site.request_timeout, answer).await {
        Ok(Ok(Ok(response))) => response,
        // The panic itself is in the log already, with its place.
        Ok(Err(_)) => Error::internal("a handler panicked").into_response(),
        // What was committed by then stays; the client repeats the request and is told so.
        Err(_) => Error::Busy.into_response(),
    };
    let mut response = errors::tell(&app, asked, &traced.id, response);
    security::secure(response.headers_mut());
    traced.end(&mut response);
    response
}
