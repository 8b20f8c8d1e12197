//! `GET /admin`: the staff area's front page.

use super::attempts;
use crate::app::App;
use crate::http::errors::Result;
use crate::http::page::{Frame, show};
use crate::view::admin::{Counts, DayCount, OverviewPage, Today};
use axum::extract::State;
use axum::response::Response;
use exam::settings::Percent;
use exam::time::Timestamp;
use store::AttemptFilter;

/// How many days are charted.
const DAYS: i64 = 14;
/// How many of the newest attempts are shown.
const RECENT: i64 = 8;

/// `GET /admin`
pub async fn overview(State(app): State<App>, Frame(page): Frame) -> Result<Response> {
    let now = app.now();
    let all = app.store.overview("", DAYS, now).await?;
    let today = app.store.today(now).await?;
    let recent = app.store.list_attempts(&AttemptFilter { limit: RECENT, ..AttemptFilter::default() }).await?;
    show(&OverviewPage {
        page,
        counts: Counts {
            accounts: all.accounts,
            banks: all.banks,
            questions: all.questions,
            exams_published: all.published_exams,
            attempts: all.open_attempts + all.finished_attempts,
            attempts_open: all.open_attempts,
        },
        today: Today {
            started: today.started,
            finished: today.finished,
            average_percent: average(today.percent_sum, today.graded),
            sign_ups: today.sign_ups,
        },
        per_day: all.attempts_per_day.iter().map(|(day, count)| DayCount { day: date(*day), count: *count }).collect(),
        score_bins: all.score_histogram,
        recent: attempts::rows(&app, recent.attempts).await?,
    })
}

/// The mean of percentages, in percent; None when there are none.
pub(super) fn average(percent_sum: i64, graded: i64) -> Option<f64> {
    (graded > 0).then(|| Percent(percent_sum / graded).as_f64())
}

/// `2026-11-23`
fn date(day: Timestamp) -> String {
    day.to_string().chars().take(10).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_its_date() {
        assert_eq!(date(Timestamp(1_795_412_617_050)), "2026-11-23");
    }

    #[test]
    fn the_mean_of_nothing_is_nothing() {
        assert_eq!(average(0, 0), None);
        assert_eq!(average(15_000, 2), Some(75.0));
    }
}
