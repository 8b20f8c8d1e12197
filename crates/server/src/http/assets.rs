//! Static files: built into the binary, served under a prefix that changes with any of them, so that they may be kept for
//! ever and modules find each other by relative paths.

use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::Path;
use crate::http::packed::{Effort, Packed};
use crate::token;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use rust_embed::Embed;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

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
    token::hex(&hasher.finalize()[..6])
});

/// What the names of static files are appended to, with a slash at its end; below `asset_url`, where browsers get them from elsewhere.
#[must_use]
pub fn prefix(asset_url: Option<&str>) -> String {
    format!("{}/static/{}/", asset_url.unwrap_or_default(), *VERSION)
}

/// Every file as it is sent, packed when it is first asked for.
static PACKED: LazyLock<BTreeMap<Cow<'static, str>, OnceLock<Packed>>> =
    LazyLock::new(|| Files::iter().map(|name| (name, OnceLock::new())).collect());

fn packed(path: &str) -> Option<&'static Packed> {
    let slot = PACKED.get(path)?;
    if let Some(packed) = slot.get() {
        return Some(packed);
    }
    let file = Files::get(path)?;
    let kind = HeaderValue::from_str(file.metadata.mimetype());
    let kind = kind.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    let bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    Some(slot.get_or_init(|| Packed::new(kind, bytes, Effort::Most)))
}

/// Packs every file, so that nobody has to wait for it. Takes a while.
pub fn pack_all() {
    for name in PACKED.keys() {
        packed(name);
    }
}

/// `GET /static/{version}/{*path}`: a page of an earlier version may still ask for its files and gets the present ones,
/// which are then not to be kept.
pub async fn file(
    State(_): State<App>,
    Path((version, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response> {
    answer(&version, &path, &headers).ok_or(Error::NotFound)
}

/// A file, asked for with these headers under this version; None when there is none of the name.
pub(super) fn answer(version: &str, path: &str, headers: &HeaderMap) -> Option<Response> {
    let file = packed(path)?;
    let caching = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer = file.answer(headers, HeaderValue::from_static(caching));
    // Modules are asked for across origins when browsers get them from elsewhere; everybody may have them.
    answer.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Some(answer)
}

/// `GET /favicon.ico`: browsers ask for it whatever the page says.
pub async fn favicon(headers: HeaderMap) -> Result<Response> {
    let file = packed("favicon.svg").ok_or(Error::NotFound)?;
    Ok(file.answer(&headers, HeaderValue::from_static("public, max-age=86400")))
}

/// `GET /attempts/worker.js`: the script that keeps an open attempt at hand without a network. Its address says what it may see, which is
/// attempts and nothing else, and stays the same, so that browsers find a newer one.
pub async fn worker(headers: HeaderMap) -> Result<Response> {
    let file = packed("js/player/worker.js").ok_or(Error::NotFound)?;
    Ok(file.answer(&headers, HeaderValue::from_static("no-cache")))
}
