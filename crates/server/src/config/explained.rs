//! What every setting is, where it comes from, and what it comes to on this machine.

use super::sources::{self, Setting};
use super::{Config, Place};

/// A setting as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its key in the configuration file.
    pub key: &'static str,
    /// Its environment variables, in order of precedence.
    pub variables: &'static [&'static str],
    /// What it does, in a sentence.
    pub meaning: &'static str,
    /// Its value as one would write it, never a password or a secret; None where nothing is set.
    pub value: Option<String>,
    /// Where the value comes from.
    pub place: Place,
    /// Where else there is a value, which does not count.
    pub overruled: Vec<Place>,
}

impl Explained {
    pub(super) fn new(setting: &Setting, value: Option<String>, place: Place, overruled: Vec<Place>) -> Self {
        Self { key: setting.key, variables: setting.variables, meaning: setting.meaning, value, place, overruled }
    }

    /// The name by which people know it: its first variable.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.variables.first().copied().unwrap_or(self.key)
    }
}

impl Config {
    /// The settings that people are told of, in the order in which they are documented; empty unless they have been read.
    pub fn told(&self) -> impl Iterator<Item = &Explained> {
        let is_told = |key| sources::ALL.iter().any(|setting| setting.key == key && setting.is_told());
        self.explained.iter().filter(move |explained| is_told(explained.key))
    }

    /// What a setting comes to on a machine that allows so many open files, in a sentence, where its value does not say it.
    #[must_use]
    pub fn comes_to(&self, explained: &Explained, files: usize) -> Option<String> {
        let is_default = matches!(explained.place, Place::Default(_));
        match explained.key {
            "database_url" if self.database_url.is_none() => {
                Some(format!("The embedded database is used: {}.", self.database_name()))
            }
            "public_url" if is_default => Some(format!("Links begin with {}.", self.base_url(self.port))),
            "workers" if is_default => Some("One for each processor that this process may use.".into()),
            "db_pool_min" | "db_statement_timeout" if self.database_url.is_none() => {
                Some("Not used with the embedded database.".into())
            }
            "db_pool_max" if self.database_url.is_none() => {
                let readers = self.store_options().readers();
                Some(format!("The embedded database has one connection that writes and {readers} that read."))
            }
            "db_pool_min" if is_default && self.db_pool_min < Self::default().db_pool_min => {
                Some("Lowered with DB_POOL_MAX.".into())
            }
            "worker_connections" => Some(self.connections_in_words(files)),
            "password_threads" if is_default => {
                Some(format!("{}: half of the workers, one at least.", self.password_threads()))
            }
            "tls_cert" if is_default => Some("The server speaks HTTP; a proxy in front makes HTTPS of it.".into()),
            "asset_url" if is_default => Some("They come from this server.".into()),
            "metrics_token" if is_default => Some("/metrics is read on this machine only.".into()),
            _ => None,
        }
    }

    fn connections_in_words(&self, files: usize) -> String {
        let connections = self.limits(files).connections;
        match self.worker_connections {
            None => format!("{connections} connections in all, since {files} files may be open."),
            Some(each) if each.saturating_mul(self.workers) > connections => format!(
                "{connections} connections in all and not {}, since only {files} files may be open.",
                each.saturating_mul(self.workers)
            ),
            Some(_) => format!("{connections} connections in all, for {} workers.", self.workers),
        }
    }
}
