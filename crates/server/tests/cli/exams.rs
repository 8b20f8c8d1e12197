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

both_engines!(a_blueprint_draws_by_bank_domain_and_difficulty, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.file(
        "cloud.csv",
        "question,option_a,option_b,correct_answer,domain,difficulty\n\
         What is a VPC?,A net,A disk,A,Networking,hard\n\
         What is a subnet?,A range,A disk,A,Networking,easy\n\
         What is a bucket?,A store,A net,A,Storage,easy\n",
    );
    hall.file("law.csv", "question,option_a,option_b,correct_answer\nWhat is a lease?,A contract,A net,A\n");
    hall.run("import cloud.csv --bank cloud").expect(0);
    hall.run("import law.csv --bank law").expect(0);
    let create = "exam create --slug mixed --title Mixed --time-limit 30m";
    let draws = "--draw bank=cloud,domain=Networking,difficulty=hard,questions=1 \
                 --draw bank=cloud,domain=Networking,domain=Storage,questions=2 --draw bank=law,questions=1";
    let refused = hall.run(&format!("{create} --draw bank=cloud,domain=Cooking,questions=1")).expect(2);
    assert!(
        refused.err.contains("the bank cloud has no domain Cooking; it has: Networking, Storage"),
        "{}",
        refused.err
    );
    hall.run(&format!("{create} {draws}")).expect(0);
    hall.run("exam publish mixed").expect(0);
    let published = t.list_published().await.expect("listed");
    let sizes: Vec<(usize, usize)> =
        published[0].pool.draws.iter().map(|draw| (draw.count, draw.candidates.len())).collect();
    assert_eq!(sizes, [(1, 1), (2, 3), (1, 1)]);

    hall.run(&format!("{} --draw bank=cloud,difficulty=hard,questions=2", create.replace("mixed", "greedy"))).expect(0);
    let refused = hall.run("exam publish greedy").expect(2);
    assert!(refused.err.contains("2 questions are wanted, but only 1"), "{}", refused.err);
});
