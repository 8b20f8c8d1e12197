//! Carrying out a plan.

use crate::candidate::{self, Hall};
use crate::ledger::Writer;
use crate::plan::Plan;
use crate::progress::{Progress, Signal};
use crate::report::Report;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Runs a rehearsal to its end: the plan's duration, and until the last paper is handed in. `progress` shows how it stands
/// and ends it sooner. The ledger is not closed: it may serve several runs.
///
/// A server that goes away in the middle is waited for, see [`crate::plan::Retry`].
pub async fn run(plan: Plan, ledger: Arc<Writer>, progress: Arc<Progress>) -> Report {
    let hall = Arc::new(Hall::new(plan, Arc::clone(&ledger), Arc::clone(&progress)));
    let mut candidates = JoinSet::new();
    for number in 0..hall.plan.users {
        let (hall, mut signal) = (Arc::clone(&hall), progress.listen());
        candidates.spawn(async move {
            tokio::select! {
                // The sender lives as long as the run.
                _ = signal.wait_for(|signal| *signal == Signal::Stop) => {}
                () = candidate::take_part(&hall, number) => {}
            }
        });
    }
    let mut died = 0;
    while let Some(ended) = candidates.join_next().await {
        died += u64::from(ended.is_err());
    }
    if died > 0 {
        // A defect of ours; nobody may take what is left for a whole run.
        hall.measure.part(0, |part| part.unexpected.insert("candidate_panicked".into(), died));
    }
    Report::of(&hall.plan, &hall.measure, &progress, ledger.problem())
}
