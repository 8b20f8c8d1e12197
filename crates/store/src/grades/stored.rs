//! A grade as its row holds it: small, since there is one per attempt for ever.
//!
//! Most marks follow from their outcome: full for a correct answer, none for a wrong or missing one. Only the others are
//! written out. Rows of before this form hold a letter per outcome and longer names, or the grade as it is.

use exam::grade::{DomainMarks, Grade, Mark, Outcome};
use exam::question::Points;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
struct Stored {
    /// Points, maximum, both in thousandths, and whether it is a pass.
    #[serde(rename = "s", alias = "sum")]
    sum: (i64, i64, Option<bool>),
    /// What questions were worth, in thousandths, and how many of them in a row.
    #[serde(rename = "w", alias = "worth")]
    worth: Vec<(i64, usize)>,
    /// Three outcomes per character, the first in its highest bits.
    #[serde(rename = "o", default)]
    threes: String,
    /// Before: a letter per question.
    #[serde(rename = "outcomes", default, skip_serializing)]
    letters: Option<String>,
    /// Marks that do not follow from the outcome, in thousandths, by place.
    #[serde(rename = "m", alias = "marks", default, skip_serializing_if = "BTreeMap::is_empty")]
    marks: BTreeMap<usize, i64>,
    /// Name, points, maximum.
    #[serde(rename = "d", alias = "domains", default, skip_serializing_if = "Vec::is_empty")]
    domains: Vec<(String, i64, i64)>,
}

/// By their numbers of two bits, with the letters of before.
const OUTCOMES: [(Outcome, char); 4] =
    [(Outcome::Correct, 'c'), (Outcome::Partial, 'p'), (Outcome::Incorrect, 'i'), (Outcome::Unanswered, 'u')];
/// The characters of six bits: those of base64url (RFC 4648, section 5).
const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn write_outcomes(outcomes: &[Outcome]) -> String {
    let number = |outcome| OUTCOMES.iter().position(|(known, _)| *known == outcome).unwrap_or(0);
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
    let outcomes = numbers.iter().flat_map(|bits| [4, 2, 0].map(|shift| OUTCOMES[bits >> shift & 3].0));
    Some(outcomes.take(count).collect())
}

fn read_letters(letters: &str) -> Option<Vec<Outcome>> {
    letters.chars().map(|letter| Some(OUTCOMES.iter().find(|(_, known)| *known == letter)?.0)).collect()
}

/// The most questions of an equal worth in a row: a damaged row must not ask for more memory than there is.
const MOST: usize = 1 << 20;

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
        letters: None,
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
    let worth: Vec<i64> =
        stored.worth.iter().flat_map(|(points, count)| std::iter::repeat_n(*points, (*count).min(MOST))).collect();
    let outcomes = match &stored.letters {
        Some(letters) => read_letters(letters).filter(|outcomes| outcomes.len() <= worth.len()),
        None => read_outcomes(&stored.threes, worth.len()),
    };
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
    fn a_grade_of_before_is_read_as_well() {
        let plain = Grade { domains: Vec::new(), ..grade() };
        assert_eq!(read(&serde_json::to_string(&plain).unwrap()).unwrap(), plain);
    }

    #[test]
    fn a_grade_with_a_letter_per_outcome_is_read_as_well() {
        let written = r#"{"sum":[2250,6000,false],"worth":[[1000,3],[3000,1],[0,1]],"outcomes":"cuipc","marks":{"2":-250,"3":1500},
            "domains":[["Säcke",-250,1000]]}"#;
        assert_eq!(read(written).unwrap(), grade());
        assert!(read(&written.replace("cuipc", "cuipx")).is_err());
        assert!(read(&written.replace("cuipc", "cuipcc")).is_err());
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
