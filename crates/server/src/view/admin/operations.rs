//! The operations page: how the server is doing, in words for people and in numbers for the page's own script.

mod telling;
#[cfg(test)]
mod tests;
mod words;

use crate::http::policy::Class;
use crate::metrics::BOUNDS;
use crate::operations::{Look, OfClass, within};
use crate::view::page::{Moment, Page};
use askama::Template;
use serde::Serialize;
use std::collections::BTreeMap;
use store::COMMIT_BOUNDS_MS;
use telling::Telling;
use words::{count, real, time_or_none};

/// `GET /admin/operations`
#[derive(Template)]
#[template(path = "admin/operations.html")]
pub struct OperationsPage {
    /// The frame.
    pub page: Page,
    /// When it was looked.
    pub at: Moment,
    /// What there is to tell.
    pub told: Told,
    /// What became of requests since the start: first all, then by class.
    pub classes: Vec<ClassRow>,
    /// Within which times answers were written since the start: half, and 99 of 100.
    pub commits: (String, String),
}

/// What the page tells and its script puts in place of what it told before.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// Which process tells it: counts of another one are others.
    pub process: String,
    /// For how long it has been there, in milliseconds: what is counted is counted until then.
    pub at_ms: u64,
    /// Why the server is not ready; empty when it is.
    pub reasons: Vec<String>,
    /// What somebody should do something about, in sentences.
    pub warnings: Vec<String>,
    /// The figures in words, by the name of their place on the page.
    pub said: BTreeMap<&'static str, Said>,
    /// Those of them that charts are drawn of.
    pub values: BTreeMap<&'static str, f64>,
    /// What has been counted since the start.
    pub totals: Totals,
}

/// A figure in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The words.
    pub text: String,
    /// Whether it is one to look at.
    pub warn: bool,
}

/// What has been counted since the start.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    /// Time of the processors that was used, in seconds.
    pub cpu_s: f64,
    /// Upper bounds of the times by which requests are counted, in seconds.
    pub bounds_s: [f64; BOUNDS.len()],
    /// Requests by class.
    pub classes: Vec<OfClassTotals>,
    /// Upper bounds of the times by which commits are counted, in seconds.
    pub commit_bounds_s: Vec<f64>,
    /// Commits by those times.
    pub commits: Vec<u64>,
    /// Answers and ends that they wrote.
    pub jobs: u64,
}

/// What has been counted of a class of requests.
#[derive(Debug, Clone, Serialize)]
pub struct OfClassTotals {
    name: &'static str,
    answered: u64,
    refused: u64,
    failed: u64,
    by_duration: Vec<u64>,
}

/// A line of the table of requests.
#[derive(Debug, Clone)]
pub struct ClassRow {
    /// The class as metrics call it; `all` for all of them.
    pub name: &'static str,
    /// What people call it.
    pub label: String,
    /// How many there were.
    pub answered: String,
    /// Within which time half of them were answered.
    pub half: String,
    /// Within which time 99 of 100 were.
    pub most: String,
    /// How many were turned away.
    pub refused: String,
    /// How many failed.
    pub failed: String,
}

impl OperationsPage {
    /// The page of a look at a moment.
    #[must_use]
    pub fn new(page: Page, look: &Look, at: Moment) -> Self {
        let told = Told::new(&page, look);
        let all = look.classes.iter().fold(OfClass { class: Class::Probe, ..nothing() }, |sum, of_class| OfClass {
            class: sum.class,
            answered: sum.answered + of_class.answered,
            refused: sum.refused + of_class.refused,
            failed: sum.failed + of_class.failed,
            by_duration: std::array::from_fn(|part| sum.by_duration[part] + of_class.by_duration[part]),
        });
        let mut classes = vec![row(&page, "all", page.t("operations-class-all"), &all)];
        classes.extend(
            look.classes
                .iter()
                .map(|of_class| row(&page, of_class.class.name(), label(&page, of_class.class), of_class)),
        );
        let bounds = commit_bounds();
        let commits = |share| time_or_none(&page, within(share, &bounds, &look.figures.queue.commits.by_duration));
        let commits = (commits(0.5), commits(0.99));
        Self { at, told, classes, commits, page }
    }

    /// When it was looked, in UTC.
    fn time(&self) -> String {
        self.page.moment_text(self.at)
    }

    fn is_ready(&self) -> bool {
        self.told.reasons.is_empty()
    }

    /// The words of a figure.
    fn said(&self, place: &str) -> String {
        self.told.said.get(place).map_or_else(String::new, |said| said.text.clone())
    }

    /// Whether it is one to look at.
    fn warns(&self, place: &str) -> bool {
        self.told.said.get(place).is_some_and(|said| said.warn)
    }

    /// Whether the database has a figure at all.
    fn has(&self, place: &str) -> bool {
        self.told.said.contains_key(place)
    }
}

fn nothing() -> OfClass {
    OfClass { class: Class::Probe, answered: 0, refused: 0, failed: 0, by_duration: [0; BOUNDS.len() + 1] }
}

fn commit_bounds() -> Vec<f64> {
    COMMIT_BOUNDS_MS.iter().map(|ms| real(*ms) / 1_000.0).collect()
}

fn row(page: &Page, name: &'static str, label: String, of_class: &OfClass) -> ClassRow {
    let most = |share| time_or_none(page, within(share, &BOUNDS, &of_class.by_duration));
    ClassRow {
        name,
        label,
        answered: count(page, of_class.answered),
        half: most(0.5),
        most: most(0.99),
        refused: count(page, of_class.refused),
        failed: count(page, of_class.failed),
    }
}

fn label(page: &Page, class: Class) -> String {
    page.t(match class {
        Class::Probe => "operations-class-probe",
        Class::Save => "operations-class-save",
        Class::Sitting => "operations-class-sitting",
        Class::Start => "operations-class-start",
        Class::SignIn => "operations-class-sign-in",
        Class::Browse => "operations-class-browse",
        Class::Report => "operations-class-report",
    })
}

impl Told {
    /// Puts a look into words.
    #[must_use]
    pub fn new(page: &Page, look: &Look) -> Self {
        let Telling { said, values, warnings, .. } = Telling::of(page, look);
        let commits = &look.figures.queue.commits;
        let classes = look.classes.iter().map(|of_class| OfClassTotals {
            name: of_class.class.name(),
            answered: of_class.answered,
            refused: of_class.refused,
            failed: of_class.failed,
            by_duration: of_class.by_duration.to_vec(),
        });
        Self {
            process: look.id.clone(),
            at_ms: u64::try_from(look.uptime.as_millis()).unwrap_or(u64::MAX),
            reasons: look.figures.reasons.clone(),
            warnings,
            said,
            values,
            totals: Totals {
                cpu_s: look.figures.process.cpu.as_secs_f64(),
                bounds_s: BOUNDS,
                classes: classes.collect(),
                commit_bounds_s: commit_bounds(),
                commits: commits.by_duration.to_vec(),
                jobs: commits.jobs,
            },
        }
    }
}
