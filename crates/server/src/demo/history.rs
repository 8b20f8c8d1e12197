//! The demo's history: who sat what when in the month before the first start, drawn from a fixed seed.

use super::accounts::{self, People, derived};
use super::exams::{BANKS, Exams};
use super::sitting::{self, Person};
use super::{DAY, DemoError};
use crate::token;
use exam::answer::Answers;
use exam::attempt::AttemptState;
use exam::grade::{Grade, grade};
use exam::id::AccountId;
use exam::paper::Paper;
use exam::question::Question;
use exam::settings::Mode;
use exam::time::Timestamp;
use rand::{Rng, RngExt as _};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::time::Duration;
use store::{Attempt, NewAttempt, PublishedExam, Started, Store};

/// How many attempts the history has.
const VISITS: usize = 300;

/// Every how many visits the one is the visitor's account's, so that its dashboard shows a trend.
const VISITOR_EVERY: usize = 25;

/// Visits of one person are at least this far apart; none lasts as long.
const APART: Duration = Duration::from_secs(2 * 3_600);

const SEED: u64 = 0x0E7A_44A1;

/// One person's visit to one exam.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    /// Its number, from which everything random about it is drawn.
    number: usize,
    /// Which invented person; None is the account that visitors of the demo use.
    person: Option<usize>,
    bank: usize,
    mode: Mode,
    /// How many questions were chosen, in a practice.
    questions: usize,
    started_at: Timestamp,
    character: Person,
}

impl Visit {
    fn rng(&self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(SEED + 1 + u64::try_from(self.number).unwrap_or(0))
    }

    /// The attempt's public id: unpredictable, and the same each time for this installation.
    fn public_id(&self, secret: &str) -> String {
        let bytes = derived(secret, &format!("attempt {}", self.number));
        token::hex(&bytes[..16])
    }
}

/// The whole history in order of time.
pub(super) fn schedule(seeded_at: Timestamp) -> Vec<Visit> {
    let rng = &mut ChaCha8Rng::seed_from_u64(SEED);
    let times = times(rng, seeded_at);
    let people = accounts::people().count();
    let characters: Vec<Person> = (0..people).map(|_| Person::draw(rng)).collect();
    let mut visits: Vec<Visit> = Vec::with_capacity(VISITS);
    for (number, started_at) in times.into_iter().enumerate() {
        let (person, learnt) = if number % VISITOR_EVERY == VISITOR_EVERY / 2 {
            (None, visits_of(&visits, None).count())
        } else {
            let rested = |person: &usize| {
                visits_of(&visits, Some(*person)).all(|visit| started_at.since(visit.started_at) >= APART)
            };
            let free: Vec<usize> = (0..people).filter(rested).collect();
            let person = free[rng.random_range(0..free.len())];
            (Some(person), visits_of(&visits, Some(person)).count())
        };
        let bank = if person.is_some() { rng.random_range(0..BANKS.len()) } else { learnt % BANKS.len() };
        let exams_sat = visits_of(&visits, person).filter(|v| v.bank == bank && v.mode == Mode::Exam).count();
        let sits_exam = match person {
            Some(_) => exams_sat < 3 && rng.random_bool(0.65),
            // Practice first; and attempts are left for whoever tries the demo.
            None => exams_sat == 0 && learnt >= 4,
        };
        visits.push(Visit {
            number,
            person,
            bank,
            mode: if sits_exam { Mode::Exam } else { Mode::Practice },
            questions: if rng.random_bool(0.6) { 10 } else { 20 },
            started_at,
            character: match person {
                Some(person) => characters[person].after_visits(learnt),
                None => Person::VISITOR.after_visits(learnt),
            },
        });
    }
    visits
}

fn visits_of(visits: &[Visit], person: Option<usize>) -> impl Iterator<Item = &Visit> {
    visits.iter().filter(move |visit| visit.person == person)
}

/// Moments of the last thirty days at which people study: by day and in the evening, less at weekends.
fn times(rng: &mut impl Rng, seeded_at: Timestamp) -> Vec<Timestamp> {
    let (first, last) = (seeded_at.before(DAY * 30), seeded_at.before(APART));
    let mut times = Vec::with_capacity(VISITS);
    while times.len() < VISITS {
        let time = Timestamp(rng.random_range(first.0..last.0));
        let hours = time.0.div_euclid(3_600_000);
        let by_hour = match hours.rem_euclid(24) {
            0..=5 => 0.01,
            6 | 7 => 0.25,
            9..=11 | 14..=16 => 1.0,
            19..=21 => 0.8,
            22 | 23 => 0.25,
            _ => 0.5,
        };
        // 1 January 1970 was a Thursday.
        let weekend = matches!((hours.div_euclid(24) + 4).rem_euclid(7), 0 | 6);
        if rng.random_bool(if weekend { by_hour * 0.4 } else { by_hour }) {
            times.push(time);
        }
    }
    times.sort_unstable();
    times
}

/// Whether the last visit is in the database, and with it all before.
pub(super) async fn is_complete(store: &Store, secret: &str, visits: &[Visit]) -> store::Result<bool> {
    let Some(last) = visits.last() else { return Ok(true) };
    let attempt = store.find_attempt_for_staff(&last.public_id(secret)).await?;
    Ok(attempt.is_some_and(|attempt| attempt.state.is_finished()))
}

/// Writes the visits that are not there yet, one after the other.
pub(super) async fn play(
    store: &Store,
    secret: &str,
    exams: &Exams,
    people: &People,
    visits: &[Visit],
) -> Result<(), DemoError> {
    for visit in visits {
        let account = match visit.person {
            Some(person) => people.invented.get(person).copied().flatten(),
            None => people.visitor,
        };
        if let Some(account) = account {
            sit(store, secret, exams.get(visit.bank, visit.mode), account, visit).await?;
        }
    }
    Ok(())
}

async fn sit(
    store: &Store,
    secret: &str,
    exam: &PublishedExam,
    account: AccountId,
    visit: &Visit,
) -> Result<(), DemoError> {
    let mut rng = visit.rng();
    let Some(paper) = draw(exam, visit, &mut rng) else { return Ok(()) };
    let public_id = visit.public_id(secret);
    let key = format!("demo {}", visit.number);
    let new = NewAttempt { public_id: &public_id, exam, account, idempotency_key: Some(&key), paper: &paper };
    let attempt = match store.start_attempt(&new, visit.started_at).await? {
        Started::New(attempt) => attempt,
        // Begun by an earlier start that was killed: go on with it.
        Started::Existing(attempt) if attempt.public_id == public_id => attempt,
        // Somebody uses the visitor's account already; what they do is theirs.
        Started::Existing(_) | Started::NoAttemptsLeft => return Ok(()),
    };
    if attempt.state.is_finished() {
        return Ok(());
    }
    let performance = sitting::perform(exam, &attempt, &visit.character, &mut rng);
    for (at, operations) in &performance.saves {
        store.save_operations(attempt.id, account, operations.clone(), *at).await?;
    }
    let state = if performance.in_time { AttemptState::Submitted } else { AttemptState::Expired };
    let ended_at = performance.ended_at;
    let (exam, marked) = (exam.clone(), attempt.clone());
    store.end_attempt(&attempt, state, ended_at, ended_at, move |answers| mark(&exam, &marked, answers)).await?;
    Ok(())
}

fn draw(exam: &PublishedExam, visit: &Visit, rng: &mut impl Rng) -> Option<Paper> {
    let pool = match visit.mode {
        Mode::Exam => exam.summary.pool.clone(),
        Mode::Practice => exam.summary.pool.scaled_to(visit.questions),
    };
    let content = |id| exam.questions.get(&id).map(|question| &question.content);
    Paper::draw(&pool, &exam.summary.settings, rng.random(), content).ok()
}

fn mark(exam: &PublishedExam, attempt: &Attempt, answers: &Answers) -> Grade {
    let settings = &exam.summary.settings;
    let questions: Vec<&Question> =
        attempt.paper.items.iter().filter_map(|item| exam.questions.get(&item.question)).collect();
    grade(&attempt.paper, &questions, answers, &settings.grading, settings.pass)
}
