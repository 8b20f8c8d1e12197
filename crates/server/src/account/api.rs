//! `/api/v1/accounts` and `/api/v1/session`.

use super::access_code::{self, CheckedCode};
use super::register::{self, Checked, Refused, Registration};
use crate::app::App;
use crate::http::errors::{Error, FieldProblem, Result};
use crate::http::extract::{Json, Place};
use crate::http::session::{self, Shown, SignedIn};
use crate::messages::Language;
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

/// The body of `POST /api/v1/session`: address and password, or an access code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CredentialsBody {
    email: Option<String>,
    password: Option<String>,
    access_code: Option<String>,
}

/// What somebody signs in with.
enum Credentials {
    Password { email: String, password: String },
    AccessCode(String),
}

impl CredentialsBody {
    fn credentials(self) -> Result<Credentials> {
        let problem = |field: &str, detail: &str| FieldProblem { pointer: format!("/{field}"), detail: detail.into() };
        match self {
            Self { email: None, password: None, access_code: Some(code) } => Ok(Credentials::AccessCode(code)),
            Self { email: Some(email), password: Some(password), access_code: None } => {
                Ok(Credentials::Password { email, password })
            }
            Self { email, password, access_code: None } => {
                let missing = [("email", email.is_none()), ("password", password.is_none())];
                let missing = missing.into_iter().filter(|(_, is_missing)| *is_missing);
                Err(Error::Invalid(missing.map(|(field, _)| problem(field, "This field is missing.")).collect()))
            }
            Self { access_code: Some(_), .. } => {
                let detail = "Send an access code alone, or an address and a password.";
                Err(Error::Invalid(vec![problem("access_code", detail)]))
            }
        }
    }
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
    // The API is for programs, whose people may be anybody: it is in English.
    let page = Page::new(&app.shell, Language::English, None, "", None);
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
    let session = session::begin(&app, account.id, Shown::Nothing, &headers).await?;
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
    let (account, session) = match body.credentials()? {
        Credentials::Password { email, password } => {
            let Checked { account, password_hash } = register::check_credentials(&app, place, &email, password).await?;
            let session = session::begin(&app, account.id, Shown::Password(&password_hash), &headers).await?;
            (account, session)
        }
        Credentials::AccessCode(code) => {
            let CheckedCode { account, code_hash } = access_code::check(&app, place, &code).await?;
            let session = session::begin(&app, account.id, Shown::AccessCode(&code_hash), &headers).await?;
            (account, session)
        }
    };
    let body = SessionBody { account: AccountBody::from(&account), token: session.token };
    Ok(([(header::SET_COOKIE, session.cookie)], axum::Json(body)).into_response())
}

/// `GET /api/v1/session`: who is signed in.
pub async fn signed_in(person: SignedIn) -> axum::Json<AccountBody> {
    axum::Json(AccountBody::from(&*person.0))
}

/// `DELETE /api/v1/session`: signs out.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response> {
    let cookie = session::end(&app, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}
