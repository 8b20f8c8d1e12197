//! One connection: its requests one after the other, each within its deadlines, until it is idle for too long or the server stops.
//!
//! Between two requests a connection is at rest: nothing is kept of it but its socket and an alarm. hyper and its buffers (16 KiB)
//! are there from the first byte of a request until a moment after its answer.

use super::activity::{Activity, Doing, Watched};
use super::answer::Awaited;
use super::course::Course;
use super::{Limits, Peer};
use crate::http::at_hand::Front;
use axum::body::{Body, Bytes};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};

/// The most that is read of a request at once, in bytes, and the longest head.
const BUFFER: usize = 16 * 1024;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// By either side, in order or broken.
    Closed,
    /// By us, since it did this for too long.
    TooSlow(&'static str),
}

/// What became of a connection that was awake.
enum Slept<W> {
    /// Its answers have been sent, and nothing follows for now.
    AtRest(Rest<W>),
    Ended(Ended),
}

/// What is left of a connection at rest.
struct Rest<W> {
    stream: W,
    /// Since when it is idle.
    since: Instant,
    /// What came behind the last request: mostly nothing, else the beginning of the next one.
    ahead: Bytes,
}

/// What a connection runs over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin {
    /// Whether there is something to read, or the end. An error is found again by whoever reads.
    fn poll_wakes(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

impl Wire for TcpStream {
    fn poll_wakes(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_read_ready(cx).map(|_| ())
    }
}

/// Answers the requests of a connection that was taken at a moment.
pub(super) async fn hold<W: Wire>(
    stream: W,
    taken: Instant,
    peer: Peer,
    front: Front,
    limits: Arc<Limits>,
    mut course: Course,
    place: f64,
) -> Ended {
    let mut rest = Rest { stream, since: taken, ahead: Bytes::new() };
    let mut is_first = true;
    loop {
        let until = rest.since + if is_first { limits.head } else { limits.idle };
        tokio::select! {
            biased;
            () = rest.wakes() => {}
            () = course.idle_over(&limits, place) => return Ended::Closed,
            () = sleep_until(until) => {
                return if is_first { Ended::TooSlow("the head of a request") } else { Ended::Closed };
            }
        }
        let activity = Arc::new(Activity::begin(if is_first { taken } else { Instant::now() }));
        is_first = false;
        let io = Watched::new(rest.stream, rest.ahead, activity);
        // In a box, so that a connection at rest does not keep room for it.
        match Box::pin(awake(io, peer, front.clone(), &limits, &mut course)).await {
            Slept::AtRest(again) => rest = again,
            Slept::Ended(ended) => return ended,
        }
    }
}

impl<W: Wire> Rest<W> {
    /// Waits for the first byte of a request, or the end of the connection.
    async fn wakes(&mut self) {
        if self.ahead.is_empty() {
            poll_fn(|cx| self.stream.poll_wakes(cx)).await;
        }
    }
}

/// Answers requests from the first byte of one until nothing follows for a moment.
async fn awake<W: Wire>(io: Watched<W>, peer: Peer, front: Front, limits: &Limits, course: &mut Course) -> Slept<W> {
    let activity = Arc::clone(io.activity());
    let watched = Arc::clone(&activity);
    // Of its own: what all connections share would be fought for with every request.
    let going_by = Arc::new(course.clone());
    let answer = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        going_by.count();
        Awaited::new(front.answer(request, Body::new), Arc::clone(&watched), Arc::clone(&going_by))
    });
    let mut builder = http1::Builder::new();
    builder.max_buf_size(BUFFER).max_header_size(BUFFER);
    let mut connection = builder.serve_connection(TokioIo::new(io), answer);
    let mut stop = pin!(course.stopped());
    let mut alarm = pin!(sleep_until(activity.due(limits).unwrap_or_else(Instant::now)));
    let mut is_leaving = false;
    let ended = poll_fn(|cx| {
        loop {
            if Pin::new(&mut connection).poll(cx).is_ready() {
                return Poll::Ready(Some(Ended::Closed));
            }
            if !is_leaving && stop.as_mut().poll(cx).is_ready() {
                is_leaving = true;
                Pin::new(&mut connection).graceful_shutdown();
                continue;
            }
            // The alarm is set anew only when it would ring too late; when it rings too early, it is set to what is due then. A
            // connection that is busy costs an alarm four times a second.
            let due = activity.due(limits);
            if let Some(due) = due.filter(|due| *due < alarm.deadline()) {
                alarm.as_mut().reset(due);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            match due {
                Some(due) if due <= now => {
                    return match activity.doing() {
                        Doing::Head => Poll::Ready(Some(Ended::TooSlow("the head of a request"))),
                        Doing::Sending | Doing::Ending => Poll::Ready(Some(Ended::TooSlow("taking an answer"))),
                        Doing::Idle | Doing::Answering => Poll::Ready(None),
                    };
                }
                due => alarm.as_mut().reset(due.unwrap_or(now + limits.idle)),
            }
        }
    })
    .await;
    if let Some(ended) = ended {
        return Slept::Ended(ended);
    }
    // It has nothing under way: it ends at once, and gives the socket back as it is.
    Pin::new(&mut connection).graceful_shutdown();
    let has_ended = poll_fn(|cx| Poll::Ready(connection.poll_without_shutdown(cx))).await;
    let parts = connection.into_parts();
    match has_ended {
        Poll::Ready(Ok(())) => {
            let stream = parts.io.into_inner().into_stream();
            // Even when there is nothing in it, it would keep the whole buffer.
            let ahead = if parts.read_buf.is_empty() { Bytes::new() } else { parts.read_buf };
            Slept::AtRest(Rest { stream, since: activity.since(), ahead })
        }
        // The other side has gone in this moment.
        _ => Slept::Ended(Ended::Closed),
    }
}
