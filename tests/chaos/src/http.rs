//! HTTP/1.1 messages, whole: enough for the fault proxy to hold, repeat and cut them, and for the probe to ask questions.

use crate::{Doing, Error, Result};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// The most headers of a message.
const HEADERS_MAX: usize = 64;
/// The largest head and the largest body that are read.
const HEAD_MAX: usize = 64 * 1024;
const BODY_MAX: usize = 64 * 1024 * 1024;

/// A request or a response as it was read.
#[derive(Debug, Clone)]
pub struct Message {
    /// Everything up to and with the empty line.
    pub head: Vec<u8>,
    /// The body as it travelled, chunk sizes included.
    pub body: Vec<u8>,
    /// Of a response.
    pub status: u16,
    /// Of a request.
    pub method: String,
    /// Of a request.
    pub path: String,
    /// Whether the connection ends with this message.
    pub close: bool,
    chunked: bool,
}

/// Which of the two is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A request.
    Request,
    /// A response to anything but HEAD.
    Response,
}

/// A connection's reading end with what has been read ahead.
#[derive(Debug)]
pub(crate) struct Reader<R> {
    stream: R,
    ahead: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// Begins to read a stream.
    pub(crate) fn new(stream: R) -> Self {
        Self { stream, ahead: Vec::new() }
    }

    /// Reads one message. None when the connection ended before it began.
    ///
    /// # Errors
    /// When the connection ends or breaks within it, or it is no HTTP.
    pub(crate) async fn message(&mut self, kind: Kind) -> Result<Option<Message>> {
        let Some(mut message) = self.head(kind).await? else { return Ok(None) };
        self.rest(kind, &mut message).await?;
        Ok(Some(message))
    }

    async fn head(&mut self, kind: Kind) -> Result<Option<Message>> {
        loop {
            if let Some(end) = self.ahead.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.ahead.drain(..end + 4).collect();
                return parse(kind, head).map(Some);
            }
            if self.ahead.len() > HEAD_MAX {
                return Err(Error::new("the head is too large"));
            }
            if self.more().await? == 0 {
                return if self.ahead.is_empty() { Ok(None) } else { Err(Error::new("the head was cut")) };
            }
        }
    }

    async fn rest(&mut self, kind: Kind, message: &mut Message) -> Result<()> {
        if message.chunked {
            loop {
                let line = self.line().await?;
                let digits =
                    std::str::from_utf8(&line).unwrap_or_default().trim().split(';').next().unwrap_or_default();
                let size = usize::from_str_radix(digits, 16).doing("reading the size of a chunk")?;
                message.body.extend_from_slice(&line);
                let chunk = self.exactly(size + 2).await?;
                message.body.extend_from_slice(&chunk);
                if size == 0 {
                    return Ok(());
                }
            }
        }
        match content_length(&message.head) {
            Some(length) => message.body = self.exactly(length).await?,
            None if kind == Kind::Response && message.status >= 200 && ![204, 304].contains(&message.status) => {
                message.close = true;
                while self.more().await? > 0 {
                    if self.ahead.len() > BODY_MAX {
                        return Err(Error::new("the body is too large"));
                    }
                }
                message.body = std::mem::take(&mut self.ahead);
            }
            None => {}
        }
        Ok(())
    }

    async fn line(&mut self) -> Result<Vec<u8>> {
        loop {
            if let Some(end) = self.ahead.windows(2).position(|two| two == b"\r\n") {
                return Ok(self.ahead.drain(..end + 2).collect());
            }
            if self.more().await? == 0 {
                return Err(Error::new("the body was cut"));
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> Result<Vec<u8>> {
        if length > BODY_MAX {
            return Err(Error::new("the body is too large"));
        }
        while self.ahead.len() < length {
            if self.more().await? == 0 {
                return Err(Error::new("the body was cut"));
            }
        }
        Ok(self.ahead.drain(..length).collect())
    }

    async fn more(&mut self) -> Result<usize> {
        self.stream.read_buf(&mut self.ahead).await.doing("reading")
    }
}

fn parse(kind: Kind, head: Vec<u8>) -> Result<Message> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let (mut status, mut method, mut path) = (0, String::new(), String::new());
    let headers = match kind {
        Kind::Request => {
            let mut request = httparse::Request::new(&mut headers);
            request.parse(&head).doing("reading a request")?;
            method = request.method.unwrap_or_default().to_owned();
            path = request.path.unwrap_or_default().to_owned();
            request.headers
        }
        Kind::Response => {
            let mut response = httparse::Response::new(&mut headers);
            response.parse(&head).doing("reading a response")?;
            status = response.code.unwrap_or_default();
            response.headers
        }
    };
    let has = |name: &str, word: &str| {
        headers.iter().any(|header| {
            header.name.eq_ignore_ascii_case(name) && header.value.to_ascii_lowercase().ends_with(word.as_bytes())
        })
    };
    let (close, chunked) = (has("connection", "close"), has("transfer-encoding", "chunked"));
    Ok(Message { status, method, path, close, chunked, body: Vec::new(), head })
}

fn content_length(head: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(head).ok()?;
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    })
}

impl Message {
    /// Head and body.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        [self.head.as_slice(), self.body.as_slice()].concat()
    }

    /// The body of a message that was not chunked, as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or(serde_json::Value::Null)
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(&self.head).ok()?.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Asks one question on a connection of its own.
///
/// # Errors
/// When no whole answer comes within `limit`.
pub async fn ask(
    address: &str,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&serde_json::Value>,
    limit: Duration,
) -> Result<Message> {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.doing("connecting")?;
        stream.write_all(&request(method, path, token, body, "close")).await.doing("writing")?;
        let answer = Reader::new(stream).message(Kind::Response).await?;
        answer.ok_or_else(|| Error::new("the connection ended without an answer"))
    };
    timeout(limit, exchange).await.map_err(|_| Error::new("no answer in time"))?
}

/// A connection that is kept for the next question.
#[derive(Debug)]
pub struct Line {
    address: String,
    open: Option<(Reader<OwnedReadHalf>, OwnedWriteHalf)>,
}

impl Line {
    /// A connection to `address` that is made with the first question.
    #[must_use]
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), open: None }
    }

    /// Asks a question once. After an error the next one gets a new connection.
    ///
    /// # Errors
    /// When no whole answer comes within `limit`: what was asked for may have been done.
    pub async fn ask(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<&serde_json::Value>,
        limit: Duration,
    ) -> Result<Message> {
        let open = self.open.take();
        let exchange = async {
            let (mut from, mut to) = match open {
                Some(open) => open,
                None => {
                    let stream = TcpStream::connect(&self.address).await.doing("connecting")?;
                    stream.set_nodelay(true)?;
                    let (from, to) = stream.into_split();
                    (Reader::new(from), to)
                }
            };
            to.write_all(&request(method, path, Some(token), body, "keep-alive")).await.doing("writing")?;
            let answer = from.message(Kind::Response).await?;
            let answer = answer.ok_or_else(|| Error::new("the connection ended without an answer"))?;
            Ok::<_, Error>((answer, from, to))
        };
        let (answer, from, to) = timeout(limit, exchange).await.map_err(|_| Error::new("no answer in time"))??;
        if !answer.close {
            self.open = Some((from, to));
        }
        Ok(answer)
    }
}

fn request(
    method: &str,
    path: &str,
    token: Option<&str>,
    body: Option<&serde_json::Value>,
    connection: &str,
) -> Vec<u8> {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let body = body.map(ToString::to_string);
    let content = body.as_deref().map_or_else(String::new, |body| {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
    });
    let body = body.unwrap_or_default();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: {connection}\r\n{authorization}{content}\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(kind: Kind, text: &str) -> Result<Vec<Message>> {
        let mut reader = Reader::new(text.as_bytes());
        let mut found = Vec::new();
        while let Some(message) = reader.message(kind).await? {
            found.push(message);
        }
        Ok(found)
    }

    #[tokio::test]
    async fn messages_end_where_they_say() {
        let text = "PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n";
        let found = read(Kind::Request, text).await.unwrap();
        let seen: Vec<_> =
            found.iter().map(|one| (one.method.as_str(), one.path.as_str(), one.body.as_slice())).collect();
        assert_eq!(seen, [("PUT", "/a", b"abc".as_slice()), ("GET", "/b", b"")]);
        assert_eq!(found.iter().flat_map(Message::bytes).collect::<Vec<_>>(), text.as_bytes());
    }

    #[tokio::test]
    async fn chunks_are_kept_as_they_travelled() {
        let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nHTTP/1.1 204 No\r\n\r\n";
        let found = read(Kind::Response, text).await.unwrap();
        assert_eq!(found.iter().map(|one| one.status).collect::<Vec<_>>(), [200, 204]);
        assert_eq!(found[0].body, b"3\r\nabc\r\n0\r\n\r\n");
    }

    #[tokio::test]
    async fn a_message_that_was_cut_is_an_error() {
        for text in ["HTTP/1.1 200 OK\r\nconte", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab"] {
            assert!(read(Kind::Response, text).await.is_err(), "{text}");
        }
    }
}
