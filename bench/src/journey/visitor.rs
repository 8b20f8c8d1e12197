//! One user's way to a server: a kept connection, cookies, and pages that lead to others.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Method, Request};
use rehearse::connection::{Connection, NoAnswer};
use rehearse::plan::Target;
use std::time::Duration;

/// How long an answer may take.
const WITHIN: Duration = Duration::from_secs(30);
/// How many pages one request may lead through.
const FOLLOWED_MAX: usize = 5;

/// Why an action failed, as it is counted.
#[derive(Debug)]
pub(super) struct Failed(pub(super) String);

impl Failed {
    pub(super) fn because(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

/// An answer.
pub(super) struct Page {
    pub(super) status: u16,
    location: Option<String>,
    body: Bytes,
}

impl Page {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    pub(super) fn json(&self) -> Result<serde_json::Value, Failed> {
        serde_json::from_slice(&self.body).map_err(|_| Failed::because("no_json"))
    }

    /// The page, if it has this status.
    pub(super) fn with_status(self, status: u16) -> Result<Self, Failed> {
        if self.status == status { Ok(self) } else { Err(Failed(format!("status_{}", self.status))) }
    }

    /// The page, if it holds this text.
    pub(super) fn holding(self, text: &str) -> Result<Self, Failed> {
        if self.text().contains(text) {
            Ok(self)
        } else {
            Err(Failed(format!("page_without_{}", text.replace(' ', "_"))))
        }
    }
}

/// A user's browser.
#[derive(Debug)]
pub(super) struct Visitor {
    connection: Connection,
    cookies: Vec<(String, String)>,
    token: Option<HeaderValue>,
    pub(super) requests: u64,
    pub(super) received: u64,
    /// Requests sent again because the server had closed the kept connection at that moment, as browsers do.
    pub(super) reconnected: u64,
}

impl Visitor {
    pub(super) fn new(target: &Target) -> Self {
        let connection = Connection::new(target);
        Self { connection, cookies: Vec::new(), token: None, requests: 0, received: 0, reconnected: 0 }
    }

    pub(super) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(known, _)| known != name);
        if !value.is_empty() {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    /// From now on requests carry this token, or none.
    pub(super) fn set_token(&mut self, token: Option<&str>) {
        self.token = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    }

    pub(super) fn forget(&mut self) {
        self.cookies.clear();
        self.token = None;
    }

    pub(super) async fn get(&mut self, path: &str) -> Result<Page, Failed> {
        self.ask(Method::GET, path, "", Bytes::new()).await
    }

    pub(super) async fn json(&mut self, method: Method, path: &str, body: &serde_json::Value) -> Result<Page, Failed> {
        self.ask(method, path, "application/json", body.to_string().into()).await
    }

    /// Sends a form and goes where the answer leads.
    pub(super) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Page, Failed> {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let page = self.ask(Method::POST, path, "application/x-www-form-urlencoded", body.join("&").into()).await?;
        self.follow(page).await
    }

    /// Goes where an answer leads.
    pub(super) async fn follow(&mut self, mut page: Page) -> Result<Page, Failed> {
        for _ in 0..FOLLOWED_MAX {
            let (302 | 303, Some(location)) = (page.status, page.location.clone()) else { return Ok(page) };
            page = self.get(&location).await?;
        }
        Err(Failed::because("led_in_circles"))
    }

    async fn ask(&mut self, method: Method, path: &str, kind: &'static str, body: Bytes) -> Result<Page, Failed> {
        let was_kept = self.connection.is_kept();
        self.requests += 1;
        let mut answer = self.connection.send(self.request(&method, path, kind, &body)?, WITHIN).await;
        if was_kept && matches!(answer, Err(NoAnswer::Broken(_))) {
            self.reconnected += 1;
            answer = self.connection.send(self.request(&method, path, kind, &body)?, WITHIN).await;
        }
        let answer = answer.map_err(|error| Failed::because(error.name()))?;
        for cookie in answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            if let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) {
                self.set_cookie(name.trim(), value.trim());
            }
        }
        let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = answer.status().as_u16();
        let body = answer.into_body();
        self.received += u64::try_from(body.len()).unwrap_or(0);
        Ok(Page { status, location, body })
    }

    fn request(
        &self,
        method: &Method,
        path: &str,
        kind: &'static str,
        body: &Bytes,
    ) -> Result<Request<Full<Bytes>>, Failed> {
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = method.clone();
        *request.uri_mut() = path.parse().map_err(|_| Failed::because("no_path"))?;
        let headers = request.headers_mut();
        if !kind.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(token) = &self.token {
            headers.insert(AUTHORIZATION, token.clone());
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            headers
                .insert(COOKIE, HeaderValue::from_str(&cookies.join("; ")).map_err(|_| Failed::because("no_cookie"))?);
        }
        Ok(request)
    }

    /// Looks after the connection while the user thinks; returns when the server has closed it, or never.
    pub(super) async fn idle(&mut self) {
        self.connection.idle().await;
    }
}

/// A value as forms send it.
fn escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => escaped.push(char::from(byte)),
            b' ' => escaped.push('+'),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// What an attribute of a page holds, after the first occurrence of `before`.
pub(super) fn attribute<'a>(text: &'a str, before: &str) -> Result<&'a str, Failed> {
    let (_, rest) = text.split_once(before).ok_or_else(|| Failed(format!("page_without_{before}")))?;
    Ok(rest.split('"').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_escaped_and_an_attribute_read() {
        assert_eq!(escaped("seven red, é@"), "seven+red%2C+%C3%A9%40");
        assert_eq!(
            attribute(r#"<input name="seq" value="12">"#, r#"name="seq" value=""#).map_err(|failed| failed.0),
            Ok("12")
        );
        assert!(attribute("", "x").is_err());
    }

    #[test]
    fn a_cookie_replaces_the_one_of_its_name_and_an_empty_one_takes_it_away() {
        let mut visitor = Visitor::new(&"http://127.0.0.1:1".parse().expect("an address"));
        visitor.set_cookie("session", "a");
        visitor.set_cookie("session", "b");
        assert_eq!(visitor.cookies, [("session".to_owned(), "b".to_owned())]);
        visitor.set_cookie("session", "");
        assert!(visitor.cookies.is_empty());
    }
}
