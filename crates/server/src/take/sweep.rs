//! The sweep: ends attempts whose time has run out, with what was saved.

use super::sitting;
use crate::app::App;
use crate::http::errors::Result;
use exam::attempt::{AttemptState, sweepable, swept_before};
use exam::time::Timestamp;

/// How many attempts one round ends, so that it never holds up what people do meanwhile.
const ROUND: i64 = 200;

/// Ends overdue attempts; how many. One that cannot be ended is logged and tried again in the next round; it does not keep
/// the others from being ended.
///
/// # Errors
/// When the overdue attempts cannot be listed.
pub async fn sweep(app: &App) -> Result<usize> {
    let now = app.now();
    let overdue = app.store.list_overdue(swept_before(now), ROUND).await?;
    let mut ended = 0;
    for public_id in overdue {
        match expire(app, &public_id, now).await {
            Ok(true) => ended += 1,
            Ok(false) => {}
            Err(error) => tracing::error!(attempt.id = %public_id, ?error, "an overdue attempt cannot be ended"),
        }
    }
    Ok(ended)
}

async fn expire(app: &App, public_id: &str, now: Timestamp) -> Result<bool> {
    let Some(attempt) = app.store.find_attempt_for_staff(public_id).await? else { return Ok(false) };
    // Looked at again, since the deadline may have been moved after the list was made.
    let Some(deadline) = attempt.deadline.filter(|deadline| sweepable(*deadline, now)) else { return Ok(false) };
    let exam = sitting::exam_of(app, &attempt).await?;
    sitting::end(app, &attempt, &exam, AttemptState::Expired, deadline).await?;
    Ok(true)
}
