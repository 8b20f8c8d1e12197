//! An answer on its way: it tells its connection when it is there and when all of it has been handed over.

use super::activity::{Activity, Doing};
use super::course::Course;
use crate::http::at_hand::Coming;
use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, HeaderValue};
use hyper::Response;
use hyper::body::{Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// An answer that is awaited. A type of its own, since a connection can be taken apart only when its futures can be moved.
pub(super) struct Awaited {
    /// None when it has been given.
    answer: Option<Coming>,
    activity: Arc<Activity>,
    course: Arc<Course>,
}

impl Awaited {
    pub(super) fn new(answer: Coming, activity: Arc<Activity>, course: Arc<Course>) -> Self {
        activity.now(Doing::Answering);
        Self { answer: Some(answer), activity, course }
    }
}

impl Future for Awaited {
    type Output = Result<Response<Sent>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut answer = match &mut self.answer {
            Some(Coming::Routed(routed)) => ready!(Pin::new(routed).poll(cx))?,
            coming => match coming.take() {
                Some(Coming::AtHand(answer)) => answer,
                // Nobody asks again for what was given.
                _ => return Poll::Pending,
            },
        };
        if self.course.is_leaving() {
            // So the client knows that nothing more is answered here, and the connection ends with this answer.
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        self.activity.now(Doing::Sending);
        let activity = Arc::clone(&self.activity);
        Poll::Ready(Ok(answer.map(|body| Sent { body, activity })))
    }
}

/// The body of an answer: dropped when its last part has been handed over to be written, or when there is nothing to write.
pub(super) struct Sent {
    body: Body,
    activity: Arc<Activity>,
}

impl Drop for Sent {
    fn drop(&mut self) {
        if self.activity.doing() == Doing::Sending {
            self.activity.now(Doing::Ending);
        }
    }
}

impl hyper::body::Body for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
