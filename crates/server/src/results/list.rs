//! A person's attempts in a list. Marks appear in it only as far as each exam's release policy allows.

use crate::app::App;
use crate::http::errors::{Error, Result};
use exam::attempt::AttemptState;
use exam::id::AccountId;
use exam::settings::{Mode, Percent};
use store::{AttemptFilter, AttemptRow};

/// An attempt with the marks its person may see.
pub struct Listed {
    /// The attempt; its marks are taken out.
    pub row: AttemptRow,
    /// Exam or practice.
    pub mode: Mode,
    /// The percentage, when released.
    pub percent: Option<Percent>,
    /// The verdict, when released.
    pub passed: Option<bool>,
}

/// One page of a list.
pub struct ListPage {
    /// Newest first.
    pub attempts: Vec<Listed>,
    /// Where the next page starts.
    pub next_cursor: Option<String>,
}

/// Lists a person's own attempts.
///
/// # Errors
/// [`Error::Invalid`] for a cursor that no earlier page gave.
pub async fn own(
    app: &App,
    account: AccountId,
    state: Option<AttemptState>,
    limit: i64,
    cursor: Option<&str>,
) -> Result<ListPage> {
    let before = match cursor {
        None => None,
        Some(text) => {
            let last = app.store.find_attempt(text, account).await?;
            let last = last.ok_or_else(|| Error::invalid("/cursor", "Use the next_cursor of the page before."))?;
            Some(last.id)
        }
    };
    let filter = AttemptFilter { account: Some(account), state, limit, before, ..AttemptFilter::default() };
    let page = app.store.list_attempts(&filter).await?;
    // The last attempt's public id: row numbers would tell how many attempts there are in all.
    let next_cursor = page.next.and_then(|_| page.attempts.last().map(|last| last.public_id.clone()));
    let mut attempts = Vec::with_capacity(page.attempts.len());
    for row in page.attempts {
        attempts.push(listed(app, row).await?);
    }
    Ok(ListPage { attempts, next_cursor })
}

/// As [`own`], all of them, and of open ones how many questions are answered by now.
///
/// # Errors
/// As [`own`].
pub async fn own_with_progress(app: &App, account: AccountId, limit: i64, cursor: Option<&str>) -> Result<ListPage> {
    let mut page = own(app, account, None, limit, cursor).await?;
    app.store.count_answers(page.attempts.iter_mut().map(|listed| &mut listed.row)).await?;
    Ok(page)
}

async fn listed(app: &App, mut row: AttemptRow) -> Result<Listed> {
    let exam = app.published.version(row.exam_version).await?;
    let exam =
        exam.ok_or_else(|| Error::internal(format!("exam version {} of an attempt is gone", row.exam_version)))?;
    let settings = &exam.summary().settings;
    let released = settings.release.decide(row.state.is_finished(), settings.closes_at, app.now());
    // Taken out of the row, so that nothing further down can show them unreleased.
    let (percent, passed) = (row.percent.take().map(Percent), row.passed.take());
    let shown = released.marks;
    Ok(Listed { row, mode: settings.mode, percent: percent.filter(|_| shown), passed: passed.filter(|_| shown) })
}
