//! `POST /admin/banks/{slug}/import`: a file of questions, checked or taken, and the report about it.

use super::banks::{self, EXCERPT};
use crate::app::App;
use crate::exams::pages::whole;
use crate::http::errors::{Error, Result};
use crate::http::extract::{Path, Query};
use crate::http::page::{Frame, show, show_with};
use crate::http::session::SignedIn;
use crate::http::upload::{FRAME_BYTES, Upload};
use crate::import::{self, Fate, Format, Plan, PlannedItem};
use crate::markup::excerpt;
use crate::view::admin::{ImportForm, ImportLine, ImportReportPage, ImportState};
use crate::view::form::{Errors, Problem};
use crate::view::page::Page;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use interchange::limits::FILE_BYTES;
use store::{BankSummary, Upsert};

/// How large the body of an import may be, which is more than others may.
pub fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FILE_BYTES + FRAME_BYTES)
}

/// The most lines of a report.
const LINES: usize = 500;

/// The form before anything was chosen.
pub(super) fn empty_form(page: &Page) -> ImportForm {
    let mut formats = vec![(String::new(), page.t("import-format-detect"))];
    let label = |format| match format {
        Format::Gift => "GIFT",
        Format::Aiken => "Aiken",
        Format::Csv => "CSV",
        Format::Tsv => "TSV",
        Format::Archive => "Examhall (JSON)",
    };
    formats.extend(Format::ALL.into_iter().map(|format| (format.name().to_owned(), label(format).to_owned())));
    ImportForm { formats, format: String::new(), dry_run: false, errors: Errors::default() }
}

/// `POST /admin/banks/{slug}/import`
pub async fn import(
    State(app): State<App>,
    Path(slug): Path<String>,
    person: SignedIn,
    Frame(page): Frame,
    upload: Result<Upload>,
) -> Result<Response> {
    let bank = banks::find(&app, &slug).await?;
    let mut form = empty_form(&page);
    let mut upload = match upload {
        Err(Error::TooLarge) => {
            form.errors = Errors::one("file", Problem::FileTooLarge(whole(FILE_BYTES / (1024 * 1024))));
            return again(&app, page, &bank, form, StatusCode::PAYLOAD_TOO_LARGE).await;
        }
        upload => upload?,
    };
    form.dry_run = upload.get("dry_run") == "on";
    upload.get("format").clone_into(&mut form.format);
    let file = upload.take_file("file");
    if file.is_none() {
        form.errors.add("file", Problem::FileMissing);
    }
    let format = Format::from_name(&form.format);
    if format.is_none() && !form.format.is_empty() {
        form.errors.add("format", Problem::NotOffered);
    }
    let Some(file) = file.filter(|_| form.errors.is_empty()) else {
        return again(&app, page, &bank, form, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    // Off the threads that answer requests: a large file takes seconds to read.
    let planned = tokio::task::spawn_blocking(move || import::plan(&file.name, &file.bytes, format));
    let mut plan = planned.await.map_err(Error::internal)?;
    import::note_replaced(&app.store, bank.bank.id, &mut plan).await?;
    let (plan, written) = if form.dry_run { (plan, None) } else { write(&app, &bank, plan, &person).await? };
    let dry_run = std::mem::replace(&mut form.dry_run, false);
    // The counts of the bank as they are now.
    let bank = banks::find(&app, &slug).await?;
    show(&report(page, &bank, form, &plan, written.as_deref(), dry_run))
}

/// Writes a plan to its end even when whoever sent it goes away on the way, and gives the plan back.
async fn write(app: &App, bank: &BankSummary, plan: Plan, person: &SignedIn) -> Result<(Plan, Option<Vec<Upsert>>)> {
    let (store, bank, actor, now) = (app.store.clone(), bank.bank.clone(), Some(person.id()), app.now());
    let writing = tokio::spawn(async move {
        let written = import::write(&store, &bank, &plan, actor, now).await;
        written.map(|outcomes| (plan, Some(outcomes)))
    });
    writing.await.map_err(Error::internal)?.map_err(|interrupted| match interrupted.written {
        0 => interrupted.cause.into(),
        // "Nothing was changed" would not be true.
        _ => Error::internal(interrupted),
    })
}

async fn again(app: &App, page: Page, bank: &BankSummary, form: ImportForm, status: StatusCode) -> Result<Response> {
    show_with(status, &banks::bank_page(app, page, bank, &Query(Vec::new()), form).await?)
}

fn report(
    page: Page,
    bank: &BankSummary,
    import: ImportForm,
    plan: &Plan,
    written: Option<&[Upsert]>,
    dry_run: bool,
) -> ImportReportPage {
    let counts = plan.counts();
    let mut lines = lines(plan, written);
    let lines_left_out = whole(lines.len().saturating_sub(LINES));
    shorten(&mut lines, LINES);
    ImportReportPage {
        page,
        bank: banks::row(bank),
        file_name: plan.file.clone(),
        dry_run,
        imported: whole(counts.imported),
        changed: whole(counts.changed),
        refused: whole(counts.refused),
        lines,
        lines_left_out,
        import,
    }
}

/// What was remarked about the file, then every question that was changed, refused or warned about.
fn lines(plan: &Plan, written: Option<&[Upsert]>) -> Vec<ImportLine> {
    let note = |note: &String| ImportLine {
        line: None,
        state: ImportState::Changed,
        excerpt: String::new(),
        reason: note.clone(),
    };
    let updated = written.into_iter().flatten().filter(|outcome| **outcome == Upsert::Updated).count();
    let updated = (updated > 0).then(|| import::new_versions(updated));
    let mut lines: Vec<ImportLine> = plan.notes.iter().chain(&updated).map(note).collect();
    // Questions and outcomes stand in the order of the items that were not refused.
    let mut taken = 0;
    for item in &plan.items {
        let place = (item.fate != Fate::Refused).then_some(taken);
        taken += usize::from(place.is_some());
        if item.fate != Fate::Imported || !item.warnings.is_empty() {
            let question = place.and_then(|place| plan.questions.get(place)).map(|(_, question)| question);
            let name = || item.name.clone().unwrap_or_default();
            lines.push(ImportLine {
                line: Some(whole(item.line)),
                state: state(item.fate, place.and_then(|place| written?.get(place)).copied()),
                excerpt: question.map_or_else(name, |question| excerpt(&question.prompt, EXCERPT)),
                reason: reason(item),
            });
        }
    }
    lines
}

/// Leaves out what is beyond the most, beginning with questions that were taken as they are.
fn shorten(lines: &mut Vec<ImportLine>, most: usize) {
    let is_fine = |line: &ImportLine| matches!(line.state, ImportState::New | ImportState::Unchanged);
    let mut room = most.saturating_sub(lines.iter().filter(|line| !is_fine(line)).count());
    lines.retain(|line| {
        let keeps = !is_fine(line) || room > 0;
        room = room.saturating_sub(usize::from(is_fine(line)));
        keeps
    });
    lines.truncate(most);
}

fn state(fate: Fate, written: Option<Upsert>) -> ImportState {
    match (fate, written) {
        (Fate::Refused, _) => ImportState::Refused,
        (_, Some(Upsert::Unchanged)) => ImportState::Unchanged,
        (Fate::Changed, _) => ImportState::Changed,
        (Fate::Imported, _) => ImportState::New,
    }
}

fn reason(item: &PlannedItem) -> String {
    let warnings = item.warnings.iter().map(String::as_str);
    std::iter::once(item.reason().as_str()).chain(warnings).collect::<Vec<_>>().join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "::Capital:: What is the capital of Norway? {=Oslo ~Bergen ####Oslo is the seat of parliament.}\n\n\
                        ::Who:: Who? {~nobody ~everybody}\n\n\
                        ::Picture:: What is <img src=\"a.png\"> 1 + 1? {=2 ~3}\n";

    #[test]
    fn the_report_lists_what_an_author_should_look_at() {
        let plan = import::plan("three.gift", FILE.as_bytes(), None);
        let lines = lines(&plan, None);
        let refused = lines.iter().find(|line| line.line == Some(3)).expect("the refused one");
        assert_eq!((refused.state, refused.excerpt.as_str()), (ImportState::Refused, "Who"));
        assert!(lines.iter().all(|line| line.line != Some(1)), "what is fine is not listed");
        let changed = lines.iter().find(|line| line.line == Some(5)).expect("the changed one");
        assert_eq!(changed.state, ImportState::Changed);
        assert!(changed.excerpt.starts_with("What is") && !changed.reason.is_empty(), "{changed:?}");
    }

    #[test]
    fn a_long_report_keeps_what_was_refused() {
        let line =
            |number, state| ImportLine { line: Some(number), state, excerpt: String::new(), reason: String::new() };
        let mut lines: Vec<_> = (1..=9).map(|number| line(number, ImportState::New)).collect();
        lines.push(line(10, ImportState::Refused));
        shorten(&mut lines, 3);
        assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [Some(1), Some(2), Some(10)]);
    }

    #[test]
    fn a_question_that_was_there_already_is_told_apart() {
        let plan = import::plan("three.gift", FILE.as_bytes(), None);
        let lines = lines(&plan, Some(&[Upsert::Created, Upsert::Unchanged]));
        let known = lines.iter().find(|line| line.line == Some(5)).expect("the changed one");
        assert_eq!(known.state, ImportState::Unchanged);
    }
}
