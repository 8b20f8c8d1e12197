//! `GET /api/v1/openapi.json`: the API described in OpenAPI 3.1. Written by hand, since it is the contract; tests hold the
//! route table and the answers of the server against it.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The document.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// Sends it.
pub async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], OPENAPI)
        .into_response()
}
