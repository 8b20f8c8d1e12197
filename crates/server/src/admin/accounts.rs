//! Accounts, for admins: the list, new ones, and what one may do.

use super::{attempts, cursor, filter};
use crate::account::password;
use crate::account::register::{self, Refused, Registration};
use crate::app::App;
use crate::exams::pages::{moment, whole};
use crate::http::errors::{Error, Result};
use crate::http::extract::{Form, Path, Query};
use crate::http::page::{Frame, base_address, show, show_with};
use crate::http::session::{SignedIn, view_role};
use crate::password::PASSWORD_MIN;
use crate::view::admin::{AccountPage, AccountRow, AccountsPage, Done, NewAccount};
use crate::view::form::{Errors, Problem};
use crate::view::page::{Page, Role as ViewRole};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use exam::id::{AccountId, AttemptId};
use store::{Account, AccountFilter, AttemptFilter, Role};

/// How many accounts or attempts a page lists.
const PAGE: i64 = 50;

fn row(account: &Account) -> AccountRow {
    AccountRow {
        id: account.id.to_string(),
        name: account.name.clone(),
        email: account.email.clone(),
        role: view_role(account.role),
        disabled: account.disabled_at.is_some(),
        created_at: moment(account.created_at),
    }
}

fn new_account(form: &Form, errors: Errors) -> NewAccount {
    NewAccount {
        email: form.get("email").to_owned(),
        name: form.get("name").to_owned(),
        role: ViewRole::from_name(form.get("role")).unwrap_or(ViewRole::Candidate),
        password_min: whole(PASSWORD_MIN),
        errors,
    }
}

async fn accounts_page(app: &App, page: Page, query: &Query, form: NewAccount) -> Result<AccountsPage> {
    let role = query.get("role").and_then(Role::from_name);
    let wanted =
        AccountFilter { text: filter(query, "search"), role, limit: PAGE, before: cursor(query)?.map(AccountId) };
    let list = app.store.list_accounts(&wanted).await?;
    Ok(AccountsPage {
        page,
        search: wanted.text,
        role: role.map(view_role),
        accounts: list.accounts.iter().map(row).collect(),
        total: list.total,
        next_cursor: list.next.map(|id| id.to_string()),
        form,
        done: None,
    })
}

/// `GET /admin/accounts?search=&role=&cursor=`
pub async fn list(State(app): State<App>, Frame(page): Frame, query: Query) -> Result<Response> {
    let form = new_account(&Form(Vec::new()), Errors::default());
    show(&accounts_page(&app, page, &query, form).await?)
}

/// `POST /admin/accounts`
pub async fn create(State(app): State<App>, person: SignedIn, Frame(page): Frame, form: Form) -> Result<Response> {
    let registration = Registration {
        email: form.get("email").to_owned(),
        name: form.get("name").to_owned(),
        password: form.get("password").to_owned(),
    };
    let errors = match Role::from_name(form.get("role")) {
        Some(role) => match register::create(&app, registration, role, Some(person.id())).await {
            Ok(account) => {
                return Ok(Redirect::to(&format!("/admin/accounts/{}?done=created", account.id)).into_response());
            }
            Err(Refused::Form(errors)) => errors,
            Err(Refused::Error(error)) => return Err(error),
        },
        None => {
            let mut errors = registration.problems();
            errors.add("role", Problem::NotOffered);
            errors
        }
    };
    let typed = new_account(&form, errors);
    let page = accounts_page(&app, page, &Query(Vec::new()), typed).await?;
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The account of an address.
async fn find(app: &App, id: &str) -> Result<Account> {
    let id = id.parse().map(AccountId).map_err(|_| Error::NotFound)?;
    app.store.find_account(id).await?.ok_or(Error::NotFound)
}

async fn account_page(
    app: &App,
    page: Page,
    person: &SignedIn,
    account: &Account,
    query: &Query,
    errors: Errors,
) -> Result<AccountPage> {
    let before = cursor(query)?.map(AttemptId);
    let wanted = AttemptFilter { account: Some(account.id), limit: PAGE, before, ..AttemptFilter::default() };
    let list = app.store.list_attempts(&wanted).await?;
    Ok(AccountPage {
        page,
        account: row(account),
        is_self: account.id == person.id(),
        attempts: attempts::rows(app, list.attempts).await?,
        next_cursor: list.next.map(|id| id.to_string()),
        password_link: None,
        errors,
        done: query.get("done").and_then(|name| done(name, account)),
    })
}

fn done(name: &str, account: &Account) -> Option<Done> {
    Some(match name {
        "created" => Done::AccountCreated(account.email.clone()),
        "role" => Done::RoleChanged,
        "disabled" => Done::AccountDisabled,
        "enabled" => Done::AccountEnabled,
        _ => return None,
    })
}

/// `GET /admin/accounts/{id}?cursor=`
pub async fn account(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    query: Query,
) -> Result<Response> {
    let account = find(&app, &id).await?;
    show(&account_page(&app, page, &person, &account, &query, Errors::default()).await?)
}

/// `POST /admin/accounts/{id}/role`
pub async fn change_role(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    form: Form,
) -> Result<Response> {
    let account = find(&app, &id).await?;
    let Some(role) = Role::from_name(form.get("role")) else {
        return account_again(&app, page, &person, &account, Problem::NotOffered).await;
    };
    let changed = app.store.set_role(account.id, role, Some(person.id()), app.now()).await;
    answer(&app, page, &person, &account, changed, "role").await
}

/// `POST /admin/accounts/{id}/disable`
pub async fn disable(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
) -> Result<Response> {
    let account = find(&app, &id).await?;
    let changed = app.store.set_disabled(account.id, true, Some(person.id()), app.now()).await;
    answer(&app, page, &person, &account, changed, "disabled").await
}

/// `POST /admin/accounts/{id}/enable`
pub async fn enable(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
) -> Result<Response> {
    let account = find(&app, &id).await?;
    let changed = app.store.set_disabled(account.id, false, Some(person.id()), app.now()).await;
    answer(&app, page, &person, &account, changed, "enabled").await
}

/// `POST /admin/accounts/{id}/password-link`: the account, with the link. Asked for once more, it shows another one.
pub async fn make_password_link(
    State(app): State<App>,
    Path(id): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    headers: HeaderMap,
) -> Result<Response> {
    let account = find(&app, &id).await?;
    // One's own password is changed by who knows it: a session that is left open is no way to another one.
    if account.id == person.id() {
        return Err(Error::Forbidden);
    }
    match password::make_link(&app, account.id, person.id()).await {
        Ok(Some(link)) => {
            let mut shown = account_page(&app, page, &person, &account, &Query(Vec::new()), Errors::default()).await?;
            shown.done = Some(Done::PasswordLinkMade);
            shown.password_link = Some(format!("{}{link}", base_address(&app.site, &headers)));
            show(&shown)
        }
        Ok(None) => account_again(&app, page, &person, &account, Problem::LinkOfDisabled).await,
        Err(store::Error::BeyondDemo) => account_again(&app, page, &person, &account, Problem::BeyondDemo).await,
        Err(error) => Err(error.into()),
    }
}

/// Back to the account after a change, or the account with why it was refused.
async fn answer(
    app: &App,
    page: Page,
    person: &SignedIn,
    account: &Account,
    changed: store::Result<bool>,
    done: &str,
) -> Result<Response> {
    match changed {
        Ok(true) => Ok(Redirect::to(&format!("/admin/accounts/{}?done={done}", account.id)).into_response()),
        Ok(false) => Err(Error::NotFound),
        // The page offers nobody to lock out themselves, so that this form was made by hand.
        Err(store::Error::LockOut) if account.id == person.id() => Err(Error::Forbidden),
        Err(store::Error::LockOut) => account_again(app, page, person, account, Problem::LastAdmin).await,
        Err(store::Error::BeyondDemo) => account_again(app, page, person, account, Problem::BeyondDemo).await,
        Err(error) => Err(error.into()),
    }
}

async fn account_again(
    app: &App,
    page: Page,
    person: &SignedIn,
    account: &Account,
    problem: Problem,
) -> Result<Response> {
    let errors = Errors::one("role", problem);
    let page = account_page(app, page, person, account, &Query(Vec::new()), errors).await?;
    show_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
