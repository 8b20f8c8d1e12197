//! `examhall serve`

use super::Failure;
use crate::config::Config;
use crate::handover::{End, Process};
use crate::server::{self, ServeError};

/// Runs the server until it is told to stop (Ctrl-C or SIGTERM); on SIGHUP a fresh process takes over.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Fill banks, exams, accounts and a month of attempts to try things out with
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(self, mut config: Config, process: Process) -> Result<End, Failure> {
        config.demo = self.demo;
        let database = config.database_name();
        server::serve(config, process).await.map_err(|error| match error {
            ServeError::Store(error) => super::not_opened(&error, &database),
            // As other settings that are wrong are told.
            ServeError::Settings(problems) => Failure::Settings(problems),
            error => Failure::Fault(error.to_string()),
        })
    }
}
