//! One start makes one attempt: a second one is noticed, and what others made before and after the rehearsal is not.

use crate::hall::{Hall, broken};
use rehearse::plan::Plan;
use rehearse::verify::Promise;
use std::time::Duration;
use testkit::{TestStore, both_engines};

/// A hall in which two candidates have sat two papers each, with what their ledger says.
async fn sat_twice(t: TestStore) -> (Hall, Vec<String>) {
    let hall = Hall::open(t).await;
    hall.rehearse(Plan { sittings: Some(2), resume: 0.0, ..hall.plan(2).await }).await;
    let lines = hall.kept_ledger().await;
    (hall, lines)
}

impl Hall {
    /// Makes one attempt more beside the latest: of the same person, under a key.
    async fn make_another(&self, key: &str) {
        let copy = format!(
            "INSERT INTO attempts (public_id, exam_id, exam_version_id, account_id, number, idempotency_key, state, paper, \
             question_count, started_at, deadline, submitted_at) \
             SELECT 'another', exam_id, exam_version_id, account_id, number + 1, {key}, 'submitted', paper, question_count, \
             started_at, deadline, submitted_at FROM attempts WHERE id = (SELECT MAX(id) FROM attempts)"
        );
        self.store.raw().await.execute(&copy).await.expect("the attempt is made");
    }
}

/// The same as a program of before wrote it.
fn of_before(lines: &[String]) -> Vec<String> {
    let lines = lines.iter().filter(|line| !["I ", "G "].iter().any(|kind| line.starts_with(kind)));
    lines.map(|line| line.replace("examhall-ledger 2", "examhall-ledger 1")).collect()
}

fn attempts(lines: &[String]) -> Vec<&str> {
    lines.iter().filter(|line| line.starts_with("A ")).filter_map(|line| line.split(' ').nth(5)).collect()
}

/// An attempt that a ledger does not name is told, but not while it has the key of a start that may have made it.
async fn its_key_explains(hall: &Hall, lines: &[String], attempt: &str) {
    let verdict = hall.verdict_on(lines).await;
    assert!(verdict.is_clean(), "{verdict}");
    let raw = format!("UPDATE attempts SET idempotency_key = NULL WHERE public_id = '{attempt}'");
    hall.store.raw().await.execute(&raw).await.expect("the key goes");
    let verdict = hall.verdict_on(lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::StartedOnce], 1), "{verdict}");
    assert_eq!(verdict.violations[0].attempt, attempt);
}

both_engines!(an_attempt_that_no_start_asked_for_is_told, async |t| {
    let (hall, lines) = sat_twice(t).await;
    // The time of the rehearsal is over, and others may have come.
    hall.app.clock.advance(Duration::from_secs(60));
    for key in ["NULL", "'another'"] {
        hall.make_another(key).await;
        let verdict = hall.verdict_on(&lines).await;
        assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::StartedOnce], 1), "{verdict}");
        assert_eq!(verdict.violations[0].attempt, "another");
        assert!(verdict.violations[0].what.contains("no start of the ledger explains it"), "{verdict}");
        hall.store.raw().await.execute("DELETE FROM attempts WHERE public_id = 'another'").await.expect("it goes");
    }
});

both_engines!(an_attempt_that_came_before_the_one_that_was_told_is_told, async |t| {
    let (hall, lines) = sat_twice(t).await;
    // The second attempt was made, and its person was told of another one.
    let second = "SELECT public_id FROM attempts ORDER BY id LIMIT 1 OFFSET 1";
    let lost = hall.store.raw().await.texts(second).await.remove(0);
    let number = lines.iter().find(|line| line.ends_with(&lost) && line.starts_with("A ")).expect("it is named");
    let number = number.split(' ').nth(2).expect("it has a number").to_owned();
    let of_lost =
        |line: &String| line.contains(&lost) || (!line.starts_with("G ") && line.split(' ').nth(2) == Some(&number));
    let lines: Vec<String> = lines.iter().filter(|line| !of_lost(line)).cloned().collect();
    // Its key is that of a start without an answer: the answer may have been lost, and so it is.
    its_key_explains(&hall, &lines, &lost).await;
    // A ledger of before shows it between two others only.
    let verdict = hall.verdict_on(&of_before(&lines)).await;
    assert!(verdict.is_clean(), "{verdict}");
});

both_engines!(an_attempt_of_a_start_without_an_answer_is_explained, async |t| {
    let (hall, mut lines) = sat_twice(t).await;
    hall.make_another("'lost'").await;
    lines.insert(lines.len() - 1, "I 1 lost".into());
    let verdict = hall.verdict_on(&lines).await;
    assert!(verdict.is_clean(), "{verdict}");
    // It was answered after all, with another attempt.
    let given = format!("G 1 {} found lost", attempts(&lines)[3]);
    lines.insert(lines.len() - 1, given);
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::StartedOnce], 1), "{verdict}");
});

both_engines!(a_ledger_that_was_not_closed_or_is_of_before_says_nothing_about_later_attempts, async |t| {
    let (hall, lines) = sat_twice(t).await;
    hall.make_another("NULL").await;
    let verdict = hall.verdict_on(&of_before(&lines)).await;
    assert!(verdict.is_clean(), "{verdict}");
    let verdict = hall.verdict_on(&lines[..lines.len() - 1]).await;
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(verdict.notes.len(), 1);
});

both_engines!(an_attempt_between_two_of_a_ledger_of_before_is_told, async |t| {
    let hall = Hall::open(t).await;
    hall.rehearse(Plan { sittings: Some(3), resume: 0.0, ..hall.plan(1).await }).await;
    let lines = of_before(&hall.kept_ledger().await);
    let middle = attempts(&lines)[1].to_owned();
    let of_middle = |line: &&String| !line.contains(&middle) && line.split(' ').nth(2) != Some("1");
    let lines: Vec<String> = lines.iter().filter(of_middle).cloned().collect();
    // It has a key of its own: it may have been over when the answer of its start came.
    its_key_explains(&hall, &lines, &middle).await;
});

both_engines!(a_start_that_was_given_two_attempts_is_told, async |t| {
    let (hall, mut lines) = sat_twice(t).await;
    let hers = "SELECT public_id FROM attempts WHERE account_id = (SELECT MAX(account_id) FROM attempts) ORDER BY id";
    let hers = hall.store.raw().await.texts(hers).await;
    let given = |id: &str| {
        let place = lines.iter().position(|line| line.starts_with("G ") && line.split(' ').nth(2) == Some(id));
        place.expect("it was given")
    };
    let key = lines[given(&hers[0])].split(' ').nth(4).expect("it has a key").to_owned();
    let second = given(&hers[1]);
    lines[second] = format!("G 1 {} new {key}", hers[1]);
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::StartedOnce], 1), "{verdict}");
    assert_eq!(verdict.violations[0].attempt, hers[1]);
    assert!(verdict.violations[0].what.contains(&format!("had been given attempt {}", hers[0])), "{verdict}");
});

both_engines!(attempts_of_other_rehearsals_of_the_same_persons_are_none_of_this_ledger, async |t| {
    let hall = Hall::open(t).await;
    let plan = Plan { resume: 0.0, ..hall.plan(2).await };
    let (mut ledgers, mut together) = (Vec::new(), Vec::new());
    for seed in 1..=3 {
        hall.rehearse(Plan { seed, ..plan.clone() }).await;
        ledgers.push(hall.kept_ledger().await);
        std::fs::remove_file(hall.ledger()).expect("the ledger was there");
        hall.app.clock.advance(Duration::from_secs(1));
    }
    for lines in &ledgers {
        let verdict = hall.verdict_on(lines).await;
        assert!(verdict.is_clean(), "{verdict}");
    }
    // The first and the last wrote one ledger, that in between another.
    together.extend_from_slice(&ledgers[0]);
    together.extend_from_slice(&ledgers[2]);
    let verdict = hall.verdict_on(&together).await;
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(verdict.attempts, 4);
});
