//! This process and the machine it runs on, as Linux tells it. Elsewhere nothing is known, and nothing is told.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// How much of a machine's memory must be free before it is told that it runs out.
pub const MEMORY_LOW: f64 = 0.2;

/// What the process takes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Process {
    /// Memory in use, in bytes.
    pub resident: u64,
    /// Time of the processors it has used.
    pub cpu: Duration,
    /// Threads.
    pub threads: u64,
    /// Open files: connections, the database, the log.
    pub files: u64,
    /// How many may be open.
    pub files_max: u64,
    /// When it was started, in seconds since 1970.
    pub started_at: f64,
}

/// What the machine has; of a container with a limit, what it may have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// In bytes.
    pub total: u64,
    /// What programs can still get, in bytes.
    pub available: u64,
}

impl Memory {
    /// Whether less than a fifth is left.
    #[must_use]
    pub fn is_low(self) -> bool {
        let parts = |bytes: u64| u32::try_from(bytes >> 10).map_or(f64::from(u32::MAX), f64::from);
        self.total > 0 && parts(self.available) < MEMORY_LOW * parts(self.total)
    }
}

/// How many files a process may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Files {
    /// At the moment.
    pub soft: usize,
    /// At most, which it may raise the other to.
    pub hard: usize,
}

/// How many files a limit allows: none is no limit, and more than a million no machine holds.
#[must_use]
pub fn files_of(limit: Option<u64>) -> usize {
    const MOST: usize = 1_000_000;
    limit.map_or(MOST, |files| usize::try_from(files).unwrap_or(MOST)).min(MOST)
}

/// How many files this process may open.
#[must_use]
pub fn files() -> Files {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    Files { soft: files_of(limit.current), hard: files_of(limit.maximum) }
}

/// A line of the form `name: 123 kB` in a file of the kernel's.
fn value(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What this process takes.
#[must_use]
pub fn process() -> Process {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let limits = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let cpu = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Process {
        resident: value(&status, "VmRSS").unwrap_or(0) * 1_024,
        cpu: Duration::try_from(cpu).unwrap_or_default(),
        threads: value(&status, "Threads").unwrap_or(0),
        files: fs::read_dir("/proc/self/fd").map_or(0, |files| u64::try_from(files.count()).unwrap_or(u64::MAX)),
        files_max: limits.current.unwrap_or(u64::MAX),
        started_at: started_at(&stat).unwrap_or(0.0),
    }
}

/// The time at which a process was started, by the line that the kernel has on it (proc(5): field 22, in ticks since the machine's
/// own start).
fn started_at(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks: f64 = fields.split(' ').nth(19)?.parse().ok()?;
    let machine = fs::read_to_string("/proc/stat").ok()?;
    let begun: f64 = machine.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let per_second = u32::try_from(rustix::param::clock_ticks_per_second()).map(f64::from).ok()?;
    Some(begun + ticks / per_second)
}

/// What the machine has, or the container in which this runs.
#[must_use]
pub fn memory() -> Memory {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let bytes = |name| value(&text, name).unwrap_or(0) * 1_024;
    let machine = Memory { total: bytes("MemTotal"), available: bytes("MemAvailable") };
    let used = read("/sys/fs/cgroup/memory.current").map(|used| used.saturating_sub(unused_files()));
    limited(machine, read("/sys/fs/cgroup/memory.max"), used)
}

/// How many bytes whoever writes to a folder may still write, if that can be told.
#[must_use]
pub fn disk_free(folder: &Path) -> Option<u64> {
    let system = rustix::fs::statvfs(folder).ok()?;
    Some(system.f_bavail.saturating_mul(system.f_frsize))
}

/// What a container keeps of files that nobody has used of late: counted as its memory, and given up for anything else.
fn unused_files() -> u64 {
    let stat = fs::read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default();
    let bytes = stat.lines().find_map(|line| line.strip_prefix("inactive_file ")?.trim().parse().ok());
    bytes.unwrap_or(0)
}

fn read(path: &str) -> Option<u64> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The limit of a container counts where it is below what the machine has; without one there is the word `max`.
fn limited(machine: Memory, most: Option<u64>, used: Option<u64>) -> Memory {
    match most {
        Some(most) if most < machine.total => {
            Memory { total: most, available: machine.available.min(most.saturating_sub(used.unwrap_or(0))) }
        }
        _ => machine,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_what_it_takes() {
        let process = process();
        assert!(process.resident > 1_000_000 && process.threads > 0 && process.files > 2, "{process:?}");
        assert!(process.files_max >= process.files && process.started_at > 1.7e9, "{process:?}");
        let memory = memory();
        assert!(memory.total > memory.available && memory.available > 0, "{memory:?}");
    }

    #[test]
    fn memory_is_low_below_a_fifth_and_a_container_has_its_own() {
        let machine = Memory { total: 1_000 << 20, available: 500 << 20 };
        assert!(!machine.is_low());
        assert!(Memory { available: 199 << 20, ..machine }.is_low());
        assert!(!Memory::default().is_low(), "nothing is known");
        assert_eq!(limited(machine, None, Some(1)), machine);
        assert_eq!(limited(machine, Some(u64::MAX), Some(1)), machine);
        let container = limited(machine, Some(256 << 20), Some(250 << 20));
        assert_eq!(container, Memory { total: 256 << 20, available: 6 << 20 });
        assert!(container.is_low());
    }

    #[test]
    fn lines_of_the_kernel_are_found_by_their_whole_name() {
        let text = "MemTotal:       16 kB\nMemTotalX: 4 kB\nThreads:\t7\n";
        assert_eq!((value(text, "MemTotal"), value(text, "Threads"), value(text, "Mem")), (Some(16), Some(7), None));
    }
}
