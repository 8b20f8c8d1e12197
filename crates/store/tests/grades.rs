//! Grades: one per attempt, read back exactly, listed for the person alone.

use exam::grade::Outcome;
use exam::question::{Points, Question, Weight};
use exam::settings::Percent;
use testkit::arrange::{bank_of, candidate, exam, start, submit};
use testkit::question::choice;
use testkit::{NOON, both_engines, choose, minutes_after_noon};

both_engines!(a_grade_comes_back_exactly, async |t| {
    let worth = |points, domain: &str| Question {
        points: Points(points),
        domains: vec![domain.to_owned()],
        ..choice(&format!("{domain} for {points}?"))
    };
    bank_of(&t, "cloud", [worth(1_500, "network"), worth(333, "storage"), worth(2_000, "network")]).await;
    let penalty = Weight::from_percent(25.0).unwrap();
    let exam = exam("cloud")
        .draw("cloud", 3)
        .set(|settings| {
            settings.pass = Percent::from_f64(50.0);
            settings.grading.wrong_penalty = penalty;
        })
        .publish(&t)
        .await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let number_of = |points| {
        let is = |item: &exam::paper::PaperItem| exam.questions[&item.question].points == Points(points);
        attempt.paper.items.iter().position(is).unwrap() + 1
    };
    let operations = [choose(1, number_of(1_500), "a"), choose(2, number_of(333), "d")];
    t.save_operations(attempt.id, ada.id, operations.to_vec(), NOON).await.unwrap();
    submit(&t, &exam, &attempt, NOON).await;

    let grade = t.find_grade(&attempt).await.unwrap().unwrap();
    // 1.5 right, 0.333 wrong at a quarter, 2 left open.
    assert_eq!((grade.points, grade.max_points), (Points(1_417), Points(3_833)));
    assert_eq!((grade.percent(), grade.passed), (Percent(3_696), Some(false)));
    let wrong = grade.questions[number_of(333) - 1];
    assert_eq!((wrong.points, wrong.outcome), (Points(-83), Outcome::Incorrect));
    let domains: Vec<_> = grade.domains.iter().map(|d| (d.name.as_str(), d.points.0, d.max_points.0)).collect();
    assert_eq!(domains, [("network", 1_500, 3_500), ("storage", 0, 333)]);

    let columns =
        "SELECT points || ' ' || max_points || ' ' || percent || ' ' || passed || ' ' || graded_at FROM grades";
    assert_eq!(t.raw().await.texts(columns).await, [format!("1417 3833 3696 0 {}", NOON.0)]);
});

both_engines!(a_result_has_what_counted_at_the_end_and_nothing_that_came_later, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let attempt = start(&t, &exam, &ada, NOON).await;
    t.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a"), choose(2, 2, "b"), choose(3, 1, "c")], NOON)
        .await
        .unwrap();
    let find = async || t.find_result(&attempt.public_id, ada.id).await.unwrap().unwrap();
    let (open, marked) = find().await;
    assert_eq!((open.paper, marked.is_none()), (attempt.paper.clone(), true), "an open one has none");

    submit(&t, &exam, &attempt, minutes_after_noon(1)).await;
    let late = t.save_operations(attempt.id, ada.id, vec![choose(4, 3, "d")], minutes_after_noon(2)).await;
    assert_eq!(late.unwrap().unwrap().outcome, store::SaveOutcome::Closed);
    let (ended, marked) = find().await;
    let marked = marked.expect("it has ended");
    assert_eq!((ended.paper, ended.answered), (attempt.paper.clone(), Some(2)));
    assert_eq!(marked.answers, t.answers(&attempt).await.unwrap().answers);
    assert_eq!(marked.answers.keys().copied().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(marked.grade().unwrap(), t.find_grade(&attempt).await.unwrap());
    assert!(t.find_result(&attempt.public_id, bob.id).await.unwrap().is_none(), "nobody else's");
});

both_engines!(a_result_with_a_large_record_is_found_like_any_other, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    // A text that no packing makes short.
    let mut state = 1_u32;
    let text = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'0' + u8::try_from(state >> 25).expect("seven bits") % 75)
    });
    let text: String = text.filter(char::is_ascii_alphanumeric).take(20_000).collect();
    let response = serde_json::from_value(serde_json::json!({"text": text})).expect("it is a response");
    let save = exam::answer::Operation { writer: 0, seq: 1, question: 1, response: Some(response) };
    t.save_operations(attempt.id, ada.id, vec![save], NOON).await.unwrap();
    let answers = t.answers(&attempt).await.unwrap().answers;
    submit(&t, &exam, &attempt, minutes_after_noon(1)).await;

    assert!(t.raw().await.number("SELECT CAST(OCTET_LENGTH(record) AS BIGINT) FROM attempts").await > 8_192);
    let found = t.find_attempt(&attempt.public_id, ada.id).await.unwrap().unwrap();
    let (ended, marked) = t.find_result(&attempt.public_id, ada.id).await.unwrap().unwrap();
    assert_eq!((&found.paper, &ended.paper), (&attempt.paper, &attempt.paper));
    assert_eq!(marked.expect("it has ended").answers, answers);
    assert_eq!(t.answers(&ended).await.unwrap().answers, answers);
});

both_engines!(grades_are_listed_newest_first_for_the_person_alone, async |t| {
    let (cloud, data) = (exam("cloud").publish(&t).await, exam("data").publish(&t).await);
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let mut expected = Vec::new();
    for (minute, exam, person, letter) in
        [(1, &cloud, &ada, "a"), (2, &data, &ada, "b"), (3, &cloud, &bob, "b"), (4, &cloud, &ada, "b")]
    {
        let attempt = start(&t, exam, person, NOON).await;
        t.save_operations(attempt.id, person.id, vec![choose(1, 1, letter)], NOON).await.unwrap();
        submit(&t, exam, &attempt, minutes_after_noon(minute)).await;
        if person.id == ada.id {
            expected.insert(0, (attempt.public_id, exam.summary.version_id, minutes_after_noon(minute)));
        }
    }
    start(&t, &data, &ada, NOON).await;

    let grades = t.list_grades(ada.id, 10).await.unwrap();
    let seen: Vec<_> = grades.iter().map(|row| (row.attempt.clone(), row.exam_version, row.submitted_at)).collect();
    assert_eq!(seen, expected);
    let marks: Vec<_> = grades.iter().map(|row| (row.exam_slug.as_str(), row.grade.points.0)).collect();
    assert_eq!(marks, [("cloud", 0), ("data", 0), ("cloud", 1_000)]);
    assert_eq!(grades[1].exam_title, "Exam data");
    assert_eq!(t.list_grades(ada.id, 2).await.unwrap().len(), 2);
});

both_engines!(a_grade_under_a_later_key_is_the_one_that_counts, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    submit(&t, &exam, &attempt, NOON).await;
    let regraded = "INSERT INTO grades (attempt_id, key_version, points, max_points, percent, passed, detail, graded_at) \
                    SELECT attempt_id, 2, 3000, 3000, 10000, 1, REPLACE(detail, '\"s\":[0,', '\"s\":[3000,'), graded_at \
                    FROM grades";
    let mut raw = t.raw().await;
    assert_eq!(raw.execute(regraded).await.unwrap(), 1);
    assert_eq!(t.find_grade(&attempt).await.unwrap().unwrap().points.0, 3_000);
    let listed = t.list_grades(ada.id, 10).await.unwrap();
    assert_eq!(listed.len(), 1, "an attempt is listed once");
    assert_eq!(listed[0].grade.points.0, 3_000);
    let page = t.list_attempts(&store::AttemptFilter { limit: 10, ..Default::default() }).await.unwrap();
    assert_eq!((page.attempts.len(), page.attempts[0].percent), (1, Some(10_000)));
    let overview = t.overview("", 1, NOON).await.unwrap();
    assert_eq!((overview.passed, overview.failed, overview.score_histogram.iter().sum::<i64>()), (1, 0, 1));

    let twice = raw.execute(regraded).await.unwrap_err();
    assert!(twice.as_database_error().is_some_and(|error| error.is_unique_violation()), "one per key version: {twice}");
});
