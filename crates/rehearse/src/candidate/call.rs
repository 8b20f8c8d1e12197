//! A request, sent until it is answered.

use super::{Candidate, GaveUp};
use crate::connection::Answer;
use crate::report::Kind;
use hyper::Method;
use hyper::body::Bytes;
use hyper::http::uri::Uri;
use serde::Deserialize;
use std::borrow::Cow;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The part of problem+json that programs read.
#[derive(Deserialize)]
struct Problem<'a> {
    #[serde(borrow)]
    code: Cow<'a, str>,
}

/// The code of a refusal, or its status where it has none.
pub(super) fn code_of(body: &[u8], status: u16) -> String {
    serde_json::from_slice(body).map_or_else(|_| format!("status_{status}"), |problem: Problem<'_>| problem.code.into())
}

/// Whether the same request may be answered otherwise later.
fn is_for_now(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..)
}

impl Candidate<'_> {
    /// Sends a request that was meant to leave at `meant`, again as long as that helps and the plan allows; `again` is told
    /// each time. Any answer that is final is returned, whatever its status.
    pub(super) async fn call(
        &mut self,
        kind: Kind,
        method: Method,
        uri: &Uri,
        body: Bytes,
        meant: Instant,
        mut again: impl FnMut(),
    ) -> Result<Answer, GaveUp> {
        let (retry, measure) = (self.hall.plan.retry, &self.hall.measure);
        measure.leaves(self.number, meant, self.free);
        let first = Instant::now();
        let mut pause = retry.first;
        for times in 1.. {
            let asked = self.connection.ask(method.clone(), uri.clone(), body.clone(), retry.answer_within).await;
            let (reason, at_least) = match asked {
                Ok(answer) => {
                    measure.status(self.number, answer.status);
                    if !is_for_now(answer.status) {
                        self.free = Instant::now();
                        // Saves are measured one by one, however many travel together.
                        if kind != Kind::Save {
                            measure.answered(self.number, kind, meant);
                        }
                        return Ok(answer);
                    }
                    let code = code_of(&answer.body, answer.status);
                    // A refusal under load is an answer; a fault is not.
                    if !matches!(answer.status, 408 | 425 | 429 | 503) {
                        measure.unexpected(self.number, &code);
                    }
                    (code, answer.retry_after.unwrap_or_default())
                }
                Err(error) => (error.name().to_owned(), Duration::ZERO),
            };
            if first.elapsed() >= retry.give_up_after {
                return Err(GaveUp(reason));
            }
            measure.retry(self.number, &reason, times);
            // What everybody was told to wait is spread, so that not everybody is back at once.
            sleep(at_least + self.dice.part_of(pause)).await;
            pause = (pause * 2).min(retry.longest);
            again();
        }
        unreachable!("nobody asks that often")
    }
}
