//! Attempts: started once, ended once, and nobody else's business.

use exam::answer::{Answers, Response, digest};
use exam::attempt::AttemptState;
use exam::id::AttemptId;
use exam::settings::Percent;
use std::collections::BTreeSet;
use store::{Attempt, AttemptFilter, FormAnswer, Overdue, SaveOutcome, Started, Store};
use testkit::arrange::{self, bank, candidate, exam, start, submit, try_start};
use testkit::{Engine, NOON, both_engines, choose, minutes_after_noon, race};

/// The attempt that a start gave, new or not.
fn attempt_of(started: Started) -> Attempt {
    match started {
        Started::New(attempt) | Started::Existing(attempt) => attempt,
        Started::NoAttemptsLeft => panic!("no attempts left"),
    }
}

both_engines!(a_new_attempt_is_open_and_keeps_its_paper, async |t| {
    let exam = exam("cloud").minutes(30).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let started = start(&t, &exam, &ada, NOON).await;
    let found = t.find_attempt(&started.public_id, ada.id).await.unwrap().unwrap();
    for attempt in [&started, &found] {
        assert_eq!((attempt.account, attempt.exam_id), (ada.id, exam.summary.exam_id));
        assert_eq!((attempt.exam_version, attempt.exam_slug.as_str()), (exam.summary.version_id, "cloud"));
        assert_eq!((attempt.exam_title.as_str(), attempt.number), ("Exam cloud", 1));
        assert_eq!((attempt.state, attempt.pen_holder), (AttemptState::Open, 0));
        assert_eq!((attempt.started_at, attempt.deadline), (NOON, Some(minutes_after_noon(30))));
        assert_eq!((attempt.submitted_at, attempt.answered, &attempt.digest), (None, None, &None));
    }
    assert_eq!(found.paper, started.paper);
    assert_eq!(found.paper.items.len(), 3);
    assert_eq!(t.find_grade(&found).await.unwrap(), None);
});

both_engines!(the_deadline_is_cut_off_by_the_close_of_the_exam, async |t| {
    let close = minutes_after_noon(10);
    let closing = exam("closing").minutes(30).set(|settings| settings.closes_at = Some(close)).publish(&t).await;
    let untimed = exam("untimed").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    assert_eq!(start(&t, &closing, &ada, NOON).await.deadline, Some(close));
    assert_eq!(start(&t, &untimed, &ada, NOON).await.deadline, None);
});

both_engines!(a_start_with_the_same_key_gives_the_same_attempt_and_uses_up_nothing, async |t| {
    let exam = exam("cloud").attempts(2).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let Started::New(first) = try_start(&t, &exam, &ada, Some("key"), NOON).await.unwrap() else { panic!("new") };
    let Started::Existing(again) = try_start(&t, &exam, &ada, Some("key"), minutes_after_noon(1)).await.unwrap() else {
        panic!("it is there")
    };
    assert_eq!((again.id, again.paper, again.started_at), (first.id, first.paper.clone(), NOON));

    submit(&t, &exam, &first, minutes_after_noon(2)).await;
    let replayed = attempt_of(try_start(&t, &exam, &ada, Some("key"), minutes_after_noon(3)).await.unwrap());
    assert_eq!((replayed.id, replayed.state), (first.id, AttemptState::Submitted), "also after it has ended");

    let second = start(&t, &exam, &ada, minutes_after_noon(4)).await;
    assert_eq!((second.number, t.count_attempts(exam.summary.exam_id, ada.id).await.unwrap()), (2, 2));
    let replayed = attempt_of(try_start(&t, &exam, &ada, Some("key"), minutes_after_noon(5)).await.unwrap());
    assert_eq!(replayed.id, first.id, "the attempt of the key, not the open one");
});

both_engines!(a_key_starts_one_attempt_even_when_that_one_ends_at_once, async |t| {
    let exam = exam("cloud").publish(&t).await;
    for round in 0..10 {
        let ada = candidate(&t, &format!("Ada {round}")).await;
        let started = race(&t, 12, async |_, store| {
            let attempt = attempt_of(try_start(store, &exam, &ada, Some("key"), NOON).await.unwrap());
            arrange::try_submit(store, &exam, &attempt, NOON).await.unwrap();
            attempt.id
        })
        .await;
        assert_eq!(started.iter().collect::<BTreeSet<_>>().len(), 1, "round {round}");
    }
});

both_engines!(a_key_given_to_an_attempt_that_just_ends_means_one_attempt, async |t| {
    let exam = exam("cloud").publish(&t).await;
    for round in 0..20 {
        let ada = candidate(&t, &format!("Ada {round}")).await;
        let open = start(&t, &exam, &ada, NOON).await;
        let started = race(&t, 8, async |number, store| {
            if number == 0 {
                arrange::try_submit(store, &exam, &open, NOON).await.unwrap();
                return None;
            }
            Some(attempt_of(try_start(store, &exam, &ada, Some("key"), NOON).await.unwrap()).id)
        })
        .await;
        let again = attempt_of(try_start(&t, &exam, &ada, Some("key"), NOON).await.unwrap()).id;
        assert!(started.iter().flatten().all(|id| *id == again), "round {round}: {started:?}, then {again:?}");
    }
});

both_engines!(a_key_belongs_to_one_person_and_one_exam, async |t| {
    let (cloud, data) = (exam("cloud").publish(&t).await, exam("data").publish(&t).await);
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let mut attempts = BTreeSet::new();
    for (exam, person) in [(&cloud, &ada), (&cloud, &bob), (&data, &ada)] {
        let started = try_start(&t, exam, person, Some("key"), NOON).await.unwrap();
        assert!(matches!(started, Started::New(_)));
        attempts.insert(attempt_of(started).id);
    }
    assert_eq!(attempts.len(), 3);
});

both_engines!(a_start_while_an_attempt_is_open_gives_the_open_one, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let open = start(&t, &exam, &ada, NOON).await;
    for key in [None, Some("another key")] {
        let Started::Existing(found) = try_start(&t, &exam, &ada, key, NOON).await.unwrap() else { panic!("{key:?}") };
        assert_eq!(found.id, open.id);
    }
    assert_eq!(t.find_open_attempt(exam.summary.exam_id, ada.id).await.unwrap().unwrap().id, open.id);
    submit(&t, &exam, &open, NOON).await;
    assert!(t.find_open_attempt(exam.summary.exam_id, ada.id).await.unwrap().is_none());
    assert_eq!(start(&t, &exam, &ada, NOON).await.number, 2);
});

both_engines!(a_key_that_was_given_the_open_attempt_stays_with_it, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let open = start(&t, &exam, &ada, NOON).await;
    assert_eq!(attempt_of(try_start(&t, &exam, &ada, Some("key"), NOON).await.unwrap()).id, open.id);
    submit(&t, &exam, &open, NOON).await;
    let replayed = try_start(&t, &exam, &ada, Some("key"), NOON).await.unwrap();
    assert!(matches!(replayed, Started::Existing(attempt) if attempt.id == open.id));
    let second = start(&t, &exam, &ada, NOON).await;
    let replayed = attempt_of(try_start(&t, &exam, &ada, Some("key"), NOON).await.unwrap());
    assert_eq!((replayed.id, second.number), (open.id, 2));
});

both_engines!(attempts_that_are_used_up_are_refused, async |t| {
    let exam = exam("cloud").attempts(2).publish(&t).await;
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    for number in 1..=2 {
        let attempt = start(&t, &exam, &ada, NOON).await;
        assert_eq!(attempt.number, number);
        submit(&t, &exam, &attempt, NOON).await;
    }
    assert!(matches!(try_start(&t, &exam, &ada, Some("third"), NOON).await.unwrap(), Started::NoAttemptsLeft));
    assert_eq!(start(&t, &exam, &bob, NOON).await.number, 1, "everybody has their own");
});

both_engines!(twenty_starts_at_once_open_one_attempt, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    for key in [None, Some("the same key")] {
        let started = race(&t, 20, async |_, store| try_start(store, &exam, &ada, key, NOON).await.unwrap()).await;
        assert_eq!(started.iter().filter(|started| matches!(started, Started::New(_))).count(), 1, "{key:?}");
        let ids: BTreeSet<_> = started.into_iter().map(|started| attempt_of(started).id).collect();
        assert_eq!(ids.len(), 1, "{key:?}");
        let open = t.find_open_attempt(exam.summary.exam_id, ada.id).await.unwrap().unwrap();
        submit(&t, &exam, &open, NOON).await;
    }
    assert_eq!(t.count_attempts(exam.summary.exam_id, ada.id).await.unwrap(), 2);
});

both_engines!(the_limit_holds_when_starts_and_submits_race, async |t| {
    let exam = exam("cloud").attempts(5).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    race(&t, 20, async |_, store| {
        loop {
            match try_start(store, &exam, &ada, None, NOON).await.unwrap() {
                Started::NoAttemptsLeft => break,
                started => submit(store, &exam, &attempt_of(started), NOON).await,
            };
        }
    })
    .await;
    assert_eq!(t.count_attempts(exam.summary.exam_id, ada.id).await.unwrap(), 5);
    let raw = &mut t.raw().await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM grades").await, 5, "each attempt was graded once");
    assert_eq!(raw.number("SELECT MAX(number) FROM attempts").await, 5);
});

both_engines!(another_persons_attempt_is_invisible, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let (ada, eve) = (candidate(&t, "Ada").await, candidate(&t, "Eve").await);
    let attempt = start(&t, &exam, &ada, NOON).await;
    let id = &attempt.public_id;
    assert!(t.find_attempt(id, eve.id).await.unwrap().is_none());
    assert_eq!(t.take_pen(id, eve.id).await.unwrap(), None);
    assert_eq!(t.save_operations(attempt.id, eve.id, vec![choose(1, 1, "b")], NOON).await.unwrap(), None);
    let form = FormAnswer { writer: 0, last_seq: 0, question: 1, response: None };
    assert_eq!(t.save_form(attempt.id, eve.id, form, NOON).await.unwrap(), None);
    assert!(t.find_open_attempt(exam.summary.exam_id, eve.id).await.unwrap().is_none());
    assert!(t.list_grades(eve.id, 10).await.unwrap().is_empty());
    let own = AttemptFilter { account: Some(eve.id), limit: 10, ..Default::default() };
    assert!(t.list_attempts(&own).await.unwrap().attempts.is_empty());

    assert!(t.operation_log(attempt.id).await.unwrap().is_empty(), "nothing was written");
    assert_eq!(t.find_attempt(id, ada.id).await.unwrap().unwrap().pen_holder, 0);
    assert_eq!(t.find_attempt_for_staff(id).await.unwrap().unwrap().account, ada.id);
    for unknown in ["", "attempt-0", "'"] {
        assert!(t.find_attempt(unknown, ada.id).await.unwrap().is_none());
    }
    let unknown = AttemptId(attempt.id.0 + 1);
    assert_eq!(t.save_operations(unknown, ada.id, vec![choose(1, 1, "b")], NOON).await.unwrap(), None);
});

both_engines!(a_submit_seals_what_was_saved_and_grades_it, async |t| {
    let exam = exam("cloud").set(|settings| settings.pass = Percent::from_f64(60.0)).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let operations = [choose(1, 1, "a"), choose(2, 2, "b"), choose(3, 3, "a")];
    t.save_operations(attempt.id, ada.id, operations.to_vec(), NOON).await.unwrap();

    let submitted = submit(&t, &exam, &attempt, minutes_after_noon(5)).await;
    assert!(submitted.ended_now);
    let answers: Answers =
        [(1, "a"), (2, "b"), (3, "a")].map(|(number, letter)| (number, Response::Choice(vec![letter.into()]))).into();
    let found = t.find_attempt(&attempt.public_id, ada.id).await.unwrap().unwrap();
    for ended in [&submitted.attempt, &found] {
        assert_eq!((ended.state, ended.submitted_at), (AttemptState::Submitted, Some(minutes_after_noon(5))));
        assert_eq!(
            (ended.answered, ended.digest.as_deref()),
            (Some(3), Some(digest(&ended.public_id, &answers).as_str()))
        );
    }
    let grade = t.find_grade(&found).await.unwrap().unwrap();
    assert_eq!(grade, arrange::grade(&exam, &attempt, &answers));
    assert_eq!((grade.points.0, grade.max_points.0, grade.passed), (2_000, 3_000, Some(true)));
    assert_eq!(t.count_audit("attempt.end", &format!("attempt {}", attempt.public_id)).await.unwrap(), 1);
});

both_engines!(a_second_submit_gives_the_receipt_of_the_first, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let first = submit(&t, &exam, &attempt, minutes_after_noon(1)).await.attempt;
    let again = t
        .end_attempt(&attempt, AttemptState::Expired, minutes_after_noon(2), minutes_after_noon(2), |_| {
            unreachable!("it is graded already")
        })
        .await
        .unwrap();
    assert!(!again.ended_now);
    let again = again.attempt;
    assert_eq!((again.state, again.submitted_at), (AttemptState::Submitted, first.submitted_at));
    assert_eq!((again.answered, again.digest), (Some(0), first.digest));
    assert_eq!(t.count_grades(&attempt).await.unwrap(), 1);
});

both_engines!(an_attempt_that_the_sweep_ends_counts_what_was_saved_in_time, async |t| {
    let exam = exam("cloud").minutes(10).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    t.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], minutes_after_noon(9)).await.unwrap();
    let deadline = attempt.deadline.unwrap();
    let marked = attempt.clone();
    let ended = t
        .end_attempt(&attempt, AttemptState::Expired, deadline, minutes_after_noon(11), move |answers| {
            arrange::grade(&exam, &marked, answers)
        })
        .await
        .unwrap();
    assert_eq!((ended.attempt.state, ended.attempt.submitted_at), (AttemptState::Expired, Some(deadline)));
    let found = t.find_attempt(&attempt.public_id, ada.id).await.unwrap().unwrap();
    assert_eq!((found.state, found.submitted_at, found.answered), (AttemptState::Expired, Some(deadline), Some(1)));
    assert_eq!(t.find_grade(&found).await.unwrap().unwrap().points.0, 1_000);
});

both_engines!(ten_submits_at_once_end_an_attempt_once, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    for round in 0..10 {
        let attempt = start(&t, &exam, &ada, NOON).await;
        t.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], NOON).await.unwrap();
        let submitted = race(&t, 10, async |number, store| {
            let now = minutes_after_noon(i64::try_from(number).unwrap());
            submit(store, &exam, &attempt, now).await
        })
        .await;
        assert_eq!(submitted.iter().filter(|submitted| submitted.ended_now).count(), 1, "round {round}");
        let receipts: BTreeSet<_> = submitted
            .into_iter()
            .map(|s| (s.attempt.state.name(), s.attempt.submitted_at, s.attempt.answered, s.attempt.digest))
            .collect();
        assert_eq!(receipts.len(), 1, "round {round}: {receipts:?}");
        assert_eq!(t.count_grades(&attempt).await.unwrap(), 1);
    }
});

both_engines!(a_grading_that_panics_leaves_the_attempt_open, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let ended = t.end_attempt(&attempt, AttemptState::Submitted, NOON, NOON, |_| panic!("on purpose, in a test")).await;
    assert!(matches!(ended, Err(store::Error::NotGraded { .. })), "{ended:?}");
    let found = t.find_attempt(&attempt.public_id, ada.id).await.unwrap().unwrap();
    assert_eq!(found.state, AttemptState::Open);
    t.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], NOON).await.unwrap();
    assert_eq!(submit(&t, &exam, &attempt, NOON).await.attempt.answered, Some(1));
});

both_engines!(two_submits_at_once_of_what_cannot_be_graded_are_both_told, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let submit = async || {
        let state = AttemptState::Submitted;
        t.end_attempt(&attempt, state, NOON, NOON, |_| panic!("on purpose, in a test")).await
    };
    let (first, second, third) = tokio::join!(submit(), submit(), submit());
    for ended in [first, second, third] {
        assert!(matches!(ended, Err(store::Error::NotGraded { .. })), "{ended:?}");
    }
});

both_engines!(the_pen_passes_on_while_the_attempt_is_open, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    assert_eq!(t.take_pen(&attempt.public_id, ada.id).await.unwrap(), Some(1));
    assert_eq!(t.take_pen(&attempt.public_id, ada.id).await.unwrap(), Some(2));
    let mut writers =
        race(&t, 8, async |_, store| store.take_pen(&attempt.public_id, ada.id).await.unwrap().unwrap()).await;
    writers.sort_unstable();
    assert_eq!(writers, (3..=10).collect::<Vec<_>>(), "no number is given twice");
    assert_eq!(t.find_attempt(&attempt.public_id, ada.id).await.unwrap().unwrap().pen_holder, 10);
    submit(&t, &exam, &attempt, NOON).await;
    assert_eq!(t.take_pen(&attempt.public_id, ada.id).await.unwrap(), None);
});

both_engines!(overdue_attempts_are_listed_longest_overdue_first, async |t| {
    let [ten, twenty] = [exam("ten").minutes(10).publish(&t).await, exam("twenty").minutes(20).publish(&t).await];
    let untimed = exam("untimed").publish(&t).await;
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let second = start(&t, &twenty, &ada, NOON).await.public_id;
    let first = start(&t, &ten, &ada, NOON).await.public_id;
    start(&t, &untimed, &ada, NOON).await;
    let ended = start(&t, &ten, &bob, NOON).await;
    submit(&t, &ten, &ended, NOON).await;

    // Another person's, with the deadline of the first.
    let same = start(&t, &ten, &candidate(&t, "Eve").await, NOON).await.public_id;

    let list = async |minutes, after: Option<&Overdue>, limit| {
        t.list_overdue(minutes_after_noon(minutes), after, limit).await.unwrap()
    };
    let overdue = async |minutes, limit| {
        list(minutes, None, limit).await.into_iter().map(|overdue| overdue.public_id).collect::<Vec<_>>()
    };
    assert_eq!(overdue(10, 10).await, [""; 0], "at the deadline it is not yet over");
    let (first, same, second) = (first.as_str(), same.as_str(), second.as_str());
    assert_eq!(overdue(11, 10).await, [first, same]);
    assert_eq!(overdue(30, 10).await, [first, same, second]);
    assert_eq!(overdue(30, 1).await, [first]);

    let mut last = None;
    for next in [first, same, second] {
        let page = list(30, last.as_ref(), 1).await;
        assert_eq!((page[0].public_id.as_str(), page.len()), (next, 1));
        last = page.into_iter().next();
    }
    assert_eq!(list(30, last.as_ref(), 1).await, []);
});

/// Seven attempts: Ada and Özgür in "cloud" twice, Ada in "data" three times; the last of each is open.
async fn seven_attempts(t: &Store) -> (Vec<AttemptId>, store::Account, store::Account) {
    let (cloud, data) = (exam("cloud").publish(t).await, exam("data").publish(t).await);
    let ada = candidate(t, "Ada").await;
    let oezguer = t
        .create_account(arrange::new_account("oe_100%@example.org", "Özgür", store::Role::Candidate), None, NOON)
        .await
        .expect("the store takes it");
    let mut ids = Vec::new();
    for (exam, person, rounds) in [(&cloud, &ada, 2), (&cloud, &oezguer, 2), (&data, &ada, 3)] {
        for round in 1..=rounds {
            let attempt = start(t, exam, person, minutes_after_noon(round)).await;
            if round < rounds {
                t.save_operations(attempt.id, person.id, vec![choose(1, 1, "a")], NOON)
                    .await
                    .expect("the store takes it");
                submit(t, exam, &attempt, minutes_after_noon(round + 10)).await;
            }
            ids.push(attempt.id);
        }
    }
    (ids, ada, oezguer)
}

both_engines!(attempts_are_paged_newest_first_without_gaps_or_repeats, async |t| {
    let (mut ids, ..) = seven_attempts(&t).await;
    ids.reverse();
    for limit in [1, 2, 3, 7, 8] {
        let mut filter = AttemptFilter { limit, ..Default::default() };
        let mut seen = Vec::new();
        loop {
            let page = t.list_attempts(&filter).await.unwrap();
            assert!(!page.attempts.is_empty(), "no empty page at the end");
            seen.extend(page.attempts.iter().map(|attempt| attempt.id));
            filter.before = page.next;
            if page.next.is_none() {
                break;
            }
        }
        assert_eq!(seen, ids, "in pages of {limit}");
    }
});

both_engines!(attempts_are_filtered_by_person_exam_and_state, async |t| {
    let (_, ada, oezguer) = seven_attempts(&t).await;
    let all = AttemptFilter { limit: 100, ..Default::default() };
    let count = async |filter: AttemptFilter| t.list_attempts(&filter).await.unwrap().attempts.len();
    assert_eq!(count(all.clone()).await, 7);
    assert_eq!(count(AttemptFilter { account: Some(ada.id), ..all.clone() }).await, 5);
    assert_eq!(count(AttemptFilter { exam: "data".into(), ..all.clone() }).await, 3);
    assert_eq!(count(AttemptFilter { exam: "dat".into(), ..all.clone() }).await, 0);
    assert_eq!(count(AttemptFilter { state: Some(AttemptState::Open), ..all.clone() }).await, 3);
    assert_eq!(count(AttemptFilter { state: Some(AttemptState::Submitted), ..all.clone() }).await, 4);
    assert_eq!(count(AttemptFilter { state: Some(AttemptState::Expired), ..all.clone() }).await, 0);
    for (person, expected) in
        [("ADA", 5), ("ada@", 5), ("özgür", 2), ("ÖZGÜR", 2), ("oe_", 2), ("100%", 2), ("%", 2), ("_", 2), ("!", 0)]
    {
        assert_eq!(count(AttemptFilter { person: person.into(), ..all.clone() }).await, expected, "{person}");
    }
    let combined = AttemptFilter {
        account: Some(oezguer.id),
        exam: "cloud".into(),
        state: Some(AttemptState::Submitted),
        person: "example".into(),
        ..all
    };
    let page = t.list_attempts(&combined).await.unwrap();
    let [row] = page.attempts.as_slice() else { panic!("{page:?}") };
    assert_eq!((row.person.as_str(), row.email.as_str()), ("Özgür", "oe_100%@example.org"));
    assert_eq!((row.exam_slug.as_str(), row.exam_title.as_str(), row.account), ("cloud", "Exam cloud", oezguer.id));
    assert_eq!((row.question_count, row.answered), (3, Some(1)));
    assert_eq!((row.percent, row.passed), (Some(3_333), None));
    assert_eq!((row.started_at, row.submitted_at), (minutes_after_noon(1), Some(minutes_after_noon(11))));
});

both_engines!(one_open_attempt_is_held_by_the_database_itself, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    start(&t, &exam, &ada, NOON).await;
    let again = "INSERT INTO attempts (public_id, exam_id, exam_version_id, account_id, number, state, paper, \
                 question_count, started_at) SELECT 'second', exam_id, exam_version_id, account_id, 2, 'open', paper, \
                 question_count, started_at FROM attempts";
    let refused = t.raw().await.execute(again).await.unwrap_err();
    assert!(refused.as_database_error().is_some_and(|error| error.is_unique_violation()), "{refused}");
});

/// The fence, step by step, as `answers.rs` has it by chance: PostgreSQL only, since SQLite has one writer.
#[test]
fn a_save_waits_for_a_submit_that_has_begun_and_is_told() {
    testkit::run(Engine::Postgres, async |t| {
        let exam = exam("cloud").publish(&t).await;
        let ada = candidate(&t, "Ada").await;
        let attempt = start(&t, &exam, &ada, NOON).await;
        let other = start(&t, &exam, &candidate(&t, "Bob").await, NOON).await;
        let mut submit = t.raw().await;
        let held = format!("BEGIN; SELECT state FROM attempts WHERE id = {} FOR UPDATE", attempt.id);
        submit.execute(&held).await.unwrap();
        let store = t.handle();
        let save =
            tokio::spawn(async move { store.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], NOON).await });
        others_go_on(&t, &other).await;
        assert!(!save.is_finished(), "it waits");
        submit
            .execute(&format!("UPDATE attempts SET state = 'submitted' WHERE id = {}; COMMIT", attempt.id))
            .await
            .unwrap();
        assert_eq!(save.await.unwrap().unwrap().unwrap().outcome, SaveOutcome::Closed);
    });
}

#[test]
fn a_submit_waits_for_a_save_that_has_begun_and_counts_it() {
    testkit::run(Engine::Postgres, async |t| {
        let exam = exam("cloud").publish(&t).await;
        let ada = candidate(&t, "Ada").await;
        let attempt = start(&t, &exam, &ada, NOON).await;
        let other = start(&t, &exam, &candidate(&t, "Bob").await, NOON).await;
        let mut save = t.raw().await;
        let held = format!("BEGIN; SELECT id FROM attempts WHERE id = {} FOR SHARE", attempt.id);
        save.execute(&held).await.unwrap();
        let (store, again) = (t.handle(), attempt.clone());
        let submitted = tokio::spawn(async move { submit(&store, &exam, &again, NOON).await });
        others_go_on(&t, &other).await;
        assert!(!submitted.is_finished(), "it waits");
        let operation = "INSERT INTO answer_operations (attempt_id, writer, seq, question, response, verdict, received_at) \
                         SELECT id, 0, 1, 1, '{\"choice\":[\"a\"]}', 'counted', started_at FROM attempts \
                         WHERE state = 'open' ORDER BY id LIMIT 1; COMMIT";
        save.execute(operation).await.unwrap();
        assert_eq!(submitted.await.unwrap().attempt.answered, Some(1));
        assert_eq!(t.find_grade(&attempt).await.unwrap().unwrap().points.0, 1_000);
    });
}

/// Saves to an attempt that nobody holds: what was queued before has had its turn, and has not kept this waiting.
async fn others_go_on(t: &testkit::TestStore, attempt: &Attempt) {
    for seq in 1..=3 {
        let saved = t.save_operations(attempt.id, attempt.account, vec![choose(seq, 1, "a")], NOON).await;
        let acknowledged = SaveOutcome::Judged { acknowledged: vec![seq], rejected: Vec::new() };
        assert_eq!(saved.expect("it is saved").expect("it is Bob's").outcome, acknowledged);
    }
}

both_engines!(a_paper_of_a_practice_may_be_shorter_than_its_pool, async |t| {
    bank(&t, "cloud", 30).await;
    let exam = exam("practice").draw("cloud", 30).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let mut paper = arrange::paper(&exam, 1);
    paper.items.truncate(10);
    let new =
        store::NewAttempt { public_id: "short", exam: &exam, account: ada.id, idempotency_key: None, paper: &paper };
    let attempt = attempt_of(t.start_attempt(&new, NOON).await.unwrap());
    assert_eq!(attempt.paper, paper);
    let all = AttemptFilter { limit: 10, ..Default::default() };
    assert_eq!(t.list_attempts(&all).await.unwrap().attempts[0].question_count, 10);
});
