//! Pages: the frame around them and how they are sent.

use crate::app::{App, Site};
use crate::http::errors::{Error, Result};
use crate::http::language;
use crate::http::session::SignedIn;
use crate::http::trace;
use crate::view::page::Page;
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

/// The frame of the page a handler is about to show.
pub struct Frame(pub Page);

impl FromRequestParts<App> for Frame {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let person = parts.extensions.get::<SignedIn>().map(SignedIn::person);
        let request_id = trace::request_id(&parts.extensions);
        let (path, language) = (parts.uri.path(), language::of(&app.site, parts.uri.path(), &parts.headers));
        let page = Page::new(&app.shell, language, person, path, Some(request_id));
        Ok(Self(page.again_at(return_to(&parts.method, &parts.uri))))
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

/// The address of a page that has been asked for; where a form was sent, that of the page it was on. A form cannot be sent again by
/// itself, its page can be shown.
pub(super) fn return_to(method: &Method, uri: &Uri) -> String {
    let path = uri.path();
    match *method {
        Method::GET | Method::HEAD => uri.path_and_query().map_or(path, |target| target.as_str()).to_owned(),
        // What lets somebody in stands in the address.
        _ if path == "/new-password" => uri.path_and_query().map_or(path, |target| target.as_str()).to_owned(),
        _ if matches!(path, "/sign-in" | "/sign-up" | "/setup" | "/account/password") => path.to_owned(),
        _ => page_of_form(path).to_owned(),
    }
}

/// The page on which a form stood: forms go to addresses below the page they are on.
fn page_of_form(path: &str) -> &str {
    let mut segments = path.splitn(4, '/');
    match (segments.next(), segments.next(), segments.next()) {
        (Some(""), Some(part @ ("attempts" | "exams")), Some(id)) => &path[..part.len() + id.len() + 2],
        _ => "/",
    }
}

/// The address at which people reach this server: the one that is set, or the one by which the browser of a request calls it.
#[must_use]
pub fn base_address(site: &Site, headers: &HeaderMap) -> String {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(url) = &site.public_url {
        return url.clone();
    }
    // Browsers send it with forms. It has the scheme, which only they know where a proxy speaks HTTPS for us.
    let is_web = |origin: &&str| origin.starts_with("https://") || origin.starts_with("http://");
    if let Some(origin) = text(header::ORIGIN).filter(is_web) {
        return origin.to_owned();
    }
    let scheme = if site.is_https() { "https" } else { "http" };
    text(header::HOST).map_or_else(String::new, |host| format!("{scheme}://{host}"))
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
    use crate::config::Config;
    use axum::http::HeaderValue;

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
    fn after_signing_in_people_return_to_the_page_of_their_form() {
        assert_eq!(page_of_form("/attempts/7f3a/questions/4"), "/attempts/7f3a");
        assert_eq!(page_of_form("/exams/cloud/attempts"), "/exams/cloud");
        assert_eq!(page_of_form("/exams/exam/attempts"), "/exams/exam");
        assert_eq!(page_of_form("/admin/exams"), "/");
    }

    #[test]
    fn a_page_is_asked_for_again_with_its_query_and_a_form_where_it_stood() {
        let at = |method: Method, uri: &str| return_to(&method, &uri.parse().unwrap());
        assert_eq!(at(Method::GET, "/attempts/7f3a?question=2"), "/attempts/7f3a?question=2");
        assert_eq!(at(Method::POST, "/sign-in?code"), "/sign-in");
        assert_eq!(at(Method::POST, "/exams/cloud/attempts"), "/exams/cloud");
        assert_eq!(at(Method::POST, "/account/password"), "/account/password");
        assert_eq!(at(Method::POST, "/new-password?token=x"), "/new-password?token=x");
        assert_eq!(at(Method::POST, "/language"), "/");
    }

    #[test]
    fn a_link_begins_with_the_address_that_is_set_or_with_the_one_that_the_browser_knows() {
        let mut site = Config::default().site();
        let mut headers = HeaderMap::new();
        assert_eq!(base_address(&site, &headers), "");
        headers.insert(header::HOST, HeaderValue::from_static("10.0.0.7:5000"));
        assert_eq!(base_address(&site, &headers), "http://10.0.0.7:5000");
        headers.insert(header::ORIGIN, HeaderValue::from_static("null"));
        assert_eq!(base_address(&site, &headers), "http://10.0.0.7:5000");
        site.tls = true;
        assert_eq!(base_address(&site, &headers), "https://10.0.0.7:5000");
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://hall.example.org"));
        assert_eq!(base_address(&site, &headers), "https://hall.example.org");
        site.public_url = Some("https://exams.example.org".to_owned());
        assert_eq!(base_address(&site, &headers), "https://exams.example.org");
    }

    #[test]
    fn values_are_encoded_for_query_strings() {
        assert_eq!(encode("/a?b=c&d=é"), "%2Fa%3Fb%3Dc%26d%3D%C3%A9");
    }
}
