//! What a connection is doing, and since when: told by what is read from it and written to it.

use super::Limits;
use axum::body::Bytes;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// For how long an idle connection keeps its buffers, in case the next request follows at once. Candidates think for longer.
const REST_AFTER: Duration = Duration::from_millis(250);

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Nothing: every answer has been sent whole.
    Idle,
    /// Sending the head of a request.
    Head,
    /// Waiting for an answer: what limits that is the request's own deadline.
    Answering,
    /// Taking an answer.
    Sending,
    /// Taking the rest of an answer, all of which has been made.
    Ending,
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
    /// Of a connection whose next head is awaited, since a moment.
    pub(super) fn begin(since: Instant) -> Self {
        Self { begun: since, doing: AtomicU8::new(Doing::Head as u8), since: AtomicU64::new(0) }
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
            doing if doing == Doing::Sending as u8 => Doing::Sending,
            doing if doing == Doing::Ending as u8 => Doing::Ending,
            _ => Doing::Answering,
        }
    }

    /// Since when it does what it does.
    pub(super) fn since(&self) -> Instant {
        self.begun + Duration::from_millis(self.since.load(Ordering::Relaxed))
    }

    /// Until when it may go on with what it does.
    pub(super) fn due(&self, limits: &Limits) -> Option<Instant> {
        let limit = match self.doing() {
            Doing::Idle => limits.idle.min(REST_AFTER),
            Doing::Sending | Doing::Ending => limits.idle,
            Doing::Head => limits.head,
            Doing::Answering => return None,
        };
        Some(self.since() + limit)
    }
}

/// A connection that notes when bytes come and go.
pub(super) struct Watched<W> {
    stream: W,
    /// What has been read of it before.
    ahead: Bytes,
    activity: Arc<Activity>,
}

impl<W> Watched<W> {
    pub(super) fn new(stream: W, ahead: Bytes, activity: Arc<Activity>) -> Self {
        Self { stream, ahead, activity }
    }

    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    pub(super) fn into_stream(self) -> W {
        self.stream
    }

    fn wrote(&self, written: &Poll<io::Result<usize>>) {
        // An answer that is being taken is no idleness, however long it is.
        let doing = self.activity.doing();
        if matches!(written, Poll::Ready(Ok(1..))) && matches!(doing, Doing::Sending | Doing::Ending) {
            self.activity.now(doing);
        }
    }
}

impl<W: AsyncRead + Unpin> AsyncRead for Watched<W> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            let part = self.ahead.len().min(buffer.remaining());
            buffer.put_slice(&self.ahead.split_to(part));
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before && self.activity.doing() == Doing::Idle {
            self.activity.now(Doing::Head);
        }
        read
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Watched<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(&written);
        written
    }

    /// Called when everything that was to be written has been.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.activity.doing() == Doing::Ending {
            self.activity.now(Doing::Idle);
        }
        Poll::Ready(Ok(()))
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
