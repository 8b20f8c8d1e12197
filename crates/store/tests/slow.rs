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

/// PostgreSQL only: SQLite has no locks of tables.
#[tokio::test]
async fn an_end_that_waits_for_a_lock_keeps_no_save_beside_it_waiting_until_it_is_too_old() {
    let t = fresh_store(Engine::Postgres).await;
    let exam = exam("cloud").publish(&t).await;
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let (ended, open) = (start(&t, &exam, &ada, NOON).await, start(&t, &exam, &bob, NOON).await);
    let (mut raw, mut observer) = (t.raw().await, t.raw().await);
    // As a migration or a report may hold it; the end and the save come together.
    raw.execute("BEGIN; LOCK TABLE grades, answer_operations IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let store = t.second_process_with(slow_machine()).await;
    let save = |seq| {
        let (store, id, account) = (store.clone(), open.id, bob.id);
        tokio::spawn(async move { store.save_operations(id, account, vec![choose(seq, 1, "a")], NOON).await })
    };
    let first = save(1);
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'answer_operations'::regclass";
    wait_for("the writer is busy", async || observer.number(waiting).await == 1).await;
    let end = {
        let (store, exam, attempt) = (store.clone(), exam.clone(), ended.clone());
        tokio::spawn(async move { submit(&store, &exam, &attempt, minutes_after_noon(1)).await })
    };
    let second = save(2);
    raw.execute("COMMIT; BEGIN; LOCK TABLE grades IN ACCESS EXCLUSIVE MODE").await.unwrap();
    assert_eq!(outcome(first.await.unwrap()), counted(&[1]));
    assert_eq!(outcome(second.await.unwrap()), counted(&[2]));
    raw.execute("COMMIT").await.unwrap();
    assert_eq!(end.await.unwrap().attempt.state, AttemptState::Submitted);
}

/// PostgreSQL only: SQLite writes one transaction at a time.
#[tokio::test]
async fn of_two_lanes_one_goes_on_while_the_other_waits() {
    let t = fresh_store(Engine::Postgres).await;
    let exam = exam("cloud").publish(&t).await;
    let mut people = Vec::new();
    for name in ["Ada", "Bob"] {
        let person = candidate(&t, name).await;
        people.push((start(&t, &exam, &person, NOON).await, person));
    }
    assert_eq!((people[0].0.id.0 + people[1].0.id.0) % 2, 1, "they are in different lanes");
    let (mut raw, mut observer) = (t.raw().await, t.raw().await);
    // The first one's number is held by a transaction that is not over.
    raw.execute("BEGIN; INSERT INTO answer_operations SELECT MIN(id), 0, 1, 1, NULL, 'counted', 0 FROM attempts")
        .await
        .unwrap();
    let store = t.second_process_with(Options { pool_max: 8, ..slow_machine() }).await;
    let save = |(attempt, person): &(Attempt, Account)| {
        let (store, id, account) = (store.clone(), attempt.id, person.id);
        tokio::spawn(async move { store.save_operations(id, account, vec![choose(1, 1, "a")], NOON).await })
    };
    let holder = raw.number("SELECT pg_backend_pid()::bigint").await;
    let held = save(&people[0]);
    let waiting = format!(
        "SELECT COUNT(*) FROM pg_locks w JOIN pg_locks h ON h.transactionid = w.transactionid \
         WHERE NOT w.granted AND h.granted AND h.pid = {holder}"
    );
    wait_for("it waits", async || observer.number(&waiting).await > 0).await;
    // Before the first one's transaction has taken too long.
    let other =
        timeout(Duration::from_secs(2), save(&people[1])).await.expect("it does not wait for the first").unwrap();
    assert_eq!(outcome(other), counted(&[1]));
    assert!(!held.is_finished());
    raw.execute("ROLLBACK").await.unwrap();
    assert_eq!(outcome(held.await.unwrap()), counted(&[1]));
}

both_engines!(a_store_says_that_it_does_not_write_until_it_does, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let store = t.second_process_with(Options { save_wait: Duration::from_millis(300), ..slow_machine() }).await;
    let save = async |seq| store.save_operations(attempt.id, ada.id, vec![choose(seq, 1, "a")], NOON).await;
    let mut raw = t.keep_writers_waiting().await;
    // One that came alone, and was refused: nobody tries again meanwhile.
    let refused = save(1).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    wait_for("the store says so", async || !store.is_writing()).await;
    raw.execute("ROLLBACK").await.unwrap();
    assert_eq!(outcome(save(2).await), counted(&[2]));
    assert!(store.is_writing());
});

/// PostgreSQL only: on SQLite no other process holds an attempt alone.
#[tokio::test]
async fn one_attempt_that_is_held_elsewhere_does_not_make_a_store_say_that_it_does_not_write() {
    let t = fresh_store(Engine::Postgres).await;
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let mut raw = t.raw().await;
    raw.execute("BEGIN; SELECT id FROM attempts FOR UPDATE").await.unwrap();
    let store = t.second_process_with(Options { save_wait: Duration::from_secs(3), ..slow_machine() }).await;
    let refused = store.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], NOON).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert!(store.is_writing());
    raw.execute("ROLLBACK").await.unwrap();
}

/// PostgreSQL only: there, a lock makes a transaction too slow.
#[tokio::test]
async fn after_a_stall_transactions_become_large_again_though_many_wait() {
    let t = fresh_store(Engine::Postgres).await;
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let mut raw = t.raw().await;
    raw.execute("BEGIN; LOCK TABLE answer_operations IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let options = Options { save_wait: Duration::from_secs(60), log_max: Options::default().log_max, ..slow_machine() };
    let store = t.second_process_with(options).await;
    let save = |seq| {
        let (store, id, account) = (store.clone(), attempt.id, ada.id);
        tokio::spawn(async move { store.save_operations(id, account, vec![choose(seq, 1, "a")], NOON).await })
    };
    // The first alone is too slow, and the next transactions are the smallest there are.
    let first = save(1);
    let mut observer = t.raw().await;
    let waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'answer_operations'::regclass";
    wait_for("it waits", async || observer.number(waiting).await == 1).await;
    wait_for("it is given up", async || observer.number(waiting).await == 0).await;
    let others: Vec<_> = (2..=400).map(save).collect();
    raw.execute("COMMIT").await.unwrap();
    for save in others.into_iter().chain([first]) {
        assert!(matches!(outcome(save.await.unwrap()), SaveOutcome::Judged { rejected, .. } if rejected.is_empty()));
    }
    let transactions = raw.number("SELECT COUNT(DISTINCT xmin::text) FROM answer_operations").await;
    assert!(transactions < 40, "{transactions} transactions for 400 answers");
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
    assert_eq!(raw.number("SELECT COUNT(*) FROM attempts WHERE record IS NOT NULL").await, 3);
    assert_eq!(raw.number("SELECT COUNT(*) FROM grades").await, 3);
    if t.engine() == Engine::Postgres {
        let transactions = "SELECT COUNT(DISTINCT xmin::text) FROM grades";
        assert_eq!(raw.number(transactions).await, 3, "one transaction each");
    }
    assert_eq!(raw.number("SELECT COUNT(*) FROM answer_operations").await, 0);
});

fn slow_machine() -> Options {
    patient(Duration::from_secs(20), Duration::from_secs(60))
}
