//! Metrics in the text form that Prometheus reads (OpenMetrics 1.0).

use super::{BOUNDS, Metric, STATUSES};
use crate::app::App;
use crate::http::policy::Class;
use crate::operations::Figures;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text};
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use store::COMMIT_BOUNDS_MS;

/// One value of a metric, with its labels.
type Labelled<'a> = (Vec<(&'a str, &'a str)>, f64);

/// Everything that is told at one moment.
struct Moment {
    app: App,
    figures: Arc<Figures>,
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Moment")
    }
}

/// Writes all metrics.
///
/// # Errors
/// When a name or label cannot be written, which is a defect.
pub fn write(app: &App, figures: Arc<Figures>) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Moment { app: app.clone(), figures }));
    let mut out = String::new();
    text::encode(&mut out, &registry)?;
    Ok(out)
}

/// A count as a number of the format, which knows no others.
#[expect(clippy::cast_precision_loss, reason = "above 2^53 a count may be off by one")]
fn number(count: u64) -> f64 {
    count as f64
}

fn count(count: usize) -> f64 {
    number(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Writes the values of one metric, which is left out when there are none.
fn values(encoder: &mut DescriptorEncoder<'_>, metric: Metric, values: &[Labelled<'_>]) -> fmt::Result {
    if values.is_empty() {
        return Ok(());
    }
    let mut written = encoder.encode_descriptor(metric.name, metric.help, None, metric.kind)?;
    for (labels, value) in values {
        if labels.is_empty() {
            one(&mut written, metric, *value)?;
        } else {
            one(&mut written.encode_family(labels)?, metric, *value)?;
        }
    }
    Ok(())
}

fn one(encoder: &mut MetricEncoder<'_>, metric: Metric, value: f64) -> fmt::Result {
    match metric.kind {
        prometheus_client::metrics::MetricType::Counter => encoder.encode_counter::<NoLabelSet, _, f64>(&value, None),
        _ => encoder.encode_gauge(&value),
    }
}

fn value(encoder: &mut DescriptorEncoder<'_>, metric: Metric, value: f64) -> fmt::Result {
    values(encoder, metric, &[(Vec::new(), value)])
}

/// Counts by upper bounds in seconds; the last count is above all of them.
fn buckets(bounds: impl Iterator<Item = f64>, counts: &[u64]) -> Vec<(f64, u64)> {
    bounds.chain([f64::INFINITY]).zip(counts.iter().copied()).collect()
}

impl Collector for Moment {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let encoder = &mut encoder;
        self.process(encoder)?;
        self.requests(encoder)?;
        self.people(encoder)?;
        self.saves(encoder)?;
        self.database(encoder)
    }
}

impl Moment {
    fn process(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let Figures { process, memory, .. } = &*self.figures;
        values(encoder, super::BUILD_INFO, &[(vec![("version", env!("CARGO_PKG_VERSION"))], 1.0)])?;
        value(encoder, super::START_TIME, process.started_at)?;
        value(encoder, super::CPU, process.cpu.as_secs_f64())?;
        value(encoder, super::RESIDENT, number(process.resident))?;
        value(encoder, super::FILES, number(process.files))?;
        value(encoder, super::FILES_MAX, number(process.files_max))?;
        value(encoder, super::THREADS, number(process.threads))?;
        let memory = [("total", memory.total), ("available", memory.available)];
        values(encoder, super::MACHINE_MEMORY, &memory.map(|(state, bytes)| (vec![("state", state)], number(bytes))))?;
        value(encoder, super::TAKES_STARTS, f64::from(u8::from(self.figures.takes_starts)))?;
        if let Some(free) = self.figures.disk_free {
            value(encoder, super::DISK_FREE, number(free))?;
        }
        value(encoder, super::WORKERS, count(self.figures.workers))?;
        value(encoder, super::SCHEDULER_DELAY, self.figures.delay.as_secs_f64())?;
        value(encoder, super::READY, f64::from(u8::from(self.figures.reasons.is_empty())))?;
        value(encoder, super::SATURATION, self.figures.saturation())
    }

    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let connections = &self.app.connections;
        values(encoder, super::CONNECTIONS, &[(vec![("state", "open")], count(connections.open()))])?;
        value(encoder, super::CONNECTIONS_LIMIT, count(connections.most()))?;
        value(encoder, super::CONNECTIONS_REFUSED, number(connections.refused()))?;
        let mut requests = Vec::new();
        for class in Class::ALL {
            for (status, answered) in STATUSES.into_iter().zip(self.app.metrics.by_status(class)) {
                requests.push((vec![("class", class.name()), ("status", status)], number(answered)));
            }
        }
        values(encoder, super::REQUESTS, &requests)?;
        let metric = super::REQUEST_DURATION;
        let mut written = encoder.encode_descriptor(metric.name, metric.help, None, metric.kind)?;
        for class in Class::ALL {
            let (sum, counts) = self.app.metrics.durations(class).read();
            let buckets = buckets(BOUNDS.into_iter(), &counts);
            let labels = [("class", class.name())];
            let mut of_class = written.encode_family(&labels)?;
            of_class.encode_histogram::<NoLabelSet>(sum, counts.iter().sum(), &buckets, None)?;
        }
        Ok(())
    }

    fn people(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let admission = &self.app.admission;
        value(encoder, super::ADMISSION_LEVEL, f64::from(admission.level() as u8))?;
        value(encoder, super::ADMISSION_PRESSURE, f64::from(admission.pressure()))?;
        let refused = admission.refused().map(|(class, refused)| (vec![("class", class.name())], number(refused)));
        values(encoder, super::ADMISSION_REFUSED, &refused)?;
        value(encoder, super::WAITING, number(admission.room.waiting()))?;
        value(encoder, super::INSIDE, count(self.figures.inside))?;
        let limited = self.app.rates.refused().map(|(scope, refused)| (vec![("scope", scope.name())], number(refused)));
        values(encoder, super::RATE_LIMITED, &limited)?;
        let hashing = self.app.passwords.figures();
        value(encoder, super::PASSWORD_QUEUE, count(hashing.waiting))?;
        value(encoder, super::PASSWORD_THREADS, count(hashing.threads))?;
        value(encoder, super::PASSWORD_HASHES, number(hashing.done))?;
        value(encoder, super::PASSWORD_REFUSED, number(hashing.refused))?;
        value(encoder, super::PASSWORD_SECONDS, hashing.took.as_secs_f64())
    }

    fn saves(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let queue = &self.figures.queue;
        value(encoder, super::QUEUE_JOBS, count(queue.jobs))?;
        value(encoder, super::QUEUE_AGE, queue.oldest.as_secs_f64())?;
        value(encoder, super::QUEUE_REFUSED, number(queue.refused))?;
        value(encoder, super::COMMITS, number(queue.commits.count))?;
        value(encoder, super::COMMIT_JOBS, number(queue.commits.jobs))?;
        let metric = super::COMMIT_DURATION;
        let bounds = COMMIT_BOUNDS_MS.into_iter().map(|ms| Duration::from_millis(ms).as_secs_f64());
        let buckets = buckets(bounds, &queue.commits.by_duration);
        let mut written = encoder.encode_descriptor(metric.name, metric.help, None, metric.kind)?;
        let all = queue.commits.by_duration.iter().sum();
        written.encode_histogram::<NoLabelSet>(queue.commits.took.as_secs_f64(), all, &buckets, None)
    }

    fn database(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let pool = &self.figures.pool;
        let states =
            [("idle", f64::from(pool.idle)), ("in_use", f64::from(pool.in_use)), ("waiting", count(pool.waiting))];
        values(encoder, super::POOL, &states.map(|(state, value)| (vec![("state", state)], value)))?;
        value(encoder, super::POOL_MAX, f64::from(self.figures.pool.most))?;
        value(encoder, super::POOL_MIN, f64::from(self.figures.pool.least))?;
        let backends =
            self.figures.backends.iter().map(|(state, backends)| {
                (vec![("state", state.as_str())], number(u64::try_from(*backends).unwrap_or(0)))
            });
        values(encoder, super::BACKENDS, &backends.collect::<Vec<_>>())?;
        if let Some(most) = self.figures.backends_max {
            value(encoder, super::BACKENDS_MAX, number(u64::try_from(most).unwrap_or(0)))?;
        }
        let apart = self.app.clocks.apart_ms().unwrap_or(0).unsigned_abs();
        value(encoder, super::CLOCK_APART, Duration::from_millis(apart).as_secs_f64())
    }
}
