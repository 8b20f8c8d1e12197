//! How figures are written.

use crate::http::policy::Class;
use crate::metrics::BOUNDS;
use crate::operations::Look;
use crate::view::page::Page;

/// Who is let in, by the last class that is.
pub(super) fn level(page: &Page, look: &Look) -> String {
    if !look.admission {
        return page.t("operations-level-off");
    }
    page.t(match look.level {
        Class::Report => "operations-level-report",
        Class::Browse => "operations-level-browse",
        Class::SignIn => "operations-level-sign-in",
        Class::Start => "operations-level-start",
        Class::Sitting => "operations-level-sitting",
        Class::Save | Class::Probe => "operations-level-save",
    })
}

#[expect(clippy::cast_precision_loss, reason = "above 2^53 a count may be off by one")]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

pub(super) fn real_size(count: usize) -> f64 {
    real(u64::try_from(count).unwrap_or(u64::MAX))
}

pub(super) fn count(page: &Page, count: u64) -> String {
    page.t1("number", "value", count)
}

pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    let factor = 10_f64.powi(decimals);
    (value * factor).round() / factor
}

/// A time in seconds, as short as it can be read.
pub(super) fn time(page: &Page, seconds: f64) -> String {
    if seconds.is_infinite() {
        let last = BOUNDS.last().copied().unwrap_or_default();
        page.t1("operations-longer", "seconds", last)
    } else if seconds < 0.009_95 {
        page.t1("operations-ms", "value", rounded(seconds * 1_000.0, 1))
    } else if seconds < 0.999_5 {
        page.t1("operations-ms", "value", rounded(seconds * 1_000.0, 0))
    } else {
        page.t1("operations-s", "value", rounded(seconds, 1))
    }
}

pub(super) fn time_or_none(page: &Page, seconds: Option<f64>) -> String {
    seconds.map_or_else(|| page.t("no-value"), |seconds| time(page, seconds))
}

pub(super) fn memory(page: &Page, bytes: u64) -> String {
    let mib = real(bytes) / 1_048_576.0;
    if mib < 1_024.0 {
        page.t1("operations-mib", "value", rounded(mib, 0))
    } else {
        page.t1("operations-gib", "value", rounded(mib / 1_024.0, 1))
    }
}

/// More than four fifths.
pub(super) fn is_nearly(part: f64, of: f64) -> bool {
    of > 0.0 && part > 0.8 * of
}

pub(super) fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
