//! hyper with nothing around it, answering what another server answers: what the layers of that server cost is the difference.

use clap::Args;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, HeaderValue, TRANSFER_ENCODING,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rehearse::connection::Connection;
use rehearse::plan::Target;
use serde_json::Value;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// What browsers say that they take.
pub(crate) const TAKEN: [(&str, &str); 2] = [("accept", "*/*"), ("accept-encoding", "gzip, deflate, br")];

/// Answer as another server does, from memory and with hyper alone, until it is stopped.
#[derive(Args)]
pub(crate) struct Bare {
    /// On which port of this machine.
    #[arg(long)]
    port: u16,
    /// Threads that run requests.
    #[arg(long)]
    pub(crate) threads: usize,
    /// The other server.
    #[arg(long)]
    like: Target,
    /// What is answered; may be given several times.
    #[arg(long = "path")]
    paths: Vec<String>,
}

/// An answer, as the other server gave it.
#[derive(Debug)]
struct Copy {
    headers: HeaderMap,
    body: Bytes,
}

impl Bare {
    pub(crate) async fn run(self) -> Result<Value, String> {
        let mut copies = HashMap::new();
        for path in &self.paths {
            copies.insert(path.clone(), copy(&self.like, path).await?);
        }
        let copies = Arc::new(copies);
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.map_err(|error| error.to_string())?;
        loop {
            let (stream, _) = listener.accept().await.map_err(|error| error.to_string())?;
            stream.set_nodelay(true).map_err(|error| error.to_string())?;
            let copies = Arc::clone(&copies);
            tokio::spawn(async move {
                let answer = service_fn(move |request| {
                    let answer = answer(&copies, &request);
                    async { Ok::<_, Infallible>(answer) }
                });
                // A client that goes is the end of it.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    }
}

/// What the other server answers, to be given again and again.
async fn copy(like: &Target, path: &str) -> Result<Copy, String> {
    let mut request = Request::new(Full::default());
    *request.uri_mut() = path.parse().map_err(|_| format!("{path} is no path"))?;
    let [(_, kinds), (_, encodings)] = TAKEN;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(kinds));
    request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(encodings));
    let answer = Connection::new(like).send(request, Duration::from_secs(5)).await;
    let (head, body) = answer.map_err(|error| format!("{path}: {error}"))?.into_parts();
    if head.status != StatusCode::OK {
        return Err(format!("{path} is answered with {}", head.status));
    }
    let mut headers = head.headers;
    // hyper writes these itself.
    for own in [CONNECTION, CONTENT_LENGTH, DATE, TRANSFER_ENCODING] {
        headers.remove(own);
    }
    Ok(Copy { headers, body })
}

fn answer(copies: &HashMap<String, Copy>, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    match copies.get(request.uri().path()) {
        Some(copy) => {
            *answer.headers_mut() = copy.headers.clone();
            *answer.body_mut() = Full::new(copy.body.clone());
        }
        None => *answer.status_mut() = StatusCode::NOT_FOUND,
    }
    answer
}
