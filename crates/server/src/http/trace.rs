//! One log line per request, and the request's id.
//!
//! The id and the time at which the head had been read are put on the request before anything else happens: that time
//! decides whether a save is in time. Logged are the route's template, never the address with its ids, and never who, what
//! or from where.

use crate::app::App;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use store::Arrival;

/// The server's time when it had read the head of the request.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedAt(pub Arrival);

#[derive(Debug, Clone)]
struct RequestId(String);

/// The request's id, for logs and error pages.
pub(crate) fn request_id(extensions: &Extensions) -> String {
    extensions.get::<RequestId>().map_or_else(|| "none".to_owned(), |id| id.0.clone())
}

/// The layer.
pub async fn trace(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let arrival = Arrival::from(app.now());
    let id = app.chance.code();
    request.extensions_mut().insert(ReceivedAt(arrival));
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let took_ms = u64::try_from(arrival.since.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    tracing::info!(request.id = %id, %method, route, status, took_ms, "request");
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}
