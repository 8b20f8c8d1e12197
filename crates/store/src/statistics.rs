//! Figures for staff: counted when asked, over what is there.

use crate::db::sql;
use crate::{Result, Store};
use exam::id::ExamId;
use exam::time::Timestamp;

const DAY_MS: i64 = 86_400_000;

/// The staff area's first page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// Accounts that may sign in.
    pub accounts: i64,
    /// Banks.
    pub banks: i64,
    /// Questions that are not retired.
    pub questions: i64,
    /// Published exams.
    pub published_exams: i64,
    /// Attempts that are open.
    pub open_attempts: i64,
    /// Attempts that have ended.
    pub finished_attempts: i64,
    /// Of the graded attempts with a pass line: how many passed.
    pub passed: i64,
    /// Of the graded attempts with a pass line: how many did not.
    pub failed: i64,
    /// Attempts started per day of UTC, oldest first, without gaps.
    pub attempts_per_day: Vec<(Timestamp, i64)>,
    /// Graded attempts per ten percent: 0 to below 10, ..., 90 to 100.
    pub score_histogram: [i64; 10],
}

/// Marks of one domain summed over attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainTotals {
    /// Its name.
    pub name: String,
    /// Thousandths reached.
    pub points: i64,
    /// Thousandths that could have been reached.
    pub max_points: i64,
}

/// What happened since midnight UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Today {
    /// Attempts started.
    pub started: i64,
    /// Attempts that ended.
    pub finished: i64,
    /// Hundredths of a percent summed over the grades of those.
    pub percent_sum: i64,
    /// How many grades that are.
    pub graded: i64,
    /// Accounts made.
    pub sign_ups: i64,
}

/// What the attempts of one exam add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExamStatistics {
    /// Attempts that are open.
    pub open: i64,
    /// Attempts that have ended.
    pub finished: i64,
    /// Hundredths of a percent summed over all grades.
    pub percent_sum: i64,
    /// How many grades that are.
    pub graded: i64,
    /// Grades with a verdict.
    pub judged: i64,
    /// Those that passed.
    pub passed: i64,
    /// Grades per ten percent: 0 to below 10, ..., 90 to 100.
    pub score_histogram: [i64; 10],
}

impl Store {
    /// What happened since midnight UTC.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn today(&self, now: Timestamp) -> Result<Today> {
        let midnight = now.0.div_euclid(DAY_MS) * DAY_MS;
        let (started, finished, sign_ups): (i64, i64, i64) = self
            .db
            .one(
                sql!(
                    "SELECT (SELECT COUNT(*) FROM attempts WHERE started_at >= $1), "
                    "(SELECT COUNT(*) FROM attempts WHERE submitted_at >= $1), "
                    "(SELECT COUNT(*) FROM accounts WHERE created_at >= $1)"
                ),
                (midnight,),
            )
            .await?;
        let (percent_sum, graded): (i64, i64) = self
            .db
            .one(
                sql!(
                    "SELECT CAST(COALESCE(SUM(g.percent), 0) AS BIGINT), COUNT(*) "
                    "FROM attempts a JOIN grades g ON g.attempt_id = a.id AND g.key_version = "
                    "(SELECT MAX(key_version) FROM grades WHERE attempt_id = a.id) WHERE a.submitted_at >= $1"
                ),
                (midnight,),
            )
            .await?;
        Ok(Today { started, finished, percent_sum, graded, sign_ups })
    }

    /// What the attempts of an exam add up to, over all its versions.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn exam_statistics(&self, exam: ExamId) -> Result<ExamStatistics> {
        let (all, open): (i64, i64) = self
            .db
            .one(
                sql!(
                    "SELECT (SELECT COUNT(*) FROM attempts WHERE exam_id = $1), "
                    "(SELECT COUNT(*) FROM attempts WHERE exam_id = $1 AND state = 'open')"
                ),
                (exam.0,),
            )
            .await?;
        let tenths: Vec<(i64, i64, i64, i64, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT g.percent / 1000, COUNT(*), CAST(SUM(g.percent) AS BIGINT), "
                    "CAST(COALESCE(SUM(g.passed), 0) AS BIGINT), COUNT(g.passed) "
                    "FROM attempts a JOIN grades g ON g.attempt_id = a.id AND g.key_version = "
                    "(SELECT MAX(key_version) FROM grades WHERE attempt_id = a.id) "
                    "WHERE a.exam_id = $1 GROUP BY g.percent / 1000"
                ),
                (exam.0,),
            )
            .await?;
        let mut statistics = ExamStatistics { open, finished: all - open, ..ExamStatistics::default() };
        for (tenth, graded, percent_sum, passed, judged) in tenths {
            statistics.score_histogram[usize::try_from(tenth).unwrap_or(0).min(9)] += graded;
            statistics.graded += graded;
            statistics.percent_sum += percent_sum;
            statistics.passed += passed;
            statistics.judged += judged;
        }
        Ok(statistics)
    }

    /// Counts everything the staff area's first page shows, over the last `days` days where days are counted. `exam` is a
    /// slug, or empty for all exams.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn overview(&self, exam: &str, days: i64, now: Timestamp) -> Result<Overview> {
        let (accounts, banks, questions, published_exams): (i64, i64, i64, i64) = self
            .db
            .one(
                sql!(
                    "SELECT (SELECT COUNT(*) FROM accounts WHERE disabled_at IS NULL), (SELECT COUNT(*) FROM banks), "
                    "(SELECT COUNT(*) FROM questions WHERE retired_at IS NULL), "
                    "(SELECT COUNT(*) FROM exams WHERE version IS NOT NULL)"
                ),
                (),
            )
            .await?;
        let states: Vec<(String, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT a.state, COUNT(*) FROM attempts a JOIN exams e ON e.id = a.exam_id "
                    "WHERE $1 = '' OR e.slug = $1 GROUP BY a.state"
                ),
                (exam.to_owned(),),
            )
            .await?;
        let count = |open: bool| states.iter().filter(|(state, _)| (state == "open") == open).map(|(_, n)| n).sum();
        let grades: Vec<(i64, i64, i64, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT g.percent / 1000, COUNT(*), CAST(COALESCE(SUM(g.passed), 0) AS BIGINT), COUNT(g.passed) "
                    "FROM grades g JOIN attempts a ON a.id = g.attempt_id JOIN exams e ON e.id = a.exam_id "
                    "WHERE ($1 = '' OR e.slug = $1) AND g.key_version = "
                    "(SELECT MAX(key_version) FROM grades WHERE attempt_id = g.attempt_id) GROUP BY g.percent / 1000"
                ),
                (exam.to_owned(),),
            )
            .await?;
        let mut score_histogram = [0; 10];
        for (tenth, count, ..) in &grades {
            score_histogram[usize::try_from(*tenth).unwrap_or(0).min(9)] += count;
        }
        let passed = grades.iter().map(|(_, _, passed, _)| passed).sum();
        let judged: i64 = grades.iter().map(|(.., judged)| judged).sum();
        let today = now.0.div_euclid(DAY_MS);
        let first = today - days.max(1) + 1;
        let counted: Vec<(i64, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT a.started_at / 86400000, COUNT(*) FROM attempts a JOIN exams e ON e.id = a.exam_id "
                    "WHERE a.started_at >= $1 AND ($2 = '' OR e.slug = $2) GROUP BY a.started_at / 86400000"
                ),
                (first * DAY_MS, exam.to_owned()),
            )
            .await?;
        let on_day = |day: i64| counted.iter().find(|(counted, _)| *counted == day).map_or(0, |(_, count)| *count);
        Ok(Overview {
            accounts,
            banks,
            questions,
            published_exams,
            open_attempts: count(true),
            finished_attempts: count(false),
            passed,
            failed: judged - passed,
            attempts_per_day: (first..=today).map(|day| (Timestamp(day * DAY_MS), on_day(day))).collect(),
            score_histogram,
        })
    }
}
