//! The demo's entrance: a printed link that signs in without a password, under `--demo` only.

use super::pages::enter;
use crate::app::App;
use crate::demo;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, Path};
use crate::http::page::{Frame, show};
use crate::view::account::{DemoAccount, DemoPage};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// Nothing is here without the demo, or with a key that was not printed.
async fn check(app: &App, key: &str) -> Result<()> {
    if app.site.demo && demo::link_key(&app.store).await? == key { Ok(()) } else { Err(Error::NotFound) }
}

/// `GET /demo/{key}`: who one can be.
pub async fn entrance(State(app): State<App>, Path(key): Path<String>, Frame(page): Frame) -> Result<Response> {
    check(&app, &key).await?;
    let accounts = demo::SIGN_INS.iter().map(|sign_in| DemoAccount {
        email: sign_in.email.to_owned(),
        name: sign_in.name.to_owned(),
        role: crate::http::session::view_role(sign_in.role),
    });
    show(&DemoPage { page, key, accounts: accounts.collect() })
}

/// `POST /demo/{key}`: be one of them.
pub async fn sign_in(
    State(app): State<App>,
    Path(key): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    check(&app, &key).await?;
    let email = form.get("email");
    let known = demo::SIGN_INS.iter().any(|sign_in| sign_in.email == email);
    let found = if known { app.store.find_credentials(email).await? } else { None };
    let (account, _) = found.ok_or(Error::NotFound)?;
    let next = if account.role.is_staff() { "/admin" } else { "/dashboard" };
    enter(&app, account.id, &headers, next).await
}
