//! Candidates sit papers, and everything promised to them is kept.

use crate::hall::{Hall, assert_sound};
use rehearse::ledger::Writer;
use rehearse::plan::{PreparedSession, Sessions, Think};
use rehearse::progress::Progress;
use rehearse::report::{Kind, Rules};
use std::sync::Arc;
use std::time::Duration;
use testkit::{both_engines, wait_for};

both_engines!(twenty_candidates_sit_an_exam_and_every_promise_is_kept, async |t| {
    let hall = Hall::open(t).await;
    let report = hall.rehearse(hall.plan(20).await).await;
    let verdict = hall.verify().await;
    assert_sound(&report, &verdict);
    assert!(report.operations >= 20 * 7, "each question was answered at least once: {report}");
    assert_eq!((report.arrived, report.started, report.handed_in), (20, 20, 20));
    assert_eq!((verdict.attempts, verdict.ended), (20, 20));
    assert_eq!(report.latency(Kind::Save).map(|latency| latency.count), Some(report.operations), "one save each");
    for kind in [Kind::Start, Kind::Pen, Kind::Submit, Kind::Result] {
        assert!(report.latency(kind).is_some_and(|latency| latency.count >= 20), "{kind:?}: {report}");
    }
    let rules = Rules { save_p99: Duration::from_secs(60), ..Rules::default() };
    let decision = report.judged(&rules).decision.expect("it was judged");
    assert!(decision.go, "{decision}");
});

both_engines!(who_has_handed_in_makes_room_for_the_next_person_until_all_have_sat, async |t| {
    let hall = Hall::open(t).await;
    // Three places, and sessions of eight.
    let plan = rehearse::plan::Plan { users: 3, relay: true, sittings: None, ..hall.plan(8).await };
    let report = hall.rehearse(plan).await;
    let verdict = hall.verify().await;
    assert_sound(&report, &verdict);
    assert_eq!((report.arrived, report.started, report.handed_in), (3, 8, 8), "{report}");
    let people = hall.store.raw().await.number("SELECT COUNT(DISTINCT account_id) FROM attempts").await;
    assert_eq!(people, 8, "one paper each");
});

both_engines!(saves_sent_twice_and_reloads_change_nothing, async |t| {
    let hall = Hall::open(t).await;
    let plan = hall.plan(10).await;
    let report = hall.rehearse(rehearse::plan::Plan { replay: 0.5, resume: 0.5, re_answer: 0.6, ..plan }).await;
    assert_sound(&report, &hall.verify().await);
    assert!(report.replayed > 10, "{report}");
    assert!(report.latency(Kind::Resume).is_some_and(|latency| latency.count > 10), "{report}");
});

both_engines!(with_pages_candidates_ask_for_what_a_browser_shows, async |t| {
    let hall = Hall::open(t).await;
    let plan = hall.plan(4).await;
    let pages = Some((Duration::ZERO, Duration::ZERO));
    let report = hall.rehearse(rehearse::plan::Plan { pages, sittings: Some(1), resume: 0.0, ..plan }).await;
    assert_sound(&report, &hall.verify().await);
    for kind in [Kind::Page, Kind::Resume, Kind::Questions] {
        assert_eq!(report.latency(kind).map(|latency| latency.count), Some(4), "{kind:?}: {report}");
    }
    let statuses: Vec<u16> = report.statuses.keys().copied().collect();
    assert_eq!(statuses, [200, 201], "nobody was sent elsewhere: {report}");
});

both_engines!(every_acknowledgement_is_in_the_ledger_those_of_saves_sent_twice_as_well, async |t| {
    let hall = Hall::open(t).await;
    let plan = rehearse::plan::Plan { replay: 1.0, resume: 0.0, ..hall.plan(2).await };
    let report = hall.rehearse(plan).await;
    assert_sound(&report, &hall.verify().await);
    let ledger = std::fs::read_to_string(hall.ledger()).expect("the ledger is there");
    let lines = |kind| u64::try_from(ledger.lines().filter(|line| line.starts_with(kind)).count());
    assert_eq!((lines("S "), lines("Z ")), (Ok(report.operations), Ok(report.operations)));
    assert_eq!(lines("K "), Ok(report.acknowledged + report.replayed));
    assert_eq!(report.replayed, report.operations);
});

both_engines!(operations_travel_together_when_they_are_asked_to, async |t| {
    let hall = Hall::open(t).await;
    let plan = rehearse::plan::Plan { batch: 4, pens: false, resume: 0.0, ..hall.plan(5).await };
    let report = hall.rehearse(plan).await;
    assert_sound(&report, &hall.verify().await);
    assert!(report.saves * 2 < report.operations, "{} saves for {}", report.saves, report.operations);
    assert!(report.latency(Kind::Pen).is_none());
});

both_engines!(candidates_without_sessions_sign_up_and_later_sign_in, async |t| {
    let hall = Hall::open(t).await;
    let plan = rehearse::plan::Plan { users: 3, sessions: Sessions::SignUp, ..hall.plan(0).await };
    let first = hall.rehearse(plan.clone()).await;
    let second = hall.rehearse(plan).await;
    let verdict = hall.verify().await;
    assert!(verdict.is_clean(), "{verdict}");
    for report in [&first, &second] {
        assert!(report.unexpected.is_empty() && report.gave_up.is_empty(), "{report}");
        assert_eq!((report.started, report.handed_in), (3, 3), "the second run has attempts of its own");
    }
    assert_eq!(verdict.attempts, 6);
    assert_eq!(second.statuses[&409], 3, "the addresses were taken");
});

both_engines!(a_candidate_sits_as_many_papers_as_the_exam_allows, async |t| {
    let hall = Hall::open(t).await;
    let plan = rehearse::plan::Plan { sittings: None, ..hall.plan(2).await };
    let report = hall.rehearse(plan).await;
    assert_sound(&report, &hall.verify().await);
    assert_eq!(report.handed_in, 2 * 3);
});

both_engines!(at_the_bell_everybody_hands_in_what_is_there, async |t| {
    let hall = Hall::open(t).await;
    let plan = rehearse::plan::Plan { think: Think::Mean(Duration::from_millis(200)), ..hall.plan(4).await };
    let plan = rehearse::plan::Plan { duration: Duration::from_secs(3_600), sittings: Some(1), re_answer: 1.0, ..plan };
    let ledger = Arc::new(Writer::open(&hall.ledger()).expect("the ledger opens"));
    let progress = Progress::new();
    let running = tokio::spawn(rehearse::run(plan, Arc::clone(&ledger), Arc::clone(&progress)));
    wait_for("some answers are saved", async || progress.standing().acknowledged >= 4).await;
    progress.hand_in();
    let report = running.await.expect("the run ends");
    ledger.finish().expect("the ledger closes");
    assert_sound(&report, &hall.verify().await);
    assert_eq!(report.handed_in, report.started);
});

both_engines!(a_stopped_run_leaves_attempts_open_and_its_ledger_holds, async |t| {
    let hall = Hall::open(t).await;
    let plan = rehearse::plan::Plan { submit: false, ..hall.plan(3).await };
    let ledger = Arc::new(Writer::open(&hall.ledger()).expect("the ledger opens"));
    let progress = Progress::new();
    let running = tokio::spawn(rehearse::run(plan, Arc::clone(&ledger), Arc::clone(&progress)));
    wait_for("answers are saved", async || progress.standing().acknowledged >= 30).await;
    progress.stop();
    let report = running.await.expect("the run ends");
    ledger.finish().expect("the ledger closes");
    let verdict = hall.verify().await;
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!((report.handed_in, verdict.ended), (0, 0));
    assert!(verdict.acknowledged >= 30);
});

both_engines!(what_nobody_can_do_is_counted_and_no_go, async |t| {
    let hall = Hall::open(t).await;
    let sessions = Sessions::Prepared(vec![PreparedSession { token: "unknown".into() }]);
    let report = hall.rehearse(rehearse::plan::Plan { users: 2, sessions, ..hall.plan(0).await }).await;
    assert_eq!(report.gave_up.get("signed_out"), Some(&1), "{report}");
    assert_eq!(report.gave_up.get("no_session"), Some(&1), "{report}");
    assert!(report.unexpected.is_empty(), "the server is healthy: {report}");
    let decision = report.judged(&Rules::default()).decision.expect("it was judged");
    assert!(!decision.go);
    for reason in [
        "No answer was saved.",
        "1 of 2 candidates could not go on: their sessions have ended; make new ones with `examhall rehearse prepare`.",
        "1 of 2 candidates could not go on: there was no session for them; make more with `examhall rehearse prepare`.",
    ] {
        assert!(decision.reasons.iter().any(|told| told == reason), "{decision}");
    }
});

both_engines!(who_has_no_attempt_left_from_the_start_takes_no_part, async |t| {
    let hall = Hall::open(t).await;
    let plan = rehearse::plan::Plan { sittings: None, ..hall.plan(2).await };
    assert_eq!(hall.rehearse(plan.clone()).await.handed_in, 6);
    for seed in [plan.seed, plan.seed + 1] {
        let again = hall.rehearse(rehearse::plan::Plan { seed, ..plan.clone() }).await;
        assert_eq!((again.gave_up.get("no_attempts_left"), again.started), (Some(&2), 0), "{again}");
        assert!(again.unexpected.is_empty(), "{again}");
    }
});
