//! The pages for signing up, in and out, and for the first admin's set-up.

use super::access_code;
use super::register::{self, Refused, Registration};
use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, MaybeSignedIn, Place, Query};
use crate::http::page::{Frame, local_path, show, show_with};
use crate::http::session::{self, NewSession, Shown};
use crate::password::PASSWORD_MIN;
use crate::token;
use crate::view::account::{SetUpPage, SignInPage, SignInReason, SignUpPage};
use crate::view::form::{Errors, Problem};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use exam::id::AccountId;
use store::{NewAccount, Role};

pub(super) fn password_min() -> i64 {
    i64::try_from(PASSWORD_MIN).unwrap_or(i64::MAX)
}

/// Begins a session and goes on to `next`.
pub(super) async fn enter(app: &App, account: AccountId, headers: &HeaderMap, next: &str) -> Result<Response> {
    Ok(entered(&session::begin(app, account, Shown::Nothing, headers).await?, next))
}

fn entered(session: &NewSession, next: &str) -> Response {
    ([(header::SET_COOKIE, session.cookie.clone())], Redirect::to(local_path(next))).into_response()
}

/// `GET /sign-up`
pub async fn sign_up_form(State(app): State<App>, Frame(page): Frame, query: Query) -> Result<Response> {
    if app.site.sign_up != crate::config::SignUp::Open {
        return Err(Error::SignUpClosed);
    }
    let next = query.get("next").unwrap_or("").to_owned();
    let (email, name) = (String::new(), String::new());
    show(&SignUpPage { page, email, name, next, password_min: password_min(), errors: Errors::default() })
}

/// `POST /sign-up`
pub async fn sign_up(
    State(app): State<App>,
    Place(place): Place,
    Frame(page): Frame,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let registration = Registration {
        email: form.get("email").to_owned(),
        name: form.get("name").to_owned(),
        password: form.get("password").to_owned(),
    };
    let next = form.get("next").to_owned();
    let (errors, refused) = match register::sign_up(&app, place, registration.clone()).await {
        Ok(account) => return enter(&app, account.id, &headers, &next).await,
        Err(Refused::Error(error)) => match register::problem_of(&error) {
            Some(problem) => (Errors::one("email", problem), Some(error)),
            None => return Err(error),
        },
        Err(Refused::Form(errors)) => (errors, None),
    };
    let Registration { email, name, .. } = registration;
    refused_form(refused, &SignUpPage { page, email, name, next, password_min: password_min(), errors })
}

/// A form that comes back with what was typed: because of what that was, or of who else came at the same time.
pub(super) fn refused_form(refused: Option<Error>, page: &impl askama::Template) -> Result<Response> {
    let Some(error) = refused else { return show_with(StatusCode::UNPROCESSABLE_ENTITY, page) };
    let mut response = show_with(error.status(), page)?;
    if let Some(retry_after) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after.into());
    }
    Ok(response)
}

/// `GET /sign-in`
pub async fn sign_in_form(
    MaybeSignedIn(signed_in): MaybeSignedIn,
    Frame(page): Frame,
    query: Query,
) -> Result<Response> {
    let next = query.get("next").unwrap_or("").to_owned();
    if signed_in.is_some() {
        return Ok(Redirect::to(local_path(&next)).into_response());
    }
    let reason = if query.get("signed-out").is_some() {
        Some(SignInReason::SignedOut)
    } else if query.get("is-set-up").is_some() {
        Some(SignInReason::IsSetUp)
    } else if query.get("new-password").is_some() {
        Some(SignInReason::NewPassword)
    } else {
        query.get("required").map(|_| SignInReason::Required)
    };
    let by_code = query.get("code").is_some();
    let (email, access_code) = (String::new(), String::new());
    let lets_go = query.get("beside").is_none();
    show(&SignInPage { page, email, access_code, by_code, next, reason, lets_go, errors: Errors::default() })
}

/// `POST /sign-in`, by address and password or by access code
pub async fn sign_in(
    State(app): State<App>,
    Place(place): Place,
    Frame(page): Frame,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let (email, access_code) = (form.get("email").to_owned(), form.get("access_code").to_owned());
    let next = form.get("next").to_owned();
    let by_code = form.has("access_code");
    let begun = async {
        if by_code {
            let checked = access_code::check(&app, place, &access_code).await?;
            let shown = Shown::AccessCode(&checked.code_hash);
            return Ok((session::begin(&app, checked.account.id, shown, &headers).await?, checked.account.role));
        }
        let checked = register::check_credentials(&app, place, &email, form.get("password").to_owned()).await?;
        let shown = Shown::Password(&checked.password_hash);
        Ok((session::begin(&app, checked.account.id, shown, &headers).await?, checked.account.role))
    };
    let (problem, refused) = match begun.await {
        Ok((session, role)) => {
            // Staff come for their area, unless they were on their way elsewhere.
            let next = if next.is_empty() && role != Role::Candidate { "/admin" } else { &next };
            return Ok(entered(&session, next));
        }
        Err(Error::WrongCredentials) => (Problem::WrongCredentials, None),
        Err(Error::WrongAccessCode) => (Problem::WrongAccessCode, None),
        Err(error) => match register::problem_of(&error) {
            Some(problem) => (problem, Some(error)),
            None => return Err(error),
        },
    };
    let errors = Errors::one(if by_code { "access_code" } else { "email" }, problem);
    refused_form(refused, &SignInPage { page, email, access_code, by_code, next, reason: None, lets_go: false, errors })
}

/// `POST /sign-out`
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let cookie = session::end(&app, &headers).await?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/sign-in?signed-out")).into_response())
}

/// Where a set-up link leads once there is an admin: most who open it then are that admin.
fn is_set_up() -> Response {
    Redirect::to("/sign-in?is-set-up&next=/admin").into_response()
}

/// `GET /setup?token=`: nothing to set up once there is an admin.
pub async fn set_up_form(State(app): State<App>, Frame(page): Frame, query: Query) -> Result<Response> {
    if app.store.has_admin().await? {
        return Ok(is_set_up());
    }
    let token = query.get("token").unwrap_or("").to_owned();
    let mut errors = Errors::default();
    if !app.store.setup_token_is_valid(&token::hash(&token), app.now()).await? {
        errors.add("token", Problem::SetUpLinkSpent);
    }
    let is_usable = errors.is_empty();
    let status = if is_usable { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (email, name) = (String::new(), String::new());
    show_with(status, &SetUpPage { page, token, is_usable, email, name, password_min: password_min(), errors })
}

/// `POST /setup`
pub async fn set_up(State(app): State<App>, Frame(page): Frame, headers: HeaderMap, form: Form) -> Result<Response> {
    if app.store.has_admin().await? {
        return Ok(is_set_up());
    }
    let registration = Registration {
        email: form.get("email").to_owned(),
        name: form.get("name").to_owned(),
        password: form.get("password").to_owned(),
    };
    let token = form.get("token").to_owned();
    match make_first_admin(&app, &registration, &token).await {
        Ok(account) => enter(&app, account, &headers, "/admin").await,
        Err(Refused::Error(error)) => Err(error),
        Err(Refused::Form(errors)) => {
            let Registration { email, name, .. } = registration;
            let page = SetUpPage { page, token, is_usable: true, email, name, password_min: password_min(), errors };
            show_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
    }
}

async fn make_first_admin(
    app: &App,
    registration: &Registration,
    token: &str,
) -> std::result::Result<AccountId, Refused> {
    let problems = registration.problems();
    if !problems.is_empty() {
        return Err(Refused::Form(problems));
    }
    let token_hash = token::hash(token);
    // Looked at before the costly hash; used up, and that is what counts, together with the insert.
    if !app.store.setup_token_is_valid(&token_hash, app.now()).await? {
        return Err(Refused::Form(Errors::one("token", Problem::SetUpLinkSpent)));
    }
    let hash = app.passwords.hash(registration.password.clone()).await?;
    let new = NewAccount {
        email: &registration.email,
        name: &registration.name,
        password_hash: &hash,
        role: Role::Admin,
        demo: false,
    };
    match app.store.use_setup_token(&token_hash, new, app.now()).await {
        Ok(Some(id)) => Ok(id),
        Ok(None) => Err(Refused::Form(Errors::one("token", Problem::SetUpLinkSpent))),
        Err(store::Error::Conflict(_)) => Err(Refused::Form(Errors::one("email", Problem::EmailTaken))),
        Err(error) => Err(error.into()),
    }
}
