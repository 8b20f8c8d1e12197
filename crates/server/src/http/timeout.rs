//! A limit on how long a request may take, so that nobody waits for ever.

use crate::app::App;
use crate::http::errors::Error;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The layer. What was committed by then stays; the client repeats the request and is told so.
pub async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.site.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Busy.into_response(),
    }
}
