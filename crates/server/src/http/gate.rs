//! What every request passes on its way in and out, in one layer: its id and time, the limit on how long it may take, a
//! panic of its handler, the error it ends with, the headers of the answer, and its line in the log.
//!
//! One layer instead of one for each of these: a layer of a router costs every request several allocations.

use crate::app::App;
use crate::http::errors::{Asked, Error};
use crate::http::trace::Traced;
use crate::http::{errors, security};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};
use tower::{Layer, Service};

/// The layer.
#[derive(Clone)]
pub struct Gate(pub App);

impl<S> Layer<S> for Gate {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Gated<S> {
        Gated { app: self.0.clone(), inner }
    }
}

/// What is behind the gate.
#[derive(Clone)]
pub struct Gated<S> {
    app: App,
    inner: S,
}

impl<S> Service<Request> for Gated<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let app = self.app.clone();
        let traced = Traced::begin(&app, &mut request);
        let asked = Asked::of(&request);
        // The panic itself is in the log already, with its place.
        let answer = std::panic::catch_unwind(AssertUnwindSafe(|| self.inner.call(request)));
        Box::pin(async move {
            let answered = match answer {
                // What was committed by then stays; the client repeats the request and is told so.
                Ok(answer) => {
                    tokio::time::timeout(app.site.request_timeout, AssertUnwindSafe(answer).catch_unwind()).await
                }
                Err(panicked) => Ok(Err(panicked)),
            };
            let response = match answered {
                Ok(Ok(response)) => response.unwrap_or_else(|never| match never {}),
                Ok(Err(_)) => Error::internal("a handler panicked").into_response(),
                Err(_) => Error::Busy.into_response(),
            };
            let mut response = errors::tell(&app, asked, &traced.id, response);
            security::secure(response.headers_mut());
            traced.end(&mut response);
            Ok(response)
        })
    }
}
