//! How many files a limit of the system leaves for connections of people: each of them is one, and the database takes some as well.

use super::{Config, Problem, Problems};
use crate::http::listener::Limits;

/// Files that are there in any case: the log, the listener, what is being refused.
const OF_ITS_OWN: usize = 64;
/// Files of the embedded database at most. It has one connection that writes and sixteen that read, with two files each, and one that they
/// share.
const OF_THE_EMBEDDED: usize = 64;

impl Config {
    /// How many connections there may be, and how long each may take, where the system allows so many files.
    #[must_use]
    pub fn limits(&self, files: usize) -> Limits {
        let kept_free = (files / 40).max(OF_ITS_OWN) + self.files_of_database();
        let most = files.saturating_sub(kept_free).max(1);
        let asked = self.worker_connections.map(|each| each.saturating_mul(self.workers));
        Limits {
            connections: asked.map_or(most, |asked| asked.min(most)),
            idle: self.keepalive,
            grace: self.graceful_timeout,
            ..Limits::default()
        }
    }

    /// Whether the pool of PostgreSQL leaves at least half of so many files to people: who sets a pool that does not has a limit that is
    /// too low, or has mistyped, and would find out when the hall is at the door.
    ///
    /// # Errors
    /// When it does not, told as other wrong settings are.
    pub fn fits(&self, files: usize) -> Result<(), Problems> {
        let needed = self.files_needed();
        if self.database_url.is_none() || needed <= files {
            return Ok(());
        }
        let reason = format!("only {files} files may be open, and more than half of them would be the database's");
        let raise =
            format!("Raise the limit of open files to {needed} at least (LimitNOFILE= in the unit, `ulimit -Hn`)");
        let remedy = match (files / 2).saturating_sub(OF_ITS_OWN) {
            0 => format!("{raise}."),
            fits => format!("{raise}, or set {fits} at most."),
        };
        let value = Some(self.db_pool_max.to_string());
        Err(Problems(vec![Problem { place: self.place("db_pool_max"), value, reason, remedy }]))
    }

    /// The fewest files with which half of them are for people.
    pub(crate) fn files_needed(&self) -> usize {
        2 * (self.files_of_database() + OF_ITS_OWN)
    }

    /// How many files so many connections of people need.
    pub(crate) fn files_for(&self, connections: usize) -> usize {
        // A fortieth of all.
        connections.saturating_add(connections / 39).saturating_add(OF_ITS_OWN + self.files_of_database())
    }

    /// How many files are the database's at most.
    fn files_of_database(&self) -> usize {
        let pool = usize::try_from(self.db_pool_max).unwrap_or(usize::MAX);
        if self.database_url.is_some() { pool } else { pool.min(OF_THE_EMBEDDED) }
    }
}
