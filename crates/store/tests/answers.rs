//! Answer operations: what counts, what is kept as evidence, and that nothing acknowledged is ever lost.

use exam::answer::{Answers, Operation, Response};
use exam::attempt::Verdict;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use store::{Account, Attempt, AttemptFilter, FormAnswer, PublishedExam, Rejection, SaveOutcome, Store};
use testkit::arrange::{candidate, exam, start, submit};
use testkit::{Engine, NOON, TestStore, both_engines, by_writer, choose, minutes_after_noon, race, take_back};

/// One candidate in an attempt of ten minutes.
struct Sitting {
    exam: PublishedExam,
    ada: Account,
    attempt: Attempt,
}

impl Sitting {
    async fn begin(t: &Store) -> Self {
        let exam = exam("cloud").minutes(10).publish(t).await;
        let ada = candidate(t, "Ada").await;
        let attempt = start(t, &exam, &ada, NOON).await;
        Self { exam, ada, attempt }
    }

    async fn save_at(&self, store: &Store, operations: &[Operation], minutes: i64) -> SaveOutcome {
        let now = minutes_after_noon(minutes);
        let saved = store.save_operations(self.attempt.id, self.ada.id, operations.to_vec(), now).await;
        saved.expect("the store takes it").expect("the attempt is Ada's").outcome
    }

    async fn save(&self, store: &Store, operations: &[Operation]) -> SaveOutcome {
        self.save_at(store, operations, 1).await
    }

    async fn save_form(&self, store: &Store, writer: i64, question: usize, letter: &str) -> SaveOutcome {
        self.save_form_after(store, (writer, 0), question, letter).await
    }

    /// A form whose page has numbered operations itself: the writer and the highest number it has used.
    async fn save_form_after(&self, store: &Store, used: (i64, i64), question: usize, letter: &str) -> SaveOutcome {
        let response = Some(Response::Choice(vec![letter.to_owned()]));
        let answer = FormAnswer { writer: used.0, last_seq: used.1, question, response };
        let saved = store.save_form(self.attempt.id, self.ada.id, answer, minutes_after_noon(1));
        saved.await.expect("the store takes it").expect("the attempt is Ada's").outcome
    }

    async fn take_pen(&self, store: &Store) -> i64 {
        store.take_pen(&self.attempt.public_id, self.ada.id).await.expect("the store gives it").expect("it is open")
    }

    /// Question number and letter of each answer.
    async fn answers(&self, store: &Store) -> Vec<(usize, String)> {
        letters(&store.answers(&self.attempt).await.expect("they can be read").answers)
    }

    /// (writer, seq, verdict) of the whole log, by writer and seq.
    async fn log(&self, store: &Store) -> Vec<(i64, i64, &'static str)> {
        let log = store.operation_log(self.attempt.id).await.expect("it can be read");
        let mut log: Vec<_> = log.iter().map(|l| (l.operation.writer, l.operation.seq, l.verdict.name())).collect();
        log.sort_unstable();
        log
    }

    /// Hands in; question number and letter of each answer that was graded.
    async fn submit(&self, store: &Store) -> Vec<(usize, String)> {
        let graded = Arc::new(Mutex::new(Vec::new()));
        let now = minutes_after_noon(5);
        let (exam, attempt, seen) = (self.exam.clone(), self.attempt.clone(), Arc::clone(&graded));
        let ended =
            store.end_attempt(&self.attempt, exam::attempt::AttemptState::Submitted, now, now, move |answers| {
                *seen.lock().expect("no grading panics") = letters(answers);
                testkit::arrange::grade(&exam, &attempt, answers)
            });
        assert!(ended.await.expect("it can be handed in").ended_now);
        graded.lock().expect("no grading panics").clone()
    }
}

fn letters(answers: &Answers) -> Vec<(usize, String)> {
    answers
        .iter()
        .map(|(number, response)| match response {
            Response::Choice(letters) => (*number, letters.concat()),
            other => panic!("{other:?} is no choice"),
        })
        .collect()
}

fn answered(pairs: &[(usize, &str)]) -> Vec<(usize, String)> {
    pairs.iter().map(|(number, letter)| (*number, (*letter).to_owned())).collect()
}

fn acknowledged(seqs: &[i64]) -> SaveOutcome {
    SaveOutcome::Judged { acknowledged: seqs.to_vec(), rejected: Vec::new() }
}

fn rejected(seqs: &[i64], why: Rejection) -> SaveOutcome {
    SaveOutcome::Judged { acknowledged: Vec::new(), rejected: seqs.iter().map(|seq| (*seq, why)).collect() }
}

const LATE: Rejection = Rejection::Kept(Verdict::Late);
const SUPERSEDED: Rejection = Rejection::Kept(Verdict::Superseded);

both_engines!(saved_answers_are_there, async |t| {
    let ada = Sitting::begin(&t).await;
    assert_eq!(ada.save(&t, &[choose(1, 1, "b"), choose(2, 3, "a")]).await, acknowledged(&[1, 2]));
    assert_eq!(ada.save(&t, &[choose(3, 1, "c"), choose(4, 2, "d")]).await, acknowledged(&[3, 4]));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "c"), (2, "d"), (3, "a")]));
    assert_eq!(t.answers(&ada.attempt).await.unwrap().last_seq, 4, "the last number used");
    assert_eq!(ada.save(&t, &[take_back(5, 2)]).await, acknowledged(&[5]));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "c"), (3, "a")]));
    let identities = t.answers(&ada.attempt).await.unwrap().identities.into_iter();
    assert_eq!(
        identities.collect::<Vec<_>>(),
        [(1, (0, 3)), (2, (0, 5)), (3, (0, 2))],
        "also where one was taken back"
    );
    assert_eq!(ada.submit(&t).await, answered(&[(1, "c"), (3, "a")]));
});

both_engines!(a_replay_is_acknowledged_again_and_changes_nothing, async |t| {
    let ada = Sitting::begin(&t).await;
    let first = [choose(1, 1, "b"), take_back(2, 2), choose(3, 3, "a")];
    assert_eq!(ada.save(&t, &first).await, acknowledged(&[1, 2, 3]));
    ada.save(&t, &[choose(4, 1, "c")]).await;
    let before = t.operation_log(ada.attempt.id).await.unwrap();

    assert_eq!(ada.save_at(&t, &first, 2).await, acknowledged(&[1, 2, 3]));
    assert_eq!(ada.save_at(&t, &[choose(3, 3, "a"), choose(5, 2, "d")], 3).await, acknowledged(&[3, 5]), "in part");
    assert_eq!(ada.save_at(&t, &first, 99).await, acknowledged(&[1, 2, 3]), "it was in time when it came first");

    let after = t.operation_log(ada.attempt.id).await.unwrap();
    assert_eq!(after.len(), before.len() + 1);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((&before.operation, before.received_at), (&after.operation, after.received_at));
    }
    assert_eq!(ada.answers(&t).await, answered(&[(1, "c"), (2, "d"), (3, "a")]));
});

both_engines!(a_number_used_for_something_else_is_a_conflict, async |t| {
    let ada = Sitting::begin(&t).await;
    ada.save(&t, &[choose(1, 1, "a"), take_back(2, 2)]).await;
    for other in [choose(1, 1, "b"), choose(1, 2, "a"), take_back(1, 1), choose(2, 2, "a")] {
        let conflict = rejected(&[other.seq], Rejection::SeqConflict);
        assert_eq!(ada.save(&t, std::slice::from_ref(&other)).await, conflict, "{other:?}");
    }
    let mixed = ada.save(&t, &[choose(1, 1, "b"), choose(3, 3, "c")]).await;
    let expected = SaveOutcome::Judged { acknowledged: vec![3], rejected: vec![(1, Rejection::SeqConflict)] };
    assert_eq!(mixed, expected, "the others count");
    assert_eq!(ada.answers(&t).await, answered(&[(1, "a"), (3, "c")]));
    assert_eq!(ada.log(&t).await.len(), 3);
    assert_eq!(Rejection::SeqConflict.code(), "seq_conflict");
});

both_engines!(a_number_twice_in_one_save_is_a_replay_or_a_conflict, async |t| {
    let ada = Sitting::begin(&t).await;
    let twice = [choose(1, 1, "a"), choose(1, 1, "a"), choose(1, 1, "b")];
    let SaveOutcome::Judged { mut acknowledged, rejected } = ada.save(&t, &twice).await else { panic!("it is open") };
    acknowledged.dedup();
    assert_eq!((acknowledged, rejected), (vec![1], vec![(1, Rejection::SeqConflict)]));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "a")]));
});

both_engines!(operations_fold_alike_in_whatever_order_they_arrive, async |t| {
    let ada = Sitting::begin(&t).await;
    assert_eq!(ada.save(&t, &[choose(9, 1, "d"), choose(3, 2, "c")]).await, acknowledged(&[9, 3]));
    assert_eq!(ada.save(&t, &[choose(10, 2, "b")]).await, acknowledged(&[10]));
    assert_eq!(
        ada.save_at(&t, &[choose(2, 1, "a"), choose(4, 2, "a"), choose(1, 3, "a")], 2).await,
        acknowledged(&[2, 4, 1])
    );
    assert_eq!(ada.answers(&t).await, answered(&[(1, "d"), (2, "b"), (3, "a")]));
    assert_eq!(ada.submit(&t).await, answered(&[(1, "d"), (2, "b"), (3, "a")]));
});

both_engines!(late_answers_are_kept_but_do_not_count, async |t| {
    let ada = Sitting::begin(&t).await;
    assert_eq!(ada.save_at(&t, &[choose(1, 1, "a")], 10).await, acknowledged(&[1]), "at the deadline it is in time");
    assert_eq!(ada.save_at(&t, &[choose(2, 1, "b"), choose(3, 2, "a")], 11).await, rejected(&[2, 3], LATE));
    assert_eq!(ada.save_at(&t, &[choose(2, 1, "b")], 11).await, rejected(&[2], LATE), "again");
    assert_eq!(LATE.code(), "late");
    assert_eq!(ada.log(&t).await, [(0, 1, "counted"), (0, 2, "late"), (0, 3, "late")]);
    let log = t.operation_log(ada.attempt.id).await.unwrap();
    let evidence = log.iter().find(|logged| logged.operation.seq == 3).unwrap();
    assert_eq!((&evidence.operation, evidence.received_at), (&choose(3, 2, "a"), minutes_after_noon(11)));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "a")]));
    assert_eq!(ada.submit(&t).await, answered(&[(1, "a")]));
});

both_engines!(without_a_deadline_nothing_is_late, async |t| {
    let exam = exam("untimed").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let ada = Sitting { exam, ada, attempt };
    assert_eq!(ada.save_at(&t, &[choose(1, 1, "a")], 1_000_000).await, acknowledged(&[1]));
});

both_engines!(a_closed_attempt_says_so_and_keeps_what_comes_as_evidence, async |t| {
    let ada = Sitting::begin(&t).await;
    ada.save(&t, &[choose(1, 1, "a"), choose(2, 2, "b")]).await;
    ada.submit(&t).await;
    assert_eq!(ada.save(&t, &[choose(3, 3, "c")]).await, SaveOutcome::Closed);
    let SaveOutcome::Judged { acknowledged, rejected } = ada.save(&t, &[choose(2, 2, "b"), choose(4, 1, "d")]).await
    else {
        panic!("what it holds is told beside what is new")
    };
    assert_eq!((acknowledged, rejected), (vec![2], vec![(4, LATE)]));
    assert_eq!(ada.save(&t, &[]).await, SaveOutcome::Closed);
    assert_eq!(ada.save(&t, &[choose(1, 1, "d")]).await, SaveOutcome::Closed, "a conflict after the end");
    assert_eq!(ada.save(&t, &[choose(3, 3, "c")]).await, SaveOutcome::Closed, "again");
    assert_eq!(ada.save_form(&t, 0, 1, "d").await, SaveOutcome::Closed);
    let log = [(0, 1, "counted"), (0, 2, "counted"), (0, 3, "late"), (0, 4, "late"), (0, 5, "late")];
    assert_eq!(ada.log(&t).await, log);
    assert_eq!(ada.answers(&t).await, answered(&[(1, "a"), (2, "b")]), "sealed answers stay");
    assert_eq!(t.count_grades(&ada.attempt).await.unwrap(), 1);
});

both_engines!(a_replay_after_the_end_is_acknowledged_as_it_was, async |t| {
    let ada = Sitting::begin(&t).await;
    let saved = [choose(1, 1, "a"), choose(2, 2, "b")];
    ada.save(&t, &saved).await;
    ada.submit(&t).await;
    assert_eq!(ada.save_at(&t, &saved, 99).await, acknowledged(&[1, 2]), "the answer to the first save was lost");
    assert_eq!(ada.log(&t).await.len(), 2);
});

both_engines!(an_overtaken_writer_is_superseded_and_what_it_saved_before_stays, async |t| {
    let ada = Sitting::begin(&t).await;
    ada.save(&t, &[choose(1, 1, "a"), choose(2, 2, "a")]).await;
    assert_eq!(ada.take_pen(&t).await, 1);
    assert_eq!(ada.save(&t, &[choose(3, 1, "d"), choose(4, 3, "d")]).await, rejected(&[3, 4], SUPERSEDED));
    assert_eq!(SUPERSEDED.code(), "superseded");
    assert_eq!(ada.save(&t, &[choose(1, 1, "a"), choose(2, 2, "a")]).await, acknowledged(&[1, 2]), "a replay");
    assert_eq!(ada.answers(&t).await, answered(&[(1, "a"), (2, "a")]));

    assert_eq!(ada.save(&t, &[by_writer(1, choose(1, 2, "c"))]).await, acknowledged(&[1]), "its own numbers");
    assert_eq!(ada.answers(&t).await, answered(&[(1, "a"), (2, "c")]), "the later writer wins over higher numbers");
    let log = [(0, 1, "counted"), (0, 2, "counted"), (0, 3, "superseded"), (0, 4, "superseded"), (1, 1, "counted")];
    assert_eq!(ada.log(&t).await, log);
    let now = t.find_attempt(&ada.attempt.public_id, ada.ada.id).await.unwrap().unwrap();
    assert_eq!(t.answers(&now).await.unwrap().last_seq, 1, "the last number of the writer with the pen");
    assert_eq!(ada.submit(&t).await, answered(&[(1, "a"), (2, "c")]));
});

both_engines!(what_is_late_and_superseded_is_late, async |t| {
    let ada = Sitting::begin(&t).await;
    ada.take_pen(&t).await;
    assert_eq!(ada.save_at(&t, &[choose(1, 1, "a")], 11).await, rejected(&[1], LATE));
});

both_engines!(operations_of_one_save_are_written_together_or_not_at_all, async |t| {
    let ada = Sitting::begin(&t).await;
    // Number 0 is refused by the table, in the middle of the save.
    let broken = [choose(1, 1, "a"), choose(0, 2, "a"), choose(2, 3, "a")];
    let saved = t.save_operations(ada.attempt.id, ada.ada.id, broken.to_vec(), NOON).await;
    assert!(saved.is_err(), "{saved:?}");
    assert_eq!(ada.log(&t).await, []);
    assert_eq!(ada.save(&t, &[choose(1, 1, "b"), choose(2, 3, "b")]).await, acknowledged(&[1, 2]));
});

both_engines!(copies_of_the_same_save_at_once_are_written_once, async |t| {
    let ada = Sitting::begin(&t).await;
    for round in 0..20 {
        let operations: Vec<_> = (1..=5).map(|n| choose(round * 5 + n, 1 + (n as usize) % 3, "a")).collect();
        let seqs: Vec<i64> = operations.iter().map(|operation| operation.seq).collect();
        for outcome in race(&t, 6, async |_, store| ada.save(store, &operations).await).await {
            assert_eq!(outcome, acknowledged(&seqs), "round {round}");
        }
        assert_eq!(ada.log(&t).await.len(), operations.len() * (usize::try_from(round).unwrap() + 1));
    }
});

both_engines!(saves_that_overlap_at_once_neither_fail_nor_write_twice, async |t| {
    let ada = Sitting::begin(&t).await;
    for round in 0..20 {
        // A client that re-sends what it has not heard of, each time with a little more, in either order.
        let first = round * 20;
        let outcomes = race(&t, 8, async |number, store| {
            let from = first + i64::try_from(number).unwrap();
            let mut operations: Vec<_> = (from + 1..=from + 10).map(|seq| choose(seq, 1, "a")).collect();
            if number % 2 == 1 {
                operations.reverse();
            }
            let saved = store.save_operations(ada.attempt.id, ada.ada.id, operations.to_vec(), NOON).await;
            (operations, saved)
        });
        for (operations, saved) in outcomes.await {
            let saved = saved.expect("a copy is no error").expect("it is Ada's");
            let SaveOutcome::Judged { mut acknowledged, rejected } = saved.outcome else { panic!("it is open") };
            acknowledged.sort_unstable();
            let mut sent: Vec<i64> = operations.iter().map(|operation| operation.seq).collect();
            sent.sort_unstable();
            assert_eq!((acknowledged, rejected), (sent, vec![]), "round {round}");
        }
    }
    assert_eq!(ada.log(&t).await.len(), 20 * 17);
});

both_engines!(two_contents_under_one_number_at_once_leave_one_and_a_conflict, async |t| {
    let ada = Sitting::begin(&t).await;
    for seq in 1..=20 {
        let outcomes = race(&t, 4, async |number, store| {
            let letter = ["a", "b", "c", "d"][number];
            (letter, ada.save(store, &[choose(seq, 1, letter)]).await)
        });
        let (won, lost): (Vec<_>, Vec<_>) =
            outcomes.await.into_iter().partition(|(_, outcome)| *outcome == acknowledged(&[seq]));
        let [(winner, _)] = won.as_slice() else { panic!("{won:?} won") };
        assert!(lost.iter().all(|(_, outcome)| *outcome == rejected(&[seq], Rejection::SeqConflict)), "{lost:?}");
        assert_eq!(ada.answers(&t).await, answered(&[(1, winner)]));
    }
});

both_engines!(a_form_writes_under_the_next_number_of_its_writer, async |t| {
    let ada = Sitting::begin(&t).await;
    assert_eq!(ada.save_form(&t, 0, 1, "a").await, acknowledged(&[1]));
    ada.save(&t, &[choose(7, 2, "b")]).await;
    assert_eq!(ada.save_form(&t, 0, 1, "c").await, acknowledged(&[8]));
    assert_eq!(ada.save_form(&t, 99, 1, "d").await, acknowledged(&[9]), "a writer that was never given out is none");
    ada.take_pen(&t).await;
    assert_eq!(ada.save_form(&t, 1, 3, "d").await, acknowledged(&[1]));
    assert_eq!(ada.save_form(&t, 0, 3, "a").await, rejected(&[10], SUPERSEDED), "a page that was overtaken");
    let nothing = FormAnswer { writer: 1, last_seq: 0, question: 2, response: None };
    let emptied = t.save_form(ada.attempt.id, ada.ada.id, nothing, NOON).await.unwrap();
    assert_eq!(emptied.unwrap().outcome, acknowledged(&[2]));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "d"), (3, "d")]));
    let numbers: Vec<_> = ada.log(&t).await.iter().map(|entry| (entry.0, entry.1)).collect();
    assert_eq!(numbers, [(0, 1), (0, 7), (0, 8), (0, 9), (0, 10), (1, 1), (1, 2)]);
});

both_engines!(a_form_outranks_what_its_page_sent_before_it_and_what_comes_late, async |t| {
    let ada = Sitting::begin(&t).await;
    // The page has used 1 (refused by a busy server) and 2 (still on its way) when its form is sent.
    assert_eq!(ada.save_form_after(&t, (0, 2), 1, "a").await, acknowledged(&[3]));
    assert_eq!(ada.save(&t, &[choose(2, 1, "b")]).await, acknowledged(&[2]));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "a")]), "the newest answer is the form's");
    assert_eq!(ada.save_form_after(&t, (0, 1), 2, "c").await, acknowledged(&[4]), "numbers never fall");
    assert_eq!(ada.save_form_after(&t, (0, -7), 2, "d").await, acknowledged(&[5]));
    let SaveOutcome::Judged { acknowledged, .. } = ada.save_form_after(&t, (0, i64::MAX), 3, "a").await else {
        panic!("it is open")
    };
    assert!(acknowledged[0] < 1_000_000, "a forged form cannot use the numbers up: {acknowledged:?}");
    assert_eq!(ada.submit(&t).await, answered(&[(1, "a"), (2, "d"), (3, "a")]));
});

both_engines!(a_late_form_is_kept_but_does_not_count, async |t| {
    let ada = Sitting::begin(&t).await;
    ada.save_form(&t, 0, 1, "a").await;
    let answer = FormAnswer { writer: 0, last_seq: 1, question: 1, response: Some(Response::Choice(vec!["b".into()])) };
    let late = t.save_form(ada.attempt.id, ada.ada.id, answer, minutes_after_noon(11)).await.unwrap();
    assert_eq!(late.unwrap().outcome, rejected(&[2], LATE));
    assert_eq!(ada.log(&t).await, [(0, 1, "counted"), (0, 2, "late")]);
    assert_eq!(ada.submit(&t).await, answered(&[(1, "a")]));
});

both_engines!(forms_at_once_all_get_a_number_of_their_own, async |t| {
    let ada = Sitting::begin(&t).await;
    // No two to a question are the same: what changes nothing gets none.
    let letter = |number: usize| ["a", "b", "c", "d"][number / 3];
    let outcomes =
        race(&t, 10, async |number, store| ada.save_form(store, 0, 1 + number % 3, letter(number)).await).await;
    let mut numbers: Vec<i64> = outcomes
        .into_iter()
        .flat_map(|outcome| match outcome {
            SaveOutcome::Judged { acknowledged, rejected } if rejected.is_empty() => acknowledged,
            other => panic!("{other:?}"),
        })
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
});

both_engines!(any_answer_survives, async |t| {
    let ada = Sitting::begin(&t).await;
    let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    let responses = [
        Response::Text("'quoted' \"twice\"; DROP TABLE accounts; --".into()),
        Response::Text("日本語 ערבית 🎓 e\u{301}\u{200d}".into()),
        Response::Text("line\r\nbreak\ttab \\ \\u0041 %_!".into()),
        // JSON writes it as an escape, so that PostgreSQL's text takes it.
        Response::Text("nul \0 inside".into()),
        Response::Text("x".repeat(4_000)),
        Response::Number("-3,14e10".into()),
        Response::Choice(vec!["a".into(), "d".into()]),
        Response::Order(vec!["c".into(), "a".into(), "b".into()]),
        Response::Match(map(&[("1", "b"), ("2", "a")])),
        Response::Blanks(map(&[("1", "x y"), ("10", "z")])),
    ];
    let operations: Vec<Operation> = (1..)
        .zip(&responses)
        .map(|(seq, response)| Operation { writer: 0, seq, question: 1, response: Some(response.clone()) })
        .collect();
    let seqs: Vec<i64> = operations.iter().map(|operation| operation.seq).collect();
    assert_eq!(ada.save(&t, &operations).await, acknowledged(&seqs));
    let log = t.operation_log(ada.attempt.id).await.unwrap();
    assert_eq!(log.into_iter().map(|logged| logged.operation).collect::<Vec<_>>(), operations);
    assert_eq!(ada.save(&t, &operations).await, acknowledged(&seqs), "each equals itself");
});

both_engines!(answers_are_counted_as_they_are_folded, async |t| {
    let exam = exam("cloud").minutes(10).publish(&t).await;
    let mut sittings = Vec::new();
    for name in ["Ada", "Bob", "Eve"] {
        let ada = candidate(&t, name).await;
        sittings.push(start(&t, &exam, &ada, NOON).await);
    }
    let save = async |person: usize, operations: &[Operation], minutes| {
        let attempt: &Attempt = &sittings[person];
        t.save_operations(attempt.id, attempt.account, operations.to_vec(), minutes_after_noon(minutes)).await.unwrap()
    };
    save(0, &[choose(1, 1, "a"), choose(2, 1, "b"), choose(3, 2, "a"), choose(4, 3, "c")], 1).await;
    save(0, &[take_back(5, 2)], 1).await;
    save(0, &[choose(6, 2, "a")], 11).await;
    t.take_pen(&sittings[0].public_id, sittings[0].account).await.unwrap();
    save(0, &[by_writer(1, take_back(1, 3))], 1).await;
    save(1, &[choose(1, 1, "a"), take_back(2, 1)], 1).await;

    let mut rows = t.list_attempts(&AttemptFilter { limit: 10, ..AttemptFilter::default() }).await.unwrap().attempts;
    t.count_answers(&mut rows).await.unwrap();
    for attempt in &sittings {
        let folded = t.answers(attempt).await.unwrap().answers.len();
        let row = rows.iter().find(|row| row.id == attempt.id).unwrap();
        assert_eq!(row.answered, Some(i64::try_from(folded).unwrap()), "attempt {}", attempt.id);
    }
    let of = |person: usize| rows.iter().find(|row| row.id == sittings[person].id).unwrap().answered;
    assert_eq!([of(0), of(1), of(2)], [Some(1), Some(0), Some(0)]);
    rows[0].answered = Some(7);
    t.count_answers(&mut rows[..1]).await.unwrap();
    assert_eq!(rows[0].answered, Some(7), "what is told of one that has ended stays");
});

both_engines!(the_log_is_in_order_of_arrival, async |t| {
    let ada = Sitting::begin(&t).await;
    ada.save_at(&t, &[choose(5, 1, "a")], 3).await;
    ada.save_at(&t, &[choose(9, 1, "b"), choose(8, 1, "c")], 1).await;
    let log = t.operation_log(ada.attempt.id).await.unwrap();
    assert_eq!(log.iter().map(|logged| logged.operation.seq).collect::<Vec<_>>(), [8, 9, 5]);
});

/// One race of a save against a submit: whatever was acknowledged is in the grade, and what is not in it was not acknowledged.
async fn race_a_submit(t: &TestStore, other: &Store, sitting: &Sitting, operations: &[Operation], delay: u32) -> bool {
    // Which of the two gets ahead is left to chance, with a push now and then.
    let pause = async |turns: u32| {
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    };
    let saving = async {
        pause(delay % 7).await;
        sitting.save(t, operations).await
    };
    let submitting = async {
        pause(delay / 7 % 7).await;
        // In a process of its own: in one, the queue puts the two in an order.
        sitting.submit(other).await
    };
    let (saved, graded) = tokio::join!(saving, submitting);
    let graded: BTreeMap<usize, String> = graded.into_iter().collect();
    match saved {
        SaveOutcome::Judged { acknowledged, rejected } => {
            assert_eq!((acknowledged.len(), rejected.len()), (operations.len(), 0));
            assert_eq!(graded.len(), operations.len(), "acknowledged and not graded");
            true
        }
        SaveOutcome::Closed => {
            assert!(graded.is_empty(), "graded and not acknowledged: {graded:?}");
            false
        }
        SaveOutcome::UnknownWriter | SaveOutcome::Full => panic!("writer 0 always was, and there is room"),
    }
}

both_engines!(a_save_that_races_a_submit_is_in_the_grade_or_told, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let person = candidate(&t, "Ada").await;
    // SQLite has one writer, which leaves little to race for.
    let rounds = if t.engine() == Engine::Postgres { 400 } else { 60 };
    let mut sitting = Sitting { attempt: start(&t, &exam, &person, NOON).await, exam, ada: person };
    let other = t.second_process().await;
    let mut in_the_grade = 0;
    for round in 0..rounds {
        let operations: Vec<_> = (1..=3).map(|number| choose(number, number.unsigned_abs() as usize, "a")).collect();
        in_the_grade +=
            u32::from(race_a_submit(&t, &other, &sitting, &operations[..1 + round as usize % 3], round).await);
        assert_eq!(t.count_grades(&sitting.attempt).await.unwrap(), 1);
        sitting.attempt = start(&t, &sitting.exam, &sitting.ada, NOON).await;
    }
    println!("{in_the_grade} of {rounds} saves came first");
    if t.engine() == Engine::Postgres {
        assert!(in_the_grade > 0 && in_the_grade < rounds, "nothing was raced: {in_the_grade} of {rounds} came first");
    }
});

both_engines!(many_savers_and_one_submit_agree_on_what_was_graded, async |t| {
    let exam = exam("cloud").draw_by(arrange_pool(&t).await).publish(&t).await;
    let person = candidate(&t, "Ada").await;
    let mut sitting = Sitting { attempt: start(&t, &exam, &person, NOON).await, exam, ada: person };
    for round in 0..20 {
        let results = race(&t, 9, async |number, store| {
            if number == 4 {
                return Err(sitting.submit(store).await);
            }
            let seq = i64::try_from(number).unwrap() + 1;
            Ok((number + 1, sitting.save(store, &[choose(seq, number + 1, "a")]).await))
        });
        let mut graded = Vec::new();
        let mut expected = Vec::new();
        for result in results.await {
            match result {
                Err(answers) => graded = answers.into_iter().map(|(number, _)| number).collect(),
                Ok((number, SaveOutcome::Judged { acknowledged, .. })) if acknowledged.len() == 1 => {
                    expected.push(number);
                }
                Ok((_, outcome)) => assert_eq!(outcome, SaveOutcome::Closed),
            }
        }
        assert_eq!(graded, expected, "round {round}: what was graded is what was acknowledged");
        sitting.attempt = start(&t, &sitting.exam, &sitting.ada, NOON).await;
    }
});

async fn arrange_pool(t: &Store) -> exam::blueprint::Draw {
    testkit::arrange::bank(t, "nine", 9).await;
    exam::blueprint::Draw { bank: "nine".into(), domains: Vec::new(), difficulty: None, count: 9 }
}

both_engines!(a_submit_counts_every_answer_of_a_full_paper, async |t| {
    testkit::arrange::bank(&t, "full", 65).await;
    let exam = exam("full").draw("full", 65).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    for question in 1..=65 {
        let operation = choose(i64::try_from(question).unwrap(), question, if question % 5 == 0 { "b" } else { "a" });
        t.save_operations(attempt.id, ada.id, vec![operation], NOON).await.unwrap();
    }
    let receipt = submit(&t, &exam, &attempt, minutes_after_noon(5)).await.attempt;
    assert_eq!(receipt.answered, Some(65));
    assert_eq!(t.find_grade(&receipt).await.unwrap().unwrap().points.0, 52_000);
});
