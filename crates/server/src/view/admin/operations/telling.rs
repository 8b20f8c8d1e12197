//! What a look at the server saw, in words and with warnings.

use super::Said;
use super::words::{count, is_nearly, level, memory, real, real_size, time, whole};
use crate::operations::Look;
use crate::view::page::Page;
use std::collections::BTreeMap;

/// The figures of one look, as they are put into words.
pub(super) struct Telling<'a> {
    page: &'a Page,
    pub(super) said: BTreeMap<&'static str, Said>,
    pub(super) values: BTreeMap<&'static str, f64>,
    pub(super) warnings: Vec<String>,
}

impl<'a> Telling<'a> {
    /// Tells everything.
    pub(super) fn of(page: &'a Page, look: &Look) -> Self {
        let mut telling = Self { page, said: BTreeMap::new(), values: BTreeMap::new(), warnings: Vec::new() };
        telling.people(look);
        telling.saves(look);
        telling.connections(look);
        telling.database(look);
        telling.machine(look);
        telling
    }

    fn say(&mut self, place: &'static str, text: String) {
        self.said.insert(place, Said { text, warn: false });
    }

    /// Says a number and keeps it for the chart.
    fn number(&mut self, place: &'static str, number: usize) {
        self.say(place, self.page.t1("number", "value", number));
        self.values.insert(place, real_size(number));
    }

    /// Marks a figure that was said, and says why.
    fn warn_if(&mut self, is_so: bool, place: &'static str, why: impl FnOnce(&Page) -> String) {
        if !is_so {
            return;
        }
        if let Some(said) = self.said.get_mut(place) {
            said.warn = true;
        }
        self.warnings.push(why(self.page));
    }

    fn people(&mut self, look: &Look) {
        let (page, figures) = (self.page, &look.figures);
        self.number("inside", figures.inside);
        self.number("waiting", usize::try_from(figures.waiting).unwrap_or(usize::MAX));
        self.say("level", level(page, look));
        self.say("pressure", page.t2("n-of", "n", u64::from(look.pressure), "of", 40_u64));
        self.say("rate-limited", count(page, look.rate_limited));
        self.number("passwords", look.hashing.waiting);
        self.say("password-time", time(page, look.hashing.took.as_secs_f64()));
        self.say("password-threads", count(page, whole(look.hashing.threads)));
        self.say("password-refused", count(page, look.hashing.refused));
    }

    fn saves(&mut self, look: &Look) {
        let (page, queue) = (self.page, &look.figures.queue);
        self.number("queue", queue.jobs);
        self.say("queue-age", time(page, queue.oldest.as_secs_f64()));
        self.say("queue-written", count(page, queue.commits.jobs));
        self.say("queue-refused", count(page, queue.refused));
        let age = queue.oldest.as_secs_f64();
        self.warn_if(age > 1.0, "queue-age", |page| page.t1("operations-warn-queue", "time", time(page, age)));
        self.warn_if(!look.figures.takes_starts, "queue", |page| page.t("operations-warn-starting"));
    }

    fn connections(&mut self, look: &Look) {
        let (page, figures) = (self.page, &look.figures);
        let (open, most) = figures.connections;
        self.values.insert("open", real_size(open));
        self.say("open", if most == 0 { count(page, whole(open)) } else { page.t2("n-of", "n", open, "of", most) });
        self.warn_if(is_nearly(real_size(open), real_size(most)), "open", |page| {
            page.t2("operations-warn-connections", "open", open, "most", most)
        });
        self.say("refused", count(page, look.connections_refused));
        let (files, files_max) = (figures.process.files, figures.process.files_max);
        self.say(
            "files",
            if files_max == u64::MAX { count(page, files) } else { page.t2("n-of", "n", files, "of", files_max) },
        );
        self.warn_if(is_nearly(real(files), real(files_max)), "files", |page| {
            page.t2("operations-warn-files", "open", files, "most", files_max)
        });
    }

    fn database(&mut self, look: &Look) {
        let (page, figures) = (self.page, &look.figures);
        let pool = &figures.pool;
        self.say("pool-idle", count(page, u64::from(pool.idle)));
        self.say("pool-in-use", count(page, u64::from(pool.in_use)));
        self.number("pool-waiting", pool.waiting);
        self.values.insert("pool-in-use", f64::from(pool.in_use));
        self.values.insert("pool-max", f64::from(pool.most));
        self.say("pool", page.t2("n-of", "n", u64::from(pool.idle + pool.in_use), "of", u64::from(pool.most)));
        // More connections to a file would not make it any faster.
        let warning = if look.engine == "sqlite" { "operations-warn-pool-embedded" } else { "operations-warn-pool" };
        self.warn_if(pool.waiting > 0, "pool-waiting", |page| page.t1(warning, "waiting", whole(pool.waiting)));
        self.say("engine", look.engine.to_owned());
        let Some(most) = figures.backends_max else { return };
        let of = |is_it: &dyn Fn(&str) -> bool| -> i64 {
            figures.backends.iter().filter(|(state, _)| is_it(state)).map(|(_, count)| count).sum()
        };
        let all = of(&|_| true);
        let (active, idle) = (of(&|state| state == "active"), of(&|state| state == "idle"));
        let in_transaction = of(&|state| state.starts_with("idle_in_transaction"));
        self.say("backends", page.t2("n-of", "n", all, "of", most));
        self.say("backends-active", page.number(active));
        self.say("backends-idle", page.number(idle));
        self.say("backends-in-transaction", page.number(in_transaction));
        self.say("backends-other", page.number(all - active - idle - in_transaction));
        let most = u64::try_from(most).unwrap_or_default();
        self.warn_if(is_nearly(real(u64::try_from(all).unwrap_or_default()), real(most)), "backends", |page| {
            page.t2("operations-warn-backends", "open", all, "most", most)
        });
    }

    fn machine(&mut self, look: &Look) {
        let (page, figures) = (self.page, &look.figures);
        self.say("resident", memory(page, figures.process.resident));
        self.values.insert("resident", real(figures.process.resident));
        let of = figures.memory;
        let is_known = of.total > 0;
        let available = |page: &Page| page.t2("n-of", "n", memory(page, of.available), "of", memory(page, of.total));
        self.say("available", if is_known { available(page) } else { page.t("no-value") });
        let share = if is_known { 100.0 * real(of.available) / real(of.total) } else { 0.0 };
        self.say("available-share", if is_known { page.percent(share.floor()) } else { page.t("no-value") });
        self.warn_if(of.is_low(), "available-share", |page| {
            page.t1("operations-warn-memory", "available", available(page))
        });
        if of.is_low()
            && let Some(said) = self.said.get_mut("available")
        {
            said.warn = true;
        }
        let delay = figures.delay.as_secs_f64();
        // It is measured for admission only.
        self.say("delay", if look.admission { time(page, delay) } else { page.t("no-value") });
        self.warn_if(delay > 0.02, "delay", |page| page.t1("operations-warn-delay", "time", time(page, delay)));
        self.say("workers", count(page, whole(figures.workers)));
        self.say("threads", count(page, figures.process.threads));
        self.say("cpu-total", page.duration(i64::try_from(figures.process.cpu.as_secs()).unwrap_or(i64::MAX)));
        let saturation = 100.0 * figures.saturation();
        self.say("saturation", page.percent(saturation.min(999.0).round()));
        self.values.insert("saturation", saturation);
        self.warn_if(saturation > 90.0, "saturation", |page| page.t("operations-warn-saturation"));
        self.say("version", env!("CARGO_PKG_VERSION").to_owned());
        self.say("uptime", page.duration(i64::try_from(look.uptime.as_secs()).unwrap_or(i64::MAX)));
    }
}
