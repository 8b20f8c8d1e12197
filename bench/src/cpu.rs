//! CPU time, from the kernel's own accounts.

use std::collections::BTreeSet;
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
        let postgres = stats().filter(|(_, stat)| stat.program == "postgres").map(|(_, stat)| stat.own);
        let own = fs::read_to_string("/proc/self/stat").ok().and_then(|line| Some(Stat::read(&line)?.own));
        Self { own: own.unwrap_or(0.0) * TICK_US, postgres: postgres.sum::<f64>() * TICK_US }
    }

    /// What was used since.
    pub(crate) fn since(self, before: Self) -> Self {
        Self { own: self.own - before.own, postgres: self.postgres - before.postgres }
    }
}

/// CPU time used so far by these processes and all that they have started, those that have ended included, in microseconds.
pub(crate) fn used_by(roots: &[u32]) -> f64 {
    let tree = descendants(roots);
    let used = stats().filter(|(process, _)| tree.contains(process)).map(|(_, stat)| stat.own + stat.reaped);
    used.sum::<f64>() * TICK_US
}

/// These processes and all that they have started, as far as they still run.
pub(crate) fn descendants(roots: &[u32]) -> BTreeSet<u32> {
    let mut tree: BTreeSet<u32> = roots.iter().copied().collect();
    if tree.is_empty() {
        return tree;
    }
    let all: Vec<(u32, u32)> = stats().map(|(process, stat)| (process, stat.parent)).collect();
    loop {
        let known = tree.len();
        tree.extend(
            all.iter().filter(|(_, parent)| tree.contains(parent)).map(|(process, _)| *process).collect::<Vec<_>>(),
        );
        if tree.len() == known {
            return tree;
        }
    }
}

/// What /proc says of each process.
fn stats() -> impl Iterator<Item = (u32, Stat)> {
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|entry| {
        let process = entry.file_name().to_str()?.parse().ok()?;
        Some((process, Stat::read(&fs::read_to_string(entry.path().join("stat")).ok()?)?))
    })
}

/// A line of /proc/PID/stat.
#[derive(Debug, PartialEq)]
struct Stat {
    program: String,
    parent: u32,
    /// User and system ticks of the process itself.
    own: f64,
    /// Those of its children that have ended, and theirs.
    reaped: f64,
}

impl Stat {
    fn read(line: &str) -> Option<Self> {
        let (head, rest) = line.rsplit_once(')')?;
        let (_, program) = head.split_once('(')?;
        // The third field comes first here; 4 is the parent, 14 to 17 are the ticks.
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks =
            |first: usize| Some(fields.get(first)?.parse::<f64>().ok()? + fields.get(first + 1)?.parse::<f64>().ok()?);
        let parent = fields.get(1)?.parse().ok()?;
        Some(Self { program: program.to_owned(), parent, own: ticks(11)?, reaped: ticks(13)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_read_whatever_the_program_is_called() {
        let stat = Stat::read("7 (a) b) R 1 2 3 4 5 6 7 8 9 10 30 12 4 1 20");
        assert_eq!(stat, Some(Stat { program: "a) b".into(), parent: 1, own: 42.0, reaped: 5.0 }));
        assert_eq!(Stat::read("7 (postgres) S 1 2 3"), None);
        assert!(Used::now().own >= 0.0);
    }

    #[test]
    fn what_a_process_has_started_is_in_its_tree() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("a child");
        let tree = descendants(&[std::process::id()]);
        child.kill().expect("it runs");
        child.wait().expect("it has ended");
        assert!(tree.contains(&child.id()) && tree.contains(&std::process::id()));
        assert!(descendants(&[]).is_empty());
    }
}
