//! What somebody answered in a form that was refused before it was looked at: it comes back on the page that says why, to be sent again from there.

use crate::app::App;
use crate::http::errors::Error;
use crate::http::extract::Form;
use crate::http::policy::Class;
use axum::extract::{FromRequest as _, Request};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// The fields of such a form, for `tell`.
#[derive(Debug, Clone)]
pub(super) struct Unsent(pub(super) Arc<[(String, String)]>);

/// The error of a request whose form was not looked at, with its fields.
#[must_use]
pub fn carrying(error: Error, form: Form) -> Response {
    // Every form of a question has both; others hold nothing that would be missed.
    let is_answer = form.has("writer") && form.has("seq");
    let mut response = error.into_response();
    if is_answer {
        response.extensions_mut().insert(Unsent(form.0.into()));
    }
    response
}

/// The error of a request whose body was not read.
pub(super) async fn refused(app: &App, class: Class, error: Error, request: Request) -> Response {
    if class != Class::Save || request.uri().path().starts_with("/api/") {
        return error.into_response();
    }
    match Form::from_request(request, app).await {
        Ok(form) => carrying(error, form),
        // What is no form holds no answer; why it was refused is told all the same.
        Err(_) => error.into_response(),
    }
}
