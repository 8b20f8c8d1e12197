//! The demo's banks, and an exam and a practice of each.

use super::DemoError;
use crate::import;
use exam::blueprint::{Blueprint, Draw};
use exam::settings::{Mode, Percent, Settings};
use exam::time::Timestamp;
use store::{Bank, NewExam, PublishedExam, Store};

/// The slugs and archives of the banks.
pub(super) const BANKS: [(&str, &str); 3] = [
    ("cloud-fundamentals", include_str!("../../../../demo/cloud-fundamentals.examhall.json")),
    ("data-engineering", include_str!("../../../../demo/data-engineering.examhall.json")),
    ("security-awareness", include_str!("../../../../demo/security-awareness.examhall.json")),
];

/// About how many questions an exam asks; as many from each domain.
const QUESTIONS: usize = 24;

/// The published exams of the demo, in order of [`BANKS`].
pub(super) struct Exams(Vec<[PublishedExam; 2]>);

impl Exams {
    /// The exam of a mode of a bank, by its place in [`BANKS`].
    pub(super) fn get(&self, bank: usize, mode: Mode) -> &PublishedExam {
        let [exam, practice] = &self.0[bank];
        match mode {
            Mode::Exam => exam,
            Mode::Practice => practice,
        }
    }
}

/// Fills the banks and publishes the exams, as far as that is not done.
pub(super) async fn publish_all(store: &Store, at: Timestamp) -> Result<Exams, DemoError> {
    let mut exams = Vec::with_capacity(BANKS.len());
    for (slug, archive) in BANKS {
        let bank = fill_bank(store, slug, archive, at).await?;
        let exam = publish(store, &bank, slug, Mode::Exam, at).await?;
        let practice = publish(store, &bank, &format!("{slug}-practice"), Mode::Practice, at).await?;
        exams.push([exam, practice]);
    }
    Ok(Exams(exams))
}

async fn fill_bank(store: &Store, slug: &str, archive: &str, at: Timestamp) -> Result<Bank, DemoError> {
    let plan = import::plan(&format!("{slug}.examhall.json"), archive.as_bytes(), Some(import::Format::Archive));
    let bank = import::find_or_create_bank(store, slug, plan.bank.as_ref(), None, at).await?;
    import::write(store, &bank, &plan, None, at).await?;
    Ok(bank)
}

async fn publish(
    store: &Store,
    bank: &Bank,
    slug: &str,
    mode: Mode,
    at: Timestamp,
) -> Result<PublishedExam, DemoError> {
    let settings = settings(mode);
    let blueprint = blueprint(store, bank).await?;
    let (title, description) = texts(bank, mode);
    let new = NewExam { slug, title: &title, description: &description, settings: &settings, blueprint: &blueprint };
    let exam = match store.find_exam(slug).await? {
        Some(exam) => exam,
        None => store.create_exam(new, None, at).await?,
    };
    // Never publish, nor people with invented attempts, what an author made under the same name.
    if exam.blueprint != blueprint || exam.settings != settings {
        return Err(DemoError::Taken(slug.to_owned()));
    }
    if exam.version.is_none() {
        let published = store.publish_exam(slug, None, at).await;
        published.map_err(|error| DemoError::Publish(slug.to_owned(), error))?;
    }
    let missing = || store::Error::Unreadable { what: format!("exam {slug}"), reason: "it was just published".into() };
    let version = store.find_published_version(slug).await?.ok_or_else(missing)?;
    Ok(store.load_published(version).await?.ok_or_else(missing)?)
}

/// As many questions from each domain, so that every one is on every paper.
async fn blueprint(store: &Store, bank: &Bank) -> store::Result<Blueprint> {
    let domains = store.list_domains(bank.id).await?;
    let count = QUESTIONS / domains.len().max(1);
    let draw = |domain| Draw { bank: bank.slug.clone(), domains: vec![domain], difficulty: None, count };
    Ok(Blueprint { draws: domains.into_iter().map(|(domain, _)| draw(domain)).collect() })
}

fn settings(mode: Mode) -> Settings {
    match mode {
        Mode::Exam => Settings {
            time_limit_s: Some(1_800),
            pass: Percent::from_f64(70.0),
            attempts: Some(3),
            ..Settings::new(Mode::Exam)
        },
        Mode::Practice => Settings::new(Mode::Practice),
    }
}

/// Title and description.
fn texts(bank: &Bank, mode: Mode) -> (String, String) {
    match mode {
        Mode::Exam => (
            bank.title.clone(),
            "Questions from all domains. You see answers and explanations when you have handed in.".to_owned(),
        ),
        Mode::Practice => (
            format!("{}: practice", bank.title),
            "Practise without a clock, as often as you like; you choose how many questions.".to_owned(),
        ),
    }
}
