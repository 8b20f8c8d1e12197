//! Every metric: its name, its kind and what it means; and what is counted of requests.
//!
//! Names and labels are for dashboards and alerts of others, and stay. docs/operations.md tells what to look at.

mod text;

pub use text::write;

use crate::http::policy::Class;
use axum::http::StatusCode;
use prometheus_client::metrics::MetricType;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A metric: how it is called, of what kind it is, and what it tells.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, without the `_total` that counters get.
    pub name: &'static str,
    /// Counter, gauge or histogram.
    pub kind: MetricType,
    /// A sentence without its full stop.
    pub help: &'static str,
}

/// Declares the metrics, each as a constant, and the list of all of them.
macro_rules! metrics {
    ($($id:ident $kind:ident $name:literal $help:literal;)+) => {
        $(#[doc = $help] pub const $id: Metric = Metric { name: $name, kind: MetricType::$kind, help: $help };)+
        /// All of them.
        pub const ALL: &[Metric] = &[$($id),+];
    };
}

metrics! {
    BUILD_INFO Gauge "examhall_build_info" "The version that runs, always 1";
    START_TIME Gauge "process_start_time_seconds" "When the process was started, in seconds since 1970";
    CPU Counter "process_cpu_seconds" "Processor time used, in seconds";
    RESIDENT Gauge "process_resident_memory_bytes" "Memory in use, in bytes";
    FILES Gauge "process_open_fds" "Open files, connections among them";
    FILES_MAX Gauge "process_max_fds" "How many files may be open";
    THREADS Gauge "process_threads" "Threads";
    MACHINE_MEMORY Gauge "examhall_machine_memory_bytes" "Memory of the machine or container by state (total, available), in bytes";
    WORKERS Gauge "examhall_worker_threads" "Threads that run requests";
    SCHEDULER_DELAY Gauge "examhall_scheduler_delay_seconds" "How late tasks are run that are due, on average of the last tenth of a second";
    CONNECTIONS Gauge "examhall_http_connections" "Connections of clients by state (open)";
    CONNECTIONS_LIMIT Gauge "examhall_http_connections_limit" "How many connections of clients may be open at once";
    CONNECTIONS_REFUSED Counter "examhall_http_connections_refused" "Connections that were refused because as many were open as may be";
    REQUESTS Counter "examhall_http_requests" "Requests by class of their route and by class of the answer's status";
    REQUEST_DURATION Histogram "examhall_http_request_duration_seconds" "Time from the head of a request to the head of its answer, by class";
    ADMISSION_LEVEL Gauge "examhall_admission_level" "The last class of requests that is not held back as far as can be: 6 is all is well, 1 is saves only";
    ADMISSION_PRESSURE Gauge "examhall_admission_pressure" "How far the gates are shut, from 0 to 40";
    ADMISSION_REFUSED Counter "examhall_admission_refused" "Requests that were refused or sent to the waiting room, by class";
    WAITING Gauge "examhall_waiting_room_people" "People who have a number of the waiting room and have not been called";
    INSIDE Gauge "examhall_people_inside" "People who have asked for something in the last five minutes";
    RATE_LIMITED Counter "examhall_rate_limited" "Requests that were refused by a rate limit, by what was counted (account, attempt, address)";
    PASSWORD_QUEUE Gauge "examhall_password_queue" "Passwords that wait to be hashed or checked";
    PASSWORD_THREADS Gauge "examhall_password_threads" "Threads that hash passwords";
    PASSWORD_HASHES Counter "examhall_password_hashes" "Passwords that were hashed or checked";
    PASSWORD_REFUSED Counter "examhall_password_refused" "Passwords that were not, since too many were waiting";
    PASSWORD_SECONDS Gauge "examhall_password_seconds" "How long a hash takes, on average of the last ones";
    QUEUE_JOBS Gauge "examhall_save_queue_jobs" "Saves, forms and ends of attempts that wait or are being written";
    QUEUE_AGE Gauge "examhall_save_queue_age_seconds" "For how long the oldest of those has waited that are being written";
    QUEUE_REFUSED Counter "examhall_save_queue_refused" "Saves, forms and ends that were refused because the queue was full";
    COMMITS Counter "examhall_commits" "Transactions that wrote answers or ends of attempts";
    COMMIT_JOBS Counter "examhall_committed_jobs" "Saves, forms and ends that were written";
    COMMIT_DURATION Histogram "examhall_commit_duration_seconds" "Time from the beginning of such a transaction to the end of its commit";
    POOL Gauge "examhall_db_pool_connections" "Connections of this process to the database: idle, in use, and requests that wait for one";
    POOL_MAX Gauge "examhall_db_pool_max" "How many connections to the database there may be";
    POOL_MIN Gauge "examhall_db_pool_min" "How many connections to the database stay open";
    BACKENDS Gauge "examhall_db_backends" "Connections of everybody to the database, by state (PostgreSQL)";
    BACKENDS_MAX Gauge "examhall_db_max_connections" "How many connections the database server takes (PostgreSQL)";
    CLOCK_APART Gauge "examhall_clock_apart_seconds" "How far the clocks of server and database differ, where that is more than may be";
    TAKES_STARTS Gauge "examhall_takes_starts" "Whether attempts can be started: 0 when the database has taken none for ten seconds";
    DISK_FREE Gauge "examhall_disk_free_bytes" "Bytes that are free on the disk of the embedded database (SQLite)";
    READY Gauge "examhall_ready" "Whether the server is ready, as /readyz says";
    SATURATION Gauge "examhall_saturation" "What to scale on: 1 is as much as this server can take";
}

/// Upper bounds of the classes into which requests are counted by their duration, in seconds.
pub const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Durations, counted by class.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    sum_us: AtomicU64,
    counts: [AtomicU64; BOUNDS.len() + 1],
}

impl Durations {
    fn add(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let class = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.counts[class].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The sum in seconds, and how many there are of each class.
    pub(crate) fn read(&self) -> (f64, [u64; BOUNDS.len() + 1]) {
        let sum = Duration::from_micros(self.sum_us.load(Ordering::Relaxed));
        (sum.as_secs_f64(), std::array::from_fn(|class| self.counts[class].load(Ordering::Relaxed)))
    }
}

/// The classes of statuses that are told apart.
pub(crate) const STATUSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// Requests, counted.
#[derive(Debug, Default)]
pub struct Metrics {
    by_status: [[AtomicU64; STATUSES.len()]; Class::ALL.len()],
    durations: [Durations; Class::ALL.len()],
}

impl Metrics {
    /// Counts a request that has been answered.
    pub fn count(&self, class: Class, status: StatusCode, took: Duration) {
        let status = usize::from(status.as_u16() / 100).clamp(2, 5) - 2;
        self.by_status[class as usize][status].fetch_add(1, Ordering::Relaxed);
        self.durations[class as usize].add(took);
    }

    /// How many requests of a class were answered with each class of statuses.
    #[must_use]
    pub fn by_status(&self, class: Class) -> [u64; STATUSES.len()] {
        std::array::from_fn(|status| self.by_status[class as usize][status].load(Ordering::Relaxed))
    }

    /// How long requests of a class took.
    pub(crate) fn durations(&self, class: Class) -> &Durations {
        &self.durations[class as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_those_of_the_trade_and_each_is_there_once() {
        let names: BTreeSet<&str> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for metric in ALL {
            assert!(metric.name.starts_with("examhall_") || metric.name.starts_with("process_"), "{}", metric.name);
            assert!(!metric.name.ends_with("_total") && !metric.help.ends_with('.'), "{}", metric.name);
        }
    }

    #[test]
    fn a_request_counts_in_its_class_by_status_and_duration() {
        let metrics = Metrics::default();
        metrics.count(Class::Save, StatusCode::OK, Duration::from_millis(3));
        metrics.count(Class::Save, StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(60));
        metrics.count(Class::Browse, StatusCode::CONTINUE, Duration::ZERO);
        assert_eq!(metrics.by_status(Class::Save), [1, 0, 0, 1]);
        assert_eq!(metrics.by_status(Class::Browse), [1, 0, 0, 0]);
        let (sum, counts) = metrics.durations(Class::Save).read();
        assert!((sum - 60.003).abs() < 1e-9);
        assert_eq!((counts[2], counts[12], counts.iter().sum::<u64>()), (1, 1, 2));
    }
}
