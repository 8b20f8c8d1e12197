//! Banks and their questions. A question's versions are immutable: changing one makes the next.

use crate::db::{Tx, sql};
use crate::{AuditEntry, Error, Result, Store, order, text};
use exam::id::{AccountId, BankId, QuestionId, QuestionVersionId};
use exam::question::{Content, Difficulty, Points, Question, fold_text};
use exam::sealed::Sealed;
use exam::time::Timestamp;

/// A bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bank {
    /// The row.
    pub id: BankId,
    /// Its name in URLs and on the command line.
    pub slug: String,
    /// Its name for people.
    pub title: String,
    /// What it holds.
    pub description: String,
}

/// A bank with its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankSummary {
    /// The bank.
    pub bank: Bank,
    /// How many questions it holds that are not retired.
    pub questions: i64,
    /// When a question of it was last written, or when it was made.
    pub changed_at: Timestamp,
}

/// What became of a question that was written to a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upsert {
    /// It is new.
    Created,
    /// One with its reference was there and has a new version now.
    Updated,
    /// The same was there already.
    Unchanged,
}

/// Which questions of a bank to list.
#[derive(Debug, Clone, Default)]
pub struct QuestionFilter {
    /// Part of the prompt or of an option.
    pub text: String,
    /// Only this domain; all, when empty.
    pub domain: String,
    /// Only this kind; all, when empty.
    pub kind: String,
    /// Only this difficulty; all, when empty.
    pub difficulty: String,
    /// How many at most.
    pub limit: i64,
    /// Those after this one, in order of entry.
    pub after: Option<QuestionId>,
}

/// A question in a list.
#[derive(Debug, Clone)]
pub struct QuestionRow {
    /// The question.
    pub id: QuestionId,
    /// The author's own id.
    pub reference: String,
    /// Its current version.
    pub version: i64,
    /// Its kind.
    pub kind: String,
    /// Its prompt in Markdown.
    pub prompt: String,
    /// Its domains.
    pub domains: Vec<String>,
    /// Its difficulty.
    pub difficulty: Option<String>,
    /// What a full answer earns.
    pub points: Points,
}

/// A version of a question in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionVersion {
    /// Its number, from 1.
    pub version: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// The name of who wrote it; None for the command line.
    pub author: Option<String>,
}

/// Questions in order of entry.
#[derive(Debug, Clone)]
pub struct QuestionPage {
    /// The questions.
    pub questions: Vec<QuestionRow>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page starts; None at the end.
    pub next: Option<QuestionId>,
}

/// A question with where it comes from.
#[derive(Debug, Clone)]
pub struct StoredQuestion {
    /// The question.
    pub id: QuestionId,
    /// This version of it.
    pub version_id: QuestionVersionId,
    /// The author's own id.
    pub reference: String,
    /// The version's number.
    pub version: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// The question itself.
    pub question: Question,
}

#[derive(sqlx::FromRow)]
struct BankRow {
    id: i64,
    slug: String,
    title: String,
    description: String,
}

impl From<BankRow> for Bank {
    fn from(row: BankRow) -> Self {
        Self { id: BankId(row.id), slug: row.slug, title: row.title, description: row.description }
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct QuestionVersionRow {
    pub(crate) id: i64,
    question_id: i64,
    reference: Option<String>,
    version: i64,
    created_at: i64,
    prompt: String,
    content: String,
    answer_key: String,
    explanations: String,
    domains: String,
    difficulty: Option<String>,
    points: i64,
}

impl TryFrom<QuestionVersionRow> for StoredQuestion {
    type Error = Error;

    fn try_from(row: QuestionVersionRow) -> Result<Self> {
        let unreadable = |reason: String| Error::Unreadable { what: format!("question version {}", row.id), reason };
        let question = Question {
            prompt: row.prompt,
            content: serde_json::from_str(&row.content).map_err(|error| unreadable(error.to_string()))?,
            key: Sealed::from_stored(&row.answer_key).map_err(|error| unreadable(error.to_string()))?,
            explanations: Sealed::from_stored(&row.explanations).map_err(|error| unreadable(error.to_string()))?,
            domains: serde_json::from_str(&row.domains).map_err(|error| unreadable(error.to_string()))?,
            difficulty: row.difficulty.as_deref().and_then(Difficulty::from_name),
            points: Points(row.points),
        };
        Ok(Self {
            id: QuestionId(row.question_id),
            version_id: QuestionVersionId(row.id),
            reference: row.reference.unwrap_or_default(),
            version: row.version,
            created_at: Timestamp(row.created_at),
            question,
        })
    }
}

/// A LIKE pattern (ESCAPE '!') that finds `text` anywhere.
pub(crate) fn like_pattern(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// What a search for a question looks at: its public texts, folded.
fn search_text(question: &Question) -> String {
    let mut text = question.prompt.clone();
    let mut add = |part: &str| {
        text.push('\n');
        text.push_str(part);
    };
    match &question.content {
        Content::Choice { options, .. } => options.iter().for_each(|option| add(&option.text)),
        Content::Matching { stems, choices } => stems.iter().chain(choices).for_each(|part| add(part)),
        Content::Ordering { items } => items.iter().for_each(|item| add(item)),
        Content::Cloze { blanks } => blanks.iter().for_each(|blank| {
            if let exam::question::Blank::Dropdown { options } = blank {
                options.iter().for_each(|option| add(option));
            }
        }),
        Content::Numeric { .. } | Content::ShortText {} => {}
    }
    fold_text(&text, false, false)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the types of `exam` have string keys only")
}

impl Store {
    /// Makes a bank.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the slug is taken; [`Error::Nul`] for a text with such a character.
    pub async fn create_bank(
        &self,
        slug: &str,
        title: &str,
        description: &str,
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Bank> {
        text::check([slug, title, description])?;
        let mut tx = self.db.begin().await?;
        let row: BankRow = tx
            .one(
                sql!(
                    "INSERT INTO banks (slug, title, description, created_at) VALUES ($1, $2, $3, $4) "
                    "RETURNING id, slug, title, description"
                ),
                (slug.to_owned(), title.to_owned(), description.to_owned(), now.0),
            )
            .await?;
        tx.audit(AuditEntry::new("bank.create", format!("bank {slug}")).by(actor), now).await?;
        tx.commit().await?;
        Ok(row.into())
    }

    /// The bank with a slug.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_bank(&self, slug: &str) -> Result<Option<Bank>> {
        let row: Option<BankRow> = self
            .db
            .optional(sql!("SELECT id, slug, title, description FROM banks WHERE slug = $1"), (slug.to_owned(),))
            .await?;
        Ok(row.map(Bank::from))
    }

    /// All banks with their sizes, by title.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_banks(&self) -> Result<Vec<BankSummary>> {
        self.bank_summaries("").await
    }

    /// The bank with a slug and its size.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_bank_summary(&self, slug: &str) -> Result<Option<BankSummary>> {
        // No bank has an empty slug, which means all of them.
        Ok(if slug.is_empty() { None } else { self.bank_summaries(slug).await?.pop() })
    }

    async fn bank_summaries(&self, slug: &str) -> Result<Vec<BankSummary>> {
        #[derive(sqlx::FromRow)]
        struct Row {
            #[sqlx(flatten)]
            bank: BankRow,
            questions: i64,
            changed_at: i64,
        }
        let rows: Vec<Row> = self
            .db
            .all(
                sql!(
                    "SELECT b.id, b.slug, b.title, b.description, "
                    "(SELECT COUNT(*) FROM questions q WHERE q.bank_id = b.id AND q.retired_at IS NULL) AS questions, "
                    "COALESCE((SELECT MAX(v.created_at) FROM questions q JOIN question_versions v "
                    "ON v.question_id = q.id AND v.version = q.version WHERE q.bank_id = b.id), b.created_at) AS changed_at "
                    "FROM banks b WHERE $1 = '' OR b.slug = $1 ORDER BY b.id"
                ),
                (slug.to_owned(),),
            )
            .await?;
        let summary = |row: Row| BankSummary {
            bank: row.bank.into(),
            questions: row.questions,
            changed_at: Timestamp(row.changed_at),
        };
        let mut summaries: Vec<BankSummary> = rows.into_iter().map(summary).collect();
        order::by_name(&mut summaries, |summary| &summary.bank.title);
        Ok(summaries)
    }

    /// The domains of a bank's questions with how many questions each has, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_domains(&self, bank: BankId) -> Result<Vec<(String, i64)>> {
        let mut domains: Vec<(String, i64)> = self
            .db
            .all(
                sql!(
                    "SELECT d.domain, COUNT(*) FROM question_domains d JOIN questions q ON q.id = d.question_id "
                    "WHERE q.bank_id = $1 AND q.retired_at IS NULL GROUP BY d.domain"
                ),
                (bank.0,),
            )
            .await?;
        order::by_name(&mut domains, |(domain, _)| domain);
        Ok(domains)
    }

    /// Writes questions to a bank in one transaction: each is new, a new version of the one with its reference, or the same
    /// as that. Callers write long lists in pieces of a hundred, so that saves of running attempts never wait for long.
    ///
    /// # Errors
    /// [`Error::Nul`] for a text with such a character, or when the database fails; then nothing was written.
    pub async fn upsert_questions(
        &self,
        bank: &Bank,
        questions: &[(String, Question)],
        actor: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Vec<Upsert>> {
        for (reference, question) in questions {
            let domains = question.domains.iter().map(String::as_str);
            text::check(domains.chain([reference.as_str(), &search_text(question)]))?;
        }
        let mut tx = self.db.begin().await?;
        // One import of a bank at a time: two of the same file would fail on each other's rows, or wait in a circle.
        let _: Option<(i64,)> =
            tx.optional(sql!("SELECT id FROM banks WHERE id = $1"["" | " FOR NO KEY UPDATE"]), (bank.id.0,)).await?;
        let mut outcomes = Vec::with_capacity(questions.len());
        for (reference, question) in questions {
            outcomes.push(upsert_question(&mut tx, bank.id, reference, question, actor, now).await?);
        }
        let written = outcomes.iter().filter(|outcome| **outcome != Upsert::Unchanged).count();
        if written > 0 {
            let entry = AuditEntry::new("bank.import", format!("bank {}", bank.slug)).detail("questions", written);
            tx.audit(entry.by(actor), now).await?;
        }
        tx.commit().await?;
        Ok(outcomes)
    }

    /// Lists questions of a bank.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_questions(&self, bank: BankId, filter: &QuestionFilter) -> Result<QuestionPage> {
        #[derive(sqlx::FromRow)]
        struct Row {
            id: i64,
            reference: Option<String>,
            version: i64,
            kind: String,
            prompt: String,
            domains: String,
            difficulty: Option<String>,
            points: i64,
        }
        let limit = filter.limit.clamp(1, 200);
        let pattern = like_pattern(&fold_text(&filter.text, false, false));
        let arguments = (bank.0, pattern, filter.kind.clone(), filter.difficulty.clone(), filter.domain.clone());
        let (total,): (i64,) = self
            .db
            .one(
                sql!(
                    "SELECT COUNT(*) FROM questions q WHERE q.bank_id = $1 AND q.retired_at IS NULL "
                    "AND q.search LIKE $2 ESCAPE '!' AND ($3 = '' OR q.kind = $3) "
                    "AND ($4 = '' OR q.difficulty = $4) AND ($5 = '' OR EXISTS "
                    "(SELECT 1 FROM question_domains d WHERE d.question_id = q.id AND d.domain = $5))"
                ),
                arguments.clone(),
            )
            .await?;
        let (bank_id, pattern, kind, difficulty, domain) = arguments;
        let rows: Vec<Row> = self
            .db
            .all(
                sql!(
                    "SELECT q.id, q.reference, q.version, q.kind, v.prompt, v.domains, q.difficulty, v.points "
                    "FROM questions q JOIN question_versions v ON v.question_id = q.id AND v.version = q.version "
                    "WHERE q.bank_id = $1 AND q.retired_at IS NULL "
                    "AND q.search LIKE $2 ESCAPE '!' AND ($3 = '' OR q.kind = $3) "
                    "AND ($4 = '' OR q.difficulty = $4) AND ($5 = '' OR EXISTS "
                    "(SELECT 1 FROM question_domains d WHERE d.question_id = q.id AND d.domain = $5)) "
                    "AND q.id > $6 ORDER BY q.id LIMIT $7"
                ),
                (bank_id, pattern, kind, difficulty, domain, filter.after.map_or(0, |id| id.0), limit + 1),
            )
            .await?;
        let mut questions = rows
            .into_iter()
            .map(|row| {
                let domains = serde_json::from_str(&row.domains).map_err(|error| Error::Unreadable {
                    what: format!("domains of question {}", row.id),
                    reason: error.to_string(),
                })?;
                Ok(QuestionRow {
                    id: QuestionId(row.id),
                    reference: row.reference.unwrap_or_default(),
                    version: row.version,
                    kind: row.kind,
                    prompt: row.prompt,
                    domains,
                    difficulty: row.difficulty,
                    points: Points(row.points),
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let more = questions.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            questions.pop();
        }
        let next = if more { questions.last().map(|question| question.id) } else { None };
        Ok(QuestionPage { questions, total, next })
    }

    /// A question in its current version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_question(&self, bank: BankId, id: QuestionId) -> Result<Option<StoredQuestion>> {
        let row: Option<QuestionVersionRow> = self
            .db
            .optional(
                sql!(
                    "SELECT v.id, v.question_id, q.reference, v.version, v.created_at, v.prompt, v.content, "
                    "v.answer_key, v.explanations, v.domains, v.difficulty, v.points "
                    "FROM questions q JOIN question_versions v ON v.question_id = q.id AND v.version = q.version "
                    "WHERE q.bank_id = $1 AND q.id = $2"
                ),
                (bank.0, id.0),
            )
            .await?;
        row.map(StoredQuestion::try_from).transpose()
    }

    /// The versions of a question, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_question_versions(&self, id: QuestionId) -> Result<Vec<QuestionVersion>> {
        let rows: Vec<(i64, i64, Option<String>)> = self
            .db
            .all(
                sql!(
                    "SELECT v.version, v.created_at, p.name FROM question_versions v "
                    "LEFT JOIN accounts p ON p.id = v.author_id WHERE v.question_id = $1 ORDER BY v.version DESC"
                ),
                (id.0,),
            )
            .await?;
        let version =
            |(version, created_at, author)| QuestionVersion { version, created_at: Timestamp(created_at), author };
        Ok(rows.into_iter().map(version).collect())
    }

    /// All questions of a bank in their current versions, in order of entry: for export.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn export_questions(&self, bank: BankId) -> Result<Vec<StoredQuestion>> {
        let rows: Vec<QuestionVersionRow> = self
            .db
            .all(
                sql!(
                    "SELECT v.id, v.question_id, q.reference, v.version, v.created_at, v.prompt, v.content, "
                    "v.answer_key, v.explanations, v.domains, v.difficulty, v.points "
                    "FROM questions q JOIN question_versions v ON v.question_id = q.id AND v.version = q.version "
                    "WHERE q.bank_id = $1 AND q.retired_at IS NULL ORDER BY q.id"
                ),
                (bank.0,),
            )
            .await?;
        rows.into_iter().map(StoredQuestion::try_from).collect()
    }

    /// Question versions by id, in no particular order: the content of a published exam.
    pub(crate) async fn question_versions(&self, ids: &[QuestionVersionId]) -> Result<Vec<StoredQuestion>> {
        let rows: Vec<QuestionVersionRow> = self
            .db
            .all(
                sql!(
                    "SELECT v.id, v.question_id, q.reference, v.version, v.created_at, v.prompt, v.content, "
                    "v.answer_key, v.explanations, v.domains, v.difficulty, v.points "
                    "FROM question_versions v JOIN questions q ON q.id = v.question_id WHERE v.id IN "
                    ["(SELECT value FROM json_each($1))"
                     | "(SELECT value::bigint FROM jsonb_array_elements_text($1::jsonb))"]
                ),
                (json(&ids),),
            )
            .await?;
        rows.into_iter().map(StoredQuestion::try_from).collect()
    }
}

async fn upsert_question(
    tx: &mut Tx,
    bank: BankId,
    reference: &str,
    question: &Question,
    actor: Option<AccountId>,
    now: Timestamp,
) -> Result<Upsert> {
    let existing: Option<QuestionVersionRow> = tx
        .optional(
            sql!(
                "SELECT v.id, v.question_id, q.reference, v.version, v.created_at, v.prompt, v.content, "
                "v.answer_key, v.explanations, v.domains, v.difficulty, v.points "
                "FROM questions q JOIN question_versions v ON v.question_id = q.id AND v.version = q.version "
                "WHERE q.bank_id = $1 AND q.reference = $2 AND q.retired_at IS NULL"
            ),
            (bank.0, reference.to_owned()),
        )
        .await?;
    let difficulty = question.difficulty.map(|difficulty| difficulty.name());
    let (id, version, outcome) = if let Some(row) = existing {
        let stored = StoredQuestion::try_from(row)?;
        if stored.question == *question {
            return Ok(Upsert::Unchanged);
        }
        let version = stored.version + 1;
        tx.execute(
            sql!("UPDATE questions SET version = $2, kind = $3, difficulty = $4, search = $5 WHERE id = $1"),
            (stored.id.0, version, question.content.kind(), difficulty, search_text(question)),
        )
        .await?;
        tx.execute(sql!("DELETE FROM question_domains WHERE question_id = $1"), (stored.id.0,)).await?;
        (stored.id.0, version, Upsert::Updated)
    } else {
        let (id,): (i64,) = tx
            .one(
                sql!(
                    "INSERT INTO questions (bank_id, reference, version, kind, difficulty, search, created_at) "
                    "VALUES ($1, $2, 1, $3, $4, $5, $6) RETURNING id"
                ),
                (bank.0, reference.to_owned(), question.content.kind(), difficulty, search_text(question), now.0),
            )
            .await?;
        (id, 1, Upsert::Created)
    };
    tx.execute(
        sql!(
            "INSERT INTO question_versions (question_id, version, prompt, content, answer_key, explanations, domains, "
            "difficulty, points, created_at, author_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ),
        (
            id,
            version,
            question.prompt.clone(),
            json(&question.content),
            question.key.to_stored(),
            question.explanations.to_stored(),
            json(&question.domains),
            difficulty,
            question.points.0,
            now.0,
            actor.map(|actor| actor.0),
        ),
    )
    .await?;
    for domain in &question.domains {
        tx.execute(
            sql!("INSERT INTO question_domains (question_id, domain) VALUES ($1, $2) ON CONFLICT DO NOTHING"),
            (id, domain.clone()),
        )
        .await?;
    }
    Ok(outcome)
}
