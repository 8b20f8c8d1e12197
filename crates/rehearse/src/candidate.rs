//! A virtual candidate: arrives, signs in, sits papers, hands them in.

mod call;
mod paper;
mod sitting;

use crate::connection::Connection;
use crate::dice::Dice;
use crate::ledger::Writer;
use crate::measure::{Measure, count};
use crate::plan::{Plan, Sessions};
use crate::progress::{Progress, Signal, add};
use crate::report::Kind;
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::uri::Uri;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// What all candidates of a run share.
#[derive(Debug)]
pub(crate) struct Hall {
    pub(crate) plan: Plan,
    pub(crate) measure: Measure,
    ledger: Arc<Writer>,
    progress: Arc<Progress>,
    /// Names the accounts and keys of this seed without telling it: passwords grow from it too.
    label: String,
    /// From which second on candidates of this run hand in.
    ends: Instant,
    /// Who comes next, where one makes room for the next.
    next: AtomicUsize,
}

impl Hall {
    pub(crate) fn new(plan: Plan, ledger: Arc<Writer>, progress: Arc<Progress>) -> Self {
        let measure = Measure::new(Arc::clone(&progress));
        // A stream that no candidate has.
        let label = Dice::new(plan.seed, u64::MAX).hex(10);
        let ends = measure.began + plan.duration;
        let next = AtomicUsize::new(plan.users);
        Self { plan, measure, ledger, progress, label, ends, next }
    }
}

/// There is nobody else who could come.
const NO_SESSION: &str = "no_session";

/// Why a candidate leaves before the end.
#[derive(Debug)]
struct GaveUp(String);

impl GaveUp {
    fn because(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

struct Candidate<'a> {
    hall: &'a Hall,
    number: usize,
    dice: Dice,
    connection: Connection,
    signal: watch::Receiver<Signal>,
    /// When this one hands in.
    ends: Instant,
    /// Since when nothing of the server has been waited for.
    free: Instant,
}

/// One candidate's whole rehearsal.
pub(crate) async fn take_part(hall: &Hall, number: usize) {
    let plan = &hall.plan;
    // Stream 0 and up for what candidates do; their passwords come from streams far away.
    let mut dice = Dice::new(plan.seed, u64::try_from(number).unwrap_or(u64::MAX));
    let arrives = hall.measure.began + dice.part_of(plan.arrivals);
    let ends = hall.ends - dice.part_of(plan.departures.min(plan.duration));
    let connection = Connection::new(&plan.url);
    let signal = hall.progress.listen();
    let mut candidate = Candidate { hall, number, dice, connection, signal, ends, free: arrives };
    candidate.wait_until(arrives).await;
    if candidate.is_over() {
        return;
    }
    add(&hall.progress.arrived, 1);
    if let Err(GaveUp(reason)) = candidate.sit(arrives).await {
        hall.measure.part(number, |part| count(&mut part.gave_up, &reason));
    }
    add(&hall.progress.left, 1);
}

impl Candidate<'_> {
    async fn sit(&mut self, arrived: Instant) -> Result<(), GaveUp> {
        // What is boxed is not part of a candidate who thinks, which all but a few do.
        let mut meant = Box::pin(self.sign_in(arrived)).await?;
        let sittings = self.hall.plan.sittings.unwrap_or(u32::MAX);
        let mut key = 0;
        for sitting in 0..sittings {
            if self.is_over() {
                break;
            }
            if sitting > 0 && self.hall.plan.relay {
                self.number = self.hall.next.fetch_add(1, Relaxed);
                key = 0;
                meant = match Box::pin(self.sign_in(meant)).await {
                    Ok(meant) => meant,
                    // All have sat.
                    Err(GaveUp(reason)) if reason == NO_SESSION => break,
                    Err(gave_up) => return Err(gave_up),
                };
            }
            let mut paper = match Box::pin(self.start(&mut key, meant)).await {
                Ok(paper) => paper,
                // Another one comes next, and may be let in.
                Err(GaveUp(reason)) if self.hall.plan.relay => {
                    self.hall.measure.part(self.number, |part| count(&mut part.gave_up, &reason));
                    continue;
                }
                // Who has sat one paper at least has taken part.
                Err(GaveUp(reason)) if sitting > 0 && reason == "no_attempts_left" => break,
                Err(gave_up) => return Err(gave_up),
            };
            add(&self.hall.progress.sitting, 1);
            let sat = self.sit_paper(&mut paper).await;
            self.hall.progress.sitting.fetch_sub(1, Relaxed);
            sat?;
            if !self.hall.plan.submit {
                break;
            }
            meant = Instant::now();
        }
        Ok(())
    }

    /// Gets a session. Returns when the candidate could go on.
    async fn sign_in(&mut self, meant: Instant) -> Result<Instant, GaveUp> {
        match &self.hall.plan.sessions {
            Sessions::Prepared(sessions) => {
                let session = sessions.get(self.number).ok_or_else(|| GaveUp::because(NO_SESSION))?;
                self.connection.sign_in(&session.token);
                Ok(meant)
            }
            Sessions::SignUp => {
                self.sign_up(meant).await?;
                Ok(Instant::now())
            }
        }
    }

    /// Makes an account, or signs in to the one that is there.
    async fn sign_up(&mut self, meant: Instant) -> Result<(), GaveUp> {
        let number = u64::try_from(self.number).unwrap_or(u64::MAX);
        let password = Dice::new(self.hall.plan.seed, u64::MAX - 1 - number).hex(32);
        let email = format!("rehearsal-{}-{}@example.invalid", self.hall.label, self.number);
        let account = json!({"email": email, "name": format!("Rehearsal {}", self.number), "password": password});
        self.connection.sign_out();
        let made = Uri::from_static("/api/v1/accounts");
        let answer = self.call(Kind::SignIn, Method::POST, &made, body(&account), meant, || {}).await?;
        let token = match (answer.status, answer.token) {
            (201, Some(token)) => token,
            (409, _) => {
                let credentials = json!({"email": email, "password": password});
                let session = Uri::from_static("/api/v1/session");
                let answer = self.call(Kind::SignIn, Method::POST, &session, body(&credentials), meant, || {}).await?;
                match (answer.status, answer.token) {
                    (200, Some(token)) => token,
                    _ => return Err(self.refused(&answer.body, answer.status)),
                }
            }
            (status, _) => return Err(self.refused(&answer.body, status)),
        };
        self.connection.sign_in(&token);
        Ok(())
    }

    /// Leaves with the server's reason. What it may not do tells of the rehearsal; anything else of an unhealthy server.
    fn refused(&self, body: &Bytes, status: u16) -> GaveUp {
        let code = call::code_of(body, status);
        if !matches!(status, 401 | 403 | 404 | 409) {
            self.hall.measure.unexpected(self.number, &code);
        }
        GaveUp(code)
    }

    /// Whether it is time to hand in.
    fn is_over(&self) -> bool {
        *self.signal.borrow() != Signal::Go || Instant::now() >= self.ends
    }

    /// Waits for a moment, or for the end if that is sooner. Notices meanwhile when the server closes the connection.
    async fn wait_until(&mut self, moment: Instant) {
        let moment = moment.min(self.ends);
        loop {
            tokio::select! {
                () = sleep_until(moment) => return,
                () = self.connection.idle() => {}
                // An error would mean that the run is gone, which `Progress` outlives.
                _ = self.signal.wait_for(|signal| *signal != Signal::Go) => return,
            }
        }
    }
}

fn body(value: &serde_json::Value) -> Bytes {
    Bytes::from(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_who_thinks_takes_little_memory() {
        let target = "http://127.0.0.1:5000".parse().expect("an address");
        let plan = Plan::new(target, "x", 1, Sessions::SignUp, 1);
        let hall = Hall::new(plan, Arc::new(Writer::nowhere()), Progress::new());
        let size = size_of_val(&take_part(&hall, 0));
        assert!(size <= 3_072, "{size} bytes");
    }
}
