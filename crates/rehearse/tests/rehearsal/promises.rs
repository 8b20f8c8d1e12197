//! Every check of a verification fails when its promise is broken: in the database, or by a ledger that says otherwise.

use crate::hall::{Hall, broken};
use rehearse::ledger::Writer;
use rehearse::plan::Plan;
use rehearse::progress::Progress;
use rehearse::verify::{Promise, VerifyError, verify};
use std::sync::Arc;
use std::time::Duration;
use testkit::{NOON, TestStore, both_engines, wait_for};

/// A hall in which two candidates have sat their papers, with what their ledger says.
async fn sat(t: TestStore) -> (Hall, Vec<String>) {
    let hall = Hall::open(t).await;
    let plan = Plan { pens: false, resume: 0.0, re_answer: 0.0, ..hall.plan(2).await };
    hall.rehearse(plan).await;
    let lines = hall.kept_ledger().await;
    (hall, lines)
}

/// The place of a line of a kind about an operation of the first attempt.
fn place(lines: &[String], kind: &str, seq: i64) -> usize {
    let is_it = |line: &String| {
        let fields: Vec<&str> = line.split(' ').collect();
        fields[0] == kind && fields.get(2) == Some(&"0") && fields.get(4) == Some(&seq.to_string().as_str())
    };
    lines.iter().position(is_it).unwrap_or_else(|| panic!("no {kind} of {seq} in {lines:#?}"))
}

fn receipt(lines: &[String]) -> usize {
    let is_it = |line: &String| line.starts_with("E ") && line.split(' ').nth(2) == Some("0");
    lines.iter().position(is_it).expect("there is a receipt")
}

both_engines!(a_ledger_of_another_database_is_no_lost_data_but_a_lost_attempt_is, async |t| {
    let (hall, lines) = sat(t).await;
    let rename = |renamed: usize| -> Vec<String> {
        let mut left = renamed;
        let rename = |line: &String| match line.rsplit_once(' ') {
            Some((start, id)) if line.starts_with("A ") && left > 0 => {
                left -= 1;
                format!("{start} not-{id}")
            }
            _ => line.clone(),
        };
        lines.iter().map(rename).collect()
    };
    let verdict = hall.verdict_on(&rename(1)).await;
    assert!(verdict.violations.iter().any(|violation| violation.what.contains("not in the database")), "{verdict}");
    std::fs::write(hall.ledger(), rename(2).join("\n") + "\n").expect("the ledger can be written");
    let refused = verify(&hall.store, &hall.ledger(), NOON).await;
    assert!(matches!(refused, Err(VerifyError::Elsewhere(2))), "{refused:?}");
});

both_engines!(an_acknowledged_operation_that_is_not_in_the_log_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    let before = receipt(&lines);
    lines.insert(before, "K 1 0 0 99 0".into());
    lines.insert(before, r#"S 1 0 0 99 3 {"number":"1"}"#.into());
    let verdict = hall.verdict_on(&lines).await;
    let [kept, wins] = &verdict.violations[..] else { panic!("{verdict}") };
    assert_eq!((kept.promise, kept.writer, kept.seq), (Promise::AcknowledgedIsKept, Some(0), Some(99)));
    assert!(kept.what.contains("not in the log"), "{verdict}");
    // The same operation would have been the latest answer to its question.
    assert_eq!((wins.promise, wins.seq), (Promise::LatestWins, Some(99)));
    assert!(verdict.to_string().contains("operation 99 of writer 0"), "{verdict}");
});

both_engines!(another_response_under_the_same_number_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    let sent = place(&lines, "S", 3);
    let until_response = lines[sent].splitn(7, ' ').take(6).collect::<Vec<_>>().join(" ");
    lines[sent] = format!(r#"{until_response} {{"number":"0"}}"#);
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::AcknowledgedIsKept], "{verdict}");
    assert!(verdict.violations[0].what.contains("another response"), "{verdict}");
});

both_engines!(an_operation_that_was_acknowledged_and_rejected_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    lines.insert(receipt(&lines), "R 1 0 0 2 superseded".into());
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::AcknowledgedIsKept], "{verdict}");
});

both_engines!(an_operation_first_sent_after_the_receipt_that_counts_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    let last = place(&lines, "S", 7);
    let (sent, acknowledged) = (lines.remove(last), lines.remove(place(&lines, "K", 7)));
    let after = receipt(&lines) + 1;
    lines.insert(after, acknowledged);
    lines.insert(after, sent.clone());
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::ReceiptIsFinal], "{verdict}");
    assert_eq!(verdict.violations[0].seq, Some(7));
    // Sent before the receipt and again after it is how a client copes with a lost answer.
    lines.insert(receipt(&lines), sent);
    let verdict = hall.verdict_on(&lines).await;
    assert!(verdict.is_clean(), "{verdict}");
});

both_engines!(a_receipt_about_something_else_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    let place = receipt(&lines);
    for (from, to) in [(" 7 ", " 6 "), ("submitted", "expired")] {
        let mut changed = lines.clone();
        changed[place] = lines[place].replacen(from, to, 1);
        let verdict = hall.verdict_on(&changed).await;
        assert_eq!(broken(&verdict), [Promise::ReceiptIsFinal], "{to}: {verdict}");
    }
    let mut changed = lines.clone();
    let digest = changed[place].split_off(lines[place].len() - 64);
    changed[place].extend(digest.chars().rev());
    let verdict = hall.verdict_on(&changed).await;
    assert_eq!(broken(&verdict), [Promise::ReceiptIsFinal], "{verdict}");
});

both_engines!(a_digest_that_was_changed_in_the_database_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    hall.store.raw().await.execute("UPDATE attempts SET digest = 'x'").await.expect("the digest changes");
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::ReceiptIsFinal], 2), "{verdict}");
});

both_engines!(a_grade_that_is_gone_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    hall.store.raw().await.execute("DELETE FROM grades").await.expect("the grades go");
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::GradedOnce], 2), "{verdict}");
});

both_engines!(a_wrong_grade_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    // The first attempt gets the marks of a paper that was never answered.
    let unanswered = r#"UPDATE grades SET detail = '{"s":[0,7,null],"w":[],"o":""}'"#;
    hall.store.raw().await.execute(unanswered).await.expect("the grades change");
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::GradedOnce], 2), "{verdict}");
});

both_engines!(sums_of_a_grade_that_lists_show_and_the_answers_did_not_earn_are_told, async |t| {
    let (hall, lines) = sat(t).await;
    for wrong in ["percent = percent + 1", "points = points - 1000", "max_points = max_points + 1", "passed = 1"] {
        let mut raw = hall.store.raw().await;
        raw.execute("CREATE TABLE kept AS SELECT * FROM grades").await.expect("the grades are kept");
        raw.execute(&format!("UPDATE grades SET {wrong}")).await.expect("the grades change");
        let verdict = hall.verdict_on(&lines).await;
        assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::GradedOnce], 2), "{wrong}: {verdict}");
        assert!(verdict.violations[0].what.contains("lists show"), "{verdict}");
        raw.execute("DELETE FROM grades").await.expect("the grades go");
        raw.execute("INSERT INTO grades SELECT * FROM kept").await.expect("the grades come back");
        raw.execute("DROP TABLE kept").await.expect("they are no longer kept");
        let verdict = hall.verdict_on(&lines).await;
        assert!(verdict.is_clean(), "{verdict}");
    }
});

both_engines!(a_number_of_answers_that_was_changed_in_the_database_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    for wrong in ["0", "8", "NULL"] {
        let change = format!("UPDATE attempts SET answered = {wrong}");
        hall.store.raw().await.execute(&change).await.expect("the number changes");
        let verdict = hall.verdict_on(&lines).await;
        assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::ReceiptIsFinal], 2), "{verdict}");
        assert!(verdict.violations[0].what.contains("the log has 7"), "{verdict}");
    }
});

both_engines!(an_attempt_that_is_open_after_its_receipt_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    let open = "UPDATE attempts SET state = 'open', submitted_at = NULL, answered = NULL, digest = NULL";
    hall.store.raw().await.execute(open).await.expect("it is changed");
    hall.store.raw().await.execute("DELETE FROM grades").await.expect("the grades go");
    let verdict = hall.verdict_on(&lines).await;
    assert!(broken(&verdict).contains(&Promise::ReceiptIsFinal), "{verdict}");
    let told = "the receipt says submitted, the attempt is open";
    assert!(verdict.violations.iter().any(|violation| violation.what == told), "{verdict}");
});

both_engines!(an_attempt_that_stays_open_long_after_its_deadline_is_told, async |t| {
    let hall = Hall::open(t).await;
    let plan = Plan { submit: false, ..hall.plan(2).await };
    let ledger = Arc::new(Writer::open(&hall.ledger()).expect("the ledger opens"));
    let progress = Progress::new();
    let running = tokio::spawn(rehearse::run(plan, Arc::clone(&ledger), Arc::clone(&progress)));
    wait_for("both sit", async || progress.standing().sitting == 2).await;
    progress.stop();
    running.await.expect("the run ends");
    ledger.finish().expect("the ledger closes");
    let limit = "UPDATE attempts SET deadline = started_at";
    hall.store.raw().await.execute(limit).await.expect("they have a deadline");
    // The sweep leaves time for what is on its way, and ends many attempts one after another.
    hall.app.clock.advance(Duration::from_secs(20));
    hall.kept_ledger().await;
    hall.app.clock.advance(Duration::from_secs(60));
    let verdict = hall.verify().await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::EndedInTime], 2), "{verdict}");
    assert!(verdict.violations[0].what.contains("still open 80 s after its deadline"), "{verdict}");
});

both_engines!(what_counts_and_was_never_sent_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    lines.retain(|line| !["S", "K"].iter().any(|kind| line.starts_with(kind) && line.split(' ').nth(4) == Some("4")));
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::NothingElseCounts], 2), "{verdict}");
    // What the log had before the rehearsal came is somebody else's.
    for line in lines.iter_mut().filter(|line| line.starts_with("A ")) {
        let fields: Vec<&str> = line.split(' ').collect();
        *line = format!("A {} {} 0 4 {}", fields[1], fields[2], fields[5]);
    }
    let verdict = hall.verdict_on(&lines).await;
    assert!(verdict.is_clean(), "{verdict}");
});

both_engines!(a_ledger_that_was_not_closed_says_nothing_about_what_is_missing, async |t| {
    let (hall, mut lines) = sat(t).await;
    lines.pop().filter(|line| line.starts_with("Q ")).expect("the last line closes the ledger");
    let from = place(&lines, "S", 6);
    lines.retain(|line| !line.starts_with("E ") && !line.starts_with("B "));
    lines.truncate(from);
    let verdict = hall.verdict_on(&lines).await;
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(verdict.notes.len(), 1);
});

both_engines!(what_was_rejected_and_counts_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    let acknowledged = place(&lines, "K", 5);
    lines[acknowledged] = "R 1 0 0 5 late".into();
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::NothingElseCounts], "{verdict}");
    // The code of a whole save says nothing about operations that had arrived before.
    lines[acknowledged] = "R 1 0 0 5 closed".into();
    let verdict = hall.verdict_on(&lines).await;
    assert!(verdict.is_clean(), "{verdict}");
});

both_engines!(evidence_that_is_gone_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    let before = receipt(&lines);
    lines.insert(before, "R 1 0 0 99 superseded".into());
    lines.insert(before, r#"S 1 0 0 99 3 {"number":"1"}"#.into());
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::AcknowledgedIsKept], "{verdict}");
    assert!(verdict.violations[0].what.contains("evidence"), "{verdict}");
});

both_engines!(an_attempt_that_is_not_there_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    lines.insert(1, "A 1 77 0 0 nobody".into());
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(verdict.violations.len(), 1, "{verdict}");
    assert_eq!(verdict.violations[0].attempt, "nobody");
});

both_engines!(a_pen_that_was_given_out_twice_is_told, async |t| {
    let hall = Hall::open(t).await;
    hall.rehearse(Plan { resume: 0.0, ..hall.plan(2).await }).await;
    let mut lines = hall.kept_ledger().await;
    // The other attempt's pen has the same number: numbers are counted for each attempt.
    let pens: Vec<usize> = (0..lines.len()).filter(|place| lines[*place].starts_with("W ")).collect();
    assert_eq!(pens.len(), 2);
    lines.insert(pens[0], lines[pens[0]].clone());
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::NothingElseCounts], "{verdict}");
    assert_eq!((verdict.violations[0].writer, verdict.violations[0].seq), (Some(1), None));
    assert!(verdict.to_string().contains("writer 1: it was given out twice"), "{verdict}");
});

both_engines!(a_pen_that_the_attempt_does_not_know_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    lines.insert(receipt(&lines), "W 1 0 3".into());
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::NothingElseCounts], "{verdict}");
    assert!(verdict.violations[0].what.contains("the attempt knows of writers up to 0"), "{verdict}");
    hall.store.raw().await.execute("UPDATE attempts SET pen_holder = 4").await.expect("the pen moves on");
    // Somebody else may have taken the next one.
    let verdict = hall.verdict_on(&lines).await;
    assert!(verdict.is_clean(), "{verdict}");
});

both_engines!(what_counts_although_it_was_received_after_the_deadline_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    let earlier = "UPDATE attempts SET started_at = started_at - 10000, deadline = started_at - 5000";
    hall.store.raw().await.execute(earlier).await.expect("the deadline moves");
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::NothingElseCounts], 14), "{verdict}");
    assert!(verdict.violations[0].what.contains("after the deadline"), "{verdict}");
    let later = "UPDATE attempts SET deadline = started_at + 600000";
    hall.store.raw().await.execute(later).await.expect("the deadline moves");
    let verdict = hall.verdict_on(&lines).await;
    assert!(verdict.is_clean(), "{verdict}");
});

both_engines!(what_counts_although_its_writer_had_been_overtaken_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    hall.store.raw().await.execute("UPDATE attempts SET pen_holder = 1").await.expect("the pen moves on");
    lines.insert(place(&lines, "S", 6), "W 1 0 1".into());
    let verdict = hall.verdict_on(&lines).await;
    // What was sent before the pen went on may have been received before it did.
    assert_eq!(broken(&verdict), [Promise::NothingElseCounts], "{verdict}");
    let told: Vec<_> = verdict.violations.iter().map(|violation| violation.seq).collect();
    assert_eq!(told, [Some(6), Some(7)], "{verdict}");
    assert!(verdict.violations[0].what.contains("writer 1 had the pen"), "{verdict}");
});

both_engines!(an_attempt_that_is_handed_in_and_nobody_did_it_is_told, async |t| {
    let (hall, mut lines) = sat(t).await;
    lines.retain(|line| !["B", "E"].iter().any(|kind| line.starts_with(kind) && line.split(' ').nth(2) == Some("0")));
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!((broken(&verdict), verdict.violations.len()), (vec![Promise::ReceiptIsFinal], 1), "{verdict}");
    assert!(verdict.violations[0].what.contains("nobody handed it in"), "{verdict}");
});

both_engines!(an_attempt_that_the_clock_ended_at_another_time_than_its_deadline_is_told, async |t| {
    let (hall, lines) = sat(t).await;
    let early = "UPDATE attempts SET state = 'expired' WHERE id = (SELECT MIN(id) FROM attempts)";
    hall.store.raw().await.execute(early).await.expect("it is changed");
    let verdict = hall.verdict_on(&lines).await;
    assert_eq!(broken(&verdict), [Promise::ReceiptIsFinal], "{verdict}");
    assert!(verdict.violations.iter().any(|violation| violation.what.contains("not at its deadline")), "{verdict}");
});
