//! The staff area's front page.

use super::StaffAttemptRow;
use crate::chart::{self, Chart};
use crate::view::page::Page;
use askama::Template;

/// `GET /admin`
#[derive(Template)]
#[template(path = "admin/overview.html")]
pub struct OverviewPage {
    /// The frame.
    pub page: Page,
    /// How much there is.
    pub counts: Counts,
    /// What happened since midnight UTC.
    pub today: Today,
    /// Attempts started on each of the last days, oldest first, with days of none.
    pub per_day: Vec<DayCount>,
    /// Finished attempts by share of marks: ten bins, 0-10% to 90-100%.
    pub score_bins: [i64; 10],
    /// The newest attempts.
    pub recent: Vec<StaffAttemptRow>,
}

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Accounts of all roles.
    pub accounts: i64,
    /// Banks.
    pub banks: i64,
    /// Questions in them.
    pub questions: i64,
    /// Exams that are published.
    pub exams_published: i64,
    /// Attempts of all time.
    pub attempts: i64,
    /// Attempts that are being sat now.
    pub attempts_open: i64,
}

/// What happened today.
#[derive(Debug, Clone, Copy)]
pub struct Today {
    /// Attempts started.
    pub started: i64,
    /// Attempts finished.
    pub finished: i64,
    /// Their mean share of marks, in percent.
    pub average_percent: Option<f64>,
    /// Accounts created.
    pub sign_ups: i64,
}

/// A day with its number of attempts.
#[derive(Debug, Clone)]
pub struct DayCount {
    /// The day, as `2026-11-23`.
    pub day: String,
    /// How many attempts were started on it.
    pub count: i64,
}

impl OverviewPage {
    /// Whether nothing was made yet, so that the first steps are offered.
    fn is_new(&self) -> bool {
        self.counts.exams_published == 0
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of attempts stay far below 2^53")]
    fn per_day_chart(&self) -> Chart {
        let points = self.per_day.iter().map(|day| chart::Point {
            label: day.day.clone(),
            // "11-23": the year is clear from the newest days.
            tick: day.day.get(5..).unwrap_or_default().to_owned(),
            value: day.count as f64,
            shown: self.page.number(day.count),
        });
        Chart {
            title: self.page.t("overview-per-day-title"),
            description: self.page.t1("overview-per-day-description", "days", self.per_day.len()),
            label_heading: self.page.t("column-day"),
            value_heading: self.page.t("column-attempts"),
            points: points.collect(),
            unit: chart::Unit::Count,
            from_right: false,
        }
    }

    fn score_chart(&self) -> Chart {
        score_histogram(&self.page, &self.score_bins)
    }
}

/// Finished attempts by share of marks, ten bins.
#[expect(clippy::cast_precision_loss, reason = "counts of attempts stay far below 2^53")]
pub(super) fn score_histogram(page: &Page, bins: &[i64; 10]) -> Chart {
    let points = bins.iter().enumerate().map(|(bin, count)| chart::Point {
        label: page.t2("score-bin", "from", bin * 10, "to", bin * 10 + 10),
        tick: (bin * 10).to_string(),
        value: *count as f64,
        shown: page.number(count),
    });
    Chart {
        title: page.t("score-histogram-title"),
        description: page.t("score-histogram-description"),
        label_heading: page.t("column-score"),
        value_heading: page.t("column-attempts"),
        points: points.collect(),
        unit: chart::Unit::Count,
        from_right: false,
    }
}
