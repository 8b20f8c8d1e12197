//! Who may call a route, and how it is treated under load. Every route of the table names both.

use crate::app::App;
use crate::http::errors::Error;
use crate::http::session;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use futures_util::future::BoxFuture;
use std::convert::Infallible;
use std::task::{Context, Poll};
use store::Role;
use tower::{Layer, Service};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Everybody; nobody's session is looked up.
    Public,
    /// Everybody; the page differs for those who are signed in.
    Anyone,
    /// Everybody who is signed in. What is somebody's own is found by their id only.
    SignedIn,
    /// Everybody but candidates.
    Staff,
    /// Those who write questions and exams.
    Author,
    /// Those who run the installation.
    Admin,
}

impl Policy {
    /// Whether a person of this role, or a guest, may call the route.
    #[must_use]
    pub fn admits(self, role: Option<Role>) -> bool {
        match self {
            Self::Public | Self::Anyone => true,
            Self::SignedIn => role.is_some(),
            Self::Staff => role.is_some_and(Role::is_staff),
            Self::Author => matches!(role, Some(Role::Author | Role::Admin)),
            Self::Admin => role == Some(Role::Admin),
        }
    }
}

/// How a route is treated when there is too much to do: those with the higher number are refused first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Saves and submits of running attempts.
    Save = 1,
    /// The pages of running attempts.
    Sitting = 2,
    /// Starts.
    Start = 3,
    /// Sign-in and sign-up.
    SignIn = 4,
    /// Browsing.
    Browse = 5,
    /// Reports, exports, imports.
    Report = 6,
}

/// The layer of one route.
#[derive(Clone)]
pub(crate) struct Enforce {
    pub(crate) app: App,
    pub(crate) policy: Policy,
}

impl<S> Layer<S> for Enforce {
    type Service = Enforced<S>;

    fn layer(&self, inner: S) -> Enforced<S> {
        Enforced { rule: self.clone(), inner }
    }
}

/// A handler that only those reach whom its policy admits.
#[derive(Clone)]
pub(crate) struct Enforced<S> {
    rule: Enforce,
    inner: S,
}

impl<S> Service<Request> for Enforced<S>
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
        let Enforce { app, policy } = self.rule.clone();
        // The one that was found ready is used up; its copy takes its place.
        let copy = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, copy);
        Box::pin(async move {
            if policy == Policy::Public {
                return inner.call(request).await;
            }
            let signed_in = match session::find(&app, request.headers()).await {
                Ok(signed_in) => signed_in,
                Err(error) => return Ok(error.into_response()),
            };
            let role = signed_in.as_ref().map(|signed_in| signed_in.0.role);
            if !policy.admits(role) {
                let error = if role.is_some() { Error::Forbidden } else { Error::SignedOut };
                return Ok(remember(error.into_response(), signed_in));
            }
            if let Some(signed_in) = &signed_in {
                request.extensions_mut().insert(signed_in.clone());
            }
            let response = inner.call(request).await?;
            Ok(remember(response, signed_in))
        })
    }
}

/// Error pages show who is signed in as well.
fn remember(mut response: Response, signed_in: Option<session::SignedIn>) -> Response {
    if let Some(signed_in) = signed_in.filter(|_| !response.status().is_success()) {
        response.extensions_mut().insert(signed_in);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_do_what_is_this_table() {
        let columns = [None, Some(Role::Candidate), Some(Role::Author), Some(Role::Invigilator), Some(Role::Admin)];
        for (policy, expected) in [
            (Policy::Public, [true, true, true, true, true]),
            (Policy::Anyone, [true, true, true, true, true]),
            (Policy::SignedIn, [false, true, true, true, true]),
            (Policy::Staff, [false, false, true, true, true]),
            (Policy::Author, [false, false, true, false, true]),
            (Policy::Admin, [false, false, false, false, true]),
        ] {
            assert_eq!(columns.map(|role| policy.admits(role)), expected, "{policy:?}");
        }
    }
}
