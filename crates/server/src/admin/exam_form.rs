//! The form of an exam's draft: from what was typed to settings and blueprint, and back.
//!
//! The form knows one draw from one bank. A draft with several keeps them until bank or number of questions is changed.

use super::{slug_problem, title_problem};
use crate::exams::pages::whole;
use crate::http::extract::Form;
use crate::slug::is_reserved;
use crate::view::admin::ExamForm;
use crate::view::form::{Errors, Problem};
use exam::blueprint::{Blueprint, Draw};
use exam::grade::{GradingPolicy, PartialCredit};
use exam::question::Weight;
use exam::release::{ReleasePolicy, When};
use exam::settings::{Mode, Percent, Settings};
use exam::time::Timestamp;
use store::{BankSummary, Exam};

/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 20_000;
/// The most questions of a paper.
const QUESTIONS_MAX: i64 = 500;
/// The longest time limit, in minutes: 30 days.
const MINUTES_MAX: i64 = 30 * 24 * 60;
/// The most attempts per person, where they are counted.
const ATTEMPTS_MAX: i64 = 1_000;

/// What the form stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) slug: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) settings: Settings,
    pub(super) blueprint: Blueprint,
}

/// The form for a new exam.
pub(super) fn blank(banks: &[BankSummary]) -> ExamForm {
    let settings = Settings::new(Mode::Exam);
    ExamForm {
        bank: banks.first().map(|summary| summary.bank.slug.clone()).unwrap_or_default(),
        ..filled(&settings, &Blueprint { draws: Vec::new() })
    }
}

/// The form of an exam's draft.
pub(super) fn of(exam: &Exam) -> ExamForm {
    ExamForm {
        slug: exam.slug.clone(),
        title: exam.title.clone(),
        description: exam.description.clone(),
        ..filled(&exam.settings, &exam.blueprint)
    }
}

fn filled(settings: &Settings, blueprint: &Blueprint) -> ExamForm {
    let release = &settings.release;
    ExamForm {
        slug: String::new(),
        title: String::new(),
        description: String::new(),
        mode: settings.mode.name().to_owned(),
        bank: blueprint.draws.first().map(|draw| draw.bank.clone()).unwrap_or_default(),
        questions: match blueprint.question_count() {
            0 => String::new(),
            count => count.to_string(),
        },
        time_limit_min: settings.time_limit_s.map(minutes_text).unwrap_or_default(),
        pass_percent: settings.pass.map(|pass| pass.to_string()).unwrap_or_default(),
        attempts: settings.attempts.map(|attempts| attempts.to_string()).unwrap_or_default(),
        opens_at: settings.opens_at.map(time_text).unwrap_or_default(),
        closes_at: settings.closes_at.map(time_text).unwrap_or_default(),
        shuffle_questions: settings.shuffle_questions,
        shuffle_options: settings.shuffle_options,
        choice_credit: settings.grading.choice.name().to_owned(),
        parts_credit: settings.grading.parts.name().to_owned(),
        penalty: match settings.grading.wrong_penalty {
            Weight::ZERO => String::new(),
            penalty => penalty.as_percent().to_string(),
        },
        release_marks: release.marks.name().to_owned(),
        release_keys: release.keys.name().to_owned(),
        release_explanations: release.explanations.name().to_owned(),
    }
}

/// The form as it was sent.
pub(super) fn typed(form: &Form) -> ExamForm {
    let text = |name| form.get(name).trim().to_owned();
    ExamForm {
        slug: text("slug"),
        title: text("title"),
        // Browsers end the lines of a text area with both characters.
        description: text("description").replace("\r\n", "\n"),
        mode: text("mode"),
        bank: text("bank"),
        questions: text("questions"),
        time_limit_min: text("time_limit_min"),
        pass_percent: text("pass_percent"),
        attempts: text("attempts"),
        opens_at: text("opens_at"),
        closes_at: text("closes_at"),
        shuffle_questions: form.get("shuffle_questions") == "on",
        shuffle_options: form.get("shuffle_options") == "on",
        choice_credit: text("choice_credit"),
        parts_credit: text("parts_credit"),
        penalty: text("penalty"),
        release_marks: text("release_marks"),
        release_keys: text("release_keys"),
        release_explanations: text("release_explanations"),
    }
}

/// What a form stands for; `existing` is the draft that it changes.
///
/// # Errors
/// Everything that is wrong with it, in the order of its fields.
pub(super) fn parse(form: &ExamForm, banks: &[BankSummary], existing: Option<&Exam>) -> Result<Draft, Errors> {
    let mut fields = Fields { errors: Errors::default() };
    if let Some(problem) = title_problem(&form.title) {
        fields.errors.add("title", problem);
    }
    if existing.is_none()
        && let Some(problem) = slug_problem(&form.slug).or_else(|| reserved(&form.slug))
    {
        fields.errors.add("slug", problem);
    }
    if form.description.chars().count() > DESCRIPTION_MAX {
        fields.errors.add("description", Problem::TooLong(whole(DESCRIPTION_MAX)));
    }
    let mode = fields.offered("mode", Mode::from_name(&form.mode)).unwrap_or(Mode::Exam);
    let blueprint = fields.blueprint(form, banks, existing.map(|exam| &exam.blueprint));
    let time_limit_s = fields.optional("time_limit_min", &form.time_limit_min, (1, MINUTES_MAX), seconds);
    if mode == Mode::Exam && form.time_limit_min.is_empty() {
        fields.errors.add("time_limit_min", Problem::TimeLimitMissing);
    }
    let attempts = fields.optional("attempts", &form.attempts, (1, ATTEMPTS_MAX), |text| {
        text.parse().ok().filter(|count| (1..=ATTEMPTS_MAX).contains(&i64::from(*count)))
    });
    let opens_at = fields.time("opens_at", &form.opens_at);
    let closes_at = fields.time("closes_at", &form.closes_at);
    if opens_at.zip(closes_at).is_some_and(|(opens, closes)| closes <= opens) {
        fields.errors.add("closes_at", Problem::CloseBeforeOpen);
    }
    let pass =
        fields.optional("pass_percent", &form.pass_percent, (0, 100), |text| number(text).and_then(Percent::from_f64));
    let grading = fields.grading(form);
    let mut when = |name, value: &str| fields.offered(name, When::from_name(value)).unwrap_or_default();
    let release = ReleasePolicy {
        marks: when("release_marks", &form.release_marks),
        keys: when("release_keys", &form.release_keys),
        explanations: when("release_explanations", &form.release_explanations),
    };
    if !fields.errors.is_empty() {
        return Err(fields.errors);
    }
    let settings = Settings {
        mode,
        time_limit_s,
        pass,
        attempts,
        opens_at,
        closes_at,
        shuffle_questions: form.shuffle_questions,
        shuffle_options: form.shuffle_options,
        grading,
        release,
    };
    Ok(Draft {
        slug: existing.map_or(&form.slug, |exam| &exam.slug).clone(),
        title: form.title.clone(),
        description: form.description.clone(),
        settings,
        blueprint,
    })
}

fn reserved(slug: &str) -> Option<Problem> {
    is_reserved(slug).then_some(Problem::SlugTaken)
}

/// Reads fields and keeps what was wrong with them.
struct Fields {
    errors: Errors,
}

impl Fields {
    fn offered<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.errors.add(name, Problem::NotOffered);
        }
        value
    }

    /// A number that may be left out.
    fn optional<T>(
        &mut self,
        name: &'static str,
        text: &str,
        (least, most): (i64, i64),
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if text.is_empty() {
            return None;
        }
        let value = read(text);
        if value.is_none() {
            self.errors.add(name, Problem::NotBetween(least, most));
        }
        value
    }

    fn time(&mut self, name: &'static str, text: &str) -> Option<Timestamp> {
        if text.is_empty() {
            return None;
        }
        let time = text.parse::<jiff::civil::DateTime>().and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC));
        match time {
            Ok(time) => Some(Timestamp(time.timestamp().as_millisecond())),
            Err(_) => {
                self.errors.add(name, Problem::NotATime);
                None
            }
        }
    }

    /// One draw from the bank; the draws of the draft, while they come to the same.
    fn blueprint(&mut self, form: &ExamForm, banks: &[BankSummary], existing: Option<&Blueprint>) -> Blueprint {
        let bank = banks.iter().find(|summary| summary.bank.slug == form.bank);
        if bank.is_none() {
            self.errors.add("bank", Problem::BankMissing);
        }
        let wanted = form.questions.parse::<i64>().ok().filter(|count| (1..=QUESTIONS_MAX).contains(count));
        match (wanted, bank) {
            (None, _) => self.errors.add("questions", Problem::NotBetween(1, QUESTIONS_MAX)),
            (Some(wanted), Some(bank)) if wanted > bank.questions => {
                self.errors.add("questions", Problem::TooFewQuestions(bank.questions));
            }
            _ => {}
        }
        let count = wanted.and_then(|wanted| usize::try_from(wanted).ok()).unwrap_or(0);
        let is_same = |blueprint: &&Blueprint| {
            blueprint.question_count() == count && blueprint.draws.first().is_some_and(|draw| draw.bank == form.bank)
        };
        existing.filter(is_same).cloned().unwrap_or_else(|| Blueprint {
            draws: vec![Draw { bank: form.bank.clone(), domains: Vec::new(), difficulty: None, count }],
        })
    }

    fn grading(&mut self, form: &ExamForm) -> GradingPolicy {
        let choice = self.offered("choice_credit", PartialCredit::from_name(&form.choice_credit));
        let parts = self.offered("parts_credit", PartialCredit::from_name(&form.parts_credit));
        let penalty = self.optional("penalty", &form.penalty, (0, 100), |text| {
            number(text).filter(|percent| *percent >= 0.0).and_then(Weight::from_percent)
        });
        let default = GradingPolicy::default();
        GradingPolicy {
            choice: choice.unwrap_or(default.choice),
            parts: parts.unwrap_or(default.parts),
            wrong_penalty: penalty.unwrap_or(default.wrong_penalty),
        }
    }
}

/// A number with a decimal point or comma.
fn number(text: &str) -> Option<f64> {
    text.trim_end_matches('%').trim_end().replace(',', ".").parse().ok()
}

/// Minutes, whole or not, in seconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
fn seconds(minutes: &str) -> Option<u32> {
    let seconds = number(minutes)? * 60.0;
    (1.0..=(MINUTES_MAX * 60) as f64).contains(&seconds.round()).then_some(seconds.round() as u32)
}

/// Seconds in minutes, exact to the second when read again.
fn minutes_text(seconds: u32) -> String {
    let minutes = f64::from(seconds) / 60.0;
    ((minutes * 10_000.0).round() / 10_000.0).to_string()
}

/// `2026-11-23T09:00`, with seconds only when there are any.
fn time_text(time: Timestamp) -> String {
    let Ok(time) = jiff::Timestamp::from_millisecond(time.0) else { return String::new() };
    let text = time.to_zoned(jiff::tz::TimeZone::UTC).datetime().to_string();
    text.strip_suffix(":00").map(ToOwned::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests;
