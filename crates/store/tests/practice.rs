//! Practice: checked questions stay as they are, whatever comes later; bookmarks; and what a person's last attempts came to.

use exam::answer::{Operation, Response};
use exam::attempt::Verdict;
use exam::grade::Outcome;
use exam::practice::Checked;
use exam::release::InstantFeedback;
use exam::settings::{Mode, Settings};
use store::{Account, Attempt, Check, FormAnswer, PublishedExam, Rejection, SaveOutcome, Store};
use testkit::arrange::{self, candidate, start, submit};
use testkit::{NOON, TestStore, both_engines, choose, minutes_after_noon, question, race};

/// Somebody in a practice of three questions and ten minutes.
struct Practice {
    exam: PublishedExam,
    ada: Account,
    attempt: Attempt,
    right: InstantFeedback,
}

fn practice(settings: &mut Settings) {
    settings.mode = Mode::Practice;
}

impl Practice {
    async fn begin(t: &TestStore) -> Self {
        let exam = arrange::exam("cloud").set(practice).minutes(10).publish(t).await;
        let ada = candidate(t, "Ada").await;
        let attempt = start(t, &exam, &ada, NOON).await;
        let right = InstantFeedback::of(&exam.summary.settings).expect("it is a practice");
        Self { exam, ada, attempt, right }
    }

    async fn save(&self, store: &Store, operations: &[Operation]) -> SaveOutcome {
        let saved =
            store.save_operations(self.attempt.id, self.ada.id, operations.to_vec(), minutes_after_noon(1)).await;
        saved.expect("the store takes it").expect("the attempt is Ada's").outcome
    }

    async fn save_form(&self, store: &Store, question: usize, letter: &str) -> SaveOutcome {
        let response = Some(Response::Choice(vec![letter.to_owned()]));
        let answer = FormAnswer { writer: 0, last_seq: 0, question, response };
        let saved = store.save_form(self.attempt.id, self.ada.id, answer, minutes_after_noon(1)).await;
        saved.expect("the store takes it").expect("the attempt is Ada's").outcome
    }

    async fn check(&self, store: &Store, question: usize) -> Check {
        self.check_at(store, question, 0, 1).await
    }

    async fn check_at(&self, store: &Store, question: usize, writer: i64, minutes: i64) -> Check {
        let at = minutes_after_noon(minutes);
        store.check_question(&self.attempt, question, writer, at, &self.right).await.expect("the store answers")
    }

    /// Question number and letter of each answer.
    async fn answers(&self, store: &Store) -> Vec<(usize, String)> {
        let answers = store.answers(&self.attempt).await.expect("they can be read").answers;
        answers.into_iter().map(|(number, response)| (number, response.canonical())).collect()
    }
}

fn judged(acknowledged: &[i64], rejected: &[i64]) -> SaveOutcome {
    let why = Rejection::Kept(Verdict::Checked);
    SaveOutcome::Judged {
        acknowledged: acknowledged.to_vec(),
        rejected: rejected.iter().map(|seq| (*seq, why)).collect(),
    }
}

fn answered(pairs: &[(usize, &str)]) -> Vec<(usize, String)> {
    pairs.iter().map(|(number, letter)| (*number, format!(r#"{{"choice":["{letter}"]}}"#))).collect()
}

both_engines!(the_answer_of_a_checked_question_stays_as_it_was, async |t| {
    let ada = Practice::begin(&t).await;
    assert_eq!(ada.save(&t, &[choose(1, 1, "b"), choose(2, 2, "c")]).await, judged(&[1, 2], &[]));
    assert_eq!(ada.check(&t, 1).await, Check::Checked(Checked::from_iter([1])));

    assert_eq!(ada.save(&t, &[choose(3, 1, "a"), choose(4, 2, "d")]).await, judged(&[4], &[3]), "others go on");
    assert_eq!(
        ada.save(&t, &[choose(1, 1, "b")]).await,
        judged(&[1], &[]),
        "what counted before is acknowledged again"
    );
    assert_eq!(ada.save(&t, &[choose(3, 1, "a")]).await, judged(&[], &[3]), "and what did not is not");
    assert_eq!(ada.answers(&t).await, answered(&[(1, "b"), (2, "d")]));

    let log = t.operation_log(ada.attempt.id).await.expect("it can be read");
    assert!(log.iter().any(|logged| logged.operation.seq == 3 && logged.verdict == Verdict::Checked), "it is evidence");
    let submitted = submit(&t, &ada.exam, &ada.attempt, minutes_after_noon(2)).await.attempt;
    assert_eq!(submitted.answered, Some(2));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "b"), (2, "d")]));
    let grade = t.find_grade(&ada.attempt).await.expect("it can be read").expect("it is graded");
    assert_eq!(grade.questions[0].outcome, Outcome::Incorrect, "of the answer that was checked");
    // After the end as before it.
    assert_eq!(ada.save(&t, &[choose(1, 1, "b"), choose(3, 1, "a")]).await, judged(&[1], &[3]));
    let ended = t.find_attempt(&ada.attempt.public_id, ada.ada.id).await.expect("it can be read").expect("it is Ada's");
    assert_eq!(ended.checked, Checked::from_iter([1]));
});

both_engines!(a_form_does_not_change_a_checked_question_either, async |t| {
    let ada = Practice::begin(&t).await;
    assert_eq!(ada.save_form(&t, 1, "b").await, judged(&[1], &[]));
    ada.check(&t, 1).await;
    assert_eq!(ada.save_form(&t, 1, "b").await, judged(&[], &[]), "it changes nothing");
    assert_eq!(ada.save_form(&t, 1, "a").await, judged(&[], &[2]));
    assert_eq!(ada.answers(&t).await, answered(&[(1, "b")]));
});

both_engines!(what_cannot_be_checked_says_why, async |t| {
    let ada = Practice::begin(&t).await;
    assert_eq!(ada.check(&t, 1).await, Check::Unanswered);
    ada.save(&t, &[choose(1, 1, "a"), choose(2, 2, "a"), testkit::take_back(3, 2)]).await;
    assert_eq!(ada.check(&t, 2).await, Check::Unanswered, "it was taken back");
    assert_eq!(ada.check_at(&t, 1, 0, 11).await, Check::Late);
    let writer = t.take_pen(&ada.attempt.public_id, ada.ada.id).await.expect("it is given").expect("it is open");
    assert_eq!(ada.check(&t, 1).await, Check::Superseded);
    let checked = Check::Checked(Checked::from_iter([1]));
    assert_eq!(ada.check_at(&t, 1, writer, 1).await, checked);
    assert_eq!(ada.check_at(&t, 1, 0, 11).await, checked, "it is, whoever asks and when");
    submit(&t, &ada.exam, &ada.attempt, minutes_after_noon(2)).await;
    assert_eq!(ada.check_at(&t, 3, writer, 1).await, Check::Closed);
});

both_engines!(numbers_are_told_apart_and_kept_in_any_order, async |t| {
    let questions = (1..=12).map(|number| question::choice(&format!("Number {number}?")));
    let exam = arrange::exam("twelve").set(practice).asking(questions).publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let right = InstantFeedback::of(&exam.summary.settings).expect("it is a practice");
    let ada = Practice { exam, ada, attempt, right };
    let all: Vec<Operation> = (1..).zip(1..=12).map(|(seq, question)| choose(seq, question, "a")).collect();
    ada.save(&t, &all).await;
    assert_eq!(ada.check(&t, 12).await, Check::Checked(Checked::from_iter([12])));
    assert_eq!(ada.check(&t, 2).await, Check::Checked(Checked::from_iter([2, 12])));
    assert_eq!(ada.check(&t, 1).await, Check::Checked(Checked::from_iter([1, 2, 12])));
    assert_eq!(ada.save(&t, &[choose(20, 11, "b"), choose(21, 12, "b")]).await, judged(&[20], &[21]));
});

both_engines!(a_save_that_races_a_check_is_either_in_the_answer_or_refused, async |t| {
    let ada = Practice::begin(&t).await;
    ada.save(&t, &[choose(1, 1, "a")]).await;
    let letters = ["b", "c", "d"];
    let outcomes = race(&t, 18, async |number, store| {
        let seq = i64::try_from(number).expect("small") + 2;
        if number == 9 {
            ada.check(store, 1).await;
            return (seq, letters[0], judged(&[], &[]));
        }
        let letter = letters[number % 3];
        (seq, letter, ada.save(store, &[choose(seq, 1, letter)]).await)
    })
    .await;
    let counted = outcomes.iter().filter(|(seq, _, outcome)| *outcome == judged(&[*seq], &[]));
    let expected = counted.max_by_key(|(seq, ..)| *seq).map_or("a", |(_, letter, _)| *letter);
    assert_eq!(ada.answers(&t).await, answered(&[(1, expected)]), "{outcomes:?}");
    assert_eq!(ada.save(&t, &[choose(99, 1, "a")]).await, judged(&[], &[99]));
});

both_engines!(a_bookmark_belongs_to_a_person_and_to_a_question_through_its_versions, async |t| {
    let exam = arrange::exam("cloud").set(practice).publish(&t).await;
    let (ada, bo) = (candidate(&t, "Ada").await, candidate(&t, "Bo").await);
    let pool = exam.summary.pool.questions();
    for _ in 0..2 {
        t.set_bookmark(ada.id, pool[1], true, NOON).await.expect("it is set");
    }
    let of = async |person: &Account, pool: &[_]| t.list_bookmarked(person.id, pool).await.expect("they can be read");
    assert_eq!(of(&ada, &pool).await, [pool[1]].into());
    assert!(of(&bo, &pool).await.is_empty());
    assert!(of(&ada, &pool[..1]).await.is_empty(), "only those that are asked for");

    let bank = t.find_bank("cloud").await.expect("it can be read").expect("it is there");
    let changed = (1..=3).map(|number| question::choice(&format!("cloud question {number}, in other words?")));
    t.upsert_questions(&bank, &arrange::referenced(changed), None, NOON).await.expect("they are written");
    let newer = arrange::publish(&t, "cloud").await.summary.pool.questions();
    assert_ne!(newer, pool);
    assert_eq!(of(&ada, &newer).await, [newer[1]].into());
    t.set_bookmark(ada.id, newer[1], false, NOON).await.expect("it is removed");
    assert!(of(&ada, &pool).await.is_empty());

    let versions = pool.iter().chain(&newer).copied().collect();
    let questions = t.questions_of_versions(&versions).await.expect("they can be read");
    assert_eq!(questions[&pool[1]], questions[&newer[1]]);
    assert_ne!(questions[&pool[1]], questions[&pool[2]]);
});

both_engines!(the_last_attempts_come_newest_first_question_by_question, async |t| {
    let ada = Practice::begin(&t).await;
    let list =
        async |limit| t.list_practised(ada.exam.summary.exam_id, ada.ada.id, limit).await.expect("it can be read");
    assert!(list(10).await.is_empty(), "an open one is none");
    ada.save(&t, &[choose(1, 1, "a"), choose(2, 2, "b")]).await;
    submit(&t, &ada.exam, &ada.attempt, minutes_after_noon(2)).await;
    let second = start(&t, &ada.exam, &ada.ada, minutes_after_noon(3)).await;
    submit(&t, &ada.exam, &second, minutes_after_noon(4)).await;

    let outcomes =
        |practised: &store::Practised| practised.outcomes.iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>();
    let all = list(10).await;
    assert_eq!(all.len(), 2);
    assert_eq!(outcomes(&all[0]), [Outcome::Unanswered; 3]);
    assert_eq!(outcomes(&all[1]), [Outcome::Correct, Outcome::Incorrect, Outcome::Unanswered]);
    assert_eq!(list(1).await.len(), 1);
    let bo = candidate(&t, "Bo").await;
    assert!(t.list_practised(ada.exam.summary.exam_id, bo.id, 10).await.expect("it can be read").is_empty());
});
