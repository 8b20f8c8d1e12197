//! `examhall export`

use super::{Failure, Outcome, print, values};
use crate::config::Config;
use exam::sealed::Permit;
use interchange::{BankInfo, write_archive};
use std::path::PathBuf;

/// Writes a bank with keys and explanations as an Examhall archive, which `import` reads without loss.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The bank
    #[arg(long, value_name = "SLUG", value_parser = values::slug)]
    bank: String,
    /// The file to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        let store = super::open(config).await?;
        let bank = store.find_bank(&self.bank).await?;
        let bank = bank.ok_or_else(|| Failure::Refused(format!("there is no bank {}", self.bank)))?;
        let questions = store.export_questions(bank.id).await?;
        store.close().await;
        let info =
            BankInfo { slug: bank.slug, title: bank.title, description: bank.description, licence: String::new() };
        let pairs = questions.iter().map(|stored| (stored.reference.as_str(), &stored.question));
        let archive = write_archive(&info, pairs, &Permit::for_staff(), &Permit::for_staff());
        match self.output {
            None => print(&archive)?,
            Some(path) => {
                std::fs::write(&path, archive)
                    .map_err(|error| Failure::Fault(format!("{} cannot be written: {error}", path.display())))?;
                print(&format!("exported {} questions to {}\n", questions.len(), path.display()))?;
            }
        }
        Ok(Outcome::Done)
    }
}
