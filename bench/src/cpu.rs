//! CPU time, from the kernel's own accounts.

use std::fs;

/// Hundredths of a second, the unit of /proc on Linux.
const TICK_US: f64 = 10_000.0;

/// CPU time used so far, user and system, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    /// By this process.
    pub(crate) own: f64,
    /// By all processes of PostgreSQL on this machine, as far as they still run.
    pub(crate) postgres: f64,
}

impl Used {
    /// Reads /proc; zero where it cannot be read.
    pub(crate) fn now() -> Self {
        let postgres = fs::read_dir("/proc").into_iter().flatten().flatten();
        let postgres =
            postgres.filter_map(|entry| ticks(&fs::read_to_string(entry.path().join("stat")).ok()?, Some("postgres")));
        let own = fs::read_to_string("/proc/self/stat").ok().and_then(|stat| ticks(&stat, None));
        Self { own: own.unwrap_or(0.0) * TICK_US, postgres: postgres.sum::<f64>() * TICK_US }
    }

    /// What was used since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self { own: self.own - before.own, postgres: self.postgres - before.postgres }
    }
}

/// User and system ticks of a line of /proc/PID/stat, when it is of the named program.
fn ticks(stat: &str, name: Option<&str>) -> Option<f64> {
    let (head, rest) = stat.rsplit_once(')')?;
    if name.is_some_and(|name| head.rsplit_once('(').map(|(_, program)| program) != Some(name)) {
        return None;
    }
    // The third field comes first here; 14 and 15 are the ticks.
    let fields: Vec<&str> = rest.split_whitespace().collect();
    Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_read_whatever_the_program_is_called() {
        let stat = "7 (a) b) R 1 2 3 4 5 6 7 8 9 10 30 12 0 0 20";
        assert_eq!(ticks(stat, None), Some(42.0));
        assert_eq!(ticks(stat, Some("postgres")), None);
        assert_eq!(ticks("7 (postgres) S 1 2 3 4 5 6 7 8 9 10 1 2 0", Some("postgres")), Some(3.0));
        assert!(Used::now().own >= 0.0);
    }
}
