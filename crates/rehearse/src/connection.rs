//! One candidate's connection: kept alive, made anew when it breaks. It lives inside its candidate's task, so that 20,000 of
//! them are 20,000 tasks and not twice as many. Benchmarks that drive other servers send requests of their own through it.

use crate::plan::Target;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, SET_COOKIE};
use hyper::http::uri::Uri;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;

/// Larger answers are no answers of ours: a paper of 500 questions has a few hundred KiB.
const ANSWER_MAX: usize = 16 * 1024 * 1024;
/// What a connection may buffer: the least that hyper takes. It would grow to 400 KiB and stay so after the first paper.
const BUFFER_MAX: usize = 8 * 1024;

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// The session's token, where the answer sets one.
    pub(crate) token: Option<String>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// Nothing listens, or no socket is to be had.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// It was there and ended before the answer was whole.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer took longer than it may.
    #[error("no answer in time")]
    TooSlow,
}

impl NoAnswer {
    /// The name under which it is counted.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connect(error) => match error.kind() {
                io::ErrorKind::ConnectionRefused => "connection_refused",
                io::ErrorKind::TimedOut => "connection_timed_out",
                // EMFILE and EADDRNOTAVAIL: our own machine's limits, never the server's.
                _ if error.raw_os_error() == Some(24) => "too_many_open_files",
                io::ErrorKind::AddrNotAvailable => "no_local_port_left",
                _ => "connection_failed",
            },
            Self::Broken(_) => "connection_broken",
            Self::TooSlow => "no_answer_in_time",
        }
    }
}

type Sender = http1::SendRequest<Full<Bytes>>;
type Driver = http1::Connection<TokioIo<TcpStream>, Full<Bytes>>;

/// A candidate's way to the server.
#[derive(Debug)]
pub struct Connection {
    target: Target,
    host: HeaderValue,
    authorization: Option<HeaderValue>,
    open: Option<(Sender, Pin<Box<Driver>>)>,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Connection {
    /// A connection that is made with the first request.
    #[must_use]
    pub fn new(target: &Target) -> Self {
        // An authority that was parsed is a header.
        let host = HeaderValue::from_str(target.authority()).unwrap_or(HeaderValue::from_static("localhost"));
        Self { target: target.clone(), host, authorization: None, open: None }
    }

    /// From now on requests carry this session.
    pub(crate) fn sign_in(&mut self, token: &str) {
        // A token that is no header is answered `signed_out`, as any other wrong one.
        self.authorization = HeaderValue::from_str(&format!("Bearer {token}")).ok().map(|mut value| {
            value.set_sensitive(true);
            value
        });
    }

    /// From now on requests carry no session.
    pub(crate) fn sign_out(&mut self) {
        self.authorization = None;
    }

    /// Sends a request of the API and waits for the whole answer.
    pub(crate) async fn ask(
        &mut self,
        method: Method,
        uri: Uri,
        body: Bytes,
        within: Duration,
    ) -> Result<Answer, NoAnswer> {
        let request = self.request(method, uri, body);
        self.send(request, within).await.map(answer_of)
    }

    /// Sends a request, to which it adds the host, and waits for the whole answer.
    ///
    /// # Errors
    /// When there is none; the next request makes a new connection then.
    pub async fn send(&mut self, request: Request<Full<Bytes>>, within: Duration) -> Result<Response<Bytes>, NoAnswer> {
        let sent = tokio::time::timeout(within, self.try_send(request)).await;
        let answer = sent.unwrap_or(Err(NoAnswer::TooSlow));
        if answer.is_err() {
            self.open = None;
        }
        answer
    }

    /// Whether a connection is there that an earlier request has used. The server may be about to close it.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.open.as_ref().is_some_and(|(sender, _)| !sender.is_closed())
    }

    async fn try_send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Response<Bytes>, NoAnswer> {
        request.headers_mut().insert(HOST, self.host.clone());
        if self.open.as_ref().is_none_or(|(sender, _)| sender.is_closed()) {
            self.open = Some(connect(&self.target).await?);
        }
        // Just made, if it was not there.
        let Some((sender, driver)) = &mut self.open else { return Err(NoAnswer::Broken("it is gone".into())) };
        let (answer, has_ended) = exchange(sender, driver, request).await;
        if has_ended {
            self.open = None;
        }
        answer
    }

    fn request(&self, method: Method, uri: Uri, body: Bytes) -> Request<Full<Bytes>> {
        let has_body = !body.is_empty();
        // As browsers take pages, which nobody reads here; what the API says is read.
        let is_page = !uri.path().starts_with("/api/");
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        if is_page {
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if has_body {
            headers.insert(CONTENT_TYPE, JSON);
        }
        request
    }

    /// Looks after the connection while the candidate thinks; returns when the server has closed it, or never.
    pub async fn idle(&mut self) {
        match &mut self.open {
            Some((_, driver)) => {
                // However it ended, the next request makes another.
                let _ = driver.as_mut().await;
                self.open = None;
            }
            None => std::future::pending().await,
        }
    }
}

async fn connect(target: &Target) -> Result<(Sender, Pin<Box<Driver>>), NoAnswer> {
    let stream = TcpStream::connect(target.address()).await.map_err(NoAnswer::Connect)?;
    stream.set_nodelay(true).map_err(NoAnswer::Connect)?;
    let handshake = http1::Builder::new().max_buf_size(BUFFER_MAX).handshake(TokioIo::new(stream)).await;
    let (sender, driver) = handshake.map_err(|error| NoAnswer::Broken(error.to_string()))?;
    Ok((sender, Box::pin(driver)))
}

/// Sends a request and drives the connection until the answer is whole; also says whether the connection has ended with it.
async fn exchange(
    sender: &mut Sender,
    driver: &mut Pin<Box<Driver>>,
    request: Request<Full<Bytes>>,
) -> (Result<Response<Bytes>, NoAnswer>, bool) {
    let broken = |error: hyper::Error| NoAnswer::Broken(error.to_string());
    let mut answering = pin!(async {
        sender.ready().await.map_err(broken)?;
        read(sender.send_request(request).await.map_err(broken)?).await
    });
    let mut has_ended = false;
    let answer = poll_fn(|context| {
        if let Poll::Ready(answer) = answering.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        if !has_ended && driver.as_mut().poll(context).is_ready() {
            // What it had read is still to be had.
            has_ended = true;
            if let Poll::Ready(answer) = answering.as_mut().poll(context) {
                return Poll::Ready(answer);
            }
            // Nobody is left to bring one: the server had closed it while the candidate thought.
            return Poll::Ready(Err(NoAnswer::Broken("the connection has ended".into())));
        }
        Poll::Pending
    })
    .await;
    (answer, has_ended)
}

async fn read(response: Response<Incoming>) -> Result<Response<Bytes>, NoAnswer> {
    let (head, body) = response.into_parts();
    let body = Limited::new(body, ANSWER_MAX).collect().await;
    let body = body.map_err(|error| NoAnswer::Broken(error.to_string()))?.to_bytes();
    Ok(Response::from_parts(head, body))
}

/// What a candidate reads of an answer.
fn answer_of(response: Response<Bytes>) -> Answer {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let retry_after = text(RETRY_AFTER).and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let token = text(SET_COOKIE).and_then(token_of);
    Answer { status: response.status().as_u16(), retry_after, token, body: response.into_body() }
}

/// The token in the cookie of a session, under its name for HTTPS or for HTTP.
fn token_of(cookie: &str) -> Option<String> {
    let (name, value) = cookie.split(';').next()?.split_once('=')?;
    (name.trim_start_matches("__Host-") == "examhall_session" && !value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_from_its_cookie() {
        assert_eq!(token_of("examhall_session=abc; Path=/; HttpOnly").as_deref(), Some("abc"));
        assert_eq!(token_of("__Host-examhall_session=abc; Secure").as_deref(), Some("abc"));
        assert_eq!(token_of("examhall_session=; Max-Age=0"), None);
        assert_eq!(token_of("theme=dark"), None);
    }
}
