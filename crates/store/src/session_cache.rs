//! Sessions that were looked up, kept in memory until something changes about their account.
//!
//! A change made by this process counts at once. Those of others (the command line, another node) are read from the table
//! `account_changes` twice a second; a cache that has not been able to read it for a while trusts nothing it holds.

use crate::db::{Db, sql};
use crate::{Account, Result};
use exam::id::AccountId;
use exam::time::Timestamp;
use moka::sync::Cache;
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::{Instant, interval};

/// How many sessions are kept.
const SESSIONS: u64 = 100_000;
/// How often the changes of other processes are read.
const LOOK: Duration = Duration::from_millis(500);
/// For how long the cache is trusted without having read them: longer than an answer waits for a database that is away.
const TRUST: Duration = Duration::from_secs(15);
/// How many accounts with changes are remembered one by one; with more, all sessions are looked up anew.
const CHANGED: usize = 50_000;
/// How many changes back each look goes: on PostgreSQL, a number may become visible after a higher one has.
const OVERLAP: i64 = 1_000;

/// A session and its person, as they were at a moment.
#[derive(Debug, Clone)]
struct Entry {
    account: Arc<Account>,
    expires_at: Timestamp,
    /// The cache's count of changes when the row was read.
    seen_at: u64,
}

#[derive(Debug)]
struct State {
    /// How many changes have been heard of.
    count: u64,
    /// The latest change of each account, of those after `all_changed_at`.
    latest: HashMap<AccountId, u64>,
    /// What was read before this change is not used any more.
    all_changed_at: u64,
    /// The changes of other processes that have been heard of.
    heard: BTreeSet<i64>,
    /// When they were last read; None while nobody does.
    looked_at: Option<Instant>,
}

impl State {
    /// Notes a change. The memory of changes does not grow with all accounts that ever changed.
    fn note(&mut self, account: AccountId) {
        self.count += 1;
        if self.latest.len() >= CHANGED {
            self.latest = HashMap::new();
            self.all_changed_at = self.count;
        }
        self.latest.insert(account, self.count);
    }

    /// Whether nothing has changed about an account since a moment.
    fn is_unchanged(&self, account: AccountId, since: u64) -> bool {
        since >= self.all_changed_at && self.latest.get(&account).is_none_or(|change| *change <= since)
    }
}

/// The cache.
#[derive(Debug)]
pub(crate) struct SessionCache {
    entries: Cache<String, Entry>,
    state: RwLock<State>,
    watched: AtomicBool,
}

/// The count of changes before a row was read: what is put under it must have nothing newer against it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Before(u64);

impl SessionCache {
    pub(crate) fn new() -> Self {
        let state =
            State { count: 0, latest: HashMap::new(), all_changed_at: 0, heard: BTreeSet::new(), looked_at: None };
        Self { entries: Cache::new(SESSIONS), state: RwLock::new(state), watched: AtomicBool::new(false) }
    }

    /// The person of a session that is known and may be used.
    pub(crate) fn find(&self, token_hash: &str, now: Timestamp, demo: bool) -> Option<Arc<Account>> {
        let entry = self.entries.get(token_hash)?;
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let trusted = state.looked_at.is_some_and(|at| at.elapsed() < TRUST);
        let unchanged = state.is_unchanged(entry.account.id, entry.seen_at);
        let usable = entry.expires_at > now && (demo || !entry.account.demo);
        (trusted && unchanged && usable).then_some(entry.account)
    }

    /// To be called before a row is read that will be put.
    pub(crate) fn before(&self) -> Before {
        Before(self.state.read().unwrap_or_else(PoisonError::into_inner).count)
    }

    pub(crate) fn put(&self, token_hash: &str, account: Arc<Account>, expires_at: Timestamp, before: Before) {
        self.entries.insert(token_hash.to_owned(), Entry { account, expires_at, seen_at: before.0 });
    }

    /// To be called after a change of an account has been committed.
    pub(crate) fn forget(&self, account: AccountId) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.note(account);
    }

    /// Follows the changes of other processes from now on, until the store is gone.
    pub(crate) fn watch(self: &Arc<Self>, db: &Db) {
        if self.watched.swap(true, Ordering::Relaxed) {
            return;
        }
        let (cache, db) = (Arc::downgrade(self), db.clone());
        tokio::spawn(async move {
            let mut tick = interval(LOOK);
            loop {
                tick.tick().await;
                let Some(cache) = cache.upgrade() else { return };
                if db.is_closed() {
                    return;
                }
                // While the database is away, every request finds that out for itself.
                if let Err(error) = cache.look(&db).await {
                    tracing::debug!(%error, "changes of accounts cannot be read");
                }
            }
        });
    }

    async fn look(&self, db: &Db) -> Result<()> {
        let from = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            state.heard.last().map_or(0, |last| last.saturating_sub(OVERLAP))
        };
        // What changed before now and is not in this list is in a later one.
        let at = Instant::now();
        let rows: Vec<(i64, i64)> =
            db.all(sql!("SELECT id, account_id FROM account_changes WHERE id > $1 ORDER BY id"), (from,)).await?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for (id, account) in rows {
            if state.heard.insert(id) {
                state.note(AccountId(account));
            }
        }
        let oldest = state.heard.last().map_or(0, |last| last.saturating_sub(OVERLAP));
        state.heard = state.heard.split_off(&oldest);
        state.looked_at = Some(at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_any_number_of_accounts_take_bounded_memory_and_are_never_missed() {
        let mut state =
            State { count: 0, latest: HashMap::new(), all_changed_at: 0, heard: BTreeSet::new(), looked_at: None };
        let mut seen = Vec::new();
        for number in 0..3 * i64::try_from(CHANGED).expect("a number") {
            let account = AccountId(number);
            seen.push((account, state.count));
            state.note(account);
            assert!(state.latest.len() <= CHANGED);
            assert!(state.is_unchanged(account, state.count), "what is read afterwards is good");
        }
        for (account, before) in seen {
            assert!(!state.is_unchanged(account, before), "what was read before the change of {account:?} is not used");
        }
    }
}
