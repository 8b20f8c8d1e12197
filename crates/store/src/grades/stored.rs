//! A grade as its row holds it: small, since there is one per attempt for ever.
//!
//! Most marks follow from their outcome: full for a correct answer, none for a wrong or missing one. Only the others are
//! written out.

use exam::grade::{DomainMarks, Grade, Mark, Outcome};
use exam::question::Points;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct Stored {
    /// Points, maximum, both in thousandths, and whether it is a pass.
    #[serde(rename = "s")]
    sum: (i64, i64, Option<bool>),
    /// What questions were worth, in thousandths, and how many of them in a row.
    #[serde(rename = "w")]
    worth: Vec<(i64, usize)>,
    /// Three outcomes per character, the first in its highest bits.
    #[serde(rename = "o")]
    threes: String,
    /// Marks that do not follow from the outcome, in thousandths, by place.
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    marks: BTreeMap<usize, i64>,
    /// Name, points, maximum.
    #[serde(rename = "d", default, skip_serializing_if = "Vec::is_empty")]
    domains: Vec<(String, i64, i64)>,
}

/// By their numbers of two bits.
const OUTCOMES: [Outcome; 4] = [Outcome::Correct, Outcome::Partial, Outcome::Incorrect, Outcome::Unanswered];
/// The characters of six bits: those of base64url (RFC 4648, section 5).
const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn write_outcomes(outcomes: &[Outcome]) -> String {
    let number = |outcome| OUTCOMES.iter().position(|known| *known == outcome).unwrap_or(0);
    let character = |three: &[Outcome]| {
        let bits = (0..3).fold(0, |bits, place| bits << 2 | three.get(place).map_or(0, |outcome| number(*outcome)));
        char::from(CHARACTERS[bits])
    };
    outcomes.chunks(3).map(character).collect()
}

/// None when they are not those of as many questions.
fn read_outcomes(threes: &str, count: usize) -> Option<Vec<Outcome>> {
    if threes.len() != count.div_ceil(3) {
        return None;
    }
    let bits = |character| CHARACTERS.iter().position(|known| *known == character);
    let numbers = threes.bytes().map(bits).collect::<Option<Vec<_>>>()?;
    let outcomes = numbers.iter().flat_map(|bits| [4, 2, 0].map(|shift| OUTCOMES[bits >> shift & 3]));
    Some(outcomes.take(count).collect())
}

/// The most questions of an equal worth in a row: a damaged row must not ask for more memory than there is.
const MOST: usize = 1 << 17;

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
    let unusual =
        grade.questions.iter().enumerate().filter(|(_, mark)| mark.points.0 != usual(mark.outcome, mark.max_points.0));
    let stored = Stored {
        sum: (grade.points.0, grade.max_points.0, grade.passed),
        worth,
        threes: write_outcomes(&grade.questions.iter().map(|mark| mark.outcome).collect::<Vec<_>>()),
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
    let stored: Stored =
        serde_json::from_str(detail).map_err(|error| format!("not a grade, at column {}", error.column()))?;
    let worth: Vec<i64> =
        stored.worth.iter().flat_map(|(points, count)| std::iter::repeat_n(*points, (*count).min(MOST))).collect();
    let outcomes = read_outcomes(&stored.threes, worth.len());
    let outcomes = outcomes.ok_or("an outcome is none")?;
    let questions = outcomes.into_iter().zip(worth).enumerate().map(|(place, (outcome, max_points))| {
        let points = stored.marks.get(&place).copied().unwrap_or_else(|| usual(outcome, max_points));
        Mark { points: Points(points), max_points: Points(max_points), outcome }
    });
    let domain =
        |(name, points, max_points)| DomainMarks { name, points: Points(points), max_points: Points(max_points) };
    Ok(Grade {
        questions: questions.collect(),
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
    fn an_ordinary_grade_is_small_and_a_broken_one_is_an_error() {
        let questions = vec![mark(1_000, 1_000, Outcome::Correct); 65];
        let written = write(&Grade { questions, domains: Vec::new(), ..grade() });
        assert!(written.len() < 80, "{} bytes", written.len());
        for broken in
            ["{}".to_owned(), written.replace('A', "?"), written.replacen('A', "", 1), written.replace("65", "67")]
        {
            assert!(read(&broken).is_err(), "{broken}");
        }
    }
}
