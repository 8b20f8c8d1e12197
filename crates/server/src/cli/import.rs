//! `examhall import`

use super::{Failure, Outcome, print, values};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::import::{self, Counts, Fate, Format, Plan, Planner};
use exam::time::Clock as _;
use interchange::limits::FILE_BYTES;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use store::{Bank, Store, Upsert};

/// Imports questions: prints a line per refused or changed question, then the totals. Importing the same file again changes
/// nothing.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// Files with questions
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The bank; made when it is not there
    #[arg(long, value_name = "SLUG", value_parser = values::slug)]
    bank: String,
    /// gift, aiken, csv, tsv or archive [default: told by each file's name and content]
    #[arg(long, value_parser = values::format)]
    format: Option<Format>,
    /// Only say what would become of each question
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        let mut planner = Planner::default();
        let mut total = Counts::default();
        let mut target: Option<(Store, Bank)> = None;
        for path in &self.files {
            let file = path.display().to_string();
            let mut plan = match read(path) {
                Ok(bytes) => planner.plan(&file, &bytes, self.format),
                Err(error) => Planner::unopened(&file, &error),
            };
            if !self.dry_run && !plan.questions.is_empty() {
                let (store, bank) = match &mut target {
                    Some(target) => target,
                    None => target.insert(open_bank(config, &self.bank, &plan).await?),
                };
                import::note_replaced(store, bank.id, &mut plan).await?;
                let written = import::write(store, bank, &plan, None, SystemClock.now()).await;
                let outcomes = written.map_err(|error| Failure::Fault(format!("{file}: {error}")))?;
                remark_on_updates(&file, &outcomes);
            }
            print(&lines(&plan))?;
            remark(&plan);
            let counts = plan.counts();
            total.imported += counts.imported;
            total.changed += counts.changed;
            total.refused += counts.refused;
        }
        if let Some((store, _)) = target {
            store.close().await;
        }
        print(&format!("imported {}, changed {}, refused {}\n", total.imported, total.changed, total.refused))?;
        if self.dry_run {
            eprintln!("This was a dry run: nothing was written.");
        }
        Ok(if total.refused == 0 { Outcome::Done } else { Outcome::PartlyRefused })
    }
}

/// Reads a file up to one byte more than can be imported, so that a huge one is refused without being read.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX);
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

async fn open_bank(config: &Config, slug: &str, plan: &Plan) -> Result<(Store, Bank), Failure> {
    let store = super::open(config).await?;
    let bank = import::find_or_create_bank(&store, slug, plan.bank.as_ref(), None, SystemClock.now()).await?;
    Ok((store, bank))
}

/// A line per question that was not imported exactly as the file says.
fn lines(plan: &Plan) -> String {
    let mut text = String::new();
    for item in &plan.items {
        let fate = match item.fate {
            Fate::Imported => continue,
            Fate::Changed => "changed",
            Fate::Refused => "refused",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}:{}: {fate}: {}", plan.file, item.line, item.reason());
    }
    text
}

/// What is worth knowing beside the lines, on standard error.
fn remark(plan: &Plan) {
    for note in &plan.notes {
        eprintln!("{}: note: {}", plan.file, import::one_line(std::slice::from_ref(note)));
    }
    let mut warned = plan.items.iter().filter(|item| !item.warnings.is_empty());
    if let Some(first) = warned.next() {
        let (line, warning, more) = (first.line, import::one_line(&first.warnings), warned.count());
        let more = if more == 0 { String::new() } else { format!(" (and {more} more with warnings)") };
        eprintln!("{}: note: line {line}: {warning}{more}", plan.file);
    }
}

fn remark_on_updates(file: &str, outcomes: &[Upsert]) {
    let updated = outcomes.iter().filter(|outcome| **outcome == Upsert::Updated).count();
    if updated > 0 {
        eprintln!("{file}: note: {}", import::new_versions(updated));
    }
}
