//! The operations of a transaction's saves: judged, appended in one statement, and told apart from what the log had before.

use super::batch::{Append, Content, Grown, Held, Identity, Known, content};
use super::job::{Outcome, Written};
use super::meter::Meter;
use crate::answers::{Rejection, SaveOutcome, Saved};
use crate::db::{LogSize, Tx};
use crate::{Controls, Result};
use exam::answer::Operation;
use exam::attempt::{AttemptState, Verdict, judge};
use exam::id::{AccountId, AttemptId};
use exam::time::Timestamp;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

/// The operations of one job.
pub(super) struct Incoming<'a> {
    /// Its place among the jobs.
    pub(super) place: usize,
    pub(super) attempt: AttemptId,
    pub(super) account: AccountId,
    pub(super) operations: &'a [Operation],
    pub(super) received_at: Timestamp,
    /// Whether the record of an ended attempt has none of them.
    pub(super) is_evidence: bool,
    /// Whether something that was given later counts already.
    pub(super) is_overtaken: bool,
}

/// An operation on its way.
enum Pending {
    /// At this place among those to be appended, if the log does not have it.
    Appended(usize),
    /// Not to be appended, since the log is full or another one of this transaction has its number; but the log may have it.
    Sought(Identity, Content),
}

fn saved(outcome: SaveOutcome, held: &Held) -> Option<Outcome> {
    Some(Outcome::Saved(Written::Saved(Saved { outcome, deadline: held.deadline })))
}

/// What the saves of a transaction share.
pub(super) struct Saves<'a> {
    pub(super) held: &'a HashMap<AttemptId, Held>,
    pub(super) meter: &'a Meter,
    pub(super) grown: Grown,
    /// Attempts of which some operations were there before, so that `grown` says too much.
    pub(super) repeated: BTreeSet<AttemptId>,
    /// Attempts of which forms wait for another transaction, though they came before.
    pub(super) forms_elsewhere: &'a BTreeSet<AttemptId>,
    pub(super) controls: Controls,
}

impl Saves<'_> {
    /// Judges and appends operations, and notes what came of each job.
    pub(super) async fn write<'o>(
        &mut self,
        tx: &mut Tx,
        saves: impl Iterator<Item = Incoming<'o>>,
        outcomes: &mut [Option<Outcome>],
    ) -> Result<()> {
        let mut appends = Appends::default();
        let mut waiting = Vec::new();
        for save in saves {
            let Some(held) = self.held.get(&save.attempt).filter(|held| held.account == save.account) else { continue };
            if save.operations.iter().any(|operation| operation.writer > held.pen_holder) {
                outcomes[save.place] = saved(SaveOutcome::UnknownWriter, held);
                continue;
            }
            // What an ended attempt holds is in its record. Reading that is nothing to keep others waiting for.
            if held.state.is_finished() && !save.is_evidence {
                outcomes[save.place] = Some(Outcome::Saved(Written::Sealed(held.deadline, Vec::new())));
                continue;
            }
            // As it is stored, and later sealed: what is escaped in JSON is longer than what was typed.
            let contents: Vec<Content> = save.operations.iter().map(content).collect();
            let bytes = contents.iter().filter_map(|(_, response)| response.as_ref()).map(String::len).sum();
            let size = LogSize { operations: contents.len(), bytes };
            let has_room = self.meter.has_room(save.attempt, &self.grown, size);
            let deadline = held.deadline.filter(|_| !self.controls.has_no_deadline());
            let mut pending = Vec::with_capacity(save.operations.len());
            for (operation, content) in save.operations.iter().zip(contents) {
                let identity = (save.attempt, operation.writer, operation.seq);
                let verdict = if held.state.is_finished() {
                    Verdict::Late
                } else {
                    let is_checked = held.checked.contains(operation.question);
                    match judge(deadline, save.received_at, operation.writer, held.pen_holder, is_checked) {
                        Verdict::Counted if save.is_overtaken => Verdict::Superseded,
                        verdict => verdict,
                    }
                };
                let way = if has_room {
                    appends.take(identity, content, verdict, save.received_at)
                } else {
                    Pending::Sought(identity, content)
                };
                pending.push((operation.seq, way));
            }
            if has_room {
                let grown = self.grown.entry(save.attempt).or_default();
                *grown = grown.plus(size);
            }
            waiting.push((save.place, held, pending));
        }
        let sought = waiting.iter().flat_map(|(_, _, pending)| pending).filter_map(|(_, pending)| match pending {
            Pending::Sought(identity, _) => Some(*identity),
            _ => None,
        });
        let sought: Vec<Identity> = sought.collect();
        let judged = appends.write(tx, sought, self.controls).await?;
        if judged.written != judged.rows.len() {
            self.repeated.extend(judged.rows.iter().map(|((attempt, ..), ..)| *attempt));
        }
        for (place, held, pending) in waiting {
            outcomes[place] = saved(judged.outcome(pending, held.state), held);
        }
        Ok(())
    }
}

/// Operations to be appended, each identity once.
#[derive(Default)]
struct Appends {
    rows: Vec<Append>,
    places: HashMap<Identity, usize>,
}

impl Appends {
    fn take(&mut self, identity: Identity, content: Content, verdict: Verdict, received_at: Timestamp) -> Pending {
        let (attempt, writer, seq) = identity;
        let (question, response) = content;
        match self.places.entry(identity) {
            Entry::Vacant(place) => {
                place.insert(self.rows.len());
                self.rows.push(Append { attempt, writer, seq, question, response, verdict, received_at });
                Pending::Appended(self.rows.len() - 1)
            }
            Entry::Occupied(place) => {
                let row = &mut self.rows[*place.get()];
                if (row.question, &row.response) != (question, &response) {
                    return Pending::Sought(identity, (question, response));
                }
                // Of two copies, the one that came in time counts.
                if row.verdict == Verdict::Late && verdict == Verdict::Counted {
                    (row.verdict, row.received_at) = (verdict, received_at);
                }
                Pending::Appended(*place.get())
            }
        }
    }

    async fn write(self, tx: &mut Tx, sought: Vec<Identity>, controls: Controls) -> Result<Judged> {
        let count = self.rows.len();
        let mut rows: Vec<(Identity, Content, Verdict)> = Vec::with_capacity(count);
        rows.extend(self.rows.iter().map(|row| {
            let identity = (row.attempt, row.writer, row.seq);
            (identity, (row.question, row.response.clone()), row.verdict)
        }));
        let written = if count == 0 { 0 } else { tx.append(self.rows).await? };
        // Some were there before: what the log has under their identities decides.
        let some_were_there = written != count && !controls.has_no_replay_check();
        let mut asked = sought;
        if some_were_there {
            asked.extend(rows.iter().map(|(identity, _, _)| *identity));
        }
        let known = if asked.is_empty() { Known::new() } else { tx.known(&asked).await? };
        Ok(Judged { written, rows, known })
    }
}

/// What the log has now.
struct Judged {
    written: usize,
    rows: Vec<(Identity, Content, Verdict)>,
    known: Known,
}

impl Judged {
    fn outcome(&self, pending: Vec<(i64, Pending)>, state: AttemptState) -> SaveOutcome {
        let mut acknowledged = Vec::new();
        let mut rejected = Vec::new();
        for (seq, pending) in pending {
            let settled = match pending {
                Pending::Appended(place) => {
                    let (identity, content, verdict) = &self.rows[place];
                    match self.known.get(identity) {
                        Some((existing, _)) if existing != content => Err(Rejection::SeqConflict),
                        Some((_, verdict)) => Ok(*verdict),
                        None => Ok(*verdict),
                    }
                }
                Pending::Sought(identity, content) => match self.known.get(&identity) {
                    Some((existing, _)) if *existing != content => Err(Rejection::SeqConflict),
                    Some((_, verdict)) => Ok(*verdict),
                    // Also of an ended attempt, where it was to be evidence.
                    None => return SaveOutcome::Full,
                },
            };
            match settled {
                Ok(Verdict::Counted) if acknowledged.contains(&seq) => {}
                Ok(Verdict::Counted) => acknowledged.push(seq),
                Ok(kept) => rejected.push((seq, Rejection::Kept(kept))),
                Err(conflict) => rejected.push((seq, conflict)),
            }
        }
        // An ended attempt acknowledges what it holds; that it has ended is all there is to say of anything else.
        if state.is_finished() && acknowledged.is_empty() {
            return SaveOutcome::Closed;
        }
        SaveOutcome::Judged { acknowledged, rejected }
    }
}

/// Whether a job found its number taken.
pub(super) fn conflicts(outcome: &Outcome) -> bool {
    let Outcome::Saved(Written::Saved(Saved { outcome: SaveOutcome::Judged { rejected, .. }, .. })) = outcome else {
        return false;
    };
    rejected.iter().any(|(_, reason)| *reason == Rejection::SeqConflict)
}
