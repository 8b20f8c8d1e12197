//! Answers of plain forms in a transaction: they are numbered here, under the attempt's lock, in the order in which they arrived.

use super::batch::{Content, Held};
use super::job::{Arrival, Form, Job, Numbered, Outcome, Written};
use super::saves::{Incoming, Saves, conflicts};
use crate::Result;
use crate::answers::{FormAnswer, Place, SaveOutcome, Saved, Standing};
use crate::db::Tx;
use exam::answer::{Operation, Response};
use exam::id::AttemptId;
use std::collections::BTreeSet;

/// How far a page's numbers may run ahead of the log: more than a person can change answers while none arrives, and too little
/// for a forged form to use the numbers up.
const MOST_UNDER_WAY: i64 = 10_000;

/// Numbers forms and appends them. One that kept its number from an earlier try, of which it is not known whether it was
/// committed, may find that the number was taken by something else since: then it was not committed, and gets another.
pub(super) async fn write(
    tx: &mut Tx,
    jobs: &mut [Job],
    saves: &mut Saves<'_>,
    outcomes: &mut [Option<Outcome>],
) -> Result<()> {
    for _ in 0..2 {
        number(tx, jobs, saves, outcomes).await?;
        let forms: Vec<_> = jobs
            .iter()
            .enumerate()
            .filter_map(|(place, job)| match job {
                Job::Form(form) if outcomes[place].is_none() => {
                    let numbered = form.numbered?;
                    let Numbered { writer, seq, .. } = numbered;
                    let FormAnswer { question, response, .. } = &form.answer;
                    let operation = Operation { writer, seq, question: *question, response: response.clone() };
                    Some((place, form, numbered, [operation]))
                }
                _ => None,
            })
            .collect();
        if forms.is_empty() {
            break;
        }
        let incoming = forms.iter().map(|(place, form, numbered, operations)| Incoming {
            place: *place,
            attempt: form.attempt,
            account: form.account,
            operations,
            received_at: form.arrival.at,
            is_evidence: form.sealed_seq.is_some(),
            is_overtaken: numbered.is_overtaken,
        });
        saves.write(tx, incoming, outcomes).await?;
        for (place, job) in jobs.iter_mut().enumerate() {
            if let Job::Form(form) = job
                && outcomes[place].as_ref().is_some_and(conflicts)
            {
                form.numbered = None;
                outcomes[place] = None;
            }
        }
    }
    Ok(())
}

/// Gives every form its writer and number, if an earlier try has not. One that changes nothing gets none: moving on without a
/// change is no operation.
async fn number(tx: &mut Tx, jobs: &mut [Job], saves: &Saves<'_>, outcomes: &mut [Option<Outcome>]) -> Result<()> {
    let mut forms: Vec<(usize, &mut Form, &Held)> = jobs
        .iter_mut()
        .enumerate()
        .filter_map(|(place, job)| match job {
            Job::Form(form) if form.numbered.is_none() && outcomes[place].is_none() => {
                let held = saves.held.get(&form.attempt).filter(|held| held.account == form.account)?;
                Some((place, form, held))
            }
            _ => None,
        })
        .collect();
    if forms.is_empty() {
        return Ok(());
    }
    // Those that had to wait, since their transaction was too slow, may lie behind later ones.
    forms.sort_by_key(|(_, form, _)| form.arrival.since);
    let attempts: BTreeSet<AttemptId> = forms.iter().map(|(_, form, _)| form.attempt).collect();
    let places: BTreeSet<Place> = forms.iter().map(|(_, form, _)| (form.attempt, form.answer.question)).collect();
    let mut last = tx.last_seqs(&attempts).await?;
    let standing = tx.standing(&places).await?;
    let mut changed = BTreeSet::new();
    for (place, form, held) in forms {
        // A number that was never given out comes from a forged form; it gets no writer of its own.
        let writer = form.answer.writer.clamp(0, held.pen_holder);
        let at = (form.attempt, form.answer.question);
        let before = standing.get(&at);
        let content = (form.answer.question, form.answer.response.as_ref().map(Response::canonical));
        // What was given before it and is not written yet would count after it, were it no operation.
        let is_last = !changed.contains(&at)
            && !saves.forms_elsewhere.contains(&form.attempt)
            && form.answer.last_seq <= last.get(&(form.attempt, writer)).copied().unwrap_or(0);
        if is_last && !held.state.is_finished() && stands(before, &content) {
            let outcome = SaveOutcome::Judged { acknowledged: vec![], rejected: vec![] };
            outcomes[place] = Some(Outcome::Saved(Written::Saved(Saved { outcome, deadline: held.deadline })));
            continue;
        }
        let is_overtaken = before.is_some_and(|before| overtakes(before, writer, form.answer.last_seq, form.arrival));
        let seq = last.entry((form.attempt, writer)).or_default();
        let used = form.answer.last_seq.min(seq.saturating_add(MOST_UNDER_WAY));
        *seq = (*seq).max(used).max(form.sealed_seq.unwrap_or(0)).saturating_add(1);
        form.numbered = Some(Numbered { writer, seq: *seq, is_overtaken });
        changed.insert(at);
    }
    Ok(())
}

/// Whether what stands was given after a form, though it was written first: a later number of the form's writer than its page knew,
/// and a later arrival.
fn overtakes(standing: &Standing, writer: i64, last_seq: i64, arrival: Arrival) -> bool {
    standing.writer == writer && standing.seq > last_seq && standing.received_at > arrival.at
}

/// Whether an answer is what stands already.
fn stands(standing: Option<&Standing>, content: &Content) -> bool {
    standing.map_or(content.1.is_none(), |standing| standing.content == *content)
}
