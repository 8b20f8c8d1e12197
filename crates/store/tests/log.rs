//! The log of an attempt at its edges: copies that come twice and in the wrong order, logs that are full, and records that
//! cannot be read.

use exam::answer::{Operation, Response};
use exam::attempt::{AttemptState, Verdict};
use std::time::Duration;
use store::{Arrival, Error, FormAnswer, LogSize, Options, Rejection, SaveOutcome, Store};
use testkit::arrange::{candidate, exam, start, submit};
use testkit::{NOON, both_engines, choose, minutes_after_noon, patient, wait_for};
use tokio::time::Instant;

fn judged(saved: store::Result<Option<store::Saved>>) -> (Vec<i64>, Vec<(i64, Rejection)>) {
    match saved.expect("it is saved").expect("it is the person's own").outcome {
        SaveOutcome::Judged { acknowledged, rejected } => (acknowledged, rejected),
        other => panic!("{other:?}"),
    }
}

fn outcome(saved: store::Result<Option<store::Saved>>) -> SaveOutcome {
    saved.expect("it is answered").expect("it is the person's own").outcome
}

both_engines!(an_operation_in_time_counts_though_a_late_copy_of_it_was_stored_first, async |t| {
    let exam = exam("cloud").minutes(10).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let save = async |operation, minutes| {
        judged(t.save_operations(attempt.id, ada.id, vec![operation], minutes_after_noon(minutes)).await)
    };
    // A client that got no answer asked another server, after the deadline; what it sent first was still under way.
    assert_eq!(save(choose(1, 1, "a"), 11).await, (vec![], vec![(1, Rejection::Kept(Verdict::Late))]));
    assert_eq!(save(choose(1, 1, "a"), 9).await, (vec![1], vec![]));
    assert_eq!(save(choose(1, 1, "a"), 12).await, (vec![1], vec![]), "and from then on it counts");
    // Something else under its number does not take its place.
    assert_eq!(save(choose(2, 2, "a"), 11).await, (vec![], vec![(2, Rejection::Kept(Verdict::Late))]));
    assert_eq!(save(choose(2, 2, "b"), 9).await, (vec![], vec![(2, Rejection::SeqConflict)]));
    let answers = t.answers(&attempt).await.unwrap().answers;
    assert_eq!(answers.len(), 1);
});

both_engines!(a_number_twice_in_one_save_is_judged_once, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let same = vec![choose(1, 1, "a"), choose(1, 1, "a"), choose(2, 2, "b")];
    assert_eq!(judged(t.save_operations(attempt.id, ada.id, same, NOON).await), (vec![1, 2], vec![]));
    let different = vec![choose(3, 1, "a"), choose(3, 1, "b")];
    let (acknowledged, rejected) = judged(t.save_operations(attempt.id, ada.id, different, NOON).await);
    assert_eq!((acknowledged, rejected), (vec![3], vec![(3, Rejection::SeqConflict)]));
});

async fn small_logs(t: &testkit::TestStore) -> Store {
    let patient = patient(Duration::from_secs(20), Duration::from_secs(20));
    t.second_process_with(Options { log_max: LogSize { operations: 3, bytes: 10_000 }, ..patient }).await
}

both_engines!(an_attempt_takes_only_so_many_changes_and_can_still_be_handed_in, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let (attempt, other) = (start(&t, &exam, &ada, NOON).await, start(&t, &exam, &bob, NOON).await);
    let store = small_logs(&t).await;
    let save =
        async |store: &Store, operations| outcome(store.save_operations(attempt.id, ada.id, operations, NOON).await);
    let counted = |acknowledged: &[i64]| SaveOutcome::Judged { acknowledged: acknowledged.to_vec(), rejected: vec![] };
    assert_eq!(save(&store, vec![choose(1, 1, "a"), choose(2, 1, "b")]).await, counted(&[1, 2]));
    assert_eq!(save(&store, vec![choose(3, 1, "c"), choose(4, 1, "d")]).await, SaveOutcome::Full, "nothing by halves");
    assert_eq!(save(&store, vec![choose(3, 1, "c")]).await, counted(&[3]));
    assert_eq!(save(&store, vec![choose(4, 1, "d")]).await, SaveOutcome::Full);
    let answer = FormAnswer { writer: 0, last_seq: 3, question: 2, response: choose(1, 1, "a").response };
    assert_eq!(outcome(store.save_form(attempt.id, ada.id, answer, NOON).await), SaveOutcome::Full);
    assert_eq!(
        save(&store, vec![choose(2, 1, "b"), choose(3, 1, "c")]).await,
        counted(&[2, 3]),
        "as acknowledged before"
    );
    // Whoever asks the next server finds the same.
    assert_eq!(save(&small_logs(&t).await, vec![choose(4, 1, "d")]).await, SaveOutcome::Full);
    // Others are not concerned, and what was saved counts.
    assert_eq!(outcome(store.save_operations(other.id, bob.id, vec![choose(1, 1, "a")], NOON).await), counted(&[1]));
    let ended = submit(&store, &exam, &attempt, minutes_after_noon(1)).await.attempt;
    assert_eq!((ended.state, ended.answered), (AttemptState::Submitted, Some(1)));
    for seq in 4..=6 {
        // Evidence after the end, as much as there is room for.
        assert_eq!(save(&store, vec![choose(seq, 1, "d")]).await, SaveOutcome::Closed);
    }
    assert_eq!(t.raw().await.number("SELECT COUNT(*) FROM answer_operations").await, 1, "only Bob's, and no evidence");
});

both_engines!(an_ended_attempt_tells_what_it_holds_even_beside_something_new, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let save = async |operations| outcome(t.save_operations(attempt.id, ada.id, operations, NOON).await);
    save(vec![choose(1, 1, "a")]).await;
    submit(&t, &exam, &attempt, minutes_after_noon(1)).await;
    let both = SaveOutcome::Judged { acknowledged: vec![1], rejected: vec![(2, Rejection::Kept(Verdict::Late))] };
    assert_eq!(save(vec![choose(1, 1, "a"), choose(2, 2, "b")]).await, both);
    assert_eq!(save(vec![choose(3, 2, "b")]).await, SaveOutcome::Closed);
});

both_engines!(a_record_that_cannot_be_read_concerns_its_attempt_alone, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let (damaged, other) = (start(&t, &exam, &ada, NOON).await, start(&t, &exam, &bob, NOON).await);
    submit(&t, &exam, &damaged, minutes_after_noon(1)).await;
    let mut raw = t.raw().await;
    raw.execute("UPDATE attempts SET record = substr(record, 1, 3)").await.unwrap();
    let (of_the_damaged, of_the_other) = tokio::join!(
        t.save_operations(damaged.id, ada.id, vec![choose(1, 1, "a")], NOON),
        t.save_operations(other.id, bob.id, vec![choose(1, 1, "a")], NOON),
    );
    assert_eq!(outcome(of_the_damaged), SaveOutcome::Closed);
    assert_eq!(judged(of_the_other), (vec![1], vec![]));
    // An open one with a damaged operation is not graded by the rest of them.
    raw.execute("UPDATE answer_operations SET response = 'x'").await.unwrap();
    let ended =
        t.end_attempt(&other, AttemptState::Submitted, NOON, NOON, |_| panic!("there is nothing to grade")).await;
    assert!(matches!(ended, Err(Error::NotGraded { .. })), "{ended:?}");
    assert_eq!(t.find_attempt(&other.public_id, bob.id).await.unwrap().unwrap().state, AttemptState::Open);
});

both_engines!(what_was_under_way_for_longer_than_the_sweep_waits_is_refused, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let since = Instant::now().checked_sub(Duration::from_secs(16)).expect("this machine runs longer");
    let arrival = Arrival { at: NOON, since };
    let refused = t.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], arrival).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    let in_time = Arrival { at: NOON, since: Instant::now() };
    assert_eq!(judged(t.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], in_time).await).0, [1]);
});

/// PostgreSQL only: on SQLite there is no other process that writes.
#[tokio::test]
async fn a_form_whose_number_was_taken_while_its_commit_was_unknown_gets_another() {
    let t = testkit::fresh_store(testkit::Engine::Postgres).await;
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let mut raw = t.raw().await;
    // Commits fail as if the connection was lost in the middle of them.
    raw.execute(
        "CREATE SEQUENCE tried; CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS \
         $$BEGIN PERFORM nextval('tried'); RAISE EXCEPTION 'lost' USING ERRCODE = '08006'; END$$; \
         CREATE CONSTRAINT TRIGGER lost AFTER INSERT ON answer_operations DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION lose()",
    )
    .await
    .unwrap();
    let store = t.handle();
    let answer = FormAnswer { writer: 0, last_seq: 0, question: 1, response: choose(1, 1, "a").response };
    let form = tokio::spawn(async move { store.save_form(attempt.id, ada.id, answer, NOON).await });
    wait_for("it was tried", async || {
        t.raw().await.number("SELECT CAST(is_called AS int)::bigint FROM tried").await == 1
    })
    .await;
    raw.execute(
        "DROP TRIGGER lost ON answer_operations; \
         INSERT INTO answer_operations SELECT id, 0, 1, 2, '{\"choice\":[\"b\"]}', 'counted', 0 FROM attempts",
    )
    .await
    .unwrap();
    assert_eq!(judged(form.await.unwrap()), (vec![2], vec![]));
    assert_eq!(t.raw().await.number("SELECT COUNT(*) FROM answer_operations").await, 2);
}

both_engines!(an_operation_sent_again_and_again_fills_nothing, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let store = small_logs(&t).await;
    for _ in 0..5 {
        let saved = store.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], NOON).await;
        assert_eq!(judged(saved), (vec![1], vec![]));
    }
    let more = vec![choose(2, 1, "b"), choose(3, 1, "c")];
    assert_eq!(
        judged(store.save_operations(attempt.id, ada.id, more, NOON).await),
        (vec![2, 3], vec![]),
        "there is room"
    );
    let full = store.save_operations(attempt.id, ada.id, vec![choose(4, 1, "d")], NOON).await;
    assert_eq!(outcome(full), SaveOutcome::Full);
});

both_engines!(what_a_full_attempt_does_not_keep_after_its_end_is_not_said_to_be_kept, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let store = small_logs(&t).await;
    let all = vec![choose(1, 1, "a"), choose(2, 1, "b"), choose(3, 1, "c")];
    assert_eq!(judged(store.save_operations(attempt.id, ada.id, all, NOON).await), (vec![1, 2, 3], vec![]));
    submit(&store, &exam, &attempt, NOON).await;
    let mixed = vec![choose(3, 1, "c"), choose(4, 1, "d")];
    let (acknowledged, rejected) = judged(store.save_operations(attempt.id, ada.id, mixed, NOON).await);
    assert_eq!((acknowledged, rejected), (vec![3], vec![(4, Rejection::Full)]));
    assert_eq!(store.operation_log(attempt.id).await.unwrap().len(), 3);
});

both_engines!(a_long_log_is_read_whole_before_the_end_and_after, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    for part in 0..5 {
        let operations = (1..=300).map(|n| choose(part * 300 + n, 1, ["a", "b"][usize::try_from(n % 2).unwrap()]));
        let saved = t.save_operations(attempt.id, ada.id, operations.collect(), NOON).await;
        assert_eq!(judged(saved).0.len(), 300);
    }
    let seqs = async || -> Vec<i64> {
        t.operation_log(attempt.id).await.unwrap().iter().map(|logged| logged.operation.seq).collect()
    };
    let all: Vec<i64> = (1..=1_500).collect();
    assert_eq!(seqs().await, all);
    let answers = t.answers(&attempt).await.unwrap().answers;
    submit(&t, &exam, &attempt, NOON).await;
    assert_eq!(seqs().await, all);
    let (ended, marked) = t.find_result(&attempt.public_id, ada.id).await.unwrap().unwrap();
    assert_eq!((ended.paper, marked.unwrap().answers), (attempt.paper, answers));
});

both_engines!(a_log_that_several_servers_fill_is_full_for_all_of_them, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let patient = patient(Duration::from_secs(20), Duration::from_secs(20));
    let options = Options { log_max: LogSize { operations: 10, bytes: 10_000 }, ..patient };
    let (one, other) = (t.second_process_with(options.clone()).await, t.second_process_with(options).await);
    let save = async |store: &Store, seqs: std::ops::RangeInclusive<i64>| {
        let operations = seqs.map(|seq| choose(seq, 1, ["a", "b"][usize::try_from(seq % 2).unwrap()])).collect();
        outcome(store.save_operations(attempt.id, ada.id, operations, NOON).await)
    };
    assert!(matches!(save(&one, 1..=6).await, SaveOutcome::Judged { .. }));
    assert!(matches!(save(&other, 7..=10).await, SaveOutcome::Judged { .. }));
    assert_eq!(save(&one, 11..=11).await, SaveOutcome::Full, "though it has written six only itself");
});

both_engines!(what_is_longer_when_it_is_stored_counts_as_it_is_stored, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let patient = patient(Duration::from_secs(20), Duration::from_secs(20));
    let options = Options { log_max: LogSize { operations: 100, bytes: 10_000 }, ..patient };
    let store = t.second_process_with(options).await;
    // A control character takes one byte when it is typed and six in JSON.
    let text = |seq| Operation { writer: 0, seq, question: 1, response: Some(Response::Text("\u{1}".repeat(1_000))) };
    let saved = store.save_operations(attempt.id, ada.id, vec![text(1)], NOON).await;
    assert_eq!(judged(saved), (vec![1], vec![]));
    assert_eq!(outcome(store.save_operations(attempt.id, ada.id, vec![text(2)], NOON).await), SaveOutcome::Full);
});
