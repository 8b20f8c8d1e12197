//! The machine: its memory, files, processors, backlog and clock.

use super::check::{Case, Check};
use super::wording::{percent, size};
use crate::config::Config;
use crate::http::listener::BACKLOG;
use crate::machine::{self, Files, Memory};
use std::path::Path;

/// Below this part of memory, in percent, a wave of people may have the system end programs.
const MEMORY_SHORT: u64 = 10;
/// Memory that an idle connection takes.
const OF_A_CONNECTION: u64 = 12 * 1_024;
/// Fewer open files than this are a system's default rather than somebody's choice.
const FILES_FEW: usize = 4_096;
/// Where systemd says that the time has been set by NTP.
const SYNCHRONISED: &str = "/run/systemd/timesync/synchronized";

/// A machine, as far as it is looked at.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    pub(super) memory: Memory,
    pub(super) files: Files,
    /// Those that this process may use.
    pub(super) processors: usize,
    /// How many connections the system keeps that have not been taken yet; None where it does not say.
    pub(super) backlog: Option<u32>,
    /// Whether NTP is known to have set the clock.
    pub(super) is_synchronised: bool,
}

impl Machine {
    /// This one.
    pub(super) fn read() -> Self {
        let backlog = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
        Self {
            memory: machine::memory(),
            files: machine::files(),
            processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            backlog: backlog.ok().and_then(|text| text.trim().parse().ok()),
            is_synchronised: Path::new(SYNCHRONISED).exists(),
        }
    }
}

pub(super) fn checks(machine: &Machine, config: &Config) -> Vec<Check> {
    vec![memory(machine, config), files(machine, config), processors(machine, config), backlog(machine), clock(machine)]
}

fn memory(machine: &Machine, config: &Config) -> Check {
    let (name, memory) = ("memory", machine.memory);
    if memory.total == 0 {
        return Check::unknown(name, "the system does not tell");
    }
    let left = percent(memory.available, memory.total);
    let found = format!("{} of {} are available ({left} %)", size(memory.available), size(memory.total));
    if !memory.is_low() {
        return Check::ok(name, found);
    }
    // Half of what is left, for those who are not here yet.
    let connections = usize::try_from(memory.available / 2 / OF_A_CONNECTION).unwrap_or(usize::MAX);
    let most = config.limits(machine.files.hard).connections.min(connections);
    let each = (most / config.workers.max(1)).max(1);
    let advice = "See which programs take it (`ps aux --sort=-rss`); every connection of the database is a process of PostgreSQL \
        too: lower DB_POOL_MAX where it runs on this machine.";
    let check =
        if left < MEMORY_SHORT { Check::problem(name, found, advice) } else { Check::warning(name, found, advice) };
    check.set("WORKER_CONNECTIONS", each).case(Case::HighMemory)
}

fn files(machine: &Machine, config: &Config) -> Check {
    let (name, Files { soft, hard }) = ("open files", machine.files);
    let connections = config.limits(hard).connections;
    let found = format!("{hard} may be open ({soft} before the server raises it): {connections} connections of people");
    let advice = "In the unit (minfds of supervisor, ulimits of a container), and restart the server.";
    let asked = config.worker_connections.map_or(0, |each| each.saturating_mul(config.workers));
    let check = if config.fits(hard).is_err() {
        let found = format!(
            "{hard} may be open, and more than half of them would be connections to the database (DB_POOL_MAX)"
        );
        let advice = "The server does not start. In the unit (minfds of supervisor, ulimits of a container); or lower DB_POOL_MAX.";
        Check::problem(name, found, advice).set("LimitNOFILE", config.files_needed())
    } else if asked > connections {
        let needed = config.files_for(asked);
        let found = format!("{found}, and not the {asked} of WORKERS times WORKER_CONNECTIONS");
        Check::warning(name, found, advice).set("LimitNOFILE", needed)
    } else if hard < FILES_FEW {
        Check::warning(name, found, advice).set("LimitNOFILE", 1_048_576)
    } else {
        Check::ok(name, found)
    };
    check.case(Case::TooManyConnections)
}

fn processors(machine: &Machine, config: &Config) -> Check {
    let (name, Machine { processors, .. }) = ("processors", machine);
    let found = format!(
        "processors: {processors}, workers: {}, threads for passwords: {}",
        config.workers,
        config.password_threads()
    );
    if config.workers > 2 * processors + 1 {
        let advice = "More threads than processors take turns and gain nothing.";
        let check = Check::warning(name, found, advice).set("WORKERS", processors);
        return check.case(Case::SlowResponses("processor"));
    }
    if config.password_threads() > *processors {
        let advice = "A wave of sign-ins would take all processors from those who sit an exam.";
        let check = Check::warning(name, found, advice).set("PASSWORD_THREADS", (processors / 2).max(1));
        return check.case(Case::SlowResponses("passwords"));
    }
    Check::ok(name, found)
}

fn backlog(machine: &Machine) -> Check {
    let name = "backlog";
    match machine.backlog {
        None => Check::unknown(name, "the system does not tell"),
        Some(kept) if kept < BACKLOG => {
            let found = format!(
                "the system keeps {kept} connections that have not been taken yet; the server asks for {BACKLOG}"
            );
            let advice = "With sysctl, and in /etc/sysctl.d/, for those who all arrive at the bell.";
            Check::warning(name, found, advice).set("net.core.somaxconn", BACKLOG)
        }
        Some(kept) => Check::ok(name, format!("the system keeps {kept} connections that have not been taken yet")),
    }
}

fn clock(machine: &Machine) -> Check {
    if machine.is_synchronised {
        Check::ok("time service", "the clock is set by NTP")
    } else {
        Check::unknown(
            "time service",
            "systemd-timesyncd has not set the clock; see `timedatectl` or `chronyc tracking`",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::Verdict;
    use super::*;
    use crate::config::DatabaseUrl;

    fn healthy() -> Machine {
        Machine {
            memory: Memory { total: 8 << 30, available: 5 << 30 },
            files: Files { soft: 1_024, hard: 1_000_000 },
            processors: 2,
            backlog: Some(4_096),
            is_synchronised: true,
        }
    }

    fn config() -> Config {
        Config { workers: 2, ..Config::default() }
    }

    fn check(machine: &Machine, config: &Config, name: &str) -> Check {
        checks(machine, config).into_iter().find(|check| check.name == name).expect("it is checked")
    }

    fn change(check: &Check) -> String {
        check.change.as_ref().map(|change| format!("{}={}", change.name, change.value)).expect("it names a variable")
    }

    #[test]
    fn a_healthy_machine_gives_no_finding() {
        assert!(checks(&healthy(), &config()).iter().all(|check| check.verdict == Verdict::Ok));
    }

    #[test]
    fn high_memory_usage_is_found_below_a_fifth_and_is_a_problem_below_a_tenth() {
        let with = |available| Machine { memory: Memory { total: 8 << 30, available }, ..healthy() };
        let low = check(&with((8 << 30) / 6), &config(), "memory");
        assert_eq!((low.verdict, low.cases.as_slice()), (Verdict::Warning, [Case::HighMemory].as_slice()));
        assert!(low.found.contains("1.3 GiB of 8.0 GiB are available (16 %)"), "{}", low.found);
        // Half of 1.3 GiB, at 12 KiB each, for two workers.
        assert_eq!(change(&low), "WORKER_CONNECTIONS=29127");
        assert_eq!(check(&with(500 << 20), &config(), "memory").verdict, Verdict::Problem);
        assert_eq!(check(&with((8 << 30) / 4), &config(), "memory").verdict, Verdict::Ok);
        let unknown = Machine { memory: Memory::default(), ..healthy() };
        assert_eq!(check(&unknown, &config(), "memory").verdict, Verdict::Unknown);
    }

    #[test]
    fn a_limit_of_files_that_allows_fewer_connections_than_are_asked_for_is_told() {
        let few = Machine { files: Files { soft: 1_024, hard: 1_024 }, ..healthy() };
        let told = check(&few, &config(), "open files");
        assert_eq!((told.verdict, change(&told).as_str()), (Verdict::Warning, "LimitNOFILE=1048576"));
        let asked = Config { worker_connections: Some(5_000), ..config() };
        let some = Machine { files: Files { soft: 1_024, hard: 8_192 }, ..healthy() };
        let told = check(&some, &asked, "open files");
        assert!(told.found.contains("and not the 10000 of WORKERS"), "{}", told.found);
        let needed: usize = change(&told).trim_start_matches("LimitNOFILE=").parse().expect("a number");
        assert!(asked.limits(needed).connections >= 10_000, "{needed} would do");
        assert_eq!(check(&healthy(), &asked, "open files").verdict, Verdict::Ok);
    }

    #[test]
    fn a_pool_that_takes_half_of_the_files_is_a_problem() {
        let few = Machine { files: Files { soft: 1_024, hard: 1_024 }, ..healthy() };
        let large = Config { db_pool_max: 1_000, ..config() };
        assert_eq!(check(&few, &large, "open files").verdict, Verdict::Warning, "the embedded one has seventeen");
        let url = DatabaseUrl::parse("postgres://db/exams").expect("an address");
        let told = check(&few, &Config { database_url: Some(url), ..large }, "open files");
        assert_eq!((told.verdict, change(&told).as_str()), (Verdict::Problem, "LimitNOFILE=2128"));
    }

    #[test]
    fn threads_beyond_the_processors_and_a_short_backlog_are_told() {
        let many = check(&healthy(), &Config { workers: 6, ..config() }, "processors");
        assert_eq!((many.verdict, change(&many).as_str()), (Verdict::Warning, "WORKERS=2"));
        assert_eq!(
            check(&healthy(), &Config { workers: 5, ..config() }, "processors").verdict,
            Verdict::Ok,
            "2n+1 does no harm"
        );
        let hashing = check(&healthy(), &Config { password_threads: Some(4), ..config() }, "processors");
        assert_eq!(change(&hashing), "PASSWORD_THREADS=1");
        let short = check(&Machine { backlog: Some(128), ..healthy() }, &config(), "backlog");
        assert_eq!(change(&short), "net.core.somaxconn=4096");
        assert_eq!(
            check(&Machine { is_synchronised: false, ..healthy() }, &config(), "time service").verdict,
            Verdict::Unknown
        );
    }

    #[test]
    fn this_machine_can_be_read() {
        let machine = Machine::read();
        assert!(machine.memory.total > 0 && machine.files.hard > 0 && machine.processors > 0, "{machine:?}");
    }
}
