//! `exam create` and `exam publish`.

use crate::program::{Hall, ended};
use exam::settings::{Mode, Percent};
use testkit::{TestStore, arrange, both_engines};

const CREATE: &str = "exam create --slug cloud-1 --title Cloud --bank cloud --questions 10 --time-limit 1h30m";

both_engines!(an_exam_is_made_and_published, async |t: TestStore| {
    arrange::bank(&t, "cloud", 12).await;
    let hall = Hall::on(&t);
    let mut command = hall.command(&format!("{CREATE} --pass 66.67% --attempts 3"));
    command.args(["--description", "Ten questions about clouds"]);
    let out = ended(command).expect(0).out;
    assert_eq!(out, "created exam cloud-1 as a draft; publish it with `examhall exam publish cloud-1`\n");
    assert_eq!(t.list_published().await.expect("listed").len(), 0);

    assert_eq!(hall.run("exam publish cloud-1").expect(0).out, "published exam cloud-1 as version 1\n");
    let published = t.list_published().await.expect("listed");
    let [exam] = published.as_slice() else { panic!("one exam is published: {published:?}") };
    assert_eq!((exam.title.as_str(), exam.description.as_str()), ("Cloud", "Ten questions about clouds"));
    assert_eq!(exam.pool.question_count(), 10);
    let settings = &exam.settings;
    assert_eq!((settings.mode, settings.time_limit_s), (Mode::Exam, Some(5_400)));
    assert_eq!((settings.pass, settings.attempts), (Some(Percent(6_667)), Some(3)));
    assert_eq!(hall.run("exam publish cloud-1").expect(0).out, "published exam cloud-1 as version 2\n");
});

both_engines!(what_is_not_possible_is_refused_with_what_to_do, async |t: TestStore| {
    arrange::bank(&t, "small", 3).await;
    let hall = Hall::on(&t);
    let refused = |arguments: &str, hint: &str| {
        let ended = hall.run(arguments).expect(2);
        assert!(ended.err.contains(hint) && ended.out.is_empty(), "{arguments}: {}", ended.err);
    };
    refused(CREATE, "there is no bank cloud; make it with `examhall import FILE --bank cloud`");
    refused(&CREATE.replace("--bank cloud", "--bank small"), "the bank small has only 3 of the 10 questions");
    refused("exam publish cloud-1", "there is no exam with this slug");
    let fitting = CREATE.replace("--bank cloud --questions 10", "--bank small --questions 3");
    hall.run(&fitting).expect(0);
    refused(&fitting, "there is an exam cloud-1 already; choose another --slug");
});

both_engines!(a_practice_needs_no_clock, async |t: TestStore| {
    arrange::bank(&t, "cloud", 12).await;
    let hall = Hall::on(&t);
    hall.run("exam create --slug drill --title Drill --bank cloud --questions 10 --mode practice").expect(0);
    let exam = t.find_exam("drill").await.expect("found").expect("there");
    assert_eq!((exam.settings.mode, exam.settings.time_limit_s, exam.settings.attempts), (Mode::Practice, None, None));
});
