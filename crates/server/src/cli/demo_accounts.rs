//! `examhall demo-accounts`

use super::{Failure, Outcome, print};
use crate::config::Config;
use crate::demo;

pub(super) async fn run(config: &Config) -> Result<Outcome, Failure> {
    let store = super::open(config).await?;
    let text = demo::announcement(&store, &config.base_url(config.port)).await?;
    store.close().await;
    let none = || Failure::Refused("there is no demo here; start it with `examhall serve --demo`".into());
    print(&text.ok_or_else(none)?)?;
    Ok(Outcome::Done)
}
