//! The writer's queue: what waits is written together, fails alone, is kept while the database is away, and is never
//! acknowledged early. And a model: whatever is done to an attempt in whatever order, the accepted operations alone decide.

use exam::answer::{Answers, Operation, fold};
use exam::attempt::{AttemptState, Verdict};
use exam::id::AttemptId;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::time::Duration;
use store::{Account, Attempt, Error, Options, PublishedExam, Rejection, SaveOutcome, Store};
use testkit::arrange::{self, candidate, exam, start, submit};
use testkit::{Engine, NOON, TestStore, both_engines, by_writer, choose, minutes_after_noon, patient, wait_for};

/// A store with a short queue, so that a test can fill it.
async fn short_queue(t: &TestStore) -> Store {
    let patient = patient(Duration::from_secs(20), Duration::from_secs(20));
    t.second_process_with(Options { save_queue: 4, ..patient }).await
}

async fn sitting(t: &Store) -> (PublishedExam, Account, Attempt) {
    let exam = exam("cloud").minutes(10).publish(t).await;
    let ada = candidate(t, "Ada").await;
    let attempt = start(t, &exam, &ada, NOON).await;
    (exam, ada, attempt)
}

fn acknowledged(saved: store::Result<Option<store::Saved>>) -> Vec<i64> {
    match saved.expect("it is saved").expect("it is the person's own").outcome {
        SaveOutcome::Judged { acknowledged, rejected } if rejected.is_empty() => acknowledged,
        other => panic!("{other:?}"),
    }
}

async fn rows(t: &TestStore, table: &str) -> i64 {
    t.raw().await.number(&format!("SELECT COUNT(*) FROM {table}")).await
}

both_engines!(saves_wait_for_a_database_that_is_busy_and_are_written_when_it_is_free, async |t| {
    let (_, ada, attempt) = sitting(&t).await;
    let mut raw = t.keep_writers_waiting().await;
    let saves: Vec<_> = (1..=40)
        .map(|seq| {
            let store = t.handle();
            tokio::spawn(
                async move { store.save_operations(attempt.id, ada.id, vec![choose(seq, 1, "a")], NOON).await },
            )
        })
        .collect();
    // A reader sees nothing of them, and nobody has been told anything.
    if t.engine() == Engine::Sqlite {
        assert_eq!(rows(&t, "answer_operations").await, 0);
    }
    assert!(saves.iter().all(|save| !save.is_finished()), "acknowledged before it was written");
    raw.execute("COMMIT").await.unwrap();
    for (seq, save) in (1..).zip(saves) {
        assert_eq!(acknowledged(save.await.unwrap()), [seq]);
    }
    assert_eq!(rows(&t, "answer_operations").await, 40);
});

both_engines!(what_finds_the_queue_full_is_refused_at_once_and_the_others_are_saved, async |t| {
    let (_, ada, attempt) = sitting(&t).await;
    let store = short_queue(&t).await;
    let mut raw = t.keep_writers_waiting().await;
    let mut saves = Vec::new();
    for seq in 1..=30 {
        let store = store.clone();
        saves.push(tokio::spawn(async move {
            (seq, store.save_operations(attempt.id, ada.id, vec![choose(seq, 1, "a")], NOON).await)
        }));
    }
    // Refused while the database is still locked: nobody waits to hear that there is no room.
    wait_for("some are refused", async || saves.iter().any(tokio::task::JoinHandle::is_finished)).await;
    raw.execute("COMMIT").await.unwrap();
    let (mut saved, mut refused) = (0, 0);
    for save in saves {
        match save.await.unwrap() {
            (_, Err(Error::Busy)) => refused += 1,
            (seq, other) => {
                assert_eq!(acknowledged(other), [seq]);
                saved += 1;
            }
        }
    }
    assert!(refused > 0 && saved > 0, "{refused} refused, {saved} saved");
    assert_eq!(rows(&t, "answer_operations").await, saved);
});

both_engines!(a_poisoned_operation_fails_alone, async |t| {
    let (exam, ada, attempt) = sitting(&t).await;
    let bob = candidate(&t, "Bob").await;
    let other = start(&t, &exam, &bob, NOON).await;
    let mut raw = t.keep_writers_waiting().await;
    let spawn = |id: AttemptId, person: &Account, operation: Operation| {
        let (store, person) = (t.handle(), person.id);
        tokio::spawn(async move { store.save_operations(id, person, vec![operation], NOON).await })
    };
    let saves = [
        spawn(attempt.id, &ada, choose(1, 1, "a")),
        // The table refuses number 0.
        spawn(attempt.id, &ada, choose(0, 2, "a")),
        spawn(other.id, &bob, choose(1, 1, "b")),
    ];
    raw.execute("COMMIT").await.unwrap();
    let [first, poisoned, last] = saves;
    assert_eq!(acknowledged(first.await.unwrap()), [1]);
    assert!(matches!(poisoned.await.unwrap(), Err(Error::Database(_))));
    assert_eq!(acknowledged(last.await.unwrap()), [1]);
    assert_eq!(rows(&t, "answer_operations").await, 2);
});

both_engines!(closing_writes_what_waits_and_takes_no_more, async |t| {
    let (_, ada, attempt) = sitting(&t).await;
    let store = t.second_process().await;
    let saves: Vec<_> = (1..=20)
        .map(|seq| {
            let store = store.clone();
            tokio::spawn(
                async move { store.save_operations(attempt.id, ada.id, vec![choose(seq, 1, "a")], NOON).await },
            )
        })
        .collect();
    store.close().await;
    let mut saved = 0;
    for save in saves {
        match save.await.unwrap() {
            Err(Error::Busy | Error::Unavailable(_)) => {}
            other => saved += acknowledged(other).len(),
        }
    }
    assert_eq!(rows(&t, "answer_operations").await, i64::try_from(saved).unwrap());
    let late = store.save_operations(attempt.id, ada.id, vec![choose(99, 1, "a")], NOON).await;
    assert!(matches!(late, Err(Error::Busy | Error::Unavailable(_))), "{late:?}");
});

both_engines!(an_ended_attempt_leaves_the_log_of_open_ones_and_keeps_its_history, async |t| {
    let (exam, ada, attempt) = sitting(&t).await;
    let operations = vec![choose(1, 1, "a"), choose(2, 2, "b"), choose(3, 1, "c"), testkit::take_back(4, 2)];
    t.save_operations(attempt.id, ada.id, operations, NOON).await.unwrap();
    t.take_pen(&attempt.public_id, ada.id).await.unwrap();
    t.save_operations(attempt.id, ada.id, vec![choose(5, 3, "d")], minutes_after_noon(1)).await.unwrap();
    let before = t.operation_log(attempt.id).await.unwrap();
    let answers = t.answers(&attempt).await.unwrap();
    submit(&t, &exam, &attempt, minutes_after_noon(2)).await;

    assert_eq!((rows(&t, "answer_operations").await, rows(&t, "attempts WHERE record IS NOT NULL").await), (0, 1));
    assert_eq!(t.operation_log(attempt.id).await.unwrap(), before, "superseded ones included");
    let found = t.find_attempt(&attempt.public_id, ada.id).await.unwrap().unwrap();
    assert_eq!(found.paper, attempt.paper);
    assert_eq!(t.answers(&attempt).await.unwrap(), answers, "also for who still thinks that it is open");
    assert_eq!(
        t.raw().await.number("SELECT COUNT(*) FROM attempts WHERE paper <> ''").await,
        0,
        "it is not kept twice"
    );

    // Evidence that comes afterwards is in the history as well.
    t.save_operations(attempt.id, ada.id, vec![by_writer(1, choose(9, 3, "a"))], minutes_after_noon(3)).await.unwrap();
    let after = t.operation_log(attempt.id).await.unwrap();
    assert_eq!((after.len(), after.last().map(|logged| logged.verdict)), (before.len() + 1, Some(Verdict::Late)));
});

both_engines!(no_attempt_expires_before_its_deadline, async |t| {
    let (exam, ada, attempt) = sitting(&t).await;
    let deadline = attempt.deadline.unwrap();
    let expire = async |at| {
        let (exam, marked) = (exam.clone(), attempt.clone());
        let grade = move |answers: &Answers| arrange::grade(&exam, &marked, answers);
        t.end_attempt(&attempt, AttemptState::Expired, at, minutes_after_noon(30), grade).await
    };
    let early = expire(deadline.before(Duration::from_millis(1))).await;
    assert!(matches!(early, Err(Error::Unavailable(_))), "{early:?}");
    assert_eq!(t.find_attempt(&attempt.public_id, ada.id).await.unwrap().unwrap().state, AttemptState::Open);
    // Somebody was given more time after the sweep had made its list.
    let more = format!("UPDATE attempts SET deadline = {}", deadline.after(Duration::from_secs(60)).0);
    t.raw().await.execute(&more).await.unwrap();
    assert!(matches!(expire(deadline).await, Err(Error::Unavailable(_))));
    assert!(expire(deadline.after(Duration::from_secs(60))).await.unwrap().ended_now);
});

both_engines!(a_writer_that_was_never_given_out_is_told_and_writes_nothing, async |t| {
    let (_, ada, attempt) = sitting(&t).await;
    let operations = vec![by_writer(1, choose(1, 1, "a"))];
    let saved = t.save_operations(attempt.id, ada.id, operations.clone(), NOON).await.unwrap().unwrap();
    assert_eq!((saved.outcome, saved.deadline), (SaveOutcome::UnknownWriter, attempt.deadline));
    assert_eq!(rows(&t, "answer_operations").await, 0);
    t.take_pen(&attempt.public_id, ada.id).await.unwrap();
    assert_eq!(acknowledged(t.save_operations(attempt.id, ada.id, operations, NOON).await), [1]);
});

both_engines!(a_session_that_is_kept_in_memory_ends_when_anybody_ends_it, async |t| {
    let ada = candidate(&t, "Ada").await;
    let other = t.second_process().await;
    let find = async |token: &str| t.find_session(token, NOON, false).await.unwrap().map(|account| account.role);
    for (token, end) in [("a", 0), ("b", 1), ("c", 2), ("d", 3)] {
        t.create_session(token, ada.id, NOON, minutes_after_noon(60)).await.unwrap();
        assert_eq!(find(token).await, Some(store::Role::Candidate));
        // What the database says is not asked for every time: a row that vanishes without a word is not noticed ...
        t.raw().await.execute("UPDATE sessions SET token_hash = token_hash || '-hidden'").await.unwrap();
        wait_for("the session is kept", async || find(token).await.is_some()).await;
        t.raw().await.execute("UPDATE sessions SET token_hash = REPLACE(token_hash, '-hidden', '')").await.unwrap();
        // ... but an end is, here at once, and elsewhere soon.
        match end {
            0 => t.delete_session(token).await.unwrap(),
            1 => other.delete_session(token).await.unwrap(),
            2 => assert!(other.set_disabled(ada.id, true, None, NOON).await.unwrap()),
            _ => assert!(t.set_disabled(ada.id, true, None, NOON).await.unwrap()),
        }
        if end % 3 == 0 {
            assert_eq!(find(token).await, None, "{token}");
        } else {
            wait_for("the session has ended", async || find(token).await.is_none()).await;
        }
        t.set_disabled(ada.id, false, None, NOON).await.unwrap();
        assert_eq!(find(token).await, None, "{token} stays ended");
    }
    t.set_role(ada.id, store::Role::Invigilator, None, NOON).await.unwrap();
    t.create_session("e", ada.id, NOON, minutes_after_noon(60)).await.unwrap();
    assert_eq!(find("e").await, Some(store::Role::Invigilator));
    other.set_role(ada.id, store::Role::Author, None, NOON).await.unwrap();
    wait_for("the role is seen", async || find("e").await == Some(store::Role::Author)).await;
    assert!(
        t.find_session("e", minutes_after_noon(60), false).await.unwrap().is_none(),
        "it expires in memory as well"
    );
});

/// What an attempt is after a number of deeds, told without any of the store's code.
#[derive(Default)]
struct Model {
    log: BTreeMap<(i64, i64), (Operation, Verdict)>,
    pen: i64,
    ended: bool,
}

impl Model {
    /// What a save must be answered with.
    fn save(&mut self, operations: &[Operation], minutes: i64) -> SaveOutcome {
        if operations.iter().any(|operation| operation.writer > self.pen) {
            return SaveOutcome::UnknownWriter;
        }
        let (mut acknowledged, mut rejected) = (Vec::new(), Vec::new());
        for operation in operations {
            let identity = (operation.writer, operation.seq);
            let verdict = if self.ended || minutes > 10 {
                Verdict::Late
            } else if operation.writer < self.pen {
                Verdict::Superseded
            } else {
                Verdict::Counted
            };
            let verdict = match self.log.get(&identity) {
                Some((known, _)) if known != operation => Err(Rejection::SeqConflict),
                // A copy that came in time counts, also when another one was late.
                Some((_, known)) if (*known, verdict) != (Verdict::Late, Verdict::Counted) => Ok(*known),
                _ => {
                    self.log.insert(identity, (operation.clone(), verdict));
                    Ok(verdict)
                }
            };
            match verdict {
                Ok(Verdict::Counted) if acknowledged.contains(&operation.seq) => {}
                Ok(Verdict::Counted) => acknowledged.push(operation.seq),
                Ok(kept) => rejected.push((operation.seq, Rejection::Kept(kept))),
                Err(conflict) => rejected.push((operation.seq, conflict)),
            }
        }
        if self.ended && acknowledged.is_empty() {
            return SaveOutcome::Closed;
        }
        SaveOutcome::Judged { acknowledged, rejected }
    }

    fn answers(&self) -> Answers {
        let counted = self.log.values().filter(|(_, verdict)| *verdict == Verdict::Counted);
        fold(counted.map(|(operation, _)| operation.clone()))
    }
}

/// Does `steps` deeds of chance to an attempt and to the model, and compares after each.
async fn follow_the_model(t: &Store, exam: &PublishedExam, ada: &Account, seed: u64, steps: usize) {
    let mut rng = ChaCha12Rng::seed_from_u64(seed);
    let attempt = start(t, exam, ada, NOON).await;
    let mut model = Model::default();
    let mut sent: Vec<Operation> = Vec::new();
    for step in 0..steps {
        let story = format!("seed {seed}, step {step}");
        let mut below = |bound: u64| rng.next_u64() % bound;
        match below(20) {
            0 => {
                let taken = t.take_pen(&attempt.public_id, ada.id).await.expect("the store answers");
                assert_eq!(taken, (!model.ended).then_some(model.pen + 1), "{story}");
                model.pen = taken.unwrap_or(model.pen);
            }
            1 if step > steps / 2 => {
                let receipt = submit(t, exam, &attempt, minutes_after_noon(5)).await;
                assert_eq!(receipt.ended_now, !model.ended, "{story}");
                model.ended = true;
                let digest = exam::answer::digest(&attempt.public_id, &model.answers());
                assert_eq!(receipt.attempt.digest, Some(digest), "{story}");
            }
            _ => {
                let operations: Vec<Operation> = (0..=below(3))
                    .map(|_| match (below(4), sent.len() as u64) {
                        // Something sent before, as it was or with other content.
                        (0, count) if count > 0 => sent[usize::try_from(below(count)).expect("a small number")].clone(),
                        (1, count) if count > 0 => {
                            let old = &sent[usize::try_from(below(count)).expect("a small number")];
                            by_writer(
                                old.writer,
                                choose(old.seq, 1, ["a", "b"][usize::try_from(below(2)).expect("a small number")]),
                            )
                        }
                        _ => {
                            let seq = i64::try_from(1 + below(60)).expect("a small number");
                            let question = usize::try_from(1 + below(3)).expect("a small number");
                            let letter = ["a", "b", "c"][usize::try_from(below(3)).expect("a small number")];
                            choose(seq, question, letter)
                        }
                    })
                    .collect();
                let writer = i64::try_from(below(model.pen.unsigned_abs() + 2)).expect("a small number");
                let operations: Vec<Operation> =
                    operations.into_iter().map(|operation| by_writer(writer, operation)).collect();
                let minutes = if below(8) == 0 { 11 } else { 5 };
                let now = minutes_after_noon(minutes);
                let saved = t
                    .save_operations(attempt.id, ada.id, operations.clone(), now)
                    .await
                    .expect("the store takes it")
                    .expect("it is Ada's");
                assert_eq!(saved.outcome, model.save(&operations, minutes), "{story}: {operations:?}");
                sent.extend(operations);
            }
        }
        assert_eq!(t.answers(&attempt).await.expect("the store answers").answers, model.answers(), "{story}");
    }
    if !model.ended {
        submit(t, exam, &attempt, minutes_after_noon(5)).await;
    }
    let log = t.operation_log(attempt.id).await.expect("the store answers");
    let log: BTreeMap<_, _> =
        log.into_iter().map(|l| ((l.operation.writer, l.operation.seq), (l.operation, l.verdict))).collect();
    assert_eq!(log, model.log, "seed {seed}");
    assert_eq!(t.count_grades(&attempt).await.expect("the store answers"), 1);
}

both_engines!(the_accepted_operations_alone_decide_whatever_the_order, async |t| {
    let exam = exam("cloud").minutes(10).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    for seed in 0..40 {
        follow_the_model(&t, &exam, &ada, seed, 30).await;
    }
});
