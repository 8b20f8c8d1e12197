//! One question to a server, outside of any rehearsal.

use crate::connection::Connection;
use crate::plan::Target;
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::uri::Uri;
use std::time::Duration;
use tokio::time::Instant;

/// What a server has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body, as far as it is text.
    pub body: String,
    /// How long it took, the connection included.
    pub took: Duration,
}

/// Gets a path such as `/healthz` on a connection of its own, showing a bearer token where there is one.
///
/// # Errors
/// Why there is no answer, in words.
pub async fn get(target: &Target, path: &str, token: Option<&str>, within: Duration) -> Result<Answered, String> {
    let uri: Uri = path.parse().map_err(|_| format!("{path} is no path"))?;
    let mut connection = Connection::new(target);
    if let Some(token) = token {
        connection.sign_in(token);
    }
    let begun = Instant::now();
    let answer = connection.ask(Method::GET, uri, Bytes::new(), within).await.map_err(|error| error.to_string())?;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    Ok(Answered { status: answer.status, body, took: begun.elapsed() })
}
