//! What is slow, large or given up keeps nobody else waiting, and loses nothing.

use exam::answer::{Operation, Response};
use exam::attempt::AttemptState;
use std::time::Duration;
use store::{Account, Attempt, Error, Options, SaveOutcome, Store};
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
    // Well before its time for a lock is over.
    let noticed = wait_for("PostgreSQL has noticed", async || observer.number(waiting).await == 0);
    timeout(Duration::from_secs(3), noticed).await.expect("it has noticed in time");
    holder.execute("ROLLBACK").await.unwrap();
}

/// PostgreSQL only: there, a trigger can be as slow as a failing disk.
#[tokio::test]
async fn what_is_too_slow_to_be_written_keeps_none_of_those_beside_it_from_being_saved() {
    let t = fresh_store(Engine::Postgres).await;
    let exam = exam("cloud").publish(&t).await;
    let mut people = Vec::new();
    for number in 0..40 {
        let person = candidate(&t, &format!("Person {number}")).await;
        let attempt = start(&t, &exam, &person, NOON).await;
        people.push((person, attempt));
    }
    let (mut raw, mut observer) = (t.raw().await, t.raw().await);
    raw.execute(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(30); RETURN NEW; END$$; \
         CREATE TRIGGER slow BEFORE INSERT ON answer_operations FOR EACH ROW WHEN (NEW.question = 2) \
         EXECUTE FUNCTION dawdle(); \
         BEGIN; LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE",
    )
    .await
    .unwrap();
    let store = t.second_process_with(slow_machine()).await;
    let save = |(person, attempt): &(Account, Attempt), question| {
        let (store, id, account) = (store.clone(), attempt.id, person.id);
        tokio::spawn(async move { store.save_operations(id, account, vec![choose(1, question, "a")], NOON).await })
    };
    // The first keeps the writer busy until all others wait together.
    let first = save(&people[0], 1);
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'attempts'::regclass";
    wait_for("the writer is busy", async || observer.number(waiting).await == 1).await;
    let slow = save(&people[20], 2);
    let others: Vec<_> = people[1..20].iter().chain(&people[21..]).map(|person| save(person, 1)).collect();
    raw.execute("COMMIT").await.unwrap();
    for save in others.into_iter().chain([first]) {
        assert_eq!(outcome(save.await.unwrap()), counted(&[1]));
    }
    assert!(matches!(slow.await.unwrap(), Err(Error::Unavailable(_))), "it is told that it is not saved");
    assert_eq!(raw.number("SELECT COUNT(*) FROM answer_operations").await, 39);
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

both_engines!(an_ended_attempt_tells_what_it_holds_however_large_it_is, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    write_much(&t, &ada, &attempt, 100).await;
    submit(&t, &exam, &attempt, minutes_after_noon(1)).await;
    let save = async |operation| outcome(t.save_operations(attempt.id, ada.id, vec![operation], NOON).await);
    assert_eq!(save(long_answer(7, 30_000)).await, counted(&[7]));
    assert_eq!(save(choose(7, 1, "a")).await, SaveOutcome::Closed, "another one under its number");
    assert_eq!(save(choose(101, 1, "a")).await, SaveOutcome::Closed, "new, and kept as evidence");
    assert_eq!(t.operation_log(attempt.id).await.unwrap().len(), 101);
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
    // They wait together, since the writer is busy; each is handed in twice.
    let mut raw = t.keep_writers_waiting().await;
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
    if t.engine() == Engine::Postgres {
        let transactions = "SELECT COUNT(DISTINCT xmin::text) FROM sealed_attempts";
        assert_eq!(raw.number(transactions).await, 3, "one transaction each");
    }
    assert_eq!(raw.number("SELECT COUNT(*) FROM answer_operations").await, 0);
});

fn slow_machine() -> Options {
    patient(Duration::from_secs(20), Duration::from_secs(60))
}
