//! Rehearsal candidates straight in the database: accounts that nobody can sign in to, with sessions that end by themselves.
//!
//! Their addresses are `rehearsal-N@example.invalid`; no mail is ever delivered there (RFC 2606).

use exam::id::AccountId;
use exam::time::Timestamp;
use std::sync::Arc;
use store::{AccountFilter, NewAccount, PublishedExam, Role, Store};
use tokio::task::JoinSet;

/// How many accounts are made beside each other.
const AT_ONCE: usize = 16;

/// What an account is made with, from the caller's source of chance.
#[derive(Clone)]
pub struct Secret {
    /// The token of its session.
    pub token: String,
    /// The token as it is stored.
    pub token_hash: String,
    /// A password hash that no password fits.
    pub password_hash: String,
}

/// A candidate who is ready.
#[derive(Clone, PartialEq, Eq)]
pub struct Ready {
    /// The token of the session.
    pub token: String,
    /// The address of the account.
    pub email: String,
}

/// Makes so many candidates who can start the exam, each with a session until `until`. Those of an earlier call serve again, as
/// long as the exam allows them another attempt. `done` is told how many are ready.
///
/// # Errors
/// When the database fails; the same call again goes on.
pub async fn prepare(
    store: &Store,
    exam: &Arc<PublishedExam>,
    count: usize,
    (now, until): (Timestamp, Timestamp),
    mut secret: impl FnMut() -> Secret,
    mut done: impl FnMut(usize),
) -> store::Result<Vec<Ready>> {
    let mut ready: Vec<Ready> = Vec::with_capacity(count);
    let mut next = 1;
    while ready.len() < count {
        let mut making = JoinSet::new();
        for number in (next..).take(AT_ONCE.min(count - ready.len())) {
            let (store, exam, secret) = (store.clone(), Arc::clone(exam), secret());
            making.spawn(async move { (number, make(&store, &exam, number, (now, until), secret).await) });
            next = number + 1;
        }
        let mut made = making.join_all().await;
        made.sort_unstable_by_key(|(number, _)| *number);
        for (_, candidate) in made {
            ready.extend(candidate?);
        }
        done(ready.len());
    }
    Ok(ready)
}

/// One candidate; None for somebody who has no attempt left, or is no candidate.
async fn make(
    store: &Store,
    exam: &PublishedExam,
    number: usize,
    (now, until): (Timestamp, Timestamp),
    secret: Secret,
) -> store::Result<Option<Ready>> {
    let (email, name) = (format!("rehearsal-{number}@example.invalid"), format!("Rehearsal {number}"));
    let account = match store.find_credentials(&email).await? {
        Some((account, _)) => account,
        None => {
            let password_hash = &secret.password_hash;
            let new = NewAccount { email: &email, name: &name, password_hash, role: Role::Candidate, demo: false };
            store.create_account(new, None, now).await?
        }
    };
    if account.role != Role::Candidate || !may_start(store, exam, account.id).await? {
        return Ok(None);
    }
    if account.disabled_at.is_some() {
        store.set_disabled(account.id, false, None, now).await?;
    }
    store.create_session(&secret.token_hash, account.id, now, until).await?;
    Ok(Some(Ready { token: secret.token, email }))
}

async fn may_start(store: &Store, exam: &PublishedExam, account: AccountId) -> store::Result<bool> {
    let Some(allowed) = exam.summary.settings.attempts else { return Ok(true) };
    let id = exam.summary.exam_id;
    Ok(store.count_attempts(id, account).await? < i64::from(allowed)
        || store.find_open_attempt(id, account).await?.is_some())
}

/// Disables all rehearsal candidates, those who signed up over the API included, which ends their sessions; how many there
/// were. What they wrote stays, as it does for everybody.
///
/// # Errors
/// When the database fails; the same call again goes on.
pub async fn disable(store: &Store, now: Timestamp) -> store::Result<usize> {
    let mut filter =
        AccountFilter { text: "@example.invalid".into(), role: Some(Role::Candidate), limit: 200, before: None };
    let mut disabled = 0;
    loop {
        let page = store.list_accounts(&filter).await?;
        for account in &page.accounts {
            let is_ours = account.email.starts_with("rehearsal-") && account.email.ends_with("@example.invalid");
            if is_ours && account.disabled_at.is_none() {
                store.set_disabled(account.id, true, None, now).await?;
                disabled += 1;
            }
        }
        let Some(next) = page.next else { return Ok(disabled) };
        filter.before = Some(next);
    }
}
