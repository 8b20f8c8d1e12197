//! How an attempt's row is read: what an open one has in its columns, an ended one has in its record.

use super::Attempt;
use crate::answers::{SHORT_RECORD, read_record_paper};
use crate::{Error, Result, Store};
use exam::attempt::AttemptState;
use exam::id::{AccountId, AttemptId, ExamId, ExamVersionId};
use exam::paper::Paper;
use exam::practice::Checked;
use exam::time::Timestamp;

/// Attempts as [`StoredAttempt`]: further columns, then what narrows them down.
macro_rules! attempts {
    ([$($column:tt)*] $($narrowed:tt)+) => {
        $crate::db::sql!(
            "SELECT a.id, a.public_id, a.account_id, a.exam_id, a.exam_version_id, e.slug, v.title, a.number, a.state, a.paper, "
            // A long one is read by itself.
            "CASE WHEN OCTET_LENGTH(a.record) <= 8192 THEN a.record END AS short_record, "
            "a.pen_holder, a.started_at, a.deadline, a.submitted_at, a.answered, a.digest, a.checked"
            $($column)*
            " FROM attempts a JOIN exams e ON e.id = a.exam_id JOIN exam_versions v ON v.id = a.exam_version_id "
            $($narrowed)+
        )
    };
}
pub(super) use attempts;

const _: () = assert!(SHORT_RECORD == 8192, "as in the statement");

#[derive(Clone, sqlx::FromRow)]
pub(crate) struct StoredAttempt {
    pub(super) id: i64,
    pub(super) public_id: String,
    pub(super) account_id: i64,
    exam_id: i64,
    exam_version_id: i64,
    slug: String,
    title: String,
    number: i64,
    state: String,
    paper: String,
    /// Of an ended attempt, if it is short.
    pub(super) short_record: Option<Vec<u8>>,
    pen_holder: i64,
    started_at: i64,
    deadline: Option<i64>,
    submitted_at: Option<i64>,
    answered: Option<i64>,
    digest: Option<String>,
    checked: Option<String>,
}

pub(super) fn read_state(state: &str, attempt: impl std::fmt::Display) -> Result<AttemptState> {
    AttemptState::from_name(state).ok_or_else(|| Error::Unreadable {
        what: format!("state of attempt {attempt}"),
        reason: "it is none of the known states".into(),
    })
}

/// The checked questions of an attempt's row.
pub(crate) fn read_checked(checked: Option<&str>, attempt: impl std::fmt::Display) -> Result<Checked> {
    Checked::from_stored(checked.unwrap_or_default()).map_err(|error| Error::Unreadable {
        what: format!("checked questions of attempt {attempt}"),
        reason: error.to_string(),
    })
}

fn read_paper(paper: &str, attempt: i64) -> Result<Paper> {
    serde_json::from_str(paper)
        .map_err(|error| Error::Unreadable { what: format!("paper of attempt {attempt}"), reason: error.to_string() })
}

impl StoredAttempt {
    pub(super) fn is_finished(&self) -> Result<bool> {
        Ok(read_state(&self.state, self.id)?.is_finished())
    }

    /// With its paper.
    pub(super) fn with(self, paper: Paper) -> Result<Attempt> {
        Ok(Attempt {
            id: AttemptId(self.id),
            account: AccountId(self.account_id),
            exam_id: ExamId(self.exam_id),
            exam_version: ExamVersionId(self.exam_version_id),
            exam_slug: self.slug,
            exam_title: self.title,
            number: self.number,
            state: read_state(&self.state, self.id)?,
            paper,
            pen_holder: self.pen_holder,
            started_at: Timestamp(self.started_at),
            deadline: self.deadline.map(Timestamp),
            submitted_at: self.submitted_at.map(Timestamp),
            answered: self.answered,
            digest: self.digest,
            checked: read_checked(self.checked.as_deref(), self.id)?,
            public_id: self.public_id,
        })
    }
}

impl Store {
    /// The attempt of a row.
    pub(super) async fn read_attempt(&self, row: StoredAttempt) -> Result<Attempt> {
        let id = row.id;
        let paper = match &row.short_record {
            Some(record) => read_record_paper(id, record)?,
            None if row.is_finished()? => {
                self.open_record(AttemptId(id), move |record| read_record_paper(id, record)).await?
            }
            None => read_paper(&row.paper, id)?,
        };
        row.with(paper)
    }
}
