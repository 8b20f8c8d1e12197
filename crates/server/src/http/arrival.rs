//! The body of a request has come before the request takes a place at a gate: whoever sends a head and then nothing keeps nobody out.
//! And no body takes more memory than its class has a use for.

use crate::admission::SMALL_BODY;
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
use tokio::sync::SemaphorePermit;
use tokio::time::timeout_at;

/// What is told to those whose body is awaited when too many are already.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The request with its whole body, of a class that people come to a sitting by; and what is to be kept until it has been answered, of a
/// large save.
///
/// # Errors
/// [`Error::TooSlow`] and [`Error::TooLarge`]; [`Error::Crowded`] when it has not come with its head, and too many are awaited, or when
/// large saves take too much room already.
pub(super) async fn complete(
    app: &App,
    class: Class,
    request: Request,
) -> Result<(Request, Option<SemaphorePermit<'_>>)> {
    let has_gate = matches!(class, Class::Sitting | Class::Start | Class::SignIn | Class::Browse);
    if request.body().is_end_stream() || !(has_gate || class == Class::Save) {
        return Ok((request, None));
    }
    let crowded = || {
        app.admission.count_refused(class);
        Error::Crowded(AGAIN_AFTER)
    };
    if class == Class::Save {
        let most = request.body().size_hint().upper().unwrap_or(BODY_MAX as u64);
        let room = app.admission.room_for_save(most.min(BODY_MAX as u64)).map_err(|_| crowded())?;
        return Ok((request, room));
    }
    let due = body_due(request.extensions());
    let (head, body) = request.into_parts();
    let most = body.size_hint().upper().unwrap_or(BODY_MAX as u64);
    let mut coming = pin!(Limited::new(body, size_limit(class)).collect());
    // Most come with their head.
    let come = match coming.as_mut().now_or_never() {
        Some(come) => come,
        None => {
            let _awaited = app.admission.await_body(most).ok_or_else(crowded)?;
            timeout_at(due, coming).await.map_err(|_| Error::TooSlow)?
        }
    };
    let body = come.map_err(|error| not_taken(error.is::<LengthLimitError>()))?;
    Ok((Request::from_parts(head, Body::from(body.to_bytes())), None))
}

/// The largest body of a class, in bytes. What guests send is a few names and a password, is shown to them again on a page several times
/// its size, and may wait for a hash.
fn size_limit(class: Class) -> usize {
    match class {
        Class::SignIn | Class::Start => SMALL_BODY,
        _ => BODY_MAX,
    }
}
