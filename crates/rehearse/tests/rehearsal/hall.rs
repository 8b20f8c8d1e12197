//! An application with an exam, and a ledger, for a rehearsal.

use exam::time::Clock as _;
use rehearse::ledger::Writer;
use rehearse::plan::{Plan, PreparedSession, Sessions, Think};
use rehearse::progress::Progress;
use rehearse::report::Report;
use rehearse::verify::{Promise, Verdict, verify};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use testkit::{Folder, TestApp, TestStore, arrange, question};

/// An application with the exam `hall`, a question of each kind, and a folder for the ledger.
pub(crate) struct Hall {
    pub(crate) app: TestApp,
    pub(crate) store: TestStore,
    folder: Folder,
}

impl Hall {
    pub(crate) async fn open(store: TestStore) -> Self {
        arrange::exam("hall").asking(question::each_kind()).attempts(3).publish(&store).await;
        let app = TestApp::start(&store).await;
        Self { app, store, folder: Folder::new() }
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger")
    }

    /// One paper each, as fast as it goes.
    pub(crate) async fn plan(&self, users: usize) -> Plan {
        let mut sessions = Vec::new();
        for _ in 0..users {
            let token = self.app.candidate().await.token.expect("signed in");
            sessions.push(PreparedSession { token });
        }
        let url = self.app.base.parse().expect("the address of the application");
        Plan {
            think: Think::Zero,
            duration: Duration::from_secs(90),
            arrivals: Duration::ZERO,
            sittings: Some(1),
            ..Plan::new(url, "hall", users, Sessions::Prepared(sessions), 7)
        }
    }

    /// Runs a plan and closes the ledger.
    pub(crate) async fn rehearse(&self, plan: Plan) -> Report {
        let ledger = Arc::new(Writer::open(&self.ledger()).expect("the ledger opens"));
        let report = rehearse::run(plan, Arc::clone(&ledger), Progress::new()).await;
        ledger.finish().expect("the ledger closes");
        report
    }

    pub(crate) async fn verify(&self) -> Verdict {
        verify(&self.store, &self.ledger(), self.app.clock.now()).await.expect("ledger and database can be read")
    }

    /// The lines of a ledger all of whose promises are kept.
    pub(crate) async fn kept_ledger(&self) -> Vec<String> {
        let verdict = self.verify().await;
        assert!(verdict.is_clean(), "{verdict}");
        let text = std::fs::read_to_string(self.ledger()).expect("the ledger is there");
        text.lines().map(str::to_owned).collect()
    }

    /// What a verification says to another ledger, whose ends count what it has.
    pub(crate) async fn verdict_on(&self, lines: &[String]) -> Verdict {
        let mut count = 0;
        let counted = lines.iter().map(|line| {
            count = if line.starts_with("examhall-ledger") { 0 } else { count + 1 };
            match line.strip_prefix("Q ").and_then(|rest| rest.split(' ').next()) {
                Some(time) => format!("Q {time} {count}\n"),
                None => format!("{line}\n"),
            }
        });
        std::fs::write(self.ledger(), counted.collect::<String>()).expect("the ledger can be written");
        self.verify().await
    }
}

/// The promises that were broken, each once.
pub(crate) fn broken(verdict: &Verdict) -> Vec<Promise> {
    let mut promises: Vec<Promise> = verdict.violations.iter().map(|violation| violation.promise).collect();
    promises.sort_unstable();
    promises.dedup();
    promises
}

/// Asserts that everything went as it should, whatever had to be sent again.
#[track_caller]
pub(crate) fn assert_sound(report: &Report, verdict: &Verdict) {
    assert_eq!((report.broken, &report.broken_promises[..]), (0, &[][..]));
    assert!(report.unexpected.is_empty() && report.gave_up.is_empty(), "{report}");
    assert!(report.rejected.is_empty(), "{report}");
    assert_eq!(report.acknowledged, report.operations, "everything sent was acknowledged in the end");
    assert_eq!(verdict.acknowledged, report.acknowledged, "and is in the ledger");
    assert!(verdict.is_clean(), "{verdict}");
    assert_eq!(verdict.notes, [""; 0]);
}
