//! Exams: a draft that authors change, and published versions that never change again.

use crate::db::sql;
use crate::{AuditEntry, Error, Result, Store, order, text};
use exam::blueprint::{Blueprint, Draw, NotEnoughQuestions, Pool, PoolDraw};
use exam::id::{AccountId, ExamId, ExamVersionId, QuestionVersionId};
use exam::question::Question;
use exam::settings::Settings;
use exam::time::Timestamp;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::HashMap;

/// An exam with its draft.
#[derive(Debug, Clone)]
pub struct Exam {
    /// The row.
    pub id: ExamId,
    /// Its name in URLs and on the command line.
    pub slug: String,
    /// Its name for people.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// The draft's settings.
    pub settings: Settings,
    /// The draft's blueprint.
    pub blueprint: Blueprint,
    /// The published version; None before the first.
    pub version: Option<i64>,
    /// When the draft was last changed.
    pub updated_at: Timestamp,
}

/// A new exam, or a new draft of one.
#[derive(Debug, Clone)]
pub struct NewExam<'a> {
    /// Its name in URLs and on the command line.
    pub slug: &'a str,
    /// Its name for people.
    pub title: &'a str,
    /// What it is about.
    pub description: &'a str,
    /// How it is sat, graded and shown.
    pub settings: &'a Settings,
    /// Where its questions come from.
    pub blueprint: &'a Blueprint,
}

/// A published exam as a catalogue lists it.
#[derive(Debug, Clone)]
pub struct PublishedSummary {
    /// The published version.
    pub version_id: ExamVersionId,
    /// The exam.
    pub exam_id: ExamId,
    /// The number of this version.
    pub version: i64,
    /// Its name in URLs.
    pub slug: String,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// How it is sat, graded and shown.
    pub settings: Settings,
    /// Where its papers come from.
    pub pool: Pool,
}

/// A published exam with all its questions: immutable, so that it may be cached for ever.
#[derive(Debug, Clone)]
pub struct PublishedExam {
    /// What the catalogue shows.
    pub summary: PublishedSummary,
    /// Every question a paper may hold.
    pub questions: HashMap<QuestionVersionId, Question>,
}

/// An exam with what a list shows of it.
#[derive(Debug, Clone)]
pub struct ExamSummary {
    /// The exam.
    pub exam: Exam,
    /// When its published version was published.
    pub published_at: Option<Timestamp>,
    /// How many attempts there were.
    pub attempts: i64,
}

/// A published version in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExamVersion {
    /// Its number, from 1.
    pub version: i64,
    /// When it was published.
    pub published_at: Timestamp,
    /// The name of who published it; None for the command line.
    pub author: Option<String>,
    /// How many attempts were drawn from it.
    pub attempts: i64,
}

/// Why an exam cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// There is no such exam.
    #[error("there is no exam with this slug")]
    NoSuchExam,
    /// A draw names a bank that is not there.
    #[error("there is no bank {0}")]
    NoSuchBank(String),
    /// A draw, or all draws together, find too few questions.
    #[error(transparent)]
    NotEnough(#[from] NotEnoughQuestions),
    /// The blueprint asks for no questions.
    #[error("the blueprint asks for no questions")]
    Empty,
    /// The database fails.
    #[error(transparent)]
    Store(#[from] Error),
}

#[derive(sqlx::FromRow)]
struct ExamRow {
    id: i64,
    slug: String,
    title: String,
    description: String,
    settings: String,
    blueprint: String,
    version: Option<i64>,
    updated_at: i64,
}

impl TryFrom<ExamRow> for Exam {
    type Error = Error;

    fn try_from(row: ExamRow) -> Result<Self> {
        let unreadable = |error: serde_json::Error| Error::Unreadable {
            what: format!("draft of exam {}", row.id),
            reason: error.to_string(),
        };
        Ok(Self {
            id: ExamId(row.id),
            settings: serde_json::from_str(&row.settings).map_err(unreadable)?,
            blueprint: serde_json::from_str(&row.blueprint).map_err(unreadable)?,
            slug: row.slug,
            title: row.title,
            description: row.description,
            version: row.version,
            updated_at: Timestamp(row.updated_at),
        })
    }
}

#[derive(sqlx::FromRow)]
struct PublishedRow {
    version_id: i64,
    exam_id: i64,
    version: i64,
    slug: String,
    title: String,
    description: String,
    settings: String,
    pool: String,
}

impl TryFrom<PublishedRow> for PublishedSummary {
    type Error = Error;

    fn try_from(row: PublishedRow) -> Result<Self> {
        let unreadable = |error: serde_json::Error| Error::Unreadable {
            what: format!("exam version {}", row.version_id),
            reason: error.to_string(),
        };
        Ok(Self {
            version_id: ExamVersionId(row.version_id),
            exam_id: ExamId(row.exam_id),
            settings: serde_json::from_str(&row.settings).map_err(unreadable)?,
            pool: serde_json::from_str(&row.pool).map_err(unreadable)?,
            version: row.version,
            slug: row.slug,
            title: row.title,
            description: row.description,
        })
    }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the types of `exam` have string keys only")
}

fn check_texts(new: &NewExam<'_>) -> Result<()> {
    let draws = &new.blueprint.draws;
    let in_draws = draws.iter().flat_map(|draw| std::iter::once(&draw.bank).chain(&draw.domains)).map(String::as_str);
    text::check(in_draws.chain([new.slug, new.title, new.description]))
}

impl Store {
    /// Makes an exam as a draft.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the slug is taken; [`Error::Nul`] for a text with such a character.
    pub async fn create_exam(&self, new: NewExam<'_>, actor: Option<AccountId>, now: Timestamp) -> Result<Exam> {
        check_texts(&new)?;
        let mut tx = self.db.begin().await?;
        let row: ExamRow = tx
            .one(
                sql!(
                    "INSERT INTO exams (slug, title, description, settings, blueprint, created_at, updated_at) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $6) "
                    "RETURNING id, slug, title, description, settings, blueprint, version, updated_at"
                ),
                (
                    new.slug.to_owned(),
                    new.title.to_owned(),
                    new.description.to_owned(),
                    json(new.settings),
                    json(new.blueprint),
                    now.0,
                ),
            )
            .await?;
        tx.audit(AuditEntry::new("exam.create", format!("exam {}", new.slug)).by(actor), now).await?;
        tx.commit().await?;
        row.try_into()
    }

    /// Replaces the draft of an exam. What is published stays as it is.
    ///
    /// # Errors
    /// [`Error::Nul`] for a text with such a character. Ok(false) when there is no such exam.
    pub async fn save_draft(&self, draft: NewExam<'_>, actor: Option<AccountId>, now: Timestamp) -> Result<bool> {
        check_texts(&draft)?;
        let mut tx = self.db.begin().await?;
        let changed = tx
            .execute(
                sql!(
                    "UPDATE exams SET title = $2, description = $3, settings = $4, blueprint = $5, updated_at = $6 "
                    "WHERE slug = $1"
                ),
                (
                    draft.slug.to_owned(),
                    draft.title.to_owned(),
                    draft.description.to_owned(),
                    json(draft.settings),
                    json(draft.blueprint),
                    now.0,
                ),
            )
            .await?
            > 0;
        if changed {
            tx.audit(AuditEntry::new("exam.draft", format!("exam {}", draft.slug)).by(actor), now).await?;
            tx.commit().await?;
        }
        Ok(changed)
    }

    /// The exam with a slug, published or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_exam(&self, slug: &str) -> Result<Option<Exam>> {
        let row: Option<ExamRow> = self
            .db
            .optional(
                sql!(
                    "SELECT id, slug, title, description, settings, blueprint, version, updated_at "
                    "FROM exams WHERE slug = $1"
                ),
                (slug.to_owned(),),
            )
            .await?;
        row.map(Exam::try_from).transpose()
    }

    /// All exams, by title.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_exams(&self) -> Result<Vec<Exam>> {
        let rows: Vec<ExamRow> = self
            .db
            .all(
                sql!(
                    "SELECT id, slug, title, description, settings, blueprint, version, updated_at "
                    "FROM exams ORDER BY id"
                ),
                (),
            )
            .await?;
        let mut exams = rows.into_iter().map(Exam::try_from).collect::<Result<Vec<_>>>()?;
        order::by_name(&mut exams, |exam| &exam.title);
        Ok(exams)
    }

    /// Publishes the draft of an exam as its next version. The questions are fixed in the versions they have now; that a
    /// paper can be drawn is tried before anything is written. The new version's number.
    ///
    /// # Errors
    /// See [`PublishError`]; then nothing was changed.
    pub async fn publish_exam(
        &self,
        slug: &str,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> std::result::Result<i64, PublishError> {
        let exam = self.find_exam(slug).await?.ok_or(PublishError::NoSuchExam)?;
        let pool = self.resolve(&exam.blueprint).await?;
        if pool.question_count() == 0 {
            return Err(PublishError::Empty);
        }
        // Any seed will do: whether a paper exists does not depend on it.
        pool.draw(&mut ChaCha8Rng::seed_from_u64(0))?;
        let mut tx = self.db.begin().await?;
        let (version,): (i64,) = tx
            .one(
                sql!("UPDATE exams SET version = COALESCE(version, 0) + 1 WHERE id = $1 RETURNING version"),
                (exam.id.0,),
            )
            .await?;
        tx.execute(
            sql!(
                "INSERT INTO exam_versions (exam_id, version, title, description, settings, pool, published_at, author_id) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
            ),
            (
                exam.id.0,
                version,
                exam.title.clone(),
                exam.description.clone(),
                json(&exam.settings),
                json(&pool),
                now.0,
                actor.map(|actor| actor.0),
            ),
        )
        .await?;
        let entry = AuditEntry::new("exam.publish", format!("exam {slug}")).detail("version", version);
        tx.audit(entry.by(actor), now).await?;
        tx.commit().await?;
        Ok(version)
    }

    /// Exams with what a list shows of them, by title.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_exam_summaries(&self) -> Result<Vec<ExamSummary>> {
        self.exam_summaries("").await
    }

    /// The exam with a slug and what a list shows of it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_exam_summary(&self, slug: &str) -> Result<Option<ExamSummary>> {
        // No exam has an empty slug, which means all of them.
        Ok(if slug.is_empty() { None } else { self.exam_summaries(slug).await?.pop() })
    }

    async fn exam_summaries(&self, slug: &str) -> Result<Vec<ExamSummary>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            exam: ExamRow,
            published_at: Option<i64>,
            attempts: i64,
        }
        let rows: Vec<Row> = self
            .db
            .all(
                sql!(
                    "SELECT e.id, e.slug, e.title, e.description, e.settings, e.blueprint, e.version, e.updated_at, "
                    "v.published_at, (SELECT COUNT(*) FROM attempts a WHERE a.exam_id = e.id) AS attempts "
                    "FROM exams e LEFT JOIN exam_versions v ON v.exam_id = e.id AND v.version = e.version "
                    "WHERE $1 = '' OR e.slug = $1 ORDER BY e.id"
                ),
                (slug.to_owned(),),
            )
            .await?;
        let summary = |row: Row| {
            let published_at = row.published_at.map(Timestamp);
            Ok(ExamSummary { exam: row.exam.try_into()?, published_at, attempts: row.attempts })
        };
        let mut summaries = rows.into_iter().map(summary).collect::<Result<Vec<_>>>()?;
        order::by_name(&mut summaries, |summary| &summary.exam.title);
        Ok(summaries)
    }

    /// The published versions of an exam, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_exam_versions(&self, exam: ExamId) -> Result<Vec<ExamVersion>> {
        let rows: Vec<(i64, i64, Option<String>, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT v.version, v.published_at, p.name, COALESCE(n.attempts, 0) FROM exam_versions v "
                    "LEFT JOIN accounts p ON p.id = v.author_id "
                    "LEFT JOIN (SELECT exam_version_id, COUNT(*) AS attempts FROM attempts WHERE exam_id = $1 "
                    "GROUP BY exam_version_id) n ON n.exam_version_id = v.id "
                    "WHERE v.exam_id = $1 ORDER BY v.version DESC"
                ),
                (exam.0,),
            )
            .await?;
        let version = |(version, published_at, author, attempts)| ExamVersion {
            version,
            published_at: Timestamp(published_at),
            author,
            attempts,
        };
        Ok(rows.into_iter().map(version).collect())
    }

    /// Whether publishing the draft would make another exam than the one that is published: other texts, settings or
    /// questions, or other versions of them. False before the first version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn draft_differs(&self, exam: &Exam) -> Result<bool> {
        let row: Option<PublishedRow> = self
            .db
            .optional(
                sql!(
                    "SELECT v.id AS version_id, v.exam_id, v.version, e.slug, v.title, v.description, v.settings, v.pool "
                    "FROM exams e JOIN exam_versions v ON v.exam_id = e.id AND v.version = e.version WHERE e.id = $1"
                ),
                (exam.id.0,),
            )
            .await?;
        let Some(row) = row else { return Ok(false) };
        let published = PublishedSummary::try_from(row)?;
        let texts_differ = published.title != exam.title || published.description != exam.description;
        if texts_differ || published.settings != exam.settings {
            return Ok(true);
        }
        match self.resolve(&exam.blueprint).await {
            Ok(pool) => Ok(pool != published.pool),
            Err(PublishError::Store(error)) => Err(error),
            Err(_) => Ok(true),
        }
    }

    async fn resolve(&self, blueprint: &Blueprint) -> std::result::Result<Pool, PublishError> {
        let mut draws = Vec::with_capacity(blueprint.draws.len());
        for draw in &blueprint.draws {
            let bank = self.find_bank(&draw.bank).await?;
            let bank = bank.ok_or_else(|| PublishError::NoSuchBank(draw.bank.clone()))?;
            draws.push(PoolDraw { count: draw.count, candidates: self.candidates(bank.id.0, draw).await? });
        }
        Ok(Pool { draws })
    }

    async fn candidates(&self, bank: i64, draw: &Draw) -> Result<Vec<QuestionVersionId>> {
        let rows: Vec<(i64,)> = self
            .db
            .all(
                sql!(
                    "SELECT v.id FROM questions q "
                    "JOIN question_versions v ON v.question_id = q.id AND v.version = q.version "
                    "WHERE q.bank_id = $1 AND q.retired_at IS NULL AND ($2 = '' OR q.difficulty = $2) "
                    "AND ($3 = '[]' OR EXISTS (SELECT 1 FROM question_domains d WHERE d.question_id = q.id AND d.domain IN "
                    ["(SELECT value FROM json_each($3))" | "(SELECT jsonb_array_elements_text($3::jsonb))"]
                    ")) ORDER BY q.id"
                ),
                (bank, draw.difficulty.map_or("", |difficulty| difficulty.name()), json(&draw.domains)),
            )
            .await?;
        Ok(rows.into_iter().map(|(id,)| QuestionVersionId(id)).collect())
    }

    /// The published exams, by title.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_published(&self) -> Result<Vec<PublishedSummary>> {
        let rows: Vec<PublishedRow> = self
            .db
            .all(
                sql!(
                    "SELECT v.id AS version_id, v.exam_id, v.version, e.slug, v.title, v.description, v.settings, v.pool "
                    "FROM exams e JOIN exam_versions v ON v.exam_id = e.id AND v.version = e.version "
                    "ORDER BY v.id"
                ),
                (),
            )
            .await?;
        let mut published = rows.into_iter().map(PublishedSummary::try_from).collect::<Result<Vec<_>>>()?;
        order::by_name(&mut published, |summary| &summary.title);
        Ok(published)
    }

    /// The id of the version an exam is published in.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_published_version(&self, slug: &str) -> Result<Option<ExamVersionId>> {
        let row: Option<(i64,)> = self
            .db
            .optional(
                sql!(
                    "SELECT v.id FROM exams e JOIN exam_versions v ON v.exam_id = e.id AND v.version = e.version "
                    "WHERE e.slug = $1"
                ),
                (slug.to_owned(),),
            )
            .await?;
        Ok(row.map(|(id,)| ExamVersionId(id)))
    }

    /// A published version with all its questions, whether it is the current one or an earlier.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_published(&self, id: ExamVersionId) -> Result<Option<PublishedExam>> {
        let row: Option<PublishedRow> = self
            .db
            .optional(
                sql!(
                    "SELECT v.id AS version_id, v.exam_id, v.version, e.slug, v.title, v.description, v.settings, v.pool "
                    "FROM exam_versions v JOIN exams e ON e.id = v.exam_id WHERE v.id = $1"
                ),
                (id.0,),
            )
            .await?;
        let Some(row) = row else { return Ok(None) };
        let summary = PublishedSummary::try_from(row)?;
        let stored = self.question_versions(&summary.pool.questions()).await?;
        let questions = stored.into_iter().map(|stored| (stored.version_id, stored.question)).collect();
        Ok(Some(PublishedExam { summary, questions }))
    }
}
