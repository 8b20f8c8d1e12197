//! One log line per request, and the request's id.
//!
//! The id and the time at which the head had been read are put on the request before anything else happens: that time
//! decides whether a save is in time. Logged are the route's template, never the address with its ids, and never who, what
//! or from where.

use crate::app::App;
use crate::http::policy::Class;
use crate::metrics::Metrics;
use axum::extract::Request;
use axum::http::{Extensions, HeaderValue, Method};
use axum::response::Response;
use std::sync::Arc;
use store::Arrival;

/// The server's time when it had read the head of the request.
#[derive(Debug, Clone, Copy)]
pub struct ReceivedAt(pub Arrival);

#[derive(Debug, Clone)]
struct RequestId(Arc<str>);

/// The request's id, for logs and error pages.
pub(crate) fn request_id(extensions: &Extensions) -> String {
    extensions.get::<RequestId>().map_or_else(|| "none".to_owned(), |id| id.0.to_string())
}

/// A request under way.
pub(super) struct Traced {
    pub(super) id: Arc<str>,
    pub(super) class: Class,
    arrival: Arrival,
}

impl Traced {
    /// To be called when the head has been read.
    pub(super) fn begin(app: &App, class: Class) -> Self {
        Self { arrival: Arrival::from(app.now()), id: app.chance.code().into(), class }
    }

    /// Puts the id and the time on the request, for whoever asks for them.
    pub(super) fn mark(&self, request: &mut Request) {
        request.extensions_mut().insert(ReceivedAt(self.arrival));
        request.extensions_mut().insert(RequestId(Arc::clone(&self.id)));
    }

    /// Writes the line, counts it, and puts the id on the response.
    pub(super) fn end(self, metrics: &Metrics, (method, route): (&Method, &str), response: &mut Response) {
        let took = self.arrival.since.elapsed();
        metrics.count(self.class, response.status(), took);
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let (status, id) = (response.status().as_u16(), &self.id);
        tracing::info!(request.id = %id, %method, route, status, took_ms, "request");
        if let Ok(value) = HeaderValue::from_str(id) {
            response.headers_mut().insert("x-request-id", value);
        }
    }
}
