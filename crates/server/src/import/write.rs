//! Writing what was planned.

use super::{BankInfo, Plan};
use exam::id::AccountId;
use exam::time::Timestamp;
use store::{Bank, Store, Upsert};

/// How many questions are written in one transaction: saves of running attempts wait for no longer than that.
const PIECE: usize = 100;

/// The database failed on the way. What was written stays; the same import again completes it.
#[derive(Debug, thiserror::Error)]
#[error("{cause}; questions written before that: {written}; importing again writes the rest")]
pub struct Interrupted {
    /// How many questions had been written.
    pub written: usize,
    /// Why it went no further.
    #[source]
    pub cause: store::Error,
}

/// Finds the bank with a slug, or makes it with what a file says about it.
///
/// # Errors
/// When the database fails.
pub async fn find_or_create_bank(
    store: &Store,
    slug: &str,
    info: Option<&BankInfo>,
    actor: Option<AccountId>,
    now: Timestamp,
) -> store::Result<Bank> {
    if let Some(bank) = store.find_bank(slug).await? {
        return Ok(bank);
    }
    let title = info.map(|info| info.title.trim()).filter(|title| !title.is_empty()).unwrap_or(slug);
    let mut description = info.map_or_else(String::new, |info| info.description.trim().to_owned());
    if let Some(licence) = info.map(|info| info.licence.trim()).filter(|licence| !licence.is_empty()) {
        // A bank has no field for it, and terms of use must not be lost.
        description = format!("{description} Licence: {licence}.").trim().to_owned();
    }
    match store.create_bank(slug, title, &description, actor, now).await {
        // Somebody else has just made it.
        Err(store::Error::Conflict(cause)) => store.find_bank(slug).await?.ok_or(store::Error::Conflict(cause)),
        made => made,
    }
}

/// Writes the questions of a plan to a bank, in pieces. One outcome per question, in their order.
///
/// # Errors
/// When the database fails on the way.
pub async fn write(
    store: &Store,
    bank: &Bank,
    plan: &Plan,
    actor: Option<AccountId>,
    now: Timestamp,
) -> Result<Vec<Upsert>, Interrupted> {
    let mut outcomes = Vec::with_capacity(plan.questions.len());
    for piece in plan.questions.chunks(PIECE) {
        match store.upsert_questions(bank, piece, actor, now).await {
            Ok(written) => outcomes.extend(written),
            Err(cause) => return Err(Interrupted { written: outcomes.len(), cause }),
        }
    }
    Ok(outcomes)
}
