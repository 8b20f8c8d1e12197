//! `GET /dashboard`: a person's progress, as far as marks are released.

use super::list;
use super::pages::attempt_row;
use crate::app::App;
use crate::exams::pages::{cards, moment, whole};
use crate::http::errors::{Error, Result};
use crate::http::page::{Frame, show};
use crate::http::session::SignedIn;
use crate::view::results::{DashboardPage, DomainScore, TrendPoint};
use axum::extract::State;
use axum::response::Response;
use exam::grade::Outcome;
use exam::question::Points;
use std::collections::BTreeMap;
use store::GradeRow;

/// How many of the latest attempts make up the figures.
const LATEST: i64 = 200;
/// How many of them the trend shows.
const TREND: usize = 20;
/// How many attempts the page lists.
const RECENT: usize = 5;

/// `GET /dashboard`
pub async fn dashboard(State(app): State<App>, person: SignedIn, Frame(page): Frame) -> Result<Response> {
    let list = list::own_with_progress(&app, person.id(), 50, None).await?;
    let (open, finished): (Vec<_>, Vec<_>) =
        list.attempts.iter().map(|listed| (listed.row.state.is_finished(), attempt_row(listed))).partition(|(f, _)| !f);
    let mut grades = Vec::new();
    for grade in app.store.list_grades(person.id(), LATEST).await? {
        if marks_are_released(&app, &grade).await? {
            grades.push(grade);
        }
    }
    let percents: Vec<f64> = grades.iter().map(|row| row.grade.percent().as_f64()).collect();
    let answered = |row: &GradeRow| row.grade.questions.iter().filter(|m| m.outcome != Outcome::Unanswered).count();
    let suggestions = if finished.is_empty() { cards(&app, Some(&person)).await? } else { Vec::new() };
    show(&DashboardPage {
        page,
        finished_count: whole(grades.len()),
        average_percent: average(&percents),
        best_percent: percents.iter().copied().reduce(f64::max),
        questions_answered: whole(grades.iter().map(answered).sum()),
        trend: trend(&grades),
        domains: domains(&grades),
        open: open.into_iter().map(|(_, row)| row).collect(),
        recent: finished.into_iter().map(|(_, row)| row).take(RECENT).collect(),
        suggestions,
    })
}

async fn marks_are_released(app: &App, row: &GradeRow) -> Result<bool> {
    let exam = app.published.version(row.exam_version).await?;
    let exam = exam.ok_or_else(|| Error::internal(format!("exam version {} of a grade is gone", row.exam_version)))?;
    let settings = &exam.summary().settings;
    Ok(settings.release.decide(true, settings.closes_at, app.now()).marks)
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred attempts")]
fn average(percents: &[f64]) -> Option<f64> {
    (!percents.is_empty()).then(|| percents.iter().sum::<f64>() / percents.len() as f64)
}

/// The latest grades, oldest first.
fn trend(grades: &[GradeRow]) -> Vec<TrendPoint> {
    let point = |row: &GradeRow| TrendPoint {
        exam_title: row.exam_title.clone(),
        ended_at: moment(row.submitted_at),
        percent: row.grade.percent().as_f64(),
    };
    let mut points: Vec<_> = grades.iter().take(TREND).map(point).collect();
    points.reverse();
    points
}

/// Marks by domain over all grades, weakest first.
fn domains(grades: &[GradeRow]) -> Vec<DomainScore> {
    let mut sums: BTreeMap<&str, (Points, Points)> = BTreeMap::new();
    for domain in grades.iter().flat_map(|row| &row.grade.domains) {
        let (points, max_points) = sums.entry(&domain.name).or_default();
        *points = *points + domain.points;
        *max_points = *max_points + domain.max_points;
    }
    let mut domains: Vec<_> = sums.into_iter().filter(|(_, (_, max_points))| *max_points > Points::ZERO).collect();
    // Compared crosswise, so that no share is rounded.
    domains.sort_by(|(_, (a, a_max)), (_, (b, b_max))| (a.0 * b_max.0).cmp(&(b.0 * a_max.0)));
    let score = |(name, (points, max_points)): (&str, (Points, Points))| DomainScore {
        name: name.to_owned(),
        points: points.as_f64(),
        max_points: max_points.as_f64(),
    };
    domains.into_iter().map(score).collect()
}
