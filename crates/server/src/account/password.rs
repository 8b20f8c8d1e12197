//! Passwords that are replaced: by the person, who knows the old one, and by a one-time link that an admin hands over.

use super::pages::{password_min, refused_form};
use super::register::{self, Checked};
use crate::app::App;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, Place, Query};
use crate::http::page::{Frame, show, show_with};
use crate::http::session::{self, SignedIn};
use crate::token;
use crate::view::account::{ChangePasswordPage, NewPasswordPage, PasswordLink};
use crate::view::form::{Errors, Problem};
use crate::view::page::Page;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use exam::id::AccountId;
use std::net::IpAddr;
use std::time::Duration;
use store::PasswordChange;

/// How long a link to set a new password works.
pub const LINK_LIFETIME: Duration = Duration::from_secs(24 * 3_600);

/// The hash of the session that a request came with, if passwords may be changed from it.
///
/// # Errors
/// [`Error::ByAccessCode`] for a session that began with an access code: whoever sits at that machine need not know any password.
async fn own_session(app: &App, headers: &HeaderMap) -> Result<String> {
    let hash = session::token_hash(&app.site, headers).ok_or(Error::SignedOut)?;
    if app.store.session_began_by_code(&hash).await? { Err(Error::ByAccessCode) } else { Ok(hash) }
}

/// What is wrong with a password that is to take the place of another one: the rules of signing up, which have no other to tell it from.
fn new_password_problem(password: &str, about: &[&str]) -> Option<Problem> {
    register::password_problem(password, about).map(|problem| match problem {
        Problem::PasswordMissing => Problem::NewPasswordMissing,
        problem => problem,
    })
}

/// `GET /account/password`
pub async fn change_form(
    State(app): State<App>,
    person: SignedIn,
    Frame(page): Frame,
    headers: HeaderMap,
    query: Query,
) -> Result<Response> {
    own_session(&app, &headers).await?;
    let (email, is_changed) = (person.0.email.clone(), query.get("changed").is_some());
    show(&ChangePasswordPage { page, email, is_changed, password_min: password_min(), errors: Errors::default() })
}

/// `POST /account/password`
pub async fn change(
    State(app): State<App>,
    person: SignedIn,
    Place(place): Place,
    Frame(page): Frame,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let own_session = own_session(&app, &headers).await?;
    let (current, new) = (form.get("current_password"), form.get("new_password"));
    let mut errors = Errors::default();
    if current.is_empty() {
        errors.add("current_password", Problem::CurrentPasswordMissing);
    }
    if let Some(problem) = new_password_problem(new, &[&person.0.email, &person.0.name]) {
        errors.add("new_password", problem);
    } else if new == current {
        errors.add("new_password", Problem::PasswordUnchanged);
    }
    let mut refused = None;
    if errors.is_empty() {
        match replace(&app, place, &person, &own_session, (current.to_owned(), new.to_owned())).await {
            Ok(()) => return Ok(Redirect::to("/account/password?changed").into_response()),
            Err(Error::WrongCredentials) => errors.add("current_password", Problem::WrongPassword),
            Err(error) => match register::problem_of(&error) {
                Some(problem) => {
                    errors.add("current_password", problem);
                    refused = Some(error);
                }
                None => return Err(error),
            },
        }
    }
    let email = person.0.email.clone();
    let page = ChangePasswordPage { page, email, is_changed: false, password_min: password_min(), errors };
    refused_form(refused, &page)
}

/// Replaces the password of somebody who knows the current one. A try counts like one to sign in, since a session that was stolen
/// must not be a way to guess the password.
async fn replace(
    app: &App,
    place: IpAddr,
    person: &SignedIn,
    own_session: &str,
    (current, new): (String, String),
) -> Result<()> {
    let Checked { account, password_hash } = register::check_credentials(app, place, &person.0.email, current).await?;
    let new = app.passwords.hash(new).await?;
    let change = PasswordChange { account: account.id, session: own_session, checked: &password_hash, new: &new };
    // Another one was set while these were hashed: the one that was checked is the current one no longer.
    if app.store.change_password(change, app.now()).await? { Ok(()) } else { Err(Error::WrongCredentials) }
}

/// Makes a link by which a person sets a new password, and ends the earlier one: the end of its address, to be put behind that of the
/// site. None when the account may not sign in.
///
/// # Errors
/// When the database fails; [`store::Error::BeyondDemo`] when a demo account asks for it of one that is none.
pub async fn make_link(app: &App, account: AccountId, actor: AccountId) -> store::Result<Option<String>> {
    let (token, now) = (app.chance.token(), app.now());
    let (hash, expires_at) = (token::hash(&token), now.after(LINK_LIFETIME));
    let made = app.store.create_password_link(account, &hash, expires_at, Some(actor), now).await?;
    Ok(made.then(|| format!("/new-password?token={token}")))
}

/// A link that may be used now.
async fn find_link(app: &App, query: &Query) -> Result<Option<PasswordLink>> {
    let token = query.get("token").unwrap_or("").to_owned();
    let account = app.store.find_by_password_link(&token::hash(&token), app.now(), app.site.demo).await?;
    Ok(account.map(|account| PasswordLink { token, email: account.email }))
}

fn shown(page: Page, link: Option<PasswordLink>, errors: Errors) -> NewPasswordPage {
    NewPasswordPage { page, link, password_min: password_min(), errors }
}

/// A link that is used up, too old, replaced, or none.
fn spent(page: Page) -> Result<Response> {
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &shown(page, None, Errors::default()))
}

/// `GET /new-password?token=`
pub async fn new_form(State(app): State<App>, Frame(page): Frame, query: Query) -> Result<Response> {
    match find_link(&app, &query).await? {
        Some(link) => show(&shown(page, Some(link), Errors::default())),
        None => spent(page),
    }
}

/// `POST /new-password?token=`: the token stands in the address here too, so that whoever has to wait before the door comes back to
/// the form.
pub async fn set_new(State(app): State<App>, Frame(page): Frame, query: Query, form: Form) -> Result<Response> {
    // Looked at before the costly hash; used up, and that is what counts, together with the change.
    let Some(link) = find_link(&app, &query).await? else { return spent(page) };
    let password = form.get("password");
    if let Some(problem) = new_password_problem(password, &[&link.email]) {
        return refused_form(None, &shown(page, Some(link), Errors::one("password", problem)));
    }
    match set(&app, &link.token, password.to_owned()).await {
        Ok(true) => Ok(Redirect::to("/sign-in?new-password").into_response()),
        Ok(false) => spent(page),
        Err(error) => match register::problem_of(&error) {
            Some(problem) => refused_form(Some(error), &shown(page, Some(link), Errors::one("password", problem))),
            None => Err(error),
        },
    }
}

/// Sets a password by a link. Ok(false) when the link is right no longer.
async fn set(app: &App, token: &str, password: String) -> Result<bool> {
    let new = app.passwords.hash(password).await?;
    Ok(app.store.use_password_link(&token::hash(token), &new, app.now(), app.site.demo).await?)
}
