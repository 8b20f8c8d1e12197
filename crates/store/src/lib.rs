//! Everything of Examhall that outlives a request, on SQLite and PostgreSQL alike.
//!
//! [`Store`] is the one handle; its methods are grouped by table family, one file each. No other crate writes SQL, and only
//! `db` names a database driver. Who may call what is the server's business, but scope is part of every query: what belongs
//! to a person is read with that person's id among the arguments.

mod access_codes;
mod accounts;
mod answers;
mod attempts;
mod audit;
mod banks;
mod bookmarks;
mod controls;
mod db;
mod diagnosis;
mod error;
mod exams;
mod failing;
mod figures;
mod gather;
mod grades;
mod order;
mod passwords;
mod session_cache;
mod sessions;
mod setup;
mod statistics;
mod text;
mod verification;
mod writer;

pub use access_codes::{CodeRefusal, CodesMade, NewAccessCode};
pub use accounts::{Account, AccountFilter, AccountPage, NewAccount, Role};
pub use answers::{FormAnswer, HeldAnswers, Rejection, SaveOutcome, Saved};
pub use attempts::{
    Attempt, AttemptFilter, AttemptPage, AttemptRow, Check, Marked, NewAttempt, Overdue, Practised, Started, Submitted,
};
pub use audit::AuditEntry;
pub use banks::{
    Bank, BankSummary, QuestionFilter, QuestionPage, QuestionRow, QuestionVersion, StoredQuestion, Upsert,
};
pub use controls::Controls;
pub use db::{Address, LogSize, Options};
pub use diagnosis::{Activity, File, Index, Limits, Look, NotLooked, Reserved, Schema, Server};
pub use error::{Error, Result};
pub use exam::record::LoggedOperation;
pub use exams::{Exam, ExamSummary, ExamVersion, NewExam, PublishError, PublishedExam, PublishedSummary};
pub use figures::{Backends, COMMIT_BOUNDS_MS, Commits, Connections, Queue};
pub use grades::GradeRow;
pub use passwords::PasswordChange;
pub use statistics::{DomainTotals, ExamStatistics, Overview, Today};
pub use verification::{GradeSums, StartRow};

use answers::ShortLogs;
use attempts::{Own, Pens, Starts};
use db::Db;
use exam::time::Timestamp;
use failing::Failing;
use session_cache::SessionCache;
use sessions::KeptSessions;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
pub use writer::Arrival;
use writer::Writer;

/// How much longer than answers may wait the store tries before it says that it does not write: by then all have been refused which
/// could have been written.
const TRYING_LONGER: Duration = Duration::from_secs(2);

/// The store: cheap to clone, shared by all requests.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
    writer: Arc<Writer>,
    starts: Arc<Starts>,
    /// Starts that the database cannot write.
    failing_starts: Arc<Failing>,
    pens: Arc<Pens>,
    own_attempts: Arc<Own>,
    short_logs: Arc<ShortLogs>,
    sessions: Arc<SessionCache>,
    kept_sessions: Arc<KeptSessions>,
    /// For how long the writer may try without success before the store says that it does not write.
    trying_max: Duration,
    /// For those who read long records and logs.
    records: Arc<Semaphore>,
    /// How long one waits for something that is shared.
    patience: Duration,
}

impl Store {
    /// Opens the database, making it when it is a file that does not exist, and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be reached or its schema is newer than this program.
    pub async fn open(address: &Address, options: &Options) -> Result<Self> {
        let db = Db::open(address, options).await?;
        let writer = Arc::new(Writer::start(&db, options));
        let records = Arc::new(Semaphore::new(answers::RECORDS_AT_ONCE));
        let trying_max = options.save_wait.saturating_add(TRYING_LONGER);
        let sessions = Arc::new(SessionCache::new());
        let failing_starts = Arc::default();
        // For a statement that is shared, as long as for a connection of one's own.
        let patience = options.connect_timeout;
        Ok(Self {
            writer,
            starts: Arc::new(Starts::of(&db, &failing_starts, patience)),
            failing_starts,
            pens: Arc::new(Pens::of(&db, patience)),
            own_attempts: Arc::new(Own::of(&db, patience)),
            short_logs: Arc::new(ShortLogs::of(&db, patience)),
            kept_sessions: Arc::new(KeptSessions::of(&db, &sessions, patience)),
            sessions,
            trying_max,
            records,
            patience,
            db,
        })
    }

    /// "sqlite" or "postgres", for logs and tests.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        self.db.engine()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        let _: (i64,) = self.db.one(db::sql!("SELECT CAST(1 AS " ["INTEGER" | "BIGINT"] ")"), ()).await?;
        Ok(())
    }

    /// Whether answers get written: false when they could not be for longer than any of them may wait, or never will be.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        !self.writer.has_ended() && self.writer.trying_for() < self.trying_max
    }

    /// Whether attempts can be started: false when the database has taken none for ten seconds, of some that were tried.
    #[must_use]
    pub fn takes_starts(&self) -> bool {
        !self.failing_starts.lasts(Instant::now())
    }

    /// The database's clock, where it has one of its own; None on SQLite. Nothing is judged by it: it is for telling whether the
    /// clocks of a server and its database, and so of all servers of one database, agree.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn database_time(&self) -> Result<Option<Timestamp>> {
        database_time(&self.db).await
    }

    /// Closes connections as soon as nobody uses them, from now on: another process has taken over, and both together are to have
    /// as few as possible.
    pub fn release_idle(&self) {
        self.db.release_idle();
    }

    /// Writes what waits, then closes all connections after the statements in flight.
    pub async fn close(&self) {
        self.writer.close().await;
        self.db.close().await;
    }
}

async fn database_time(db: &Db) -> Result<Option<Timestamp>> {
    if db.engine() == "sqlite" {
        return Ok(None);
    }
    let statement = db::sql!("SELECT "["0" | "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"]);
    let (now,): (i64,) = db.one(statement, ()).await?;
    Ok(Some(Timestamp(now)))
}
