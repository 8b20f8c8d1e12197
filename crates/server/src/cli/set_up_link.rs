//! `examhall setup-link`

use super::{Failure, Outcome, print};
use crate::chance::Chance;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::server;

pub(super) async fn run(config: &Config) -> Result<Outcome, Failure> {
    let chance = Chance::from_os().map_err(|error| Failure::Fault(error.to_string()))?;
    if let Some(file) = super::missing_database(config) {
        return Err(Failure::Refused(format!(
            "there is no database {}; name the server's own with --data-dir or DATA_DIR",
            file.display()
        )));
    }
    let store = super::open(config).await?;
    let link = server::setup_link(&store, &SystemClock, &chance, &config.base_url(config.port)).await?;
    store.close().await;
    let Some(link) = link else {
        return Err(Failure::Refused(
            "there is an admin already; make another one with \
             `examhall account create --email E --name N --role admin --password-stdin`"
                .into(),
        ));
    };
    print(&format!("{link}\n"))?;
    // Not on standard output, so that scripts get the link alone.
    eprintln!("It works once, within 30 minutes; earlier links no longer do.");
    Ok(Outcome::Done)
}
