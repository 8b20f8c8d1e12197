//! `examhall exam create` and `examhall exam publish`

use super::{Failure, Outcome, print, values};
use crate::clock::SystemClock;
use crate::config::Config;
use exam::blueprint::{Blueprint, Draw};
use exam::settings::{Mode, Percent, Settings};
use exam::time::Clock as _;
use store::{NewExam, PublishError, Store};

/// What to do with an exam.
#[derive(Debug, clap::Subcommand)]
pub enum Exam {
    /// Make an exam as a draft, which nobody sees before it is published
    Create(Create),
    /// Publish the draft of an exam; running servers show it within a second
    Publish(Publish),
}

/// A new exam.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// Its name in addresses: small letters, digits and hyphens
    #[arg(long, value_parser = values::new_exam_slug)]
    slug: String,
    /// Its name for people
    #[arg(long, value_parser = values::title)]
    title: String,
    /// What it is about
    #[arg(long, default_value = "")]
    description: String,
    /// The bank its questions come from, where they all come from one
    #[arg(long, value_name = "SLUG", value_parser = values::slug, requires = "questions", required_unless_present = "draw")]
    bank: Option<String>,
    /// How many questions a paper has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500), requires = "bank")]
    questions: Option<u32>,
    /// Instead: so many questions of a bank, a domain, a difficulty; may be given several times, such as
    /// --draw 'bank=cloud,domain=networking,difficulty=hard,questions=10'
    #[arg(long, value_name = "DRAW", value_parser = values::draw, conflicts_with_all = ["bank", "questions"])]
    draw: Vec<Draw>,
    /// How long an attempt may take, such as 90s, 30m or 1h30m; a practice may go without
    #[arg(long, value_name = "TIME", value_parser = values::duration)]
    time_limit: Option<u32>,
    /// The percentage to pass; without it there is no verdict
    #[arg(long, value_name = "PERCENT", value_parser = values::percent)]
    pass: Option<Percent>,
    /// exam, or practice, in which people choose how many questions
    #[arg(long, default_value = "exam", value_parser = values::mode)]
    mode: Mode,
    /// How many attempts a person has; without it as many as they like
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    attempts: Option<u32>,
}

/// Which exam.
#[derive(Debug, clap::Args)]
pub struct Publish {
    /// The exam
    #[arg(value_parser = values::slug)]
    slug: String,
}

impl Exam {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        match self {
            Self::Create(create) => create.run(config).await,
            Self::Publish(publish) => publish.run(config).await,
        }
    }
}

impl Create {
    async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        if self.mode == Mode::Exam && self.time_limit.is_none() {
            return Err(Failure::Usage("an exam needs a time limit: add --time-limit 30m, or --mode practice".into()));
        }
        let blueprint = Blueprint { draws: self.draws() };
        if blueprint.question_count() > QUESTIONS_MAX {
            let count = blueprint.question_count();
            return Err(Failure::Usage(format!(
                "a paper has at most {QUESTIONS_MAX} questions, but the draws ask for {count}"
            )));
        }
        let store = super::open(config).await?;
        check_draws(&store, &blueprint.draws).await?;
        let settings = Settings {
            time_limit_s: self.time_limit,
            pass: self.pass,
            attempts: self.attempts,
            ..Settings::new(self.mode)
        };
        let new = NewExam {
            slug: &self.slug,
            title: &self.title,
            description: &self.description,
            settings: &settings,
            blueprint: &blueprint,
        };
        let created = store.create_exam(new, None, SystemClock.now()).await;
        store.close().await;
        let slug = &self.slug;
        match created {
            Ok(_) => {
                print(&format!("created exam {slug} as a draft; publish it with `examhall exam publish {slug}`\n"))?
            }
            Err(store::Error::Conflict(_)) => {
                return Err(Failure::Refused(format!("there is an exam {slug} already; choose another --slug")));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(Outcome::Done)
    }

    /// The draws as given, or the one that bank and questions stand for.
    fn draws(&self) -> Vec<Draw> {
        let one = self.bank.clone().zip(self.questions).map(|(bank, questions)| {
            let count = usize::try_from(questions).unwrap_or(usize::MAX);
            Draw { bank, domains: Vec::new(), difficulty: None, count }
        });
        one.into_iter().chain(self.draw.iter().cloned()).collect()
    }
}

/// The most questions of a paper.
const QUESTIONS_MAX: usize = 500;

/// Whether each draw has its bank, its domain and questions enough. Publishing asks again, and also sees draws that want the
/// same questions: this only tells sooner.
async fn check_draws(store: &Store, draws: &[Draw]) -> Result<(), Failure> {
    for draw in draws {
        check_bank(store, &draw.bank, draw.count).await?;
        let Some(bank) = store.find_bank(&draw.bank).await?.filter(|_| !draw.domains.is_empty()) else { continue };
        let known = store.list_domains(bank.id).await?;
        for domain in &draw.domains {
            if !known.iter().any(|(name, _)| name == domain) {
                let names: Vec<&str> = known.iter().take(30).map(|(name, _)| name.as_str()).collect();
                let (bank, names) = (&draw.bank, names.join(", "));
                return Err(Failure::Refused(format!("the bank {bank} has no domain {domain}; it has: {names}")));
            }
        }
    }
    Ok(())
}

/// Whether the bank is there and large enough. Publishing asks again: this only tells sooner.
async fn check_bank(store: &Store, slug: &str, wanted: usize) -> Result<(), Failure> {
    let banks = store.list_banks().await?;
    let Some(bank) = banks.iter().find(|summary| summary.bank.slug == slug) else {
        let text = format!("there is no bank {slug}; make it with `examhall import FILE --bank {slug}`");
        return Err(Failure::Refused(text));
    };
    let found = usize::try_from(bank.questions).unwrap_or(0);
    if found < wanted {
        return Err(Failure::Refused(format!(
            "the bank {slug} has only {found} of the {wanted} questions that the exam wants; import more or ask for fewer"
        )));
    }
    Ok(())
}

impl Publish {
    async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        let store = super::open(config).await?;
        let published = store.publish_exam(&self.slug, None, SystemClock.now()).await;
        store.close().await;
        let slug = &self.slug;
        match published {
            Ok(version) => print(&format!("published exam {slug} as version {version}\n"))?,
            Err(PublishError::Store(error)) => return Err(error.into()),
            Err(refusal @ PublishError::NoSuchExam) => {
                return Err(Failure::Refused(format!("{slug}: {refusal}; make it with `examhall exam create`")));
            }
            Err(refusal) => return Err(Failure::Refused(format!("{slug} cannot be published: {refusal}"))),
        }
        Ok(Outcome::Done)
    }
}
