//! Who may call a route, and how it is treated under load. Every route of the table names both.

use crate::app::App;
use crate::http::around::{Answers, around};
use crate::http::errors::Error;
use crate::http::session;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use store::Role;
use tower::{Layer, ServiceExt as _};

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

/// The layer of one route: only those reach it whom its policy admits.
pub(crate) fn enforce<S: Answers>(
    app: App,
    policy: Policy,
) -> impl Layer<S, Service = impl Answers> + Clone + Send + Sync + 'static {
    around(move |inner, request| admit(app.clone(), policy, inner, request))
}

async fn admit(app: App, policy: Policy, inner: impl Answers, mut request: Request) -> Response {
    let signed_in = match policy {
        Policy::Public => None,
        _ => match session::find(&app, request.headers()).await {
            Ok(signed_in) => signed_in,
            Err(error) => return error.into_response(),
        },
    };
    let role = signed_in.as_ref().map(|signed_in| signed_in.0.role);
    let response = if policy.admits(role) {
        if let Some(signed_in) = &signed_in {
            request.extensions_mut().insert(signed_in.clone());
        }
        let Ok(response) = inner.oneshot(request).await;
        response
    } else if role.is_some() {
        Error::Forbidden.into_response()
    } else {
        Error::SignedOut.into_response()
    };
    remember(response, signed_in)
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
