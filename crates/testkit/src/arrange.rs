//! What a story needs before it begins: people, banks, published exams, attempts.

use crate::{NOON, question};
use exam::answer::Answers;
use exam::attempt::AttemptState;
use exam::blueprint::{Blueprint, Draw};
use exam::grade::Grade;
use exam::paper::Paper;
use exam::question::Question;
use exam::settings::{Mode, Settings};
use exam::time::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use store::{Account, Attempt, Bank, NewAccount, NewAttempt, NewExam, PublishedExam, Role, Started, Store, Submitted};

/// A PHC string that no password fits: hashing one would take longer than most tests.
pub const FAKE_HASH: &str = "$argon2id$v=19$m=7168,t=5,p=1$dGVzdGtpdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn next_number() -> u64 {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// A new account; "Ada" has the address ada@example.org.
#[must_use]
pub fn new_account<'a>(email: &'a str, name: &'a str, role: Role) -> NewAccount<'a> {
    NewAccount { email, name, password_hash: FAKE_HASH, role, demo: false }
}

/// Somebody with a role.
///
/// # Panics
/// When the store refuses.
pub async fn account(store: &Store, name: &str, role: Role) -> Account {
    let email = format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    store.create_account(new_account(&email, name, role), None, NOON).await.expect("an account is made")
}

/// Somebody who sits exams.
///
/// # Panics
/// When the store refuses.
pub async fn candidate(store: &Store, name: &str) -> Account {
    account(store, name, Role::Candidate).await
}

/// A bank of choice questions with references `q1`, `q2`, ...
///
/// # Panics
/// When the store refuses.
pub async fn bank(store: &Store, slug: &str, questions: usize) -> Bank {
    bank_of(store, slug, (1..=questions).map(|number| question::choice(&format!("{slug} question {number}?")))).await
}

/// A bank of certain questions with references `q1`, `q2`, ...
///
/// # Panics
/// When the store refuses.
pub async fn bank_of(store: &Store, slug: &str, questions: impl IntoIterator<Item = Question>) -> Bank {
    let bank = store.create_bank(slug, slug, "", None, NOON).await.expect("a bank is made");
    let questions: Vec<(String, Question)> = referenced(questions);
    store.upsert_questions(&bank, &questions, None, NOON).await.expect("questions are written");
    bank
}

/// Questions with references `q1`, `q2`, ... as an import has them.
pub fn referenced(questions: impl IntoIterator<Item = Question>) -> Vec<(String, Question)> {
    questions.into_iter().enumerate().map(|(index, question)| (format!("q{}", index + 1), question)).collect()
}

/// An exam of the three questions of a bank of its own, untimed, not shuffled, as often as one likes, until told otherwise.
#[must_use]
pub fn exam(slug: &str) -> ExamBuilder {
    let settings = Settings { shuffle_questions: false, shuffle_options: false, ..Settings::new(Mode::Exam) };
    ExamBuilder { slug: slug.to_owned(), settings, draws: Vec::new(), questions: Vec::new() }
}

/// An exam on its way to be published.
#[derive(Debug, Clone)]
pub struct ExamBuilder {
    slug: String,
    settings: Settings,
    draws: Vec<Draw>,
    questions: Vec<Question>,
}

impl ExamBuilder {
    /// Changes any of the settings.
    #[must_use]
    pub fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Limits the time.
    #[must_use]
    pub fn minutes(self, minutes: u32) -> Self {
        self.set(|settings| settings.time_limit_s = Some(minutes * 60))
    }

    /// Limits the attempts.
    #[must_use]
    pub fn attempts(self, attempts: u32) -> Self {
        self.set(|settings| settings.attempts = Some(attempts))
    }

    /// Takes questions from a bank that is there, instead of one of its own.
    #[must_use]
    pub fn draw(self, bank: &str, count: usize) -> Self {
        self.draw_by(Draw { bank: bank.to_owned(), domains: Vec::new(), difficulty: None, count })
    }

    /// Asks certain questions in this order, unless the exam shuffles them. Each comes from a bank of its own, `slug-1` and
    /// so on, since one draw mixes what it takes.
    #[must_use]
    pub fn asking(mut self, questions: impl IntoIterator<Item = Question>) -> Self {
        self.questions.extend(questions);
        self
    }

    /// Takes questions by a rule.
    #[must_use]
    pub fn draw_by(mut self, draw: Draw) -> Self {
        self.draws.push(draw);
        self
    }

    /// Makes the exam, unpublished.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn create(mut self, store: &Store) -> store::Exam {
        for (index, question) in std::mem::take(&mut self.questions).into_iter().enumerate() {
            let bank = format!("{}-{}", self.slug, index + 1);
            bank_of(store, &bank, [question]).await;
            self = self.draw(&bank, 1);
        }
        if self.draws.is_empty() {
            bank(store, &self.slug, 3).await;
            let bank = self.slug.clone();
            self = self.draw(&bank, 3);
        }
        let blueprint = Blueprint { draws: self.draws };
        let title = format!("Exam {}", self.slug);
        let new = NewExam {
            slug: &self.slug,
            title: &title,
            description: "",
            settings: &self.settings,
            blueprint: &blueprint,
        };
        store.create_exam(new, None, NOON).await.expect("an exam is made")
    }

    /// Makes the exam and publishes it.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn publish(self, store: &Store) -> PublishedExam {
        let exam = self.create(store).await;
        publish(store, &exam.slug).await
    }
}

/// Publishes the draft of an exam.
///
/// # Panics
/// When the store refuses.
pub async fn publish(store: &Store, slug: &str) -> PublishedExam {
    store.publish_exam(slug, None, NOON).await.expect("the draft can be published");
    let version = store.find_published_version(slug).await.expect("it can be looked up").expect("it is published");
    store.load_published(version).await.expect("it can be read").expect("it is there")
}

/// Draws a paper.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn paper(exam: &PublishedExam, seed: u64) -> Paper {
    let content = |id| exam.questions.get(&id).map(|question| &question.content);
    Paper::draw(&exam.summary.pool, &exam.summary.settings, seed, content).expect("what is published can be drawn")
}

/// Starts an attempt with an idempotency key or without.
///
/// # Errors
/// When the store refuses.
pub async fn try_start(
    store: &Store,
    exam: &PublishedExam,
    account: &Account,
    key: Option<&str>,
    now: Timestamp,
) -> store::Result<Started> {
    let number = next_number();
    let new = NewAttempt {
        public_id: &format!("attempt-{number}"),
        exam,
        account: account.id,
        idempotency_key: key,
        paper: &paper(exam, number),
    };
    store.start_attempt(&new, now).await
}

/// Starts a new attempt.
///
/// # Panics
/// When none is started.
pub async fn start(store: &Store, exam: &PublishedExam, account: &Account, now: Timestamp) -> Attempt {
    match try_start(store, exam, account, None, now).await {
        Ok(Started::New(attempt)) => attempt,
        other => panic!("no new attempt was started but {other:?}"),
    }
}

/// Marks answers as the product does.
///
/// # Panics
/// When the attempt is of another exam.
#[must_use]
pub fn grade(exam: &PublishedExam, attempt: &Attempt, answers: &Answers) -> Grade {
    let settings = &exam.summary.settings;
    let questions: Vec<&Question> = attempt.paper.items.iter().map(|item| &exam.questions[&item.question]).collect();
    exam::grade::grade(&attempt.paper, &questions, answers, &settings.grading, settings.pass)
}

/// Hands an attempt in.
///
/// # Errors
/// When the store refuses.
pub async fn try_submit(
    store: &Store,
    exam: &PublishedExam,
    attempt: &Attempt,
    now: Timestamp,
) -> store::Result<Submitted> {
    let (exam, marked) = (exam.clone(), attempt.clone());
    let grade = move |answers: &Answers| grade(&exam, &marked, answers);
    store.end_attempt(attempt, AttemptState::Submitted, now, now, grade).await
}

/// Hands an attempt in.
///
/// # Panics
/// When the store refuses.
pub async fn submit(store: &Store, exam: &PublishedExam, attempt: &Attempt, now: Timestamp) -> Submitted {
    try_submit(store, exam, attempt, now).await.expect("an attempt can be handed in")
}
