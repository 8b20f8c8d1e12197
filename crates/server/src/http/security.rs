//! Headers that every response carries: what browsers may load, embed, remember and tell others.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;

/// Everything from ourselves, nothing inline, nothing from elsewhere; static files from `asset_url` as well, where there is one.
#[must_use]
pub fn content_policy(asset_url: Option<&str>) -> HeaderValue {
    // Its origin: a path in a policy would have to be the whole path of each file.
    let origin = asset_url.map(|url| url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"));
    let assets = origin.map_or_else(|| "'self'".to_owned(), |origin| format!("'self' {origin}"));
    let policy = format!(
        "default-src 'none'; script-src {assets}; style-src {assets}; img-src {assets} data:; font-src {assets}; \
         connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // An address that was read from the settings holds nothing that a header cannot.
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Marks a response as a script or a style of a page. What is told about documents means nothing to it, and would be more than half of what
/// comes over the line for a small one.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartOfAPage;

const OF_DOCUMENTS: [(HeaderName, &str); 4] = [
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Puts them on. A response that says nothing about caching is private to this person and this moment.
pub(super) fn secure(content_policy: &HeaderValue, response: &mut Response) {
    let is_document = response.extensions().get::<PartOfAPage>().is_none();
    let headers = response.headers_mut();
    // At once, with what is told of the request: it would grow one by one.
    headers.reserve(OF_DOCUMENTS.len() + 4);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if is_document {
        headers.insert(header::CONTENT_SECURITY_POLICY, content_policy.clone());
        for (name, value) in OF_DOCUMENTS {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_allows_ourselves_and_the_origin_of_static_files() {
        let own = content_policy(None);
        assert!(own.to_str().unwrap().contains("script-src 'self'; style-src 'self';"), "{own:?}");
        let cdn = content_policy(Some("https://cdn.example.org/examhall"));
        assert!(cdn.to_str().unwrap().contains("script-src 'self' https://cdn.example.org; "), "{cdn:?}");
    }
}
