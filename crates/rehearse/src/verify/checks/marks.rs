//! The grade of an attempt, in the detail that results show and in the columns that lists and statistics read.

use super::Checked;
use crate::verify::{Promise, Violation};
use exam::grade::{Grade, grade};
use exam::question::Question;
use store::{Attempt, GradeSums, PublishedExam, Store};

/// What the database says of an attempt's marks.
pub(super) struct Marks {
    /// How many grades there are.
    count: i64,
    detail: Option<Grade>,
    columns: Option<GradeSums>,
}

impl Marks {
    pub(super) async fn find(store: &Store, attempt: &Attempt) -> store::Result<Self> {
        Ok(Self {
            count: store.count_grades(attempt).await?,
            detail: store.find_grade(attempt).await?,
            columns: store.find_grade_sums(attempt).await?,
        })
    }
}

impl Checked<'_> {
    /// The detail and the columns, each against what the answers in the log earn.
    pub(super) fn grades(&self, exam: Option<&PublishedExam>, marks: &Marks) -> Vec<Violation> {
        let mut found = Vec::new();
        let mut tell = |what: String| found.push(self.violation(Promise::GradedOnce, None, what));
        let count = marks.count;
        if !self.attempt.state.is_finished() {
            if count > 0 {
                tell(format!("it is open and has {count} grades"));
            }
            return found;
        }
        // A rehearsal's exam is not graded anew under another key.
        let (1, Some(detail), Some(columns)) = (count, &marks.detail, marks.columns) else {
            tell(format!("it has ended and has {count} grades"));
            return found;
        };
        let again = exam.and_then(|exam| self.grade_again(exam));
        if again.is_none() {
            tell("its exam version, or a question of it, is gone".into());
        }
        if let Some(again) = again.as_ref().filter(|again| *again != detail) {
            tell(match (in_words(sums(detail)), in_words(sums(again))) {
                (same, earned) if same == earned => {
                    format!("its result shows {same}, as its answers earn, and not with the marks of each question")
                }
                (shown, earned) => format!("its result shows {shown}, and its answers earn {earned}"),
            });
        }
        let earned = sums(again.as_ref().unwrap_or(detail));
        if columns != earned {
            let by = if again.is_some() { "its answers earn" } else { "its result shows" };
            tell(format!("lists show {}, and {by} {}", in_words(columns), in_words(earned)));
        }
        found
    }

    fn grade_again(&self, exam: &PublishedExam) -> Option<Grade> {
        let items = self.attempt.paper.items.iter();
        let questions: Option<Vec<&Question>> = items.map(|item| exam.questions.get(&item.question)).collect();
        let settings = &exam.summary.settings;
        Some(grade(&self.attempt.paper, &questions?, &self.answers, &settings.grading, settings.pass))
    }
}

fn sums(grade: &Grade) -> GradeSums {
    let Grade { points, max_points, passed, .. } = *grade;
    GradeSums { points, max_points, percent: grade.percent(), passed }
}

fn in_words(sums: GradeSums) -> String {
    let GradeSums { points, max_points, percent, passed } = sums;
    let verdict = match passed {
        Some(true) => ", passed",
        Some(false) => ", failed",
        None => "",
    };
    format!("{points} of {max_points} points ({percent} %{verdict})")
}
