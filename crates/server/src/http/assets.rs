//! Static files: built into the binary, served under a prefix that changes with any of them, so that they may be kept for
//! ever and modules find each other by relative paths.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::Path;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rust_embed::Embed;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

#[derive(Embed)]
#[folder = "assets/"]
struct Files;

/// The first 12 hexadecimal digits of the SHA-256 over all names and contents.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort();
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_bytes());
        if let Some(file) = Files::get(&name) {
            hasher.update(file.metadata.sha256_hash());
        }
    }
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// What the names of static files are appended to, with a slash at its end; below `asset_url`, where browsers get them from elsewhere.
#[must_use]
pub fn prefix(asset_url: Option<&str>) -> String {
    format!("{}/static/{}/", asset_url.unwrap_or_default(), *VERSION)
}

/// `GET /static/{version}/{*path}`: a page of an earlier version may still ask for its files and gets the present ones,
/// which are then not to be kept.
pub async fn file(State(_): State<App>, Path((version, path)): Path<(String, String)>) -> Result<Response> {
    let file = Files::get(&path).ok_or(Error::NotFound)?;
    let kind = HeaderValue::from_str(file.metadata.mimetype()).map_err(Error::internal)?;
    let caching = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static(caching))];
    Ok((headers, file.data.into_owned()).into_response())
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub async fn favicon() -> Result<Response> {
    let file = Files::get("favicon.svg").ok_or(Error::NotFound)?;
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")];
    Ok((headers, file.data.into_owned()).into_response())
}
