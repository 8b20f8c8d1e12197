//! The door: lets a request in, or tells whoever sent it when there will be room. Decided by the route's class and a cookie, before
//! anything is looked up; only the body has come by then (`arrival`).

use crate::admission::{LIFETIME, Pass};
use crate::app::App;
use crate::http::errors::{Error, Result, Waiting};
use crate::http::page::{local_path, return_to};
use crate::http::policy::Class;
use crate::http::{rates, session};
use axum::extract::Request;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, Uri};

/// A request without its body.
#[derive(Clone, Copy)]
pub(super) struct Head<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> Head<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let (method, uri) = (request.method(), request.uri());
        Self { method, uri, headers: request.headers(), extensions: request.extensions() }
    }
}

/// A request that was let in.
pub(super) struct Entered<'a> {
    /// To be kept until it has been answered.
    _pass: Pass<'a>,
    /// What the browser is to keep from now on.
    pub(super) cookie: Option<HeaderValue>,
}

/// Lets a request in.
pub(super) async fn enter<'a>(app: &'a App, class: Class, head: Head<'_>) -> Result<Entered<'a>> {
    let admission = &app.admission;
    if !app.site.admission {
        return Ok(Entered { _pass: Pass::free(), cookie: None });
    }
    if !is_of_a_person(class, head.uri) {
        let pass = admission.enter(class).await.map_err(|crowded| Error::Crowded(crowded.wait))?;
        return Ok(Entered { _pass: pass, cookie: None });
    }
    let (room, now) = (&admission.room, app.now());
    let name = room.cookie_name();
    let place = session::cookie(head.headers, &name).and_then(|cookie| room.read(cookie, now));
    let cookie = |place| session::set_named_cookie(&app.site, &name, &room.write(place), LIFETIME.as_secs());
    // Those who come now do not overtake those who wait.
    if place.map_or_else(|| room.waiting() == 0, |place| room.is_called(place)) {
        // Who was called has waited for it, and stands at the gate; who has just come is told at once. Who is in already waits long for
        // an exam only: their place is good for hours of looking around.
        let entered = match place {
            Some(place) if place.is_in() && class == Class::Browse => admission.enter(class).await,
            Some(_) => admission.enter_called(class).await,
            None => admission.enter_soon(class).await,
        };
        if let Ok(pass) = entered {
            return Ok(Entered { _pass: pass, cookie: place.and_then(|place| room.enters(place)).map(cookie) });
        }
        if let Some(place) = place {
            room.call_back(place);
        }
    } else {
        admission.count_refused(class);
    }
    let given = match place {
        Some(place) => Some(place),
        None => {
            let origin = rates::place_of(app, head.extensions, head.headers);
            app.rates.address(origin)?;
            app.rates.number(origin).then(|| room.give(now))
        }
    };
    // Whoever gets none waits as long as the next one would, and asks again.
    let place = given.unwrap_or_else(|| room.next(now));
    Err(Error::Waiting(Waiting {
        cookie: given.map(cookie),
        ahead: room.ahead(place),
        wait: room.wait(place),
        // An address of another host is none of ours.
        to: local_path(&return_to(head.method, head.uri)).to_owned(),
    }))
}

/// Whether a page is asked for that somebody comes to a sitting by.
fn is_of_a_person(class: Class, uri: &Uri) -> bool {
    matches!(class, Class::Start | Class::SignIn | Class::Browse) && !uri.path().starts_with("/api/")
}
