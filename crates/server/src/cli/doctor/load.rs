//! What the figures of a running server say.

use super::check::{Case, Check};
use super::figures::{Figures, Pair};
use super::running::LATE;
use super::wording::{size, time};
use crate::config::Config;
use std::time::Duration;

/// What the figures say; of a figure that is not there, that it is not.
pub(super) fn checks(pair: &Pair, config: &Config) -> Vec<Check> {
    vec![
        requests(pair),
        connections(pair, config),
        pool(pair, config),
        saves(pair),
        processor(pair),
        passwords(pair, config),
        memory(pair),
        files(pair),
        clock(pair),
        saturation(pair),
    ]
    .into_iter()
    .zip(FIGURES)
    .map(|(check, name)| check.unwrap_or_else(|| Check::unknown(name, "the server does not tell")))
    .collect()
}

/// The names of those checks, in the same order.
const FIGURES: [&str; 10] = [
    "requests",
    "connections of people",
    "pool",
    "saves",
    "processor",
    "passwords",
    "memory of the server",
    "files of the server",
    "clock of the server",
    "saturation",
];

/// The classes of requests that people wait for, and how they are called here.
const CLASSES: [(&str, &str); 5] = [
    ("save", "saves"),
    ("sitting", "pages of exams"),
    ("start", "starts"),
    ("sign_in", "sign-ins"),
    ("browse", "other pages"),
];

fn requests(pair: &Pair) -> Option<Check> {
    let name = FIGURES[0];
    let average = |class| pair.average("examhall_http_request_duration_seconds", Some(("class", class)));
    let of_class = CLASSES.iter().filter_map(|(class, plural)| Some((*plural, average(*class)?)));
    let averages: Vec<(&str, f64)> = of_class.collect();
    if averages.is_empty() {
        pair.after.sum("examhall_http_request_duration_seconds_count")?;
        return Some(Check::ok(name, "none yet but probes"));
    }
    let found: Vec<String> = averages.iter().map(|(class, took)| format!("{class} {}", seconds(*took))).collect();
    let found = format!("on average {}", found.join(", "));
    match averages.iter().find(|(_, took)| *took > LATE.as_secs_f64()) {
        None => Some(Check::ok(name, found)),
        Some((class, _)) => {
            let advice =
                "The other checks tell what makes them slow; if all of those are ok, it is over, or was before.";
            Some(Check::warning(name, found, advice).case(Case::SlowResponses(class)))
        }
    }
}

fn connections(pair: &Pair, config: &Config) -> Option<Check> {
    let name = FIGURES[1];
    let open = pair.after.labelled("examhall_http_connections", "state", "open")?;
    let most = pair.after.get("examhall_http_connections_limit")?;
    let (growing, refused) = pair.growth("examhall_http_connections_refused_total")?;
    let found = format!("{open} of {most} are open; {refused} were refused since the start");
    let advice = "See what limits them: WORKER_CONNECTIONS where it is set, else the limit of open files (LimitNOFILE). A lower \
        KEEPALIVE frees idle ones sooner.";
    let check = if growing > 0.0 {
        Check::problem(name, format!("{found}, {growing} of them in the last second"), advice)
    } else if open > 0.8 * most || refused > 0.0 {
        Check::warning(name, found, advice)
    } else {
        return Some(Check::ok(name, found));
    };
    let check = match config.worker_connections {
        Some(each) => check.set("WORKER_CONNECTIONS", each.saturating_mul(2)),
        None => check.set("LimitNOFILE", 1_048_576),
    };
    Some(check.case(Case::TooManyConnections))
}

fn pool(pair: &Pair, config: &Config) -> Option<Check> {
    let name = FIGURES[2];
    let of = |figures: &Figures, state| figures.labelled("examhall_db_pool_connections", "state", state);
    let waiting = pair.lasting(|figures| of(figures, "waiting"))?;
    let (idle, in_use) = (of(&pair.after, "idle")?, of(&pair.after, "in_use")?);
    let most = pair.after.get("examhall_db_pool_max")?;
    let found = format!("{in_use} connections in use, {idle} idle, {most} at most; {waiting} requests wait for one");
    if waiting <= 0.0 {
        return Some(Check::ok(name, found));
    }
    let is_away = pair.after.get("examhall_ready").is_some_and(|ready| ready < 1.0);
    let check = if is_away {
        Check::warning(
            name,
            found,
            "The server is not ready: see why first. Who waits for a database that is away needs no more connections.",
        )
    } else if config.database_url.is_some() {
        let advice = "If the database's processors are not full and nobody waits for a lock; all servers together must stay below \
            max_connections. If they are full, more connections make it slower.";
        let check = Check::warning(name, found, advice);
        // What PostgreSQL takes besides is for people and backups.
        let room = pair.after.get("examhall_db_max_connections").map_or(f64::INFINITY, |most| most - 10.0);
        let more = config.db_pool_max.saturating_mul(2);
        if f64::from(more) <= room { check.set("DB_POOL_MAX", more) } else { check }
    } else {
        let advice = "In a crowd that passes. If it does not: one at a time writes to the embedded database, so look at the disk (saves), and \
            16 at most read it, so look for somebody who reads for long. What it cannot carry, PostgreSQL may.";
        Check::warning(name, found, advice)
    };
    Some(check.case(Case::TooManyConnections).case(Case::SlowResponses("pool waiting")))
}

fn saves(pair: &Pair) -> Option<Check> {
    let name = FIGURES[3];
    let age = pair.lasting(|figures| figures.get("examhall_save_queue_age_seconds"))?;
    let jobs = pair.after.get("examhall_save_queue_jobs")?;
    let (refusing, refused) = pair.growth("examhall_save_queue_refused_total").unwrap_or((0.0, 0.0));
    let commit = pair.average("examhall_commit_duration_seconds", None);
    let commits = commit
        .map_or_else(|| "nothing was committed yet".into(), |commit| format!("a commit takes {}", seconds(commit)));
    let found =
        format!("{jobs} wait, the oldest for {}; {commits}; {refused} were refused since the start", seconds(age));
    let slow = |check: Check| Some(check.case(Case::SlowResponses("commit time")));
    let advice = "The disk or the database below: see the checks of commits and locks.";
    if age > 1.0 || refusing > 0.0 {
        slow(Check::problem(name, found, advice))
    } else if age > 0.1 || commit.is_some_and(|commit| commit > 0.05) {
        slow(Check::warning(name, found, advice))
    } else {
        Some(Check::ok(name, found))
    }
}

fn processor(pair: &Pair) -> Option<Check> {
    let name = FIGURES[4];
    let late = pair.lasting(|figures| figures.get("examhall_scheduler_delay_seconds"))?;
    let (used, _) = pair.growth("process_cpu_seconds_total")?;
    let workers = pair.after.get("examhall_worker_threads")?;
    let found =
        format!("tasks are run {} late; {used:.1} of {workers} workers were busy in the last second", seconds(late));
    let advice = "Too much to do, or others on the machine: move backups or PostgreSQL away, add processors or a server, and lower \
        PASSWORD_THREADS during a wave of sign-ins.";
    if late > 0.02 {
        return Some(Check::warning(name, found, advice).case(Case::SlowResponses("processor")));
    }
    Some(Check::ok(name, found))
}

fn passwords(pair: &Pair, config: &Config) -> Option<Check> {
    let name = FIGURES[5];
    let waiting = pair.lasting(|figures| figures.get("examhall_password_queue"))?;
    let threads = pair.after.get("examhall_password_threads")?;
    let each = pair.after.get("examhall_password_seconds").unwrap_or(0.0);
    let wait = waiting * each / threads.max(1.0);
    let found = format!("{waiting} wait to be hashed on {threads} threads: {}", seconds(wait));
    if wait <= 1.0 {
        return Some(Check::ok(name, found));
    }
    let advice =
        "It passes by itself; let people sign in earlier. More threads make it pass sooner and everything else slower.";
    let check =
        Check::warning(name, found, advice).set("PASSWORD_THREADS", config.password_threads().saturating_mul(2));
    Some(check.case(Case::SlowResponses("passwords")))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bytes, from a figure that is never negative"
)]
fn bytes(figure: f64) -> u64 {
    figure as u64
}

fn memory(pair: &Pair) -> Option<Check> {
    let name = FIGURES[6];
    let resident = pair.after.get("process_resident_memory_bytes")?;
    let of = |state| pair.after.labelled("examhall_machine_memory_bytes", "state", state);
    let (total, available) = (of("total")?, of("available")?);
    let found =
        format!("{} of {}; {} are available", size(bytes(resident)), size(bytes(total)), size(bytes(available)));
    if total <= 0.0 || available >= 0.2 * total {
        return Some(Check::ok(name, found));
    }
    let check = if resident > 0.5 * total {
        let advice = "The server itself takes most of it: fewer connections take less, and a fresh process after so many requests gives \
            back what was lost. Please report how it grew.";
        Check::warning(name, found, advice).set("MAX_REQUESTS", 200_000)
    } else {
        Check::warning(name, found, "Other programs take it: `ps aux --sort=-rss` names them.")
    };
    Some(check.case(Case::HighMemory))
}

fn files(pair: &Pair) -> Option<Check> {
    let name = FIGURES[7];
    let (open, most) = (pair.after.get("process_open_fds")?, pair.after.get("process_max_fds")?);
    let found = format!("{open} of {most} are open");
    if open <= 0.8 * most {
        return Some(Check::ok(name, found));
    }
    let check = Check::warning(name, found, "In the unit, and restart the server.").set("LimitNOFILE", 1_048_576);
    Some(check.case(Case::TooManyConnections))
}

fn clock(pair: &Pair) -> Option<Check> {
    let name = FIGURES[8];
    let apart = pair.after.get("examhall_clock_apart_seconds")?;
    if apart == 0.0 {
        return Some(Check::ok(name, "it agrees with the database's"));
    }
    let found =
        format!("it is {} apart from the database's: starts, saves and submits are refused", seconds(apart.abs()));
    Some(Check::problem(name, found, "Run NTP on both machines, then restart the server."))
}

fn saturation(pair: &Pair) -> Option<Check> {
    let name = FIGURES[9];
    let full = pair.lasting(|figures| figures.get("examhall_saturation"))?;
    let found = format!("{full:.2}, where 1 is as much as this server can take");
    if full < 0.9 {
        return Some(Check::ok(name, found));
    }
    let check = Check::warning(name, found, "Add a server, or see above for what is full; scale out at 0.6.");
    Some(check.case(Case::SlowResponses("a full server")))
}

fn seconds(seconds: f64) -> String {
    time(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::check::Verdict;
    use super::*;
    use crate::config::DatabaseUrl;

    const HEALTHY: &str = "examhall_http_request_duration_seconds_sum{class=\"save\"} 3\n\
        examhall_http_request_duration_seconds_count{class=\"save\"} 1000\n\
        examhall_http_connections{state=\"open\"} 10\nexamhall_http_connections_limit 1000\n\
        examhall_http_connections_refused_total 0\nexamhall_db_pool_connections{state=\"idle\"} 4\n\
        examhall_db_pool_connections{state=\"in_use\"} 1\nexamhall_db_pool_connections{state=\"waiting\"} 0\nexamhall_db_pool_max 50\n\
        examhall_save_queue_age_seconds 0.002\nexamhall_save_queue_jobs 1\nexamhall_save_queue_refused_total 0\n\
        examhall_commit_duration_seconds_sum 2\nexamhall_commit_duration_seconds_count 1000\n\
        examhall_scheduler_delay_seconds 0.0004\nprocess_cpu_seconds_total 5\nexamhall_worker_threads 2\n\
        examhall_password_queue 0\nexamhall_password_threads 1\nexamhall_password_seconds 0.04\n\
        process_resident_memory_bytes 80000000\nexamhall_machine_memory_bytes{state=\"total\"} 8000000000\n\
        examhall_machine_memory_bytes{state=\"available\"} 4000000000\nprocess_open_fds 30\nprocess_max_fds 20000\n\
        examhall_clock_apart_seconds 0\nexamhall_saturation 0.1\n";

    /// The checks of a server of which some figures are others.
    fn with(changed: &[(&str, &str)]) -> Vec<Check> {
        let mut after = HEALTHY.to_owned();
        let mut before = HEALTHY.to_owned();
        for (name, value) in changed {
            let line = HEALTHY.lines().find(|line| line.starts_with(name)).expect("there is such a figure");
            after = after.replace(line, &format!("{name} {value}"));
            // A counter has grown, a gauge stands still.
            if !name.ends_with("_total") {
                before = before.replace(line, &format!("{name} {value}"));
            }
        }
        let pair = Pair { before: Figures::read(&before), after: Figures::read(&after) };
        checks(&pair, &Config { workers: 2, ..Config::default() })
    }

    fn found(changed: &[(&str, &str)]) -> Vec<(Verdict, Vec<Case>)> {
        with(changed).into_iter().filter(Check::is_finding).map(|check| (check.verdict, check.cases)).collect()
    }

    #[test]
    fn a_healthy_server_gives_no_finding_and_a_silent_one_no_verdict() {
        assert_eq!(with(&[]).iter().filter(|check| check.verdict == Verdict::Ok).count(), FIGURES.len());
        let nothing = Pair { before: Figures::default(), after: Figures::default() };
        let all = checks(&nothing, &Config::default());
        assert!(all.iter().all(|check| check.verdict == Verdict::Unknown), "{all:?}");
    }

    #[test]
    fn each_figure_tells_its_case() {
        let slow = |cause| vec![Case::SlowResponses(cause)];
        for (name, value, verdict, case) in [
            ("examhall_http_request_duration_seconds_sum{class=\"save\"}", "300", Verdict::Warning, slow("saves")),
            ("examhall_http_connections{state=\"open\"}", "900", Verdict::Warning, vec![Case::TooManyConnections]),
            ("examhall_http_connections_refused_total", "5", Verdict::Problem, vec![Case::TooManyConnections]),
            (
                "examhall_db_pool_connections{state=\"waiting\"}",
                "3",
                Verdict::Warning,
                vec![Case::TooManyConnections, Case::SlowResponses("pool waiting")],
            ),
            ("examhall_save_queue_age_seconds", "0.4", Verdict::Warning, slow("commit time")),
            ("examhall_save_queue_age_seconds", "4", Verdict::Problem, slow("commit time")),
            ("examhall_save_queue_refused_total", "1", Verdict::Problem, slow("commit time")),
            ("examhall_commit_duration_seconds_sum", "200", Verdict::Warning, slow("commit time")),
            ("examhall_scheduler_delay_seconds", "0.06", Verdict::Warning, slow("processor")),
            ("examhall_password_queue", "100", Verdict::Warning, slow("passwords")),
            (
                "examhall_machine_memory_bytes{state=\"available\"}",
                "900000000",
                Verdict::Warning,
                vec![Case::HighMemory],
            ),
            ("process_open_fds", "19000", Verdict::Warning, vec![Case::TooManyConnections]),
            ("examhall_clock_apart_seconds", "0.4", Verdict::Problem, Vec::new()),
            ("examhall_saturation", "1.4", Verdict::Warning, slow("a full server")),
        ] {
            assert_eq!(found(&[(name, value)]), [(verdict, case)], "{name}");
        }
    }

    #[test]
    fn more_connections_are_advised_where_they_may_help() {
        let waits = HEALTHY.replace("{state=\"waiting\"} 0", "{state=\"waiting\"} 3");
        let change = |config: &Config| {
            let pair = Pair { before: Figures::read(&waits), after: Figures::read(&waits) };
            let check = checks(&pair, config).into_iter().find(Check::is_finding).expect("it is found");
            check.change.map(|change| format!("{}={}", change.name, change.value))
        };
        assert_eq!(change(&Config::default()), None, "of the embedded database there are always as many");
        let url = DatabaseUrl::parse("postgres://db/exams").expect("an address");
        let on_postgres = Config { database_url: Some(url), ..Config::default() };
        assert_eq!(change(&on_postgres).as_deref(), Some("DB_POOL_MAX=100"));
        for known in ["examhall_db_max_connections 100\n", "examhall_ready 0\n"] {
            let pair = Pair { before: Figures::read(&waits), after: Figures::read(&format!("{known}{waits}")) };
            let check = checks(&pair, &on_postgres).into_iter().find(Check::is_finding).expect("it is found");
            assert!(check.change.is_none(), "{known}");
        }
    }

    #[test]
    fn a_server_that_grew_is_told_from_one_among_greedy_neighbours() {
        let low = ("examhall_machine_memory_bytes{state=\"available\"}", "900000000");
        let change = |changed: &[(&str, &str)]| {
            let check = with(changed).into_iter().find(Check::is_finding).expect("it is found");
            check.change.map(|change| change.name)
        };
        assert_eq!(change(&[low]), None);
        assert_eq!(change(&[low, ("process_resident_memory_bytes", "6000000000")]), Some("MAX_REQUESTS"));
    }
}
