//! `examhall serve`

use super::{Failure, Outcome, opening};
use crate::config::Config;
use crate::server::{self, ServeError};

/// Runs the server until it is told to stop (Ctrl-C or SIGTERM).
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Fill banks, exams, accounts and a month of attempts to try things out with
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(self, mut config: Config) -> Result<Outcome, Failure> {
        config.demo = self.demo;
        let settings = config.clone();
        server::serve(config).await.map_err(|error| match error {
            ServeError::Store(error) => opening::failure(&error, &settings),
            error => Failure::Fault(error.to_string()),
        })?;
        Ok(Outcome::Done)
    }
}
