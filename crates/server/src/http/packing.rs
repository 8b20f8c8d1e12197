//! Pages, packed on their way to who reads them, while there is time for it. A phone on a slow line gets its exam sooner; a server that is
//! late with its work sends pages as they are, for packing one costs about as much as making it.
//!
//! Where a length tells what a page holds, somebody who listens and can choose a part of the page could guess at the rest (BREACH). What others
//! can choose of a page is its query, which many pages repeat for the choice of a language. So pages with a query are not packed, but those of
//! an open attempt, which repeat none; nor is anything of the staff area, the demo or the set-up.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::packed::takes;
use axum::body::{Body, HttpBody as _};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt as _;
use std::io::Write as _;
use std::time::Duration;

/// What is shorter is a packet or two anyway.
const SHORT: u64 = 1_500;

/// What is longer takes other requests' time.
const LONG: u64 = 256 * 1_024;

/// How late tasks may be woken while pages are still packed.
const LATE: Duration = Duration::from_millis(2);

/// Whether whoever asks takes a packed page, of those that are packed.
pub(super) fn is_welcome(method: &Method, uri: &Uri, asked: &HeaderMap) -> bool {
    let path = uri.path();
    let has_secrets = ["/admin", "/demo", "/setup"].iter().any(|start| path.starts_with(start));
    let is_of_an_open_attempt = path.starts_with("/attempts/") && !path.ends_with("/result");
    let repeats_nothing = uri.query().is_none() || is_of_an_open_attempt;
    *method == Method::GET && !has_secrets && repeats_nothing && takes(asked, "gzip")
}

/// Packs a page, unless everybody is waiting for something else; any other response stays as it is.
///
/// # Errors
/// When what was to be sent breaks off.
pub(super) async fn pack(app: &App, mut response: Response) -> Result<Response> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let is_fit = response.body().size_hint().exact().is_some_and(|length| (SHORT..=LONG).contains(&length));
    let is_plain = response.status() == StatusCode::OK && !response.headers().contains_key(header::CONTENT_ENCODING);
    if !(is_page && is_fit && is_plain) || app.delay.shown() > LATE {
        return Ok(response);
    }
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
    let (mut parts, body) = response.into_parts();
    // All of it is there already.
    let page = body.collect().await.map_err(Error::internal)?.to_bytes();
    let mut encoder = GzEncoder::new(Vec::with_capacity(page.len() / 3), Compression::fast());
    // Memory that is written to does not fail.
    let packed = encoder.write_all(&page).and_then(|()| encoder.finish()).map_err(Error::internal)?;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(Response::from_parts(parts, Body::from(packed)))
}
