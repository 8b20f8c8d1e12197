//! A grade as its row holds it: small, since there is one per attempt for ever.
//!
//! Most marks follow from their outcome: full for a correct answer, none for a wrong or missing one. Only the others are
//! written out. Rows of before this form hold the grade as it is.

use exam::grade::{DomainMarks, Grade, Mark, Outcome};
use exam::question::Points;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct Stored {
    /// Points, maximum, both in thousandths, and whether it is a pass.
    sum: (i64, i64, Option<bool>),
    /// What questions were worth, in thousandths, and how many of them in a row.
    worth: Vec<(i64, usize)>,
    /// A letter per question.
    outcomes: String,
    /// Marks that do not follow from the outcome, in thousandths, by place.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    marks: BTreeMap<usize, i64>,
    /// Name, points, maximum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    domains: Vec<(String, i64, i64)>,
}

const LETTERS: [(Outcome, char); 4] =
    [(Outcome::Correct, 'c'), (Outcome::Partial, 'p'), (Outcome::Incorrect, 'i'), (Outcome::Unanswered, 'u')];

/// The marks that an outcome stands for.
fn usual(outcome: Outcome, worth: i64) -> i64 {
    if outcome == Outcome::Correct { worth } else { 0 }
}

/// Writes a grade.
pub(super) fn write(grade: &Grade) -> String {
    let mut worth: Vec<(i64, usize)> = Vec::new();
    for mark in &grade.questions {
        match worth.last_mut() {
            Some((points, count)) if *points == mark.max_points.0 => *count += 1,
            _ => worth.push((mark.max_points.0, 1)),
        }
    }
    let letter = |outcome| LETTERS.iter().find(|(known, _)| *known == outcome).map_or('?', |(_, letter)| *letter);
    let unusual =
        grade.questions.iter().enumerate().filter(|(_, mark)| mark.points.0 != usual(mark.outcome, mark.max_points.0));
    let stored = Stored {
        sum: (grade.points.0, grade.max_points.0, grade.passed),
        worth,
        outcomes: grade.questions.iter().map(|mark| letter(mark.outcome)).collect(),
        marks: unusual.map(|(place, mark)| (place, mark.points.0)).collect(),
        domains: grade
            .domains
            .iter()
            .map(|domain| (domain.name.clone(), domain.points.0, domain.max_points.0))
            .collect(),
    };
    serde_json::to_string(&stored).expect("a grade is numbers and names")
}

/// Reads a grade.
///
/// # Errors
/// Why it is none, without quoting it.
pub(super) fn read(detail: &str) -> Result<Grade, String> {
    let Ok(stored) = serde_json::from_str::<Stored>(detail) else {
        return serde_json::from_str(detail).map_err(|error| format!("not a grade, at column {}", error.column()));
    };
    let mut worth = stored.worth.iter().flat_map(|(points, count)| std::iter::repeat_n(*points, *count));
    let questions = stored.outcomes.chars().enumerate().map(|(place, letter)| {
        let (outcome, _) = LETTERS.iter().find(|(_, known)| *known == letter)?;
        let max_points = worth.next()?;
        let points = stored.marks.get(&place).copied().unwrap_or_else(|| usual(*outcome, max_points));
        Some(Mark { points: Points(points), max_points: Points(max_points), outcome: *outcome })
    });
    let domain =
        |(name, points, max_points)| DomainMarks { name, points: Points(points), max_points: Points(max_points) };
    Ok(Grade {
        questions: questions.collect::<Option<_>>().ok_or("an outcome is none")?,
        points: Points(stored.sum.0),
        max_points: Points(stored.sum.1),
        passed: stored.sum.2,
        domains: stored.domains.into_iter().map(domain).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(points: i64, max_points: i64, outcome: Outcome) -> Mark {
        Mark { points: Points(points), max_points: Points(max_points), outcome }
    }

    fn grade() -> Grade {
        Grade {
            points: Points(2_250),
            max_points: Points(6_000),
            passed: Some(false),
            questions: vec![
                mark(1_000, 1_000, Outcome::Correct),
                mark(0, 1_000, Outcome::Unanswered),
                mark(-250, 1_000, Outcome::Incorrect),
                mark(1_500, 3_000, Outcome::Partial),
                mark(0, 0, Outcome::Correct),
            ],
            domains: vec![DomainMarks { name: "Säcke".into(), points: Points(-250), max_points: Points(1_000) }],
        }
    }

    #[test]
    fn a_grade_comes_back_as_it_was() {
        assert_eq!(read(&write(&grade())).unwrap(), grade());
        let bare = Grade { passed: None, questions: Vec::new(), domains: Vec::new(), ..grade() };
        assert_eq!(read(&write(&bare)).unwrap(), bare);
    }

    #[test]
    fn a_grade_of_before_is_read_as_well() {
        let plain = Grade { domains: Vec::new(), ..grade() };
        assert_eq!(read(&serde_json::to_string(&plain).unwrap()).unwrap(), plain);
    }

    #[test]
    fn an_ordinary_grade_is_small_and_a_broken_one_is_an_error() {
        let questions = vec![mark(1_000, 1_000, Outcome::Correct); 65];
        let written = write(&Grade { questions, ..grade() });
        assert!(written.len() < 200, "{} bytes", written.len());
        assert!(read("{}").is_err());
        assert!(read(&written.replace('c', "x")).is_err());
    }
}
