//! Who may call a route, and how it is treated under load. Every route of the table names both.

use crate::app::App;
use crate::http::around::{Answers, around};
use crate::http::errors::{Error, Result};
use crate::http::{peer, rates, session, unsent};
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use store::Role;
use tower::{Layer, ServiceExt as _};

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Everybody; nobody's session is looked up.
    Public,
    /// Everybody; the page differs for those who are signed in.
    Anyone,
    /// Programs on this machine, and those that show METRICS_TOKEN.
    Machine,
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
            // Who may not is no matter of roles: see `admit`.
            Self::Public | Self::Anyone | Self::Machine => true,
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
    /// What watches the server: never refused.
    Probe = 0,
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

impl Class {
    /// All of them, by their numbers.
    pub const ALL: [Self; 7] =
        [Self::Probe, Self::Save, Self::Sitting, Self::Start, Self::SignIn, Self::Browse, Self::Report];

    /// Its name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Save => "save",
            Self::Sitting => "sitting",
            Self::Start => "start",
            Self::SignIn => "sign_in",
            Self::Browse => "browse",
            Self::Report => "report",
        }
    }
}

/// The class of each route, looked up for every request.
#[derive(Debug, Default)]
pub struct Classes(HashMap<&'static str, Vec<(Method, Class)>>);

impl Classes {
    /// Adds a line of the table.
    pub(crate) fn add(&mut self, path: &'static str, method: Method, class: Class) {
        self.0.entry(path).or_default().push((method, class));
    }

    /// The class of a request; that of browsing when there is no such route.
    #[must_use]
    pub fn of(&self, route: Option<&str>, method: &Method) -> Class {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let methods = route.and_then(|route| self.0.get(route));
        let found = methods.and_then(|methods| methods.iter().find(|(known, _)| known == method));
        found.map_or(Class::Browse, |(_, class)| *class)
    }
}

/// The layer of one route: only those reach it whom its policy admits.
pub(crate) fn enforce<S: Answers>(
    app: App,
    policy: Policy,
    class: Class,
) -> impl Layer<S, Service = impl Answers> + Clone + Send + Sync + 'static {
    around(move |inner, request| admit(app.clone(), (policy, class), inner, request))
}

async fn admit(app: App, (policy, class): (Policy, Class), inner: impl Answers, mut request: Request) -> Response {
    let signed_in = match find(&app, (policy, class), request.extensions(), request.headers()).await {
        Ok(signed_in) => signed_in,
        Err(error) => return Box::pin(unsent::refused(&app, class, error, request)).await,
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
        Box::pin(unsent::refused(&app, class, Error::SignedOut, request)).await
    };
    remember(response, signed_in)
}

/// Who asks, as far as the policy has to know; no more often than they may.
async fn find(
    app: &App,
    (policy, class): (Policy, Class),
    extensions: &Extensions,
    headers: &HeaderMap,
) -> Result<Option<session::SignedIn>> {
    let signed_in = match policy {
        Policy::Public => return Ok(None),
        Policy::Machine if peer::is_local(extensions, headers) || shows_token(app, headers) => return Ok(None),
        Policy::Machine => return Err(Error::Forbidden),
        _ => session::find(app, headers).await?,
    };
    match &signed_in {
        Some(person) => {
            app.presence.note(person.id(), app.now());
            // Saves are counted by attempt, where what was typed can be shown again.
            if class != Class::Save {
                app.rates.account(person.id())?;
            }
        }
        None => app.rates.address(rates::place_of(app, extensions, headers))?,
    }
    Ok(signed_in)
}

fn shows_token(app: &App, headers: &HeaderMap) -> bool {
    let shown = session::bearer(headers);
    app.site.metrics_token.as_ref().zip(shown).is_some_and(|(token, shown)| token.is(shown))
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
            (Policy::Machine, [true, true, true, true, true]),
            (Policy::SignedIn, [false, true, true, true, true]),
            (Policy::Staff, [false, false, true, true, true]),
            (Policy::Author, [false, false, true, false, true]),
            (Policy::Admin, [false, false, false, false, true]),
        ] {
            assert_eq!(columns.map(|role| policy.admits(role)), expected, "{policy:?}");
        }
    }
}
