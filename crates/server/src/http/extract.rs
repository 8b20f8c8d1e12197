//! Extractors: what handlers get out of a request, or the error that is told instead.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::session::SignedIn;
use crate::http::trace::ReceivedAt;
use crate::http::{misfit, rates};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{Extensions, StatusCode};
use axum::response::IntoResponse;
use exam::attempt::BODY_DEADLINE;
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::time::Duration;
use store::Arrival;
use tokio::time::{Instant, timeout_at};

impl FromRequestParts<App> for SignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::SignedOut)
    }
}

/// The person, when somebody is signed in.
pub struct MaybeSignedIn(pub Option<SignedIn>);

impl FromRequestParts<App> for MaybeSignedIn {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        Ok(Self(parts.extensions.get::<SignedIn>().cloned()))
    }
}

/// The place that a request comes from, as rate limits count them.
pub struct Place(pub IpAddr);

impl FromRequestParts<App> for Place {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self(rates::place_of(app, &parts.extensions, &parts.headers)))
    }
}

/// When the server had read the head of the request.
pub struct Received(pub Arrival);

impl FromRequestParts<App> for Received {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        Ok(Self(parts.extensions.get::<ReceivedAt>().map_or_else(|| Arrival::from(app.now()), |received| received.0)))
    }
}

/// How long it may take to take what has arrived.
const TO_TAKE: Duration = Duration::from_millis(100);

/// Until when the body of a request must have come: from its head on, whatever was looked up since; what has come meanwhile is still taken.
pub(super) fn body_due(extensions: &Extensions) -> Instant {
    let since = extensions.get::<ReceivedAt>().map_or_else(Instant::now, |received| received.0.since);
    (since + BODY_DEADLINE).max(Instant::now() + TO_TAKE)
}

/// The error of a body that could not be taken.
pub(super) fn not_taken(is_too_large: bool) -> Error {
    if is_too_large { Error::TooLarge } else { Error::Malformed("its body ended early".into()) }
}

/// The body, arrived in time and within the limit of its route.
async fn body(request: Request, app: &App) -> Result<Bytes> {
    let arrival = timeout_at(body_due(request.extensions()), Bytes::from_request(request, app));
    let taken = arrival.await.map_err(|_| Error::TooSlow)?;
    taken.map_err(|rejection| not_taken(rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE))
}

/// A JSON body. An empty one is an empty object, so that a start needs no body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let bytes = body(request, app).await?;
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        // Serde would take a list for a struct's fields in order, which nobody means.
        if bytes.trim_ascii_start().first().is_some_and(|first| *first == b'[') {
            return Err(Error::invalid("", "Send an object, not a list."));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => Error::Invalid(vec![misfit::find::<T>(&bytes)]),
            _ => Error::Malformed(format!("it is not JSON at line {}, column {}", error.line(), error.column())),
        })
    }
}

/// A form as pairs in order, names may repeat.
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// The first value of a field; empty when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether there is such a field, or one of a family whose prefix ends with a dot.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name || (name.ends_with('.') && field.starts_with(name)))
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The fields of a family: `match.1` of `match.` as ("1", value).
    pub fn family<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(field, value)| Some((field.strip_prefix(prefix)?, value.as_str())))
    }
}

impl FromRequest<App> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        // Read as a form, anything else would be one whose fields are all empty.
        let kind = request.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or("").to_ascii_lowercase());
        if kind.is_some_and(|kind| !kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(Error::Malformed("it is not a form".into()));
        }
        let bytes = body(request, app).await?;
        let fields = serde_urlencoded::from_bytes(&bytes).map_err(|_| Error::Malformed("it is not a form".into()))?;
        without_nul(fields).map(Self)
    }
}

/// PostgreSQL keeps no NUL in texts, and nobody types one.
pub(super) fn without_nul(pairs: Vec<(String, String)>) -> Result<Vec<(String, String)>> {
    match pairs.iter().find(|(_, value)| value.contains('\0')) {
        Some((name, _)) => Err(Error::invalid(&format!("/{name}"), "Take the NUL character out of this text.")),
        None => Ok(pairs),
    }
}

/// The parameters of the path. What cannot be one names nothing.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        if parts.uri.path().contains("%00") {
            return Err(Error::NotFound);
        }
        let path = axum::extract::Path::<T>::from_request_parts(parts, app).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Error::NotFound)
    }
}

/// The query string, leniently: what is unknown is ignored, since links get decorated.
pub struct Query(pub Vec<(String, String)>);

impl Query {
    /// The first value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(parameter, _)| parameter == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequestParts<App> for Query {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self> {
        let query = parts.uri.query().unwrap_or("");
        let pairs =
            serde_urlencoded::from_str(query).map_err(|_| Error::Malformed("its query is not readable".into()))?;
        without_nul(pairs).map(Self)
    }
}
