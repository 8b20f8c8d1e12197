//! `import` and `export`.

use crate::program::Hall;
use std::fmt::Write as _;
use std::process::Stdio;
use store::QuestionFilter;
use testkit::{TestStore, both_engines};

/// A table of choice questions.
fn table(questions: usize) -> String {
    let mut text = String::from("id,question,option_a,option_b,option_c,correct_answer,explanation,domain\n");
    for number in 1..=questions {
        writeln!(text, "q-{number},\"What is {number}, plus 1?\",{number},{},0,B,Count on.,Sums", number + 1)
            .expect("a String takes it");
    }
    text
}

async fn versions(t: &TestStore, slug: &str) -> Vec<(String, i64)> {
    let bank = t.find_bank(slug).await.expect("found").expect("there");
    let questions = t.export_questions(bank.id).await.expect("read");
    questions.into_iter().map(|question| (question.reference, question.version)).collect()
}

both_engines!(five_hundred_questions_are_imported_and_importing_again_changes_nothing, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.file("sums.csv", &table(500));
    for _ in 0..2 {
        assert_eq!(hall.run("import sums.csv --bank sums").expect(0).out, "imported 500, changed 0, refused 0\n");
        let versions = versions(&t, "sums").await;
        assert_eq!(versions.len(), 500);
        assert!(versions.iter().all(|(_, version)| *version == 1));
    }
    hall.file(
        "sums.csv",
        &table(500).replace("Count on.", "Count one on.").replacen("Count one on.", "Count on.", 499),
    );
    let ended = hall.run("import sums.csv --bank sums").expect(0);
    assert_eq!(ended.out, "imported 500, changed 0, refused 0\n");
    assert!(
        ended.err.contains("note: new versions of questions that were in the bank under the same name: 1"),
        "{}",
        ended.err
    );
    assert_eq!(versions(&t, "sums").await.last(), Some(&("q-500".to_owned(), 2)));
});

both_engines!(every_question_that_is_not_imported_as_it_stands_has_a_line, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.file(
        "broken.csv",
        "question,option_a,option_b,correct_answer\n\
         What is 1?,1,2,A\n\
         What is 2?,1,2,\n\
         What is 3?,3\n\
         What is 4?,4,4,A\n\
         What is 1?,1,2,A\n",
    );
    let ended = hall.run("import broken.csv --bank sums").expect(2);
    let lines: Vec<&str> = ended.out.lines().collect();
    let (report, total) = lines.split_at(lines.len() - 1);
    assert_eq!(total, ["imported 1, changed 0, refused 4"]);
    for (line, number) in report.iter().zip([3, 4, 5, 6]) {
        let reason = line.strip_prefix(&format!("broken.csv:{number}: refused: ")).unwrap_or_else(|| panic!("{line}"));
        assert!(reason.len() > 10 && reason.ends_with('.'), "{line}");
    }
    assert_eq!(report.len(), 4);
    assert_eq!(report[3], "broken.csv:6: refused: It is the same as line 2.");
    assert_eq!(versions(&t, "sums").await.len(), 1);
});

both_engines!(gift_is_imported_by_name_and_by_content, async |t: TestStore| {
    let hall = Hall::on(&t);
    let questions = "::Capital:: What is the capital of Norway? {=Oslo ~Bergen}\n\nIs water wet? {T}\n\n\
                     ::Pi:: What is pi? {#3.14159:0.001}\n\n::Colour:: Name a colour of the sky. {=blue =grey}\n";
    hall.file("bank.gift", questions);
    hall.file("bank.txt", "Which is even? {=2 ~1}\n");
    let ended = hall.run("import bank.gift bank.txt --bank mixed").expect(0);
    assert_eq!(ended.out, "imported 5, changed 0, refused 0\n");
    let bank = t.find_bank("mixed").await.expect("found").expect("there");
    let filter = QuestionFilter { limit: 10, ..QuestionFilter::default() };
    let page = t.list_questions(bank.id, &filter).await.expect("listed");
    let kinds: Vec<&str> = page.questions.iter().map(|question| question.kind.as_str()).collect();
    assert_eq!(kinds, ["choice", "choice", "numeric", "short_text", "choice"]);
});

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let hall = Hall::new();
    hall.file("sums.csv", &table(3));
    hall.file("bad.gift", "Who? {~nobody ~everybody}\n");
    let dry = hall.run("import sums.csv bad.gift --bank sums --dry-run").expect(2);
    assert!(dry.err.contains("nothing was written"), "{}", dry.err);
    assert_eq!(hall.names(), ["bad.gift", "sums.csv"], "no database was made");
    let wet = hall.run("import sums.csv bad.gift --bank sums").expect(2);
    assert_eq!(dry.out, wet.out);
    assert_eq!(dry.out.lines().last(), Some("imported 3, changed 0, refused 1"));
}

#[test]
fn an_unreadable_file_is_one_refused_question_and_the_others_go_on() {
    let hall = Hall::new();
    hall.file("sums.csv", &table(2));
    hall.file("letter.txt", "Dear all,\n");
    let ended = hall.run("import missing.csv letter.txt sums.csv --bank sums").expect(2);
    let lines: Vec<&str> = ended.out.lines().collect();
    assert!(lines[0].starts_with("missing.csv:1: refused: The file cannot be read:"), "{}", ended.out);
    assert!(lines[1].starts_with("letter.txt:1: refused: "), "{}", ended.out);
    assert_eq!(lines[2..], ["imported 2, changed 0, refused 2"]);
    let ended = hall.run("import letter.txt --format csv --bank none").expect(2);
    assert!(ended.out.starts_with("letter.txt:1: refused: The header row lacks"), "{}", ended.out);
}

both_engines!(a_bank_of_refused_questions_is_not_made, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.file("bad.gift", "Who? {~nobody ~everybody}\n");
    hall.run("import bad.gift --bank empty").expect(2);
    assert_eq!(t.find_bank("empty").await.expect("looked for"), None);
});

both_engines!(an_exported_bank_is_imported_without_loss, async |t: TestStore| {
    let hall = Hall::on(&t);
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../../demo/security-awareness.examhall.json");
    hall.run(&format!("import {demo} --bank one")).expect(0);
    let bank = t.find_bank("one").await.expect("found").expect("there");
    assert_eq!(bank.title, "Information-security awareness");
    assert!(bank.description.ends_with("Licence: MIT OR Apache-2.0."), "{}", bank.description);

    let count = versions(&t, "one").await.len();
    let out = hall.run("export --bank one --output one.json").expect(0).out;
    assert_eq!(out, format!("exported {count} questions to one.json\n"));
    let total = format!("imported {count}, changed 0, refused 0\n");
    assert_eq!(hall.run("import one.json --bank two").expect(0).out, total);
    assert_eq!(hall.run("import one.json --bank one").expect(0).out, total);
    assert!(versions(&t, "one").await.iter().all(|(_, version)| *version == 1));
    let two = hall.run("export --bank two").expect(0).out;
    assert_eq!(two, hall.read("one.json").replacen("\"one\"", "\"two\"", 1));
    assert!(hall.run("export --bank three").expect(2).err.contains("there is no bank three"));
});

#[test]
fn a_reader_that_goes_away_does_not_stop_an_import() {
    let hall = Hall::new();
    let mut questions = String::from("What is 0? {=0 ~1}\n\n");
    (0..5_000).for_each(|number| write!(questions, "Who is {number}? {{~a ~b}}\n\n").expect("a String takes it"));
    hall.file("long.gift", &questions);
    let mut command = hall.command("import long.gift --bank long");
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(hall.run("export --bank long").expect(0).out.contains("What is 0?"));
}

both_engines!(a_nul_character_in_an_archive_is_refused_with_its_line, async |t: TestStore| {
    let hall = Hall::on(&t);
    let archive = |title: &str, prompt: &str| {
        format!(
            "{{\"examhall\": \"bank\", \"version\": 1,\n\"bank\": {{\"slug\": \"x\", \"title\": \"{title}\"}},\n\"questions\": [\n\
             {{\"id\": \"1\", \"kind\": \"numeric\", \"prompt\": \"{prompt}\", \"accept\": [{{\"value\": \"2\"}}]}}]}}\n"
        )
    };
    hall.file("title.json", &archive("Ad\\u0000ding", "What is 1 + 1?"));
    let ended = hall.run("import title.json --bank sums --format archive").expect(2);
    assert!(ended.out.starts_with("title.json:2: refused: "), "{}", ended.out);
    hall.file("prompt.json", &archive("Adding", "What is\\u0000 1 + 1?"));
    let ended = hall.run("import prompt.json --bank sums --format archive").expect(2);
    assert!(ended.out.starts_with("prompt.json:4: refused: "), "{}", ended.out);
    assert!(t.find_bank("sums").await.expect("found").is_none());
});

both_engines!(files_that_number_their_rows_do_not_overwrite_each_other, async |t: TestStore| {
    let hall = Hall::on(&t);
    let table = |rows: &str| format!("No,Question,option_a,option_b,Answer\n{rows}");
    hall.file("week1.csv", &table("1,What is DNS?,Names,Cables,A\n2,What is TCP?,Streams,Songs,A\n"));
    hall.file("week2.csv", &table("1,Who wrote Faust?,Goethe,Heine,A\n2,Who sang Aida?,Callas,Bach,A\n"));
    for file in ["week1.csv", "week2.csv", "week1.csv"] {
        let ended = hall.run(&format!("import {file} --bank b")).expect(0);
        assert_eq!(ended.out, "imported 2, changed 0, refused 0\n");
    }
    assert_eq!(versions(&t, "b").await.len(), 4);
});

both_engines!(a_question_that_takes_the_place_of_another_has_a_line, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.file(
        "week1.gift",
        "::Q1:: What is the capital of Norway? {=Oslo ~Bergen}\n\n::Q2:: What is pi? {#3.14:0.01}\n",
    );
    hall.file("week2.gift", "::Q1:: Who wrote Faust? {=Goethe ~Heine}\n\n::Q3:: What is e? {#2.72:0.01}\n");
    hall.run("import week1.gift --bank b").expect(0);
    let out = hall.run("import week2.gift --bank b").expect(0).out;
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].starts_with("week2.gift:1: changed: It replaces another question of the same name “Q1”"), "{out}");
    assert!(lines[0].contains("What is the capital of Norway?"), "{out}");
    assert_eq!(lines[1..], ["imported 1, changed 1, refused 0"]);
});
