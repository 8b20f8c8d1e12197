//! What the operations page says of moments that are hard to bring about.

use super::{OperationsPage, Told};
use crate::http::policy::Class;
use crate::machine::{Memory, Process};
use crate::messages::Language;
use crate::operations::{Figures, Look, OfClass};
use crate::password::HashFigures;
use crate::view::page::{Moment, Page, Person, Role, Shell};
use askama::Template;
use std::sync::Arc;
use std::time::Duration;
use store::{Connections, Queue};

fn page() -> Page {
    let shell =
        Shell { asset_prefix: "/static/v/".to_owned(), player_modules: [].into(), demo: false, sign_up_open: true };
    let person = Person { account: 7, name: "Ana".to_owned(), role: Role::Invigilator };
    Page::new(&shell, Language::English, Some(person), "/admin/operations", None)
}

fn calm() -> Figures {
    Figures {
        reasons: Vec::new(),
        process: Process { resident: 64 << 20, files: 40, files_max: 20_000, ..Process::default() },
        memory: Memory { total: 8 << 30, available: 6 << 30 },
        takes_starts: true,
        disk_free: None,
        workers: 2,
        delay: Duration::from_micros(400),
        inside: 1_204,
        queue: Queue::default(),
        pool: Connections { idle: 3, in_use: 2, waiting: 0, least: 5, most: 50 },
        backends: Vec::new(),
        backends_max: None,
        connections: (1_300, 19_450),
        waiting: 0,
    }
}

fn look(figures: Figures) -> Look {
    let of_class = |class| OfClass { class, answered: 0, refused: 0, failed: 0, by_duration: [0; 13] };
    let mut classes = Class::ALL.map(of_class);
    // A hundred saves: 98 within 1 ms, one within 2.5 ms, and one of more than 10 s.
    classes[Class::Save as usize].answered = 100;
    classes[Class::Save as usize].by_duration = [98, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    Look {
        figures: Arc::new(figures),
        id: "a".to_owned(),
        uptime: Duration::from_secs(3_725),
        classes,
        level: Class::Report,
        pressure: 0,
        admission: true,
        rate_limited: 0,
        connections_refused: 0,
        hashing: HashFigures { threads: 1, waiting: 0, done: 0, took: Duration::from_millis(60), refused: 0 },
        engine: "sqlite",
    }
}

fn warnings(figures: Figures) -> Vec<String> {
    Told::new(&page(), &look(figures)).warnings
}

#[test]
fn a_calm_moment_is_told_without_warnings() {
    let told = Told::new(&page(), &look(calm()));
    assert!(told.warnings.is_empty() && told.reasons.is_empty(), "{:?}", told.warnings);
    for (place, words) in [
        ("inside", "1,204"),
        ("level", "Everybody is let in"),
        ("open", "1,300 of 19,450"),
        ("pool", "5 of 50"),
        ("available", "6 GiB of 8 GiB"),
        ("available-share", "75%"),
        ("resident", "64 MiB"),
        ("delay", "0.4 ms"),
        ("saturation", "7%"),
        ("uptime", "1 h 2 min"),
    ] {
        assert_eq!(told.said[place].text, words, "{place}");
        assert!(!told.said[place].warn, "{place}");
    }
    assert!(!told.said.contains_key("backends"), "SQLite has none");
}

#[test]
fn memory_that_runs_out_is_told_below_a_fifth_and_not_above() {
    let left = |parts: u64| Figures { memory: Memory { total: 1_000 << 20, available: parts << 20 }, ..calm() };
    assert!(warnings(left(200)).is_empty());
    let told = Told::new(&page(), &look(left(199)));
    assert_eq!(told.warnings.len(), 1, "{:?}", told.warnings);
    assert!(told.warnings[0].contains("199 MiB of 1,000 MiB"), "{:?}", told.warnings);
    assert!(told.said["available"].warn && told.said["available-share"].warn);
    assert_eq!(told.said["available-share"].text, "19%");
    let html = OperationsPage::new(page(), &look(left(199)), Moment(0)).render().expect("the template renders");
    assert!(html.contains("Less than 20% of the memory is available"), "{html}");
    assert!(html.contains(r#"class="figure is-warning"><dt>Memory available"#), "{html}");
}

#[test]
fn what_runs_out_or_is_late_is_told_with_its_figures() {
    let pool = Connections { idle: 0, in_use: 50, waiting: 7, least: 5, most: 50 };
    let late = Queue { jobs: 900, oldest: Duration::from_millis(1_500), ..Queue::default() };
    let files = Process { files: 17_000, files_max: 20_000, ..Process::default() };
    let backends = vec![("active".to_owned(), 80), ("idle".to_owned(), 1), ("idle_in_transaction".to_owned(), 1)];
    for (figures, words) in [
        (Figures { pool, ..calm() }, "wait for a connection to the database: 7"),
        (Figures { queue: late, ..calm() }, "have waited for 1.5 s"),
        (Figures { takes_starts: false, ..calm() }, "takes no new attempts"),
        (Figures { connections: (16_000, 19_450), ..calm() }, "16,000 of 19,450 connections"),
        (Figures { process: files, ..calm() }, "17,000 of 20,000 open files"),
        (Figures { delay: Duration::from_millis(45), ..calm() }, "Tasks run 45 ms late"),
        (Figures { backends, backends_max: Some(97), ..calm() }, "82 of 97 connections that PostgreSQL takes"),
    ] {
        let warnings = warnings(figures);
        assert!(warnings.iter().any(|warning| warning.contains(words)), "{words}: {warnings:?}");
    }
}

#[test]
fn a_server_that_is_not_ready_says_why_on_top() {
    let reasons = vec!["the database does not answer".to_owned()];
    let look = look(Figures { reasons, ..calm() });
    let html = OperationsPage::new(page(), &look, Moment(0)).render().expect("the template renders");
    assert!(html.contains("Not ready: the database does not answer."), "{html}");
    assert!(html.contains(r#"id="is-ready" hidden"#), "{html}");
}

#[test]
fn times_of_requests_are_those_since_the_start_until_a_script_knows_better() {
    let shown = OperationsPage::new(page(), &look(calm()), Moment(0));
    let row = |name| shown.classes.iter().find(|row| row.name == name).expect("it is there");
    for name in ["all", "save"] {
        let row = row(name);
        assert_eq!((&*row.answered, &*row.half, &*row.most), ("100", "0.5 ms", "2.5 ms"), "{name}");
    }
    assert_eq!((&*row("start").answered, &*row("start").half), ("0", "–"));
}
