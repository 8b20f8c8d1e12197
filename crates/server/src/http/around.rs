//! A layer made of an async function around what is inside it, as `axum::middleware::from_fn` makes them, but without boxing
//! the inner service and its future anew: a router boxes each of its services as it is, and every request pays for each box.

use axum::extract::Request;
use axum::response::Response;
use std::convert::Infallible;
use tower::{Layer, Service, layer::layer_fn, service_fn};

/// What answers requests, as routers want it.
pub trait Answers:
    Service<Request, Response = Response, Error = Infallible, Future: Send + 'static> + Clone + Send + Sync + 'static
{
}
impl<S> Answers for S where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// A layer whose service answers by `function`, which is given what is inside and the request.
pub(crate) fn around<S, F, Answer>(function: F) -> impl Layer<S, Service = impl Answers> + Clone + Send + Sync + 'static
where
    S: Answers,
    F: Fn(S, Request) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Response> + Send + 'static,
{
    layer_fn(move |inner: S| {
        let function = function.clone();
        service_fn(move |request: Request| {
            let answer = function(inner.clone(), request);
            async move { Ok::<_, Infallible>(answer.await) }
        })
    })
}
