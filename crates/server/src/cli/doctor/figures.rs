//! The figures of a running server, as `/metrics` tells them.

use std::collections::BTreeMap;

/// Figures of one moment, by name and labels as they are written: `examhall_http_connections{state="open"}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// Reads the text form that Prometheus reads; lines that are no figures are left out.
    pub(super) fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        // What comes after the value, if anything, is a time.
        let figures = lines.filter_map(|line| {
            let end = line.find('}').map_or_else(|| line.find(' '), |brace| Some(brace + 1))?;
            let value = line[end..].split_whitespace().next()?.parse().ok()?;
            Some((line[..end].to_owned(), value))
        });
        Self(figures.collect())
    }

    /// A figure without labels.
    pub(super) fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// A figure with one label.
    pub(super) fn labelled(&self, name: &str, label: &str, value: &str) -> Option<f64> {
        self.get(&format!("{name}{{{label}=\"{value}\"}}"))
    }

    /// The sum of a figure over all its labels; None where there is none.
    pub(super) fn sum(&self, name: &str) -> Option<f64> {
        let all = self.0.iter().filter(|(key, _)| key.split('{').next() == Some(name));
        all.map(|(_, value)| *value).reduce(|sum, value| sum + value)
    }
}

/// Figures of two moments, a second apart.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) before: Figures,
    pub(super) after: Figures,
}

impl Pair {
    /// The smaller of a figure's two values: what was so at one moment only is nothing to act on.
    pub(super) fn lasting(&self, get: impl Fn(&Figures) -> Option<f64>) -> Option<f64> {
        Some(get(&self.before)?.min(get(&self.after)?))
    }

    /// By how much a counter grew, and what it is now.
    pub(super) fn growth(&self, name: &str) -> Option<(f64, f64)> {
        let (before, now) = (self.before.sum(name)?, self.after.sum(name)?);
        Some((now - before, now))
    }

    /// How long something took on average, in seconds: between the two moments, or since the start when nothing happened then.
    pub(super) fn average(&self, name: &str, label: Option<(&str, &str)>) -> Option<f64> {
        let of = |figures: &Figures, part: &str| {
            let name = format!("{name}_{part}");
            match label {
                Some((label, value)) => figures.labelled(&name, label, value),
                None => figures.get(&name),
            }
        };
        let (count, sum) = (of(&self.after, "count")?, of(&self.after, "sum")?);
        let (new, took) = (count - of(&self.before, "count")?, sum - of(&self.before, "sum")?);
        if new > 0.0 { Some(took / new) } else { Some(sum / count).filter(|_| count > 0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# TYPE a gauge\n# HELP a A.\na 1.5\nb_total{class=\"save\",status=\"2xx\"} 7\nb_total{class=\"start\",status=\"5xx\"} 3 1700\n\
        c{state=\"in use\"} 2\nd_sum{class=\"save\"} 4.0\nd_count{class=\"save\"} 2\n# EOF\n";

    #[test]
    fn figures_are_read_with_and_without_labels() {
        let figures = Figures::read(TEXT);
        assert_eq!((figures.get("a"), figures.get("b_total"), figures.sum("b_total")), (Some(1.5), None, Some(10.0)));
        assert_eq!((figures.labelled("c", "state", "in use"), figures.sum("x")), (Some(2.0), None));
        assert_eq!(Figures::read("<html>no figures at all</html>"), Figures::default());
    }

    #[test]
    fn two_moments_tell_what_lasts_and_what_grows() {
        let pair = Pair { before: Figures::read("a 3\nn_total 5\n"), after: Figures::read("a 2\nn_total 9\n") };
        assert_eq!(pair.lasting(|figures| figures.get("a")), Some(2.0));
        assert_eq!(pair.growth("n_total"), Some((4.0, 9.0)));
        let quiet = Pair { before: Figures::read(TEXT), after: Figures::read(TEXT) };
        assert_eq!(quiet.average("d", Some(("class", "save"))), Some(2.0), "since the start");
        let busy = Figures::read("d_sum{class=\"save\"} 10.0\nd_count{class=\"save\"} 4\n");
        let busy = Pair { after: busy, ..quiet };
        assert_eq!(busy.average("d", Some(("class", "save"))), Some(3.0), "in between");
        assert_eq!(busy.average("e", None), None);
    }
}
