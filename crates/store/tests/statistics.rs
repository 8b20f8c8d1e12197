//! The figures of the staff area's first page.

use exam::settings::Percent;
use exam::time::Timestamp;
use store::{Overview, Role};
use testkit::arrange::{account, bank, candidate, exam, start, submit};
use testkit::{NOON, both_engines, choose, minutes_after_noon};

const DAY: i64 = 24 * 60;

/// Midnight so many days before the day of [`NOON`].
fn midnight(days_before: i64) -> Timestamp {
    minutes_after_noon(-12 * 60 - days_before * DAY)
}

both_engines!(an_empty_installation_counts_nothing, async |t| {
    let overview = t.overview("", 3, NOON).await.unwrap();
    let attempts_per_day = vec![(midnight(2), 0), (midnight(1), 0), (midnight(0), 0)];
    assert_eq!(overview, Overview { attempts_per_day, ..Overview::default() });
});

both_engines!(the_overview_counts_what_is_there, async |t| {
    let pass = |percent: f64| move |settings: &mut exam::settings::Settings| settings.pass = Percent::from_f64(percent);
    let cloud = exam("cloud").set(pass(60.0)).publish(&t).await;
    let data = exam("data").publish(&t).await;
    exam("draft").draw("cloud", 1).create(&t).await;
    bank(&t, "empty", 0).await;
    let disabled = account(&t, "Disabled", Role::Author).await;
    t.set_disabled(disabled.id, true, None, NOON).await.unwrap();

    // Right answers of three in "cloud" by four people, on three days; one is open.
    for (number, (right, days)) in [(0, 0), (1, 1), (2, 1), (3, 9)].into_iter().enumerate() {
        let person = candidate(&t, &format!("Person {number}")).await;
        let begin = minutes_after_noon(-days * DAY);
        let attempt = start(&t, &cloud, &person, begin).await;
        let operations: Vec<_> =
            (1..=right).map(|question| choose(question, usize::try_from(question).unwrap(), "a")).collect();
        t.save_operations(attempt.id, person.id, operations.to_vec(), begin).await.unwrap();
        submit(&t, &cloud, &attempt, begin).await;
    }
    let late = candidate(&t, "Late").await;
    start(&t, &cloud, &late, midnight(0)).await;
    let attempt = start(&t, &data, &late, NOON).await;
    submit(&t, &data, &attempt, NOON).await;

    let all = t.overview("", 3, NOON).await.unwrap();
    assert_eq!((all.accounts, all.banks, all.questions, all.published_exams), (5, 3, 6, 2));
    assert_eq!((all.open_attempts, all.finished_attempts), (1, 5));
    assert_eq!((all.passed, all.failed), (2, 2), "an exam without a pass line gives no verdict");
    assert_eq!(all.attempts_per_day, [(midnight(2), 0), (midnight(1), 2), (midnight(0), 3)]);
    assert_eq!(all.score_histogram, [2, 0, 0, 1, 0, 0, 1, 0, 0, 1], "0 twice, 33.33, 66.66 and 100");

    let cloud = t.overview("cloud", 10, NOON).await.unwrap();
    assert_eq!((cloud.open_attempts, cloud.finished_attempts), (1, 4));
    assert_eq!(cloud.attempts_per_day.iter().map(|day| day.1).collect::<Vec<_>>(), [1, 0, 0, 0, 0, 0, 0, 0, 2, 2]);
    assert_eq!(cloud.score_histogram.iter().sum::<i64>(), 4);
    let data = t.overview("data", 1, NOON).await.unwrap();
    assert_eq!((data.passed, data.failed, data.finished_attempts), (0, 0, 1));
    assert_eq!(data.attempts_per_day, [(midnight(0), 1)]);
    assert_eq!(t.overview("none", 1, NOON).await.unwrap().finished_attempts, 0);
});

both_engines!(today_begins_at_midnight_utc, async |t| {
    let exam = exam("cloud").set(|settings| settings.pass = Percent::from_f64(60.0)).publish(&t).await;
    let before = minutes_after_noon(-12 * 60 - 1);
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let old = start(&t, &exam, &ada, before).await;
    submit(&t, &exam, &old, before).await;
    let over_midnight = start(&t, &exam, &ada, before).await;
    t.save_operations(over_midnight.id, ada.id, vec![choose(1, 1, "a")], midnight(0)).await.unwrap();
    submit(&t, &exam, &over_midnight, midnight(0)).await;
    start(&t, &exam, &bob, midnight(0)).await;

    let today = t.today(NOON).await.unwrap();
    assert_eq!((today.started, today.finished, today.sign_ups), (1, 1, 2));
    assert_eq!((today.percent_sum, today.graded), (3_333, 1));
    let tomorrow = t.today(minutes_after_noon(DAY)).await.unwrap();
    assert_eq!(tomorrow, store::Today::default());

    let all = t.exam_statistics(exam.summary.exam_id).await.unwrap();
    assert_eq!((all.open, all.finished, all.graded), (1, 2, 2));
    assert_eq!((all.percent_sum, all.judged, all.passed), (3_333, 2, 0));
    assert_eq!(all.score_histogram, [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert_eq!(t.exam_statistics(4711.into()).await.unwrap(), store::ExamStatistics::default());
});

both_engines!(the_overview_of_no_days_is_that_of_today, async |t| {
    for days in [0, -5, 1] {
        assert_eq!(t.overview("", days, NOON).await.unwrap().attempts_per_day, [(midnight(0), 0)]);
    }
});
