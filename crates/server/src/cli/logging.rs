//! The log: to standard error, for people or for machines.

use super::Command;
use crate::config::{Config, LogFormat, LogLevel};
use std::io::{IsTerminal as _, stderr};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// Starts the log. Later calls change nothing.
pub fn start(command: &Command, config: &Config) {
    let level = match (command, config.log_level) {
        // Commands say themselves what they do.
        (Command::Serve(_), level) => level.filter(),
        (_, LogLevel::Info) => LevelFilter::WARN,
        (_, level) => level.filter(),
    };
    // What the driver is told by the database at every start ("relation exists, skipping") is news to nobody.
    let driver = if level == LevelFilter::INFO { LevelFilter::WARN } else { level };
    let levels = Targets::new().with_default(level).with_target("sqlx", driver);
    // A terminal that has been closed takes nothing any more; to say so there would end the server in a panic.
    let layer = match config.log_format {
        LogFormat::Text => {
            fmt::layer().with_writer(stderr).log_internal_errors(false).with_ansi(stderr().is_terminal()).boxed()
        }
        LogFormat::Json => {
            fmt::layer().with_writer(stderr).log_internal_errors(false).json().flatten_event(true).boxed()
        }
    };
    // A second start finds the first one's log in place, which is as good.
    let _ = tracing_subscriber::registry().with(layer.with_filter(levels)).try_init();
}
