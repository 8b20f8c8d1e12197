//! `examhall migrate`

use super::{Failure, Outcome, print};
use crate::config::Config;

pub(super) async fn run(config: &Config) -> Result<Outcome, Failure> {
    super::open(config).await?.close().await;
    print(&format!("the schema of {} is up to date\n", config.database_name()))?;
    Ok(Outcome::Done)
}
