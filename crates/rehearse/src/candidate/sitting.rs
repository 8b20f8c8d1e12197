//! Sitting a paper: starting, answering, saving, loading again, handing in.

use super::paper::{Paper, Pending, SAVE_MAX};
use super::{Candidate, GaveUp, body, call};
use crate::asked::AttemptBody;
use crate::connection::Answer;
use crate::measure::count;
use crate::plan::{Sessions, Think};
use crate::progress::add;
use crate::report::Kind;
use exam::answer::digest;
use exam::time::Timestamp;
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::uri::Uri;
use serde::Deserialize;
use serde_json::json;
use std::borrow::Cow;
use tokio::time::Instant;

/// What the API says of a save, as far as a candidate reads it.
#[derive(Deserialize)]
struct SavedBody<'a> {
    acknowledged: Vec<i64>,
    #[serde(borrow)]
    rejected: Vec<RejectedBody<'a>>,
    server_time: Timestamp,
}

#[derive(Deserialize)]
struct RejectedBody<'a> {
    seq: i64,
    #[serde(borrow)]
    code: Cow<'a, str>,
}

#[derive(Deserialize)]
struct WriterBody {
    writer: i64,
}

#[derive(Deserialize)]
struct ReceiptBody<'a> {
    #[serde(borrow)]
    state: Cow<'a, str>,
    answered: i64,
    #[serde(borrow)]
    digest: Cow<'a, str>,
}

impl Candidate<'_> {
    /// Starts a paper, or goes on with an open one.
    pub(super) async fn start(&mut self, key: &mut u32, meant: Instant) -> Result<Paper, GaveUp> {
        let uri = uri(format!("/api/v1/exams/{}/attempts", self.hall.plan.exam))?;
        loop {
            let idempotency_key = format!("rehearsal-{}-{}-{key}", self.hall.label, self.number);
            *key += 1;
            let body = body(&json!({"idempotency_key": idempotency_key}));
            self.hall.ledger.starting(&idempotency_key);
            let answer = self.signed_in(Kind::Start, Method::POST, &uri, body, meant).await?;
            if !matches!(answer.status, 200 | 201) {
                return Err(self.refused(&answer.body, answer.status));
            }
            let attempt: AttemptBody<'_> = self.read(&answer.body)?;
            self.hall.ledger.given(&idempotency_key, &attempt.id, answer.status == 201);
            // An earlier run with this seed has handed in the attempt of this key.
            if attempt.state != "open" {
                continue;
            }
            self.hall.measure.part(self.number, |part| part.started += 1);
            let answers = self::uri(format!("/api/v1/attempts/{}/answers", attempt.id))?;
            let in_ledger = self.hall.ledger.attempt(&attempt.id, attempt.writer, attempt.last_seq);
            let mut paper = Paper::new(&attempt, answers, in_ledger);
            if let Some((soonest, latest)) = self.hall.plan.pages {
                self.load(Kind::Page, format!("/attempts/{}?question=1", paper.id), Instant::now()).await?;
                paper.fetches = Some(Instant::now() + soonest + self.dice.part_of(latest.saturating_sub(soonest)));
            }
            // Somebody else has, or had, the pen: without taking it nothing would count.
            if self.hall.plan.pens || paper.writer > 0 {
                self.take_pen(&mut paper).await?;
            }
            if self.hall.plan.pages.is_some() {
                // A page that takes the pen asks what another may have answered before.
                self.load(Kind::Resume, format!("/api/v1/attempts/{}?questions=none", paper.id), Instant::now())
                    .await?;
            }
            return Ok(paper);
        }
    }

    /// A call for which a session is needed: one that has ended is begun anew where that can be done.
    async fn signed_in(
        &mut self,
        kind: Kind,
        method: Method,
        uri: &Uri,
        body: Bytes,
        meant: Instant,
    ) -> Result<Answer, GaveUp> {
        let answer = self.call(kind, method.clone(), uri, body.clone(), meant, || {}).await?;
        if answer.status == 401 && matches!(self.hall.plan.sessions, Sessions::SignUp) {
            self.sign_up(Instant::now()).await?;
            return self.call(kind, method, uri, body, meant, || {}).await;
        }
        Ok(answer)
    }

    /// Loads what a browser shows. An attempt that has ended is what the next save or the end of the paper is about; who is sent elsewhere
    /// instead is not let in.
    async fn load(&mut self, kind: Kind, path: String, meant: Instant) -> Result<(), GaveUp> {
        let answer = self.signed_in(kind, Method::GET, &uri(path)?, Bytes::new(), meant).await?;
        if matches!(answer.status, 200 | 409) { Ok(()) } else { Err(self.refused(&answer.body, answer.status)) }
    }

    async fn take_pen(&mut self, paper: &mut Paper) -> Result<(), GaveUp> {
        let uri = uri(format!("/api/v1/attempts/{}/writers", paper.id))?;
        let answer = self.signed_in(Kind::Pen, Method::POST, &uri, Bytes::new(), Instant::now()).await?;
        match answer.status {
            201 => {
                let WriterBody { writer } = self.read(&answer.body)?;
                self.hall.ledger.pen(paper.in_ledger, writer);
                paper.take_pen(writer);
                Ok(())
            }
            409 => {
                paper.is_closed = true;
                Ok(())
            }
            status => Err(self.refused(&answer.body, status)),
        }
    }

    /// Answers until the paper is through or the time is over, and hands in. Answering goes on at its own pace while a save is
    /// under way: what comes together meanwhile travels with the next one.
    pub(super) async fn sit_paper(&mut self, paper: &mut Paper) -> Result<(), GaveUp> {
        let plan = &self.hall.plan;
        let batch = plan.batch.clamp(1, SAVE_MAX);
        let most = if plan.think == Think::Zero { batch } else { SAVE_MAX };
        let mut next = Instant::now() + self.dice.think(plan.think);
        loop {
            let is_over = self.is_over();
            let is_through = |paper: &Paper| plan.submit && paper.is_through();
            while !is_over && !is_through(paper) && paper.outbox.len() < most && next <= Instant::now() {
                let completes = (paper.outbox.len() + 1).is_multiple_of(batch);
                paper.answer(&mut self.dice, plan.re_answer, completes.then_some(next));
                next += self.dice.think(plan.think);
            }
            if let Some(meant) = paper.fetches.take_if(|moment| !is_over && *moment <= Instant::now()) {
                Box::pin(self.load(Kind::Questions, format!("/attempts/{}/questions", paper.id), meant)).await?;
            }
            let is_last = is_over || is_through(paper);
            if paper.outbox.len() >= batch || (is_last && !paper.outbox.is_empty()) {
                Box::pin(self.save(paper)).await?;
                if paper.is_closed {
                    break;
                }
                if plan.think == Think::Zero {
                    next = Instant::now();
                }
            } else if is_last {
                break;
            } else {
                self.wait_until(paper.fetches.map_or(next, |moment| moment.min(next))).await;
            }
        }
        if plan.submit { Box::pin(self.hand_in(paper)).await } else { Ok(()) }
    }

    /// Sends what waits, until it is answered.
    async fn save(&mut self, paper: &mut Paper) -> Result<(), GaveUp> {
        let hall = self.hall;
        let size = paper.next_save();
        let body = paper.save_body(size);
        for pending in paper.outbox.iter().take(size) {
            hall.ledger.sent(paper.in_ledger, paper.identity(pending.seq), pending.question, &pending.response);
        }
        hall.measure.part(self.number, |part| part.operations += u64::try_from(size).unwrap_or(0));
        let meant = paper.outbox.iter().take(size).find_map(|pending| pending.due).unwrap_or_else(Instant::now);
        let answer = self.send_save(paper, size, &body, meant).await?;
        let is_final = matches!(answer.status, 200 | 409);
        if !is_final {
            return Err(self.refused(&answer.body, answer.status));
        }
        hall.measure.saved(self.number, paper.outbox.iter().take(size).filter_map(|pending| pending.due));
        let sent: Vec<Pending> = paper.outbox.drain(..size).collect();
        if answer.status == 409 {
            self.closed(paper, &sent, &answer.body);
            return Ok(());
        }
        self.judged(paper, &sent, &answer.body)?;
        if self.dice.happens(hall.plan.replay) {
            self.replay(paper, &sent, body).await?;
        }
        if !paper.is_closed && self.dice.happens(hall.plan.resume) {
            self.resume(paper).await?;
        }
        Ok(())
    }

    async fn send_save(
        &mut self,
        paper: &mut Paper,
        size: usize,
        body: &Bytes,
        meant: Instant,
    ) -> Result<Answer, GaveUp> {
        let hall = self.hall;
        let mut was_repeated = false;
        let mut again = || {
            was_repeated = true;
            for pending in paper.outbox.iter().take(size) {
                hall.ledger.sent_again(paper.in_ledger, paper.identity(pending.seq));
            }
        };
        let (uri, put) = (paper.answers_uri.clone(), Method::PUT);
        let mut answer = self.call(Kind::Save, put.clone(), &uri, body.clone(), meant, &mut again).await?;
        if answer.status == 401 && matches!(hall.plan.sessions, Sessions::SignUp) {
            self.sign_up(Instant::now()).await?;
            again();
            answer = self.call(Kind::Save, put, &uri, body.clone(), meant, again).await?;
        }
        // Its first try may have been taken in whole or in part.
        paper.is_uncertain |= was_repeated && answer.status == 409;
        Ok(answer)
    }

    /// The attempt has ended: nothing of this save was promised.
    fn closed(&self, paper: &mut Paper, sent: &[Pending], problem: &[u8]) {
        let code = call::code_of(problem, 409);
        for pending in sent {
            self.hall.ledger.rejected(paper.in_ledger, paper.identity(pending.seq), &code);
        }
        self.hall.measure.part(self.number, |part| sent.iter().for_each(|_| count(&mut part.rejected, &code)));
        paper.is_closed = true;
    }

    /// Takes the server's word on each operation of a save.
    fn judged(&self, paper: &mut Paper, sent: &[Pending], body: &[u8]) -> Result<(), GaveUp> {
        let (hall, number) = (self.hall, self.number);
        let saved: SavedBody<'_> = self.read(body)?;
        let mut acknowledged = 0;
        for pending in sent {
            let identity = paper.identity(pending.seq);
            if saved.acknowledged.contains(&pending.seq) {
                hall.ledger.acknowledged(paper.in_ledger, identity, saved.server_time);
                paper.hold(pending);
                acknowledged += 1;
            } else if let Some(rejected) = saved.rejected.iter().find(|rejected| rejected.seq == pending.seq) {
                hall.ledger.rejected(paper.in_ledger, identity, &rejected.code);
                hall.measure.part(number, |part| count(&mut part.rejected, &rejected.code));
                match rejected.code.as_ref() {
                    "late" => paper.is_closed = true,
                    "superseded" => (paper.is_closed, paper.is_uncertain) = (true, true),
                    code => hall.measure.unexpected(number, code),
                }
            } else {
                hall.measure.unexpected(number, "operation_not_answered");
            }
        }
        hall.measure.part(number, |part| part.acknowledged += acknowledged);
        add(&hall.progress.acknowledged, acknowledged);
        Ok(())
    }

    /// Sends a save once more, as a client does that does not know whether it arrived. What was acknowledged must be again.
    async fn replay(&mut self, paper: &mut Paper, sent: &[Pending], body: Bytes) -> Result<(), GaveUp> {
        let hall = self.hall;
        let again = || {
            for pending in sent {
                hall.ledger.sent_again(paper.in_ledger, paper.identity(pending.seq));
            }
        };
        again();
        let meant = Instant::now();
        let uri = paper.answers_uri.clone();
        let answer = self.call(Kind::Save, Method::PUT, &uri, body, meant, again).await?;
        hall.measure.saved(self.number, std::iter::once(meant));
        let acknowledged = match answer.status {
            200 => {
                let saved: SavedBody<'_> = self.read(&answer.body)?;
                for rejected in &saved.rejected {
                    hall.ledger.rejected(paper.in_ledger, paper.identity(rejected.seq), &rejected.code);
                }
                for pending in sent.iter().filter(|pending| saved.acknowledged.contains(&pending.seq)) {
                    hall.ledger.acknowledged(paper.in_ledger, paper.identity(pending.seq), saved.server_time);
                }
                saved.acknowledged
            }
            409 => Vec::new(),
            status => return Err(self.refused(&answer.body, status)),
        };
        for pending in sent {
            let is_held = paper.holds(pending);
            if acknowledged.contains(&pending.seq) {
                hall.measure.part(self.number, |part| part.replayed += 1);
            } else if is_held {
                let (id, writer, seq) = (&paper.id, paper.writer, pending.seq);
                let what = format!(
                    "attempt {id}: operation {seq} of writer {writer} was acknowledged, and not when it was sent again"
                );
                hall.measure.broken(self.number, what);
            }
        }
        Ok(())
    }

    /// Loads the attempt again, as by a reload of the page, and looks whether everything acknowledged is there.
    async fn resume(&mut self, paper: &mut Paper) -> Result<(), GaveUp> {
        let uri = uri(format!("/api/v1/attempts/{}", paper.id))?;
        let answer = self.signed_in(Kind::Resume, Method::GET, &uri, Bytes::new(), Instant::now()).await?;
        if answer.status != 200 {
            return Err(self.refused(&answer.body, answer.status));
        }
        let attempt: AttemptBody<'_> = self.read(&answer.body)?;
        if let Some(question) = paper.differs(&attempt.answers).filter(|_| !paper.is_uncertain) {
            let what =
                format!("attempt {}: after a reload question {question} is not as it was acknowledged", paper.id);
            self.hall.measure.broken(self.number, what);
        }
        if attempt.state != "open" {
            paper.is_closed = true;
        } else if self.hall.plan.pens && paper.outbox.is_empty() {
            // A reloaded page is a new tab. What still waits was written with the old pen and goes first.
            self.take_pen(paper).await?;
        }
        Ok(())
    }

    /// Hands in and holds the receipt against what was acknowledged.
    async fn hand_in(&mut self, paper: &mut Paper) -> Result<(), GaveUp> {
        let hall = self.hall;
        hall.ledger.handing_in(paper.in_ledger);
        let uri = uri(format!("/api/v1/attempts/{}/submit", paper.id))?;
        let answer = self.signed_in(Kind::Submit, Method::POST, &uri, Bytes::new(), Instant::now()).await?;
        if answer.status != 200 {
            return Err(self.refused(&answer.body, answer.status));
        }
        let receipt: ReceiptBody<'_> = self.read(&answer.body)?;
        hall.ledger.receipt(paper.in_ledger, &receipt.state, receipt.answered, &receipt.digest);
        hall.measure.part(self.number, |part| part.receipts += 1);
        add(&hall.progress.handed_in, 1);
        if let Some(held) = paper.held().filter(|held| digest(&paper.id, held) != receipt.digest) {
            let (id, acknowledged) = (&paper.id, held.len());
            let what = format!(
                "attempt {id}: the receipt over {} answers is not about the {acknowledged} that were acknowledged",
                receipt.answered
            );
            hall.measure.broken(self.number, what);
        }
        if hall.plan.result { self.look_at_result(paper).await } else { Ok(()) }
    }

    async fn look_at_result(&mut self, paper: &Paper) -> Result<(), GaveUp> {
        let uri = uri(format!("/api/v1/attempts/{}/result", paper.id))?;
        let answer = self.signed_in(Kind::Result, Method::GET, &uri, Bytes::new(), Instant::now()).await?;
        if answer.status == 200 { Ok(()) } else { Err(self.refused(&answer.body, answer.status)) }
    }

    fn read<'de, T: Deserialize<'de>>(&self, body: &'de [u8]) -> Result<T, GaveUp> {
        serde_json::from_slice(body).map_err(|_| {
            self.hall.measure.unexpected(self.number, "unreadable_answer");
            GaveUp::because("unreadable_answer")
        })
    }
}

fn uri(path: String) -> Result<Uri, GaveUp> {
    Uri::try_from(path).map_err(|_| GaveUp::because("unreadable_address"))
}
