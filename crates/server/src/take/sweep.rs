//! The sweep: ends attempts whose time has run out, with what was saved.

use super::sitting;
use crate::app::App;
use crate::exams::pages::whole;
use crate::http::errors::{Error, Result};
use exam::attempt::{AttemptState, sweepable, swept_before};
use exam::time::Timestamp;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use std::panic::AssertUnwindSafe;
use store::Overdue;

/// How many attempts one sweep ends, so that it never holds up what people do meanwhile.
const ROUND: i64 = 200;
/// How many are ended at once, which is about as many as one transaction ends.
const AT_ONCE: usize = 16;
/// How many attempts that cannot be ended a sweep names in the log; of the others it tells the number.
const NAMED: usize = 20;

/// Ends overdue attempts, the longest overdue first; how many. One that cannot be ended is logged and tried again in the next
/// sweep. However many there are of them, the sweep goes on behind them: they do not keep the others from being ended. `is_over`
/// is asked before each few, since a server that stops must not go on for long.
///
/// # Errors
/// When the overdue attempts cannot be listed.
pub async fn sweep(app: &App, is_over: &(dyn Fn() -> bool + Sync)) -> Result<usize> {
    let now = app.now();
    let (mut ended, mut failed) = (0, 0);
    let mut last: Option<Overdue> = None;
    loop {
        let missing = ROUND.saturating_sub(whole(ended));
        let overdue = app.store.list_overdue(swept_before(now), last.as_ref(), missing).await?;
        for some in overdue.chunks(AT_ONCE) {
            if is_over() {
                return Ok(ended);
            }
            let all = some.iter().map(|attempt| expire(app, &attempt.public_id, now));
            let (mut busy, mut apart) = (false, false);
            for (attempt, expired) in some.iter().zip(join_all(all).await) {
                let id = &attempt.public_id;
                match expired {
                    Ok(true) => ended += 1,
                    Ok(false) => {}
                    Err(Error::ClocksApart) => apart = true,
                    Err(Error::Busy) => {
                        tracing::warn!(attempt.id = %id, "an overdue attempt could not be ended yet");
                        busy = true;
                    }
                    Err(error) => {
                        failed += 1;
                        if failed <= NAMED {
                            tracing::error!(attempt.id = %id, ?error, "an overdue attempt cannot be ended");
                        }
                    }
                }
            }
            // Some may be too much for the database, which concerns them alone. When it is away, it is for all of them, and each
            // would wait for it. The next sweep comes in a second.
            if apart || (busy && app.store.ping().await.is_err()) {
                return Ok(ended);
            }
        }
        let is_last = whole(overdue.len()) < missing;
        last = overdue.into_iter().last();
        if is_last || whole(ended) >= ROUND {
            break;
        }
    }
    if failed > NAMED {
        tracing::error!(more = failed - NAMED, "more overdue attempts cannot be ended");
    }
    Ok(ended)
}

/// Ends one attempt, if it is still to be ended. A defect of ours costs only this one.
async fn expire(app: &App, public_id: &str, now: Timestamp) -> Result<bool> {
    let expiring = AssertUnwindSafe(expire_if_due(app, public_id, now)).catch_unwind();
    expiring.await.unwrap_or_else(|_| Err(Error::internal("ending an attempt panicked")))
}

async fn expire_if_due(app: &App, public_id: &str, now: Timestamp) -> Result<bool> {
    let Some(attempt) = app.store.find_attempt_for_staff(public_id).await? else { return Ok(false) };
    // Looked at again, since the deadline may have been moved after the list was made.
    let Some(deadline) = attempt.deadline.filter(|deadline| sweepable(*deadline, now)) else { return Ok(false) };
    let exam = sitting::exam_of(app, &attempt).await?;
    sitting::end(app, &attempt, &exam, AttemptState::Expired, deadline).await?;
    Ok(true)
}
