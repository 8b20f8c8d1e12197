//! Who is asking: a session by bearer token or cookie. The token is random and opaque; only its hash is stored.

use crate::app::{App, Site};
use crate::http::errors::{Error, Result};
use crate::token;
use crate::view::page::{Person, Role as ViewRole};
use axum::http::{HeaderMap, HeaderValue, header};
use exam::id::AccountId;
use std::sync::Arc;
use std::time::Duration;
use store::{Account, Role};

/// How long a session lasts: longer than any exam, so that nobody is signed out during one.
const LIFETIME: Duration = Duration::from_secs(14 * 24 * 3_600);

/// The person of the request.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Arc<Account>);

impl SignedIn {
    /// The account's id: the scope of every query about a person's own things.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.0.id
    }

    /// As pages show the person.
    #[must_use]
    pub fn person(&self) -> Person {
        Person { account: self.0.id.0, name: self.0.name.clone(), role: view_role(self.0.role) }
    }
}

/// The role as pages name it.
#[must_use]
pub fn view_role(role: Role) -> ViewRole {
    match role {
        Role::Candidate => ViewRole::Candidate,
        Role::Author => ViewRole::Author,
        Role::Invigilator => ViewRole::Invigilator,
        Role::Admin => ViewRole::Admin,
    }
}

fn cookie_name(site: &Site) -> &'static str {
    // Browsers only take the prefix over HTTPS, where it keeps subdomains from planting a cookie.
    if site.is_https() { "__Host-examhall_session" } else { "examhall_session" }
}

/// The bearer token of a request.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    // Other schemes are a proxy's business.
    authorization.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim())
}

/// The value of a cookie.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// The token a request carries. A bearer token wins over a cookie.
fn find_token<'a>(headers: &'a HeaderMap, site: &Site) -> Option<&'a str> {
    bearer(headers).or_else(|| cookie(headers, cookie_name(site)))
}

/// The hash by which the session that a request came with is stored.
#[must_use]
pub fn token_hash(site: &Site, headers: &HeaderMap) -> Option<String> {
    find_token(headers, site).map(token::hash)
}

/// The person of a session, if there is one and it may still be used.
///
/// # Errors
/// When the database fails: somebody signed in must never be taken for signed out.
pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>> {
    let Some(hash) = token_hash(&app.site, headers) else { return Ok(None) };
    let account = app.store.find_session(&hash, app.now(), app.site.demo).await?;
    Ok(account.map(SignedIn))
}

/// A session that has just begun.
pub struct NewSession {
    /// The token, for clients that send it themselves.
    pub token: String,
    /// The Set-Cookie header, for browsers.
    pub cookie: HeaderValue,
}

/// What somebody has just shown to sign in, and what must still be right when their session begins.
#[derive(Debug, Clone, Copy)]
pub enum Shown<'a> {
    /// Nothing: the account has just been made, or is the demo's.
    Nothing,
    /// A password, checked against this hash.
    Password(&'a str),
    /// An access code with this hash.
    AccessCode(&'a str),
}

/// Begins a session, and ends the one that the request came with: a token never outlives a sign-in.
///
/// # Errors
/// When the database fails; [`Error::WrongCredentials`] and [`Error::WrongAccessCode`] when what was shown is right no longer.
pub async fn begin(app: &App, account: AccountId, shown: Shown<'_>, headers: &HeaderMap) -> Result<NewSession> {
    end(app, headers).await?;
    let token = app.chance.token();
    let now = app.now();
    let (hash, expires_at) = (token::hash(&token), now.after(LIFETIME));
    match shown {
        Shown::Nothing => app.store.create_session(&hash, account, now, expires_at).await?,
        Shown::Password(checked) => {
            if !app.store.create_checked_session(&hash, account, checked, now, expires_at).await? {
                return Err(Error::WrongCredentials);
            }
        }
        Shown::AccessCode(code) => {
            if !app.store.create_session_by_code(&hash, code, now, expires_at).await? {
                return Err(Error::WrongAccessCode);
            }
        }
    }
    let cookie = set_cookie(&app.site, &token, LIFETIME.as_secs());
    Ok(NewSession { token, cookie })
}

/// Ends the session that a request came with; the Set-Cookie header that makes a browser forget it.
///
/// # Errors
/// When the database fails.
pub async fn end(app: &App, headers: &HeaderMap) -> Result<HeaderValue> {
    if let Some(hash) = token_hash(&app.site, headers) {
        app.store.delete_session(&hash).await?;
    }
    Ok(set_cookie(&app.site, "", 0))
}

fn set_cookie(site: &Site, value: &str, max_age_s: u64) -> HeaderValue {
    set_named_cookie(site, cookie_name(site), value, max_age_s)
}

/// The Set-Cookie header of a cookie that no script reads and no other site sends. The value must be one that a header holds.
#[must_use]
pub fn set_named_cookie(site: &Site, name: &str, value: &str, max_age_s: u64) -> HeaderValue {
    let secure = if site.is_https() { "; Secure" } else { "" };
    let cookie = format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    // Tokens are base64url: always a valid header.
    HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
}
