//! How errors reach people and programs: logged once, then told as problem+json (RFC 9457) or as a page.

use super::{Error, FieldProblem, Waiting, seconds};
use crate::app::App;
use crate::http::language;
use crate::http::page::{encode, return_to};
use crate::http::session::SignedIn;
use crate::http::unsent::Unsent;
use crate::messages::Language;
use crate::view::error::{ErrorPage, UnsentForm};
use crate::view::page::{Page, Person};
use crate::view::waiting::WaitingPage;
use askama::Template;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Serialize;

/// problem+json (RFC 9457) with our members.
#[derive(Serialize)]
struct ProblemBody<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: String,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldProblem],
}

/// The error that a response carries. One that failed without any, such as a redirect to what no header can hold, is a defect
/// that must be logged and shown like others.
fn told(response: &Response) -> Option<Error> {
    let carried = response.extensions().get::<Error>().cloned();
    let is_bare = || response.status() == StatusCode::INTERNAL_SERVER_ERROR;
    carried.or_else(|| is_bare().then(|| Error::internal("the answer of a handler could not be made")))
}

/// What must be known of a request to tell its error.
pub(in crate::http) struct Asked {
    uri: Uri,
    method: Method,
    pub(in crate::http) language: Language,
}

impl Asked {
    pub(in crate::http) fn of(app: &App, request: &Request) -> Self {
        let language = language::of(&app.site, request.uri().path(), request.headers());
        Self { uri: request.uri().clone(), method: request.method().clone(), language }
    }
}

/// Turns the [`Error`] that a response carries into what the client understands, and logs it once.
pub(in crate::http) fn tell(app: &App, asked: &Asked, request_id: &str, response: Response) -> Response {
    let Some(error) = told(&response) else { return response };
    let allowed = response.headers().get(header::ALLOW).cloned();
    if let Error::Internal(cause) = &error {
        tracing::error!(request.id = %request_id, %cause, "a request failed");
    }
    let person = response.extensions().get::<SignedIn>().map(SignedIn::person);
    let mut answered = if asked.uri.path().starts_with("/api/") {
        problem(&error, request_id)
    } else {
        let unsent = response.extensions().get::<Unsent>().map(|Unsent(fields)| fields.to_vec());
        error_page(app, &error, person, asked, request_id, unsent)
    };
    let headers = answered.headers_mut();
    if let Some(retry_after) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    }
    if let Error::Waiting(Waiting { cookie: Some(cookie), .. }) = &error {
        headers.insert(header::SET_COOKIE, cookie.clone());
    }
    if matches!(error, Error::SignedOut) {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(allowed) = allowed {
        headers.insert(header::ALLOW, allowed);
    }
    answered
}

fn problem(error: &Error, request_id: &str) -> Response {
    let status = error.status();
    let body = ProblemBody {
        r#type: "about:blank",
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: error.to_string(),
        code: error.code(),
        request_id,
        errors: if let Error::Invalid(problems) = error { problems } else { &[] },
    };
    let json = serde_json::to_string(&body).unwrap_or_else(|_| r#"{"code":"internal"}"#.to_owned());
    (status, [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")], json)
        .into_response()
}

fn error_page(
    app: &App,
    error: &Error,
    person: Option<Person>,
    asked: &Asked,
    request_id: &str,
    unsent: Option<Vec<(String, String)>>,
) -> Response {
    let Asked { uri, method, language } = asked;
    let target = uri.path_and_query().map_or_else(|| uri.path(), |target| target.as_str());
    if matches!(error, Error::SignedOut) && unsent.is_none() {
        // A form without an answer is not repeated after signing in; the page it was on can be.
        let next = return_to(method, uri);
        return Redirect::to(&format!("/sign-in?required&next={}", encode(&next))).into_response();
    }
    let page = Page::new(&app.shell, *language, person, uri.path(), Some(request_id.to_owned()));
    let page = page.again_at(return_to(method, uri));
    if let Error::Waiting(waiting) = error {
        return rendered(error, request_id, waiting_page(page, method, waiting).render());
    }
    let retry = (method == Method::GET).then(|| target.to_owned());
    let unsent = unsent.map(|fields| UnsentForm { action: uri.path().to_owned(), fields });
    rendered(error, request_id, ErrorPage { page, kind: error.kind(), retry, unsent }.render())
}

fn waiting_page(page: Page, method: &Method, waiting: &Waiting) -> WaitingPage {
    WaitingPage {
        page,
        ahead: i64::try_from(waiting.ahead).unwrap_or(i64::MAX),
        wait_s: seconds(waiting.wait),
        to: waiting.to.clone(),
        was_form: method != Method::GET,
    }
}

fn rendered(error: &Error, request_id: &str, html: askama::Result<String>) -> Response {
    match html {
        Ok(html) => (
            error.status(),
            [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
            html,
        )
            .into_response(),
        Err(cause) => {
            tracing::error!(request.id = %request_id, %cause, "the error page cannot be rendered");
            (error.status(), error.to_string()).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_could_not_be_made_is_an_error_like_others() {
        let failed = Redirect::to("/\u{1}").into_response();
        assert_eq!(told(&failed).map(|error| error.code()), Some("internal"));
        assert_eq!(told(&Error::TooSlow.into_response()).map(|error| error.code()), Some("too_slow"));
        let own = [StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE];
        assert!(own.into_iter().all(|status| told(&status.into_response()).is_none()));
    }
}
