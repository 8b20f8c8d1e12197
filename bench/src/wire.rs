//! A kept connection of HTTP/1.1 without a library: what loads a server must cost little itself, or it is measured instead.

use std::io;
use std::net::{IpAddr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// What is read at once, in bytes: an answer mostly fits.
const READ: usize = 64 * 1024;
/// No head of ours is as long.
const HEAD_MAX: usize = 64 * 1024;

/// A connection on which one request follows the other, each after the answer to the one before.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    /// What has been read of the last answer.
    read: Vec<u8>,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    head: &'a str,
    pub(crate) body: &'a [u8],
}

impl Answer<'_> {
    /// The values of a header, in the order in which they came.
    pub(crate) fn headers<'a, 'b>(&'a self, name: &'b str) -> impl Iterator<Item = &'a str> + use<'a, 'b> {
        values(self.head, name)
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        values(self.head, name).next()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(self.body).unwrap_or_default()
    }

    /// Whether nothing more is answered on its connection.
    pub(crate) fn is_last(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

fn values<'a, 'b>(head: &'a str, name: &'b str) -> impl Iterator<Item = &'a str> + use<'a, 'b> {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

impl Wire {
    /// Connects, from an address of this machine where one is given.
    pub(crate) async fn connect(to: SocketAddr, from: Option<IpAddr>) -> io::Result<Self> {
        let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(from) = from {
            socket.bind((from, 0).into())?;
        }
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    /// Sends a request and waits for the whole answer, which must say how long it is.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.read.clear();
        let (head, length) = loop {
            self.read_more().await?;
            if let Some(head) = self.read.windows(4).position(|window| window == b"\r\n\r\n") {
                break (head, length(&self.read[..head])?);
            }
            if self.read.len() > HEAD_MAX {
                return Err(invalid("a head without an end"));
            }
        };
        let whole = head + 4 + length;
        while self.read.len() < whole {
            self.read_more().await?;
        }
        if self.read.len() > whole {
            return Err(invalid("more than was asked for"));
        }
        let text = std::str::from_utf8(&self.read[..head]).map_err(|_| invalid("a head that is no text"))?;
        let status = text.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| invalid("no status"))?;
        Ok(Answer { status, head: text, body: &self.read[head + 4..] })
    }

    async fn read_more(&mut self) -> io::Result<()> {
        self.read.reserve(READ);
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Gives back the memory of the last answer, for a connection that is kept for a while.
    pub(crate) fn rest(&mut self) {
        self.read = Vec::new();
    }
}

fn length(head: &[u8]) -> io::Result<usize> {
    let head = std::str::from_utf8(head).map_err(|_| invalid("a head that is no text"))?;
    let length = values(head, "content-length").next().map(str::parse);
    length.and_then(Result::ok).ok_or_else(|| invalid("an answer that does not say how long it is"))
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    /// Answers each request on one connection with the next of these, in the parts in which they are given.
    async fn says(answers: &'static [&'static [&'static str]]) -> Wire {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("it has one");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            for answer in answers {
                let mut request = [0; 1_024];
                assert!(stream.read(&mut request).await.expect("a request") > 0, "it has hung up");
                for part in *answer {
                    stream.write_all(part.as_bytes()).await.expect("a reader");
                    tokio::task::yield_now().await;
                }
            }
        });
        Wire::connect(address, Some([127, 0, 0, 9].into())).await.expect("it listens")
    }

    #[tokio::test]
    async fn answers_are_read_one_after_another_in_whatever_parts_they_come() {
        let mut wire = says(&[
            &[
                "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nset-cookie: b=2\r\ncontent-",
                "length: 4\r\n\r",
                "\nab",
                "cd",
            ],
            &["HTTP/1.1 303 See Other\r\nlocation: /x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"],
        ])
        .await;
        let answer = wire.ask(b"GET / HTTP/1.1\r\n\r\n").await.expect("an answer");
        assert_eq!((answer.status, answer.text(), answer.is_last()), (200, "abcd", false));
        assert_eq!(answer.headers("set-cookie").collect::<Vec<_>>(), ["a=1; Path=/", "b=2"]);
        let answer = wire.ask(b"GET / HTTP/1.1\r\n\r\n").await.expect("an answer");
        assert_eq!((answer.status, answer.header("Location"), answer.is_last()), (303, Some("/x"), true));
    }

    #[tokio::test]
    async fn an_answer_that_is_cut_off_or_too_long_or_of_unknown_length_is_none() {
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
        const SHORT: &[&[&str]] = &[&["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na"]];
        const LONG: &[&[&str]] = &[&["HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabc"]];
        const UNKNOWN: &[&[&str]] = &[&["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"]];
        for (answers, kind) in [
            (SHORT, io::ErrorKind::UnexpectedEof),
            (LONG, io::ErrorKind::InvalidData),
            (UNKNOWN, io::ErrorKind::InvalidData),
        ] {
            let mut wire = says(answers).await;
            let error = wire.ask(ok.as_bytes()).await.expect_err("it is no answer");
            assert_eq!(error.kind(), kind, "{error}");
        }
    }
}
