//! Answers of plain forms: one that had to wait takes the place of none that was given and written after it.

use exam::attempt::{AttemptState, Verdict};
use exam::time::Timestamp;
use futures_util::FutureExt as _;
use std::pin::pin;
use store::{Account, Arrival, Attempt, FormAnswer, Rejection, SaveOutcome, Store};
use testkit::arrange::{candidate, exam, start, submit};
use testkit::{Engine, NOON, TestStore, both_engines, choose, fresh_store};
use tokio::time::Instant;

struct Sitting {
    ada: Account,
    attempt: Attempt,
}

impl Sitting {
    async fn begin(t: &TestStore) -> Self {
        let exam = exam("cloud").minutes(10).publish(t).await;
        let ada = candidate(t, "Ada").await;
        Self { attempt: start(t, &exam, &ada, NOON).await, ada }
    }

    async fn form(&self, store: &Store, last_seq: i64, letter: &str, arrival: Arrival) -> SaveOutcome {
        let answer = FormAnswer { writer: 0, last_seq, question: 1, response: choose(1, 1, letter).response };
        let saved = store.save_form(self.attempt.id, self.ada.id, answer, arrival).await;
        saved.expect("it is answered").expect("it is the person's own").outcome
    }

    async fn log(&self, t: &TestStore) -> Vec<(i64, Verdict)> {
        let log = t.operation_log(self.attempt.id).await.expect("the store answers");
        let mut log: Vec<_> = log.into_iter().map(|logged| (logged.operation.seq, logged.verdict)).collect();
        log.sort_unstable_by_key(|(seq, _)| *seq);
        log
    }

    /// Whether this is the answer to the first question.
    async fn has(&self, t: &TestStore, letter: &str) -> bool {
        let answers = t.answers(&self.attempt).await.expect("the store answers").answers;
        answers.get(&1) == choose(1, 1, letter).response.as_ref()
    }
}

fn counted(acknowledged: &[i64]) -> SaveOutcome {
    SaveOutcome::Judged { acknowledged: acknowledged.to_vec(), rejected: vec![] }
}

/// What has arrived so many milliseconds after noon.
fn arrived(ms: i64) -> Arrival {
    Timestamp(NOON.0 + ms).into()
}

both_engines!(a_form_that_had_to_wait_takes_the_place_of_none_that_was_given_after_it, async |t| {
    let ada = Sitting::begin(&t).await;
    // Both from the same page: stopped, changed, and sent again. The first waited for a slow database.
    assert_eq!(ada.form(&t, 0, "b", arrived(2_000)).await, counted(&[1]));
    let late = SaveOutcome::Judged { acknowledged: vec![], rejected: vec![(2, Rejection::Kept(Verdict::Superseded))] };
    assert_eq!(ada.form(&t, 0, "a", arrived(1_000)).await, late);
    assert!(ada.has(&t, "b").await);
    // What its page knew of came before it, whenever it arrived.
    assert_eq!(ada.form(&t, 2, "c", arrived(500)).await, counted(&[3]));
    assert!(ada.has(&t, "c").await);
    assert_eq!(
        ada.log(&t).await,
        [(1, Verdict::Counted), (2, Verdict::Superseded), (3, Verdict::Counted)],
        "all of it is kept"
    );
});

/// On one thread: the writer takes what waits only when nothing else runs, and so both forms at once.
#[tokio::test]
async fn forms_of_one_transaction_count_in_the_order_in_which_they_arrived() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let t = fresh_store(engine).await;
        let ada = Sitting::begin(&t).await;
        let mut raw = t.keep_writers_waiting().await;
        let [busy, first] = [arrived(0), arrived(1_000)];
        let second = Arrival { at: Timestamp(NOON.0 + 1_000), since: Instant::now() };
        assert!(second.since > first.since);
        // Something keeps the writer busy while both come to wait; the one that arrived later is there first.
        let mut busy = pin!(ada.form(&t, 0, "d", busy));
        assert_eq!(busy.as_mut().now_or_never(), None);
        tokio::task::yield_now().await;
        let (mut second, mut first) = (pin!(ada.form(&t, 0, "b", second)), pin!(ada.form(&t, 0, "a", first)));
        assert_eq!([second.as_mut().now_or_never(), first.as_mut().now_or_never()], [None, None]);
        raw.execute("COMMIT").await.unwrap();
        for outcome in <[SaveOutcome; 3]>::from(tokio::join!(busy, second, first)) {
            assert!(matches!(outcome, SaveOutcome::Judged { .. }));
        }
        assert!(ada.has(&t, "b").await, "{engine:?}: {:?}", ada.log(&t).await);
    }
}

both_engines!(moving_on_without_a_change_is_no_operation, async |t| {
    let ada = Sitting::begin(&t).await;
    let left_open = FormAnswer { writer: 0, last_seq: 0, question: 1, response: None };
    let saved = t.save_form(ada.attempt.id, ada.ada.id, left_open, NOON).await.unwrap().unwrap();
    assert_eq!(saved.outcome, counted(&[]));
    assert_eq!(ada.form(&t, 0, "a", arrived(0)).await, counted(&[1]));
    assert_eq!(ada.form(&t, 1, "a", arrived(1)).await, counted(&[]));
    assert_eq!(ada.log(&t).await.len(), 1);
    // The page's script has sent another answer, which is still under way: this one has to outrank it.
    assert_eq!(ada.form(&t, 2, "a", arrived(2)).await, counted(&[3]));
    let under_way = t.save_operations(ada.attempt.id, ada.ada.id, vec![choose(2, 1, "b")], arrived(3)).await;
    assert_eq!(under_way.unwrap().unwrap().outcome, counted(&[2]));
    assert!(ada.has(&t, "a").await);
});

both_engines!(two_forms_of_one_transaction_that_say_the_same_are_both_told_the_truth, async |t| {
    let ada = std::sync::Arc::new(Sitting::begin(&t).await);
    let mut raw = t.keep_writers_waiting().await;
    // A double click after the deadline.
    let forms = [(); 2].map(|()| {
        let (ada, store) = (std::sync::Arc::clone(&ada), t.handle());
        tokio::spawn(async move { ada.form(&store, 0, "a", arrived(11 * 60_000)).await })
    });
    raw.execute("COMMIT").await.unwrap();
    for form in forms {
        let SaveOutcome::Judged { acknowledged, rejected } = form.await.unwrap() else { panic!("it is open") };
        assert!(acknowledged.is_empty(), "{acknowledged:?}");
        assert!(matches!(rejected[..], [(_, Rejection::Kept(Verdict::Late))]), "{rejected:?}");
    }
});

both_engines!(nobody_learns_from_a_form_whether_somebody_else_has_answered_so, async |t| {
    let ada = Sitting::begin(&t).await;
    ada.form(&t, 0, "a", arrived(0)).await;
    let mallory = candidate(&t, "Mallory").await;
    let answer = FormAnswer { writer: 0, last_seq: 0, question: 1, response: choose(1, 1, "a").response };
    assert_eq!(t.save_form(ada.attempt.id, mallory.id, answer, NOON).await.unwrap(), None);
});

both_engines!(after_the_end_only_what_is_new_is_evidence, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let ada = Sitting { attempt: start(&t, &exam, &ada, NOON).await, ada };
    ada.form(&t, 0, "a", arrived(0)).await;
    let ended = submit(&t, &exam, &ada.attempt, NOON).await.attempt;
    assert_eq!(ended.state, AttemptState::Submitted);
    assert_eq!(ada.form(&t, 1, "a", arrived(1)).await, SaveOutcome::Closed);
    assert_eq!(ada.log(&t).await, [(1, Verdict::Counted)]);
    assert_eq!(ada.form(&t, 1, "b", arrived(2)).await, SaveOutcome::Closed);
    assert_eq!(ada.log(&t).await, [(1, Verdict::Counted), (2, Verdict::Late)]);
});
