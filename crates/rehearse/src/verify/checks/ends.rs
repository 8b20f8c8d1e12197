//! How an attempt ended, against what was promised at its end.

use super::Checked;
use crate::verify::{Promise, Violation};
use exam::answer::digest;
use exam::attempt::{AttemptState, sweepable};
use exam::time::Timestamp;
use std::time::Duration;

/// How long the sweep may take to come by.
const SWEEP_COMES: Duration = Duration::from_secs(30);
/// How many attempts it ends in a second at the least: half of what one sweep does, and there is one a second.
const SWEPT_A_SECOND: u64 = 100;

/// How long the sweep may take until it has ended so many attempts whose time ran out at once.
pub(super) fn sweep_takes(attempts: u64) -> Duration {
    SWEEP_COMES.saturating_add(Duration::from_secs(attempts / SWEPT_A_SECOND))
}

impl Checked<'_> {
    /// An attempt that is open although the sweep has had `takes` to end it, from when it might.
    pub(super) fn overdue(&self, now: Timestamp, takes: Duration) -> Option<Violation> {
        let deadline = self.attempt.deadline.filter(|_| !self.attempt.state.is_finished())?;
        let is_left = sweepable(deadline, now.before(takes));
        is_left.then(|| {
            let late = now.since(deadline).as_secs();
            let what = format!("it is still open {late} s after its deadline; nothing ends it while no server runs");
            self.violation(Promise::EndedInTime, None, what)
        })
    }

    /// What was promised at the end against what the attempt says now.
    pub(super) fn receipts(&self, ledger_is_complete: bool) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut tell = |what: String| found.push(self.violation(Promise::ReceiptIsFinal, None, what));
        let (answered, folded) = (self.answers.len(), digest(&self.attempt.public_id, &self.answers));
        for receipt in &self.sitting.receipts {
            if receipt.state != self.attempt.state.name() {
                tell(format!("the receipt says {}, the attempt is {}", receipt.state, self.attempt.state.name()));
            }
            if usize::try_from(receipt.answered) != Ok(answered) {
                tell(format!("the receipt counts {} answers, the log has {answered}", receipt.answered));
            }
            if receipt.digest != folded {
                tell("the digest of the receipt is not that of the answers in the log".into());
            }
        }
        let is_submitted = self.attempt.state == AttemptState::Submitted;
        if ledger_is_complete && is_submitted && !self.sitting.handing_in {
            tell("the attempt is submitted and nobody handed it in".into());
        }
        let is_expired = self.attempt.state == AttemptState::Expired;
        if is_expired && (self.attempt.deadline.is_none() || self.attempt.submitted_at != self.attempt.deadline) {
            tell("the attempt was ended by the clock, and not at its deadline".into());
        }
        // A receipt that nobody received binds as well.
        if self.attempt.state.is_finished() {
            if self.attempt.digest.as_deref() != Some(&folded) {
                tell("the digest of the attempt is not that of the answers in the log".into());
            }
            match self.attempt.answered {
                Some(told) if usize::try_from(told) == Ok(answered) => {}
                Some(told) => tell(format!("the attempt counts {told} answers, the log has {answered}")),
                None => tell(format!("the attempt does not say how many answers it has, the log has {answered}")),
            }
        }
        found
    }
}
