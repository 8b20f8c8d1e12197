//! The body of a request has come before the request takes a place at a gate: whoever sends a head and then nothing keeps nobody out.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{body_due, not_taken};
use crate::http::policy::Class;
use crate::routes::BODY_MAX;
use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::pin::pin;
use std::time::Duration;
use tokio::time::timeout_at;

/// What is told to those whose body is awaited when too many are already.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The request with its whole body, of a class that people come to a sitting by.
///
/// # Errors
/// [`Error::TooSlow`] and [`Error::TooLarge`]; [`Error::Crowded`] when it has not come with its head, and too many are awaited.
pub(super) async fn complete(app: &App, class: Class, request: Request) -> Result<Request> {
    let has_gate = matches!(class, Class::Sitting | Class::Start | Class::SignIn | Class::Browse);
    if !has_gate || request.body().is_end_stream() {
        return Ok(request);
    }
    let due = body_due(request.extensions());
    let (head, body) = request.into_parts();
    let most = body.size_hint().upper().unwrap_or(BODY_MAX as u64);
    let mut coming = pin!(Limited::new(body, BODY_MAX).collect());
    // Most come with their head.
    let come = match coming.as_mut().now_or_never() {
        Some(come) => come,
        None => {
            let _awaited = app.admission.await_body(most).ok_or(Error::Crowded(AGAIN_AFTER))?;
            timeout_at(due, coming).await.map_err(|_| Error::TooSlow)?
        }
    };
    let body = come.map_err(|error| not_taken(error.is::<LengthLimitError>()))?;
    Ok(Request::from_parts(head, Body::from(body.to_bytes())))
}
