//! Answers that are at hand: the same for everybody, and in memory as the bytes that are sent. They are given without the router, whose way
//! costs more than they do; what the gate does to every request is done to these as well. Whatever is not at hand goes to the router,
//! which answers the same addresses.

use crate::app::App;
use crate::exams;
use crate::http::policy::Classes;
use crate::http::trace::Traced;
use crate::http::{assets, security};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use axum::routing::future::RouteFuture;
use std::convert::Infallible;
use std::sync::Arc;
use tower::Service as _;

/// What the router's table calls the addresses of which something may be at hand. They are public, and no page that somebody comes to a
/// sitting by: nobody waits for them in the waiting room.
const FILE: &str = "/static/{version}/{*path}";
const LIST: &str = "/api/v1/exams";

/// What answers requests: first what is at hand, then the router.
#[derive(Clone)]
pub struct Front {
    router: Router,
    at_hand: Option<(App, Arc<Classes>)>,
}

impl From<Router> for Front {
    /// Nothing is at hand.
    fn from(router: Router) -> Self {
        Self { router, at_hand: None }
    }
}

/// An answer, or where it is to come from.
pub(super) enum Coming {
    /// It is there.
    AtHand(Response),
    /// The router is at it.
    Routed(RouteFuture<Infallible>),
}

impl Front {
    /// Of a router whose routes have these classes.
    pub(crate) fn new(router: Router, app: App, classes: Arc<Classes>) -> Self {
        Self { router, at_hand: Some((app, classes)) }
    }

    /// Answers a request, or has it answered. The body is not touched before the router has it.
    pub(super) fn answer<B>(&self, request: axum::http::Request<B>, body: impl FnOnce(B) -> Body) -> Coming {
        if *request.method() == Method::GET
            && let Some((app, classes)) = &self.at_hand
            && let Some(answer) = at_hand(app, classes, request.uri().path(), request.headers())
        {
            return Coming::AtHand(answer);
        }
        let request: Request = request.map(body);
        Coming::Routed(self.router.clone().call(request))
    }
}

/// The answer to a GET, if it is at hand and there is room for it.
fn at_hand(app: &App, classes: &Classes, path: &str, headers: &HeaderMap) -> Option<Response> {
    let (route, mut answer) = if let Some(file) = path.strip_prefix("/static/") {
        let (version, name) = file.split_once('/')?;
        (FILE, assets::answer(app, version, name, headers)?)
    } else if path == LIST {
        (LIST, exams::api::list_at_hand(app, headers)?)
    } else {
        return None;
    };
    let class = classes.of(Some(route), &Method::GET);
    // Where there is none, the router knows how to wait for it.
    let _pass = app.admission.enter_at_once(class)?;
    let traced = Traced::begin(app, class);
    security::secure(&app.content_policy, &mut answer);
    traced.end(&app.metrics, (&Method::GET, route), &mut answer);
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::policy::{Class, Policy};
    use crate::routes::table;

    #[test]
    fn what_may_be_at_hand_is_public_and_stands_in_the_table() {
        for (path, class) in [(FILE, Class::Sitting), (LIST, Class::Browse)] {
            let line = table().into_iter().find(|line| line.path == path).expect("it stands in the table");
            assert_eq!((line.policy, line.class, line.method), (Policy::Public, class, Method::GET), "{path}");
        }
    }
}
