//! Small charts as SVG: bars, a line, a share on a scale. Drawn by attributes and classes only, coloured by the style sheet.
//!
//! Horizontal places are percentages and vertical ones pixels, so that a chart fills any width without its lettering
//! shrinking. Every chart has a title and a description, and its points for the table that stands beside it.

use crate::markup::{Html, escape};
use std::fmt::Write as _;

/// How high the plotting area is, in pixels.
const HEIGHT: f64 = 160.0;
/// Room above it, for half a line of lettering.
const ABOVE: f64 = 10.0;
/// Room below it, for the ticks.
const BELOW: f64 = 26.0;
/// The room for ticks on a phone, in characters.
const TICK_ROOM: usize = 42;

/// What the numbers of a chart are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Shares from 0 to 100.
    Percent,
    /// Whole numbers from 0.
    Count,
}

/// A value of a chart.
#[derive(Debug, Clone)]
pub struct Point {
    /// What it belongs to, in full, for the table and for pointing at it.
    pub label: String,
    /// What stands under it; may be empty.
    pub tick: String,
    /// How much.
    pub value: f64,
    /// How much, as people read it.
    pub shown: String,
}

/// A series of values with what is said about it.
#[derive(Debug, Clone)]
pub struct Chart {
    /// What it shows, in a few words.
    pub title: String,
    /// What it shows, in a sentence.
    pub description: String,
    /// What the labels are, as the heading of their column.
    pub label_heading: String,
    /// What the values are, as the heading of theirs.
    pub value_heading: String,
    /// The values.
    pub points: Vec<Point>,
    /// What the values are, as numbers.
    pub unit: Unit,
    /// Whether the first one stands on the right, as people read.
    pub from_right: bool,
}

impl Chart {
    /// Whether there is anything to draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.iter().all(|point| point.value == 0.0)
    }

    /// Upright bars, side by side.
    #[must_use]
    pub fn bars(&self) -> Html {
        let (top, steps) = self.scale();
        let share = 100.0 / self.points.len().max(1) as f64;
        let mut plot = String::new();
        for (index, point) in self.points.iter().enumerate() {
            let height = (point.value / top).clamp(0.0, 1.0) * HEIGHT;
            let (middle, width) = (self.place(index), share * 0.72);
            let (x, y) = (middle - width / 2.0, ABOVE + HEIGHT - height);
            let title = format!("{}: {}", escape(&point.label), escape(&point.shown));
            let _ = write!(
                plot,
                r#"<rect class="bar" x="{x:.2}%" y="{y:.1}" width="{width:.2}%" height="{height:.1}"><title>{title}</title></rect>"#
            );
        }
        self.frame(top, steps, &plot)
    }

    /// A line through points.
    #[must_use]
    pub fn line(&self) -> Html {
        let (top, steps) = self.scale();
        let place = |index: usize, point: &Point| {
            (self.place(index), ABOVE + HEIGHT - (point.value / top).clamp(0.0, 1.0) * HEIGHT)
        };
        let places: Vec<_> = self.points.iter().enumerate().map(|(index, point)| place(index, point)).collect();
        let mut plot = String::new();
        for pair in places.windows(2) {
            let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
            let _ = write!(plot, r#"<line class="trend" x1="{x1:.2}%" y1="{y1:.1}" x2="{x2:.2}%" y2="{y2:.1}"/>"#);
        }
        for ((x, y), point) in places.iter().zip(&self.points) {
            let title = format!("{}: {}", escape(&point.label), escape(&point.shown));
            let _ =
                write!(plot, r#"<circle class="dot" cx="{x:.2}%" cy="{y:.1}" r="4.5"><title>{title}</title></circle>"#);
        }
        self.frame(top, steps, &plot)
    }

    /// Where the middle of a point lies, in per cent from the left.
    fn place(&self, index: usize) -> f64 {
        let x = (index as f64 + 0.5) * 100.0 / self.points.len().max(1) as f64;
        if self.from_right { 100.0 - x } else { x }
    }

    /// The greatest value of the scale, and into how many steps it is divided.
    fn scale(&self) -> (f64, u32) {
        let greatest = self.points.iter().map(|point| point.value).fold(0.0, f64::max);
        match self.unit {
            Unit::Percent => (100.0, 4),
            Unit::Count => nice_scale(greatest),
        }
    }

    /// Grid, scale and ticks around a plot.
    fn frame(&self, top: f64, steps: u32, plot: &str) -> Html {
        let total = ABOVE + HEIGHT + BELOW;
        let mut axis = String::new();
        let mut grid = String::new();
        for step in 0..=steps {
            let y = ABOVE + HEIGHT * (1.0 - f64::from(step) / f64::from(steps));
            let value = top * f64::from(step) / f64::from(steps);
            let sign = if self.unit == Unit::Percent { "%" } else { "" };
            let _ = write!(axis, r#"<text x="100%" dx="-8" y="{y:.1}" dy="4" text-anchor="end">{value}{sign}</text>"#);
            let class = if step == 0 { "grid base" } else { "grid" };
            let _ = write!(grid, r#"<line class="{class}" x1="0" y1="{y:.1}" x2="100%" y2="{y:.1}"/>"#);
        }
        let longest = self.points.iter().map(|point| point.tick.chars().count()).max().unwrap_or(0);
        let every = (self.points.len() * (longest + 2)).div_ceil(TICK_ROOM).max(1);
        let mut ticks = String::new();
        // Counted from the end, so that the newest has its tick.
        for (index, point) in self.points.iter().enumerate().rev().step_by(every) {
            let (x, y, tick) = (self.place(index), total - 6.0, escape(&point.tick));
            let _ = write!(ticks, r#"<text x="{x:.2}%" y="{y:.1}" text-anchor="middle">{tick}</text>"#);
        }
        let (title, description) = (escape(&self.title), escape(&self.description));
        Html::trusted(format!(
            r#"<div class="plot"><svg class="axis" width="48" height="{total}" aria-hidden="true">{axis}</svg><svg class="field" width="100%" height="{total}" role="img"><title>{title}</title><desc>{description}</desc>{grid}{plot}{ticks}</svg></div>"#
        ))
    }
}

/// The smallest round number at or above `greatest`, and how many even steps it is divided into.
fn nice_scale(greatest: f64) -> (f64, u32) {
    if greatest <= 4.0 {
        return (4.0, 4);
    }
    let magnitude = 10_f64.powf(greatest.log10().floor());
    for (factor, steps) in [(1.0, 4), (2.0, 4), (4.0, 4), (5.0, 5), (6.0, 3), (8.0, 4), (10.0, 5)] {
        let top = factor * magnitude;
        // A step of a count is a whole number.
        if top >= greatest && (top / f64::from(steps)).fract() == 0.0 {
            return (top, steps);
        }
    }
    (10.0 * magnitude, 5)
}

/// A share on a lying scale from 0 to 100, with a mark such as the pass line. The label says it all to those who do not see it.
#[must_use]
pub fn share_bar(percent: f64, mark: Option<f64>, label: &str) -> Html {
    let width = percent.clamp(0.0, 100.0);
    let label = escape(label);
    let mark = mark.map_or_else(String::new, |mark| {
        let x = mark.clamp(0.0, 100.0);
        format!(r#"<line class="mark" x1="{x:.2}%" y1="0" x2="{x:.2}%" y2="100%"/>"#)
    });
    Html::trusted(format!(
        r#"<svg class="share" width="100%" height="12" role="img" aria-label="{label}"><rect class="rail" width="100%" height="12" rx="6"/><rect class="fill" width="{width:.2}%" height="12" rx="6"/>{mark}</svg>"#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[f64], unit: Unit) -> Chart {
        let point = |value: &f64| Point {
            label: "<b>".to_owned(),
            tick: value.to_string(),
            value: *value,
            shown: value.to_string(),
        };
        Chart {
            title: "A & B".to_owned(),
            description: "C".to_owned(),
            label_heading: "D".to_owned(),
            value_heading: "E".to_owned(),
            points: values.iter().map(point).collect(),
            unit,
            from_right: false,
        }
    }

    #[test]
    fn where_people_read_from_the_right_time_runs_so_too() {
        let mut chart = chart(&[40.0, 90.0], Unit::Percent);
        let first = |chart: &Chart| chart.line().to_string().split("cx=\"").nth(1).unwrap()[..5].to_owned();
        assert_eq!(first(&chart), "25.00");
        chart.from_right = true;
        assert_eq!(first(&chart), "75.00");
        assert!(chart.bars().to_string().contains(r#"x="57.00%""#), "and so do bars");
    }

    #[test]
    fn texts_are_escaped_and_nothing_is_styled_inline() {
        for svg in [chart(&[1.0, 9.0], Unit::Count).bars(), chart(&[40.0, 90.0], Unit::Percent).line()] {
            let svg = svg.to_string();
            assert!(svg.contains("A &amp; B") && svg.contains("&lt;b&gt;: 9") | svg.contains("&lt;b&gt;: 90"), "{svg}");
            assert!(!svg.contains("style="), "{svg}");
        }
    }

    #[test]
    fn an_empty_series_is_drawn_as_an_empty_frame() {
        let svg = chart(&[], Unit::Count).line().to_string();
        assert!(svg.contains("<title>") && !svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn scales_are_round_and_hold_the_greatest_value() {
        for (greatest, expected) in
            [(0.0, 4.0), (3.0, 4.0), (5.0, 5.0), (7.0, 8.0), (9.0, 10.0), (13.0, 20.0), (61.0, 80.0)]
        {
            let (top, steps) = nice_scale(greatest);
            assert_eq!(top, expected, "{greatest}");
            assert_eq!((top / f64::from(steps)).fract(), 0.0, "{greatest}");
        }
        for greatest in 1..5_000 {
            assert!(nice_scale(f64::from(greatest)).0 >= f64::from(greatest), "{greatest}");
        }
    }

    #[test]
    fn a_share_is_kept_within_its_scale() {
        let bar = share_bar(130.0, Some(70.0), "130%").to_string();
        assert!(bar.contains(r#"class="fill" width="100.00%""#) && bar.contains(r#"x1="70.00%""#), "{bar}");
    }
}
