//! What a connection is doing, and since when: told by what is read from it and written to it.

use super::Limits;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Nothing, or taking the rest of an answer.
    Idle,
    /// Sending the head of a request.
    Head,
    /// Waiting for an answer: what limits that is the request's own deadline.
    Answering,
}

/// What a connection is doing, and since when. All of a connection runs in one task: nothing here is contended.
#[derive(Debug)]
pub(super) struct Activity {
    begun: Instant,
    doing: AtomicU8,
    /// Milliseconds after `begun`.
    since: AtomicU64,
}

impl Activity {
    /// Of a new connection, whose first head is awaited.
    pub(super) fn begin() -> Self {
        Self { begun: Instant::now(), doing: AtomicU8::new(Doing::Head as u8), since: AtomicU64::new(0) }
    }

    pub(super) fn now(&self, doing: Doing) {
        let since = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.doing.store(doing as u8, Ordering::Relaxed);
        self.since.store(since, Ordering::Relaxed);
    }

    pub(super) fn doing(&self) -> Doing {
        match self.doing.load(Ordering::Relaxed) {
            doing if doing == Doing::Idle as u8 => Doing::Idle,
            doing if doing == Doing::Head as u8 => Doing::Head,
            _ => Doing::Answering,
        }
    }

    /// Until when it may go on with what it does.
    pub(super) fn due(&self, limits: &Limits) -> Option<Instant> {
        let limit = match self.doing() {
            Doing::Idle => limits.idle,
            Doing::Head => limits.head,
            Doing::Answering => return None,
        };
        Some(self.begun + Duration::from_millis(self.since.load(Ordering::Relaxed)) + limit)
    }
}

/// A connection that notes when bytes come and go.
pub(super) struct Watched {
    stream: TcpStream,
    activity: Arc<Activity>,
}

impl Watched {
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn wrote(&self, written: &Poll<io::Result<usize>>) {
        // An answer that is being taken is no idleness, however long it is.
        if matches!(written, Poll::Ready(Ok(1..))) && self.activity.doing() == Doing::Idle {
            self.activity.now(Doing::Idle);
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before && self.activity.doing() == Doing::Idle {
            self.activity.now(Doing::Head);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.wrote(&written);
        written
    }
}
