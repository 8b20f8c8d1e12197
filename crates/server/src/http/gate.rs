//! What every request passes on its way in and out, in one layer: its id and time, the arrival of its body, the door, the
//! limit on how long it may take, a
//! panic of its handler, the error it ends with, the headers of the answer, and its line in the log.
//!
//! One layer instead of one for each of these: a layer of a router costs every request several allocations.

use crate::app::App;
use crate::http::around::{Answers, around};
use crate::http::door::Head;
use crate::http::errors::{Asked, Error, Result};
use crate::http::policy::{Class, Classes};
use crate::http::trace::{ReceivedAt, Traced};
use crate::http::{arrival, door, errors, language, packing, security};
use axum::extract::{MatchedPath, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::{Instant, timeout_at};
use tower::{Layer, ServiceExt as _};

/// The layer.
pub fn gate<S: Answers>(
    app: App,
    classes: Arc<Classes>,
) -> impl Layer<S, Service = impl Answers> + Clone + Send + Sync + 'static {
    around(move |inner, request| pass(app.clone(), Arc::clone(&classes), inner, request))
}

async fn pass(app: App, classes: Arc<Classes>, inner: impl Answers, mut request: Request) -> Response {
    let (route, method) = (request.extensions().get::<MatchedPath>().cloned(), request.method().clone());
    let route = route.as_ref().map(MatchedPath::as_str);
    let traced = Traced::begin(&app, classes.of(route, &method));
    traced.mark(&mut request);
    let asked = Asked::of(&app, &request);
    let response = match enter(&app, traced.class, inner, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    let mut response = errors::tell(&app, &asked, &traced.id, response);
    language::say(asked.language, response.headers_mut());
    security::secure(&app.content_policy, &mut response);
    traced.end(&app.metrics, (&method, route.unwrap_or("unmatched")), &mut response);
    response
}

async fn enter(app: &App, class: Class, inner: impl Answers, request: Request) -> Result<Response> {
    let (request, _room) = arrival::complete(app, class, request).await?;
    let entered = door::enter(app, class, Head::of(&request)).await?;
    let is_packed = packing::is_welcome(request.method(), request.uri(), request.headers());
    let mut response = answer(app, inner, request).await;
    if is_packed {
        response = packing::pack(app, response).await?;
    }
    if let Some(cookie) = &entered.cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

async fn answer(app: &App, inner: impl Answers, request: Request) -> Response {
    // What it took to get in counts: proxies count it as well.
    let since = request.extensions().get::<ReceivedAt>().map_or_else(Instant::now, |received| received.0.since);
    let answer = AssertUnwindSafe(inner.oneshot(request)).catch_unwind();
    match timeout_at(since + app.site.request_timeout, answer).await {
        Ok(Ok(Ok(response))) => response,
        // The panic itself is in the log already, with its place.
        Ok(Err(_)) => Error::internal("a handler panicked").into_response(),
        // What was committed by then stays; the client repeats the request and is told so.
        Err(_) => Error::Busy.into_response(),
    }
}
