//! One connection: its requests one after the other, each within its deadlines, until it is idle for too long or the server stops.

use super::Limits;
use super::activity::{Activity, Doing, Watched};
use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tower::Service as _;

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

/// Answers the requests of a connection.
pub(super) async fn hold(
    stream: TcpStream,
    activity: Arc<Activity>,
    router: Router,
    limits: Arc<Limits>,
    mut stopping: watch::Receiver<bool>,
) -> Ended {
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
    let watched = Arc::clone(&activity);
    let answer = service_fn(move |request: Request<Incoming>| {
        watched.now(Doing::Answering);
        let (answer, watched) = (router.clone().call(request.map(Body::new)), Arc::clone(&watched));
        async move {
            let answer = answer.await;
            watched.now(Doing::Idle);
            answer
        }
    });
    let mut builder = http1::Builder::new();
    builder.max_buf_size(BUFFER).max_header_size(BUFFER);
    let mut connection = pin!(builder.serve_connection(io, answer));
    let mut stop = pin!(super::stopped(&mut stopping));
    let mut alarm = pin!(sleep_until(activity.due(&limits).unwrap_or_else(Instant::now)));
    let mut is_leaving = false;
    poll_fn(|cx| {
        loop {
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Ended::Closed);
            }
            if !is_leaving && stop.as_mut().poll(cx).is_ready() {
                is_leaving = true;
                connection.as_mut().graceful_shutdown();
                continue;
            }
            // The alarm is set anew only when it would ring too late; when it rings too early, it is set to what is due then. A
            // connection that is busy costs one alarm a minute.
            let due = activity.due(&limits);
            if let Some(due) = due.filter(|due| *due < alarm.deadline()) {
                alarm.as_mut().reset(due);
            }
            if alarm.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            let now = Instant::now();
            match due {
                Some(due) if due <= now => match activity.doing() {
                    Doing::Head => return Poll::Ready(Ended::TooSlow("the head of a request")),
                    Doing::Idle | Doing::Answering => {
                        connection.as_mut().graceful_shutdown();
                        // Nothing keeps an idle one; what is left is an answer that is not taken.
                        let is_closed = connection.as_mut().poll(cx).is_ready();
                        let ended = if is_closed { Ended::Closed } else { Ended::TooSlow("taking an answer") };
                        return Poll::Ready(ended);
                    }
                },
                due => alarm.as_mut().reset(due.unwrap_or(now + limits.idle)),
            }
        }
    })
    .await
}
