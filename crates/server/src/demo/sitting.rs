//! One invented person sitting one paper: what they know, how fast they are, what they answer and what they change.

use super::responses::{right, wrong};
use exam::answer::Operation;
use exam::id::QuestionVersionId;
use exam::question::{Content, Difficulty, Question};
use exam::time::Timestamp;
use rand::{Rng, RngExt as _};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::time::Duration;
use store::{Attempt, PublishedExam};

/// How many operations a save carries, as from a page that saves every few minutes over a poor network.
const PER_SAVE: usize = 6;

/// What makes one person's answers differ from another's.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// On the scale of the difficulties: whoever is as able as a question is hard gets it right half the time (Rasch 1960).
    ability: f64,
    /// How long they think compared with others.
    pace: f64,
    /// How many questions they leave open.
    gaps: f64,
}

impl Person {
    /// The account that visitors of the demo use begins weak, so that its dashboard shows progress.
    pub(super) const VISITOR: Self = Self { ability: -0.5, pace: 0.9, gaps: 0.04 };

    pub(super) fn draw(rng: &mut impl Rng) -> Self {
        Self {
            ability: 1.0 + 0.9 * bell(rng),
            pace: (1.0 + 0.3 * bell(rng)).max(0.5),
            gaps: rng.random_range(0.0..0.08),
        }
    }

    /// The same person after some visits: abler and a little faster.
    pub(super) fn after_visits(&self, visits: usize) -> Self {
        let visits = f64::from(u32::try_from(visits).unwrap_or(u32::MAX)).min(12.0);
        Self { ability: self.ability + 0.22 * visits, pace: self.pace * 0.985_f64.powf(visits), gaps: self.gaps }
    }

    /// Whether they get a question right.
    fn knows(&self, id: QuestionVersionId, question: &Question, rng: &mut impl Rng) -> bool {
        let by_chance = match &question.content {
            Content::Choice { options, multiple: false, .. } => {
                1.0 / f64::from(u32::try_from(options.len()).unwrap_or(4))
            }
            _ => 0.0,
        };
        let known = 1.0 / (1.0 + (difficulty(id, question) - self.ability).exp());
        rng.random_bool(by_chance * 0.7 + (1.0 - by_chance * 0.7) * known)
    }
}

/// About a normal distribution around 0: the sum of twelve even ones (Irwin-Hall).
fn bell(rng: &mut impl Rng) -> f64 {
    (0..12).map(|_| rng.random_range(0.0..1.0)).sum::<f64>() - 6.0
}

/// How hard a question is: what its author thinks, and how it turns out, which is the same for everybody.
fn difficulty(id: QuestionVersionId, question: &Question) -> f64 {
    let thought = match question.difficulty {
        Some(Difficulty::Easy) => -0.9,
        Some(Difficulty::Medium) | None => 0.1,
        Some(Difficulty::Hard) => 1.1,
    };
    let mut rng = ChaCha8Rng::seed_from_u64(id.0.unsigned_abs());
    thought + 0.5 * bell(&mut rng)
}

/// What a person does with a paper.
pub(super) struct Performance {
    /// Operations with the time at which the server receives them.
    pub(super) saves: Vec<(Timestamp, Vec<Operation>)>,
    /// When they hand in, or when their time is up.
    pub(super) ended_at: Timestamp,
    /// Whether they hand in before their time is up.
    pub(super) in_time: bool,
}

/// Sits a paper.
pub(super) fn perform(exam: &PublishedExam, attempt: &Attempt, person: &Person, rng: &mut impl Rng) -> Performance {
    let mut clock = Clock { now: attempt.started_at, deadline: attempt.deadline, pace: person.pace };
    let mut operations: Vec<(Timestamp, Operation)> = Vec::new();
    let mut doubts = Vec::new();
    for (index, item) in attempt.paper.items.iter().enumerate() {
        let Some(question) = exam.questions.get(&item.question) else { continue };
        let knows = person.knows(item.question, question, rng);
        let (right, wrong) = (right(question, item), wrong(question, item, rng));
        let last = if knows { &right } else { &wrong };
        // Whoever comes back to a question mostly does so to correct it.
        let doubts_it = rng.random_bool(0.1);
        let first = if doubts_it && rng.random_bool(0.8) { &wrong } else { last };
        let skips = rng.random_bool(person.gaps);
        if !clock.spend(seconds(question, rng)) {
            break;
        }
        if skips {
            continue;
        }
        let number = index + 1;
        push(&mut operations, clock.now, number, first.clone());
        if doubts_it {
            doubts.push((number, last.clone()));
        }
    }
    for (number, response) in doubts {
        if !clock.spend(rng.random_range(8.0..40.0)) {
            break;
        }
        push(&mut operations, clock.now, number, response);
    }
    clock.spend(rng.random_range(5.0..60.0));
    let in_time = attempt.deadline.is_none_or(|deadline| clock.now < deadline);
    let saves = operations.chunks(PER_SAVE).filter_map(|piece| {
        let at = piece.last()?.0;
        Some((at, piece.iter().map(|(_, operation)| operation.clone()).collect()))
    });
    Performance { saves: saves.collect(), ended_at: clock.now, in_time }
}

fn push(
    operations: &mut Vec<(Timestamp, Operation)>,
    at: Timestamp,
    question: usize,
    response: exam::answer::Response,
) {
    let seq = i64::try_from(operations.len() + 1).unwrap_or(i64::MAX);
    operations.push((at, Operation { writer: 0, seq, question, response: Some(response) }));
}

/// How long a question is thought about.
fn seconds(question: &Question, rng: &mut impl Rng) -> f64 {
    let parts = match &question.content {
        Content::Choice { multiple: false, .. } | Content::ShortText {} => 1.0,
        Content::Choice { .. } | Content::Numeric { .. } => 1.4,
        Content::Matching { .. } | Content::Ordering { .. } | Content::Cloze { .. } => 1.7,
    };
    parts * rng.random_range(20.0..75.0)
}

/// The time of one sitting.
struct Clock {
    now: Timestamp,
    deadline: Option<Timestamp>,
    pace: f64,
}

impl Clock {
    /// Lets a person's time pass; false when it is up.
    fn spend(&mut self, seconds: f64) -> bool {
        self.now = self.now.after(Duration::from_secs_f64(seconds * self.pace));
        match self.deadline {
            Some(deadline) if self.now >= deadline => {
                self.now = deadline;
                false
            }
            _ => true,
        }
    }
}
