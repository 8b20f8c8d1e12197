//! What processes hold in memory, from the kernel's own accounts.

use crate::cpu::descendants;
use std::fs;

/// Memory of a tree of processes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    /// Resident, each process counted by itself, in KiB: what is shared counts several times.
    pub(crate) resident: u64,
    /// The tree's own part, what is shared divided by those who share it, in KiB.
    pub(crate) proportional: u64,
    /// How many processes.
    pub(crate) processes: usize,
}

impl Held {
    /// By these processes and their descendants, as far as /proc tells.
    pub(crate) fn by(roots: &[u32]) -> Self {
        let mut held = Self::default();
        for process in descendants(roots) {
            let Ok(text) = fs::read_to_string(format!("/proc/{process}/smaps_rollup")) else { continue };
            held.resident += kib(&text, "Rss:");
            held.proportional += kib(&text, "Pss:");
            held.processes += 1;
        }
        held
    }

    /// The larger of each.
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            resident: self.resident.max(other.resident),
            proportional: self.proportional.max(other.proportional),
            processes: self.processes.max(other.processes),
        }
    }
}

fn kib(text: &str, name: &str) -> u64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok());
    value.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_holds_some_memory() {
        let held = Held::by(&[std::process::id()]);
        assert!(held.processes >= 1 && held.resident >= held.proportional && held.proportional > 0, "{held:?}");
        assert_eq!(kib("Rss:  12 kB\nPss:   7 kB\nPss_Dirty: 3 kB\n", "Pss:"), 7);
    }
}
