//! What is slow, large or given up keeps nobody else waiting, and loses nothing.

use exam::answer::{Operation, Response};
use exam::attempt::AttemptState;
use std::time::Duration;
use store::{Account, Attempt, Options, SaveOutcome, Store};
use testkit::arrange::{candidate, exam, start, submit};
use testkit::{Engine, NOON, both_engines, choose, fresh_store, minutes_after_noon, patient, wait_for};
use tokio::time::timeout;

fn outcome(saved: store::Result<Option<store::Saved>>) -> SaveOutcome {
    saved.expect("it is answered").expect("it is the person's own").outcome
}

fn counted(acknowledged: &[i64]) -> SaveOutcome {
    SaveOutcome::Judged { acknowledged: acknowledged.to_vec(), rejected: vec![] }
}

/// A statement that nobody waits for any more is ended, however long its lock is held, and its connection is closed.
/// PostgreSQL only: SQLite has no statements of others.
#[tokio::test]
async fn a_statement_that_was_given_up_waits_for_no_lock() {
    let t = fresh_store(Engine::Postgres).await;
    let ada = candidate(&t, "Ada").await;
    let (mut holder, mut observer) = (t.raw().await, t.raw().await);
    holder.execute("BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'accounts'::regclass";
    let store = t.second_process_with(patient(Duration::from_secs(20), Duration::from_secs(60))).await;
    let asked = tokio::spawn(async move { store.find_account(ada.id).await });
    wait_for("it waits for the lock", async || observer.number(waiting).await == 1).await;
    asked.abort();
    assert!(asked.await.is_err_and(|error| error.is_cancelled()));
    wait_for("PostgreSQL has noticed", async || observer.number(waiting).await == 0).await;
    holder.execute("ROLLBACK").await.unwrap();
}

/// Two rows take longer than a transaction may, one does not. PostgreSQL only: there, a trigger can be as slow as a failing disk.
#[tokio::test]
async fn what_takes_too_long_together_is_written_in_two_parts() {
    let t = fresh_store(Engine::Postgres).await;
    let exam = exam("cloud").publish(&t).await;
    let mut people = Vec::new();
    for name in ["Ada", "Bob"] {
        let person = candidate(&t, name).await;
        let attempt = start(&t, &exam, &person, NOON).await;
        people.push((person, attempt));
    }
    let mut raw = t.raw().await;
    raw.execute(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(2.7); RETURN NEW; END$$; \
         CREATE TRIGGER slow BEFORE INSERT ON answer_operations FOR EACH ROW EXECUTE FUNCTION dawdle(); \
         BEGIN; LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE",
    )
    .await
    .unwrap();
    let store = t.second_process_with(Options { save_wait: Duration::from_secs(15), ..slow_machine() }).await;
    let saves: Vec<_> = people
        .iter()
        .map(|(person, attempt)| {
            let (store, id, account) = (store.clone(), attempt.id, person.id);
            tokio::spawn(async move { store.save_operations(id, account, vec![choose(1, 1, "a")], NOON).await })
        })
        .collect();
    raw.execute("COMMIT").await.unwrap();
    for save in saves {
        assert_eq!(outcome(save.await.unwrap()), counted(&[1]));
    }
    assert_eq!(raw.number("SELECT COUNT(*) FROM answer_operations").await, 2);
}

/// An answer of some length, which shrinks well.
fn long_answer(seq: i64, bytes: usize) -> Operation {
    Operation { writer: 0, seq, question: 1, response: Some(Response::Text("x".repeat(bytes))) }
}

async fn write_much(store: &Store, person: &Account, attempt: &Attempt, operations: i64) {
    for first in (1..=operations).step_by(50) {
        let operations = (first..=operations.min(first + 49)).map(|seq| long_answer(seq, 30_000)).collect();
        let saved = store.save_operations(attempt.id, person.id, operations, NOON).await;
        assert!(matches!(outcome(saved), SaveOutcome::Judged { rejected, .. } if rejected.is_empty()));
    }
}

both_engines!(a_large_record_is_not_read_while_others_wait, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let (large, small) = (start(&t, &exam, &ada, NOON).await, start(&t, &exam, &bob, NOON).await);
    write_much(&t, &ada, &large, 40).await;
    t.save_operations(small.id, bob.id, vec![choose(1, 1, "a")], NOON).await.unwrap();
    for attempt in [&large, &small] {
        submit(&t, &exam, attempt, minutes_after_noon(1)).await;
    }
    // Of the small one it is told what it holds; of the large one, that it has ended.
    let again = t.save_operations(small.id, bob.id, vec![choose(1, 1, "a")], NOON).await;
    assert_eq!(outcome(again), counted(&[1]));
    for operation in [long_answer(1, 30_000), choose(41, 1, "a")] {
        let again = t.save_operations(large.id, ada.id, vec![operation], NOON).await;
        assert_eq!(outcome(again), SaveOutcome::Closed);
    }
    // Nothing of it is gone.
    assert_eq!(t.operation_log(large.id).await.unwrap().len(), 40);
});

both_engines!(attempts_that_are_too_large_to_be_ended_together_are_ended_one_after_the_other, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let mut attempts = Vec::new();
    for name in ["Ada", "Bob", "Cem"] {
        let person = candidate(&t, name).await;
        let attempt = start(&t, &exam, &person, NOON).await;
        write_much(&t, &person, &attempt, 300).await;
        attempts.push(attempt);
    }
    let store = t.second_process_with(Options { save_wait: Duration::from_secs(60), ..slow_machine() }).await;
    // All three wait in one transaction, since the writer is busy; each is handed in twice.
    let mut raw = t.raw().await;
    raw.execute(match t.engine() {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN; LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE",
    })
    .await
    .unwrap();
    let ends: Vec<_> = attempts
        .iter()
        .flat_map(|attempt| [attempt, attempt])
        .map(|attempt| {
            let (store, exam, attempt) = (store.clone(), exam.clone(), attempt.clone());
            tokio::spawn(async move { submit(&store, &exam, &attempt, minutes_after_noon(1)).await })
        })
        .collect();
    raw.execute("COMMIT").await.unwrap();
    for end in ends {
        let end = timeout(Duration::from_secs(60), end).await.expect("it does not wait for ever").unwrap();
        assert_eq!(end.attempt.state, AttemptState::Submitted);
    }
    assert_eq!(raw.number("SELECT COUNT(*) FROM sealed_attempts").await, 3);
    assert_eq!(raw.number("SELECT COUNT(*) FROM grades").await, 3);
    assert_eq!(raw.number("SELECT COUNT(*) FROM answer_operations").await, 0);
});

fn slow_machine() -> Options {
    patient(Duration::from_secs(20), Duration::from_secs(60))
}
