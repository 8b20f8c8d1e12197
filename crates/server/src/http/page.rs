//! Pages: the frame around them and how they are sent.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::session::SignedIn;
use crate::http::trace;
use crate::view::page::Page;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The frame of the page a handler is about to show.
pub struct Frame(pub Page);

impl FromRequestParts<App> for Frame {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let person = parts.extensions.get::<SignedIn>().map(SignedIn::person);
        let request_id = trace::request_id(&parts.extensions);
        Ok(Self(Page::new(&app.shell, person, parts.uri.path(), Some(request_id))))
    }
}

/// Sends a page.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn show(template: &impl Template) -> Result<Response> {
    show_with(StatusCode::OK, template)
}

/// Sends a page with a status, such as 422 for a form with mistakes.
///
/// # Errors
/// When the template fails, which is a defect.
pub fn show_with(status: StatusCode, template: &impl Template) -> Result<Response> {
    let html = template.render().map_err(Error::internal)?;
    Ok((status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
}

/// Percent-encodes a value for a query string.
#[must_use]
pub fn encode(value: &str) -> String {
    serde_urlencoded::to_string([("", value)]).map_or_else(|_| String::new(), |pair| pair[1..].to_owned())
}

/// The place to go to after signing in: a path of this site, or the start page. Anything else would let a link send people
/// elsewhere, and no header holds control characters.
#[must_use]
pub fn local_path(next: &str) -> &str {
    let is_local =
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.contains(char::is_control);
    if is_local { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(local_path("/attempts/7f3a?question=2"), "/attempts/7f3a?question=2");
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "",
            "javascript:alert(1)",
            "/\t/x",
            "/\u{1}",
            "/\u{b}x",
            "/\u{7f}",
            "/\u{85}",
        ] {
            assert_eq!(local_path(elsewhere), "/", "{elsewhere:?}");
        }
    }

    #[test]
    fn values_are_encoded_for_query_strings() {
        assert_eq!(encode("/a?b=c&d=é"), "%2Fa%3Fb%3Dc%26d%3D%C3%A9");
    }
}
