//! `/api/v1/accounts` and `/api/v1/session`.

use super::register::{self, Checked, Refused, Registration};
use crate::app::App;
use crate::http::errors::{Error, FieldProblem, Result};
use crate::http::extract::{Json, Place};
use crate::http::session;
use crate::view::form::{Errors, Problem};
use crate::view::page::Page;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use exam::time::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Account, Role};

/// An account as its owner sees it.
#[derive(Debug, Serialize)]
pub struct AccountBody {
    id: String,
    email: String,
    name: String,
    role: Role,
    created_at: Timestamp,
}

impl From<&Account> for AccountBody {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.to_string(),
            email: account.email.clone(),
            name: account.name.clone(),
            role: account.role,
            created_at: account.created_at,
        }
    }
}

/// The body of `POST /api/v1/accounts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAccountBody {
    email: String,
    name: String,
    password: String,
}

/// The body of `POST /api/v1/session`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialsBody {
    email: String,
    password: String,
}

/// The answer of `POST /api/v1/session`.
#[derive(Serialize)]
struct SessionBody {
    account: AccountBody,
    token: String,
}

/// The problems of a form as the API tells them.
fn field_problems(app: &App, errors: &Errors) -> Error {
    if errors.iter().any(|error| error.problem == Problem::EmailTaken) {
        return Error::EmailTaken;
    }
    let page = Page::new(&app.shell, None, "", None);
    let problems = errors
        .iter()
        .map(|error| FieldProblem { pointer: format!("/{}", error.field), detail: error.problem.text(&page) });
    Error::Invalid(problems.collect())
}

/// `POST /api/v1/accounts`: signs up and in.
pub async fn create(
    State(app): State<App>,
    Place(place): Place,
    headers: HeaderMap,
    Json(body): Json<NewAccountBody>,
) -> Result<Response> {
    let registration = Registration { email: body.email, name: body.name, password: body.password };
    let account = register::sign_up(&app, place, registration).await.map_err(|refused| match refused {
        Refused::Form(errors) => field_problems(&app, &errors),
        Refused::Error(error) => error,
    })?;
    let session = session::begin(&app, account.id, None, &headers).await?;
    let body = axum::Json(AccountBody::from(&account));
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, session.cookie)], body).into_response())
}

/// `POST /api/v1/session`: signs in.
pub async fn sign_in(
    State(app): State<App>,
    Place(place): Place,
    headers: HeaderMap,
    Json(body): Json<CredentialsBody>,
) -> Result<Response> {
    let Checked { account, password_hash } =
        register::check_credentials(&app, place, &body.email, body.password).await?;
    let session = session::begin(&app, account.id, Some(&password_hash), &headers).await?;
    let body = SessionBody { account: AccountBody::from(&account), token: session.token };
    Ok(([(header::SET_COOKIE, session.cookie)], axum::Json(body)).into_response())
}

/// `DELETE /api/v1/session`: signs out.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let cookie = session::end(&app, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
