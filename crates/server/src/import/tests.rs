use super::*;

const THREE: &str = "::Capital:: What is the capital of Norway? {=Oslo ~Bergen}\n\n\
                     ::Sum:: What is 1 + 1? {#2}\n\n\
                     Who? {~nobody ~everybody}\n";

fn references(plan: &Plan) -> Vec<&str> {
    plan.questions.iter().map(|(reference, _)| reference.as_str()).collect()
}

fn fates(plan: &Plan) -> Vec<(usize, Fate)> {
    plan.items.iter().map(|item| (item.line, item.fate)).collect()
}

#[test]
fn every_question_of_a_file_is_accounted_for() {
    let plan = plan("three.gift", THREE.as_bytes(), None);
    assert_eq!(fates(&plan), [(1, Fate::Imported), (3, Fate::Imported), (5, Fate::Refused)]);
    assert_eq!(plan.counts(), Counts { imported: 2, changed: 0, refused: 1 });
    assert_eq!(references(&plan), ["Capital", "Sum"]);
    assert_eq!(plan.items[2].reason(), "No answer is marked as right. Put = before one answer.");
}

#[test]
fn the_same_question_twice_is_refused_with_the_line_of_the_first() {
    let twice = "What is the capital of Norway? {=Oslo ~Bergen}\n\n\
                 ::Again:: What is the  capital of Norway? {~Bergen =Oslo}\n";
    let plan = plan("twice.gift", twice.as_bytes(), None);
    assert_eq!(fates(&plan), [(1, Fate::Imported), (3, Fate::Refused)]);
    assert_eq!(plan.items[1].reason(), "It is the same as line 1.");
}

#[test]
fn questions_without_a_name_of_their_own_are_known_by_their_content() {
    let unnamed = "What is 1 + 1? {#2}\n\n::Q:: What is 1 + 2? {#3}\n\n::Q:: What is 1 + 3? {#4}\n";
    let first = plan("unnamed.gift", unnamed.as_bytes(), None);
    assert_eq!(first.counts().imported, 3);
    assert!(references(&first).iter().all(|reference| reference.len() == 16), "{:?}", references(&first));
    let again = plan("renamed.gift", unnamed.as_bytes(), None);
    assert_eq!(references(&first), references(&again));
    // Another key is another version of the same question.
    let corrected = plan("unnamed.gift", unnamed.replace("{#2}", "{#2:0.1}").as_bytes(), None);
    assert_eq!(references(&first), references(&corrected));
}

#[test]
fn files_of_one_import_do_not_overwrite_each_other() {
    let mut planner = Planner::default();
    let first = planner.plan("week1.gift", b"::Q1:: What is 1 + 1? {#2}\n", None);
    let second = planner.plan("week2.gift", b"::Q1:: What is 2 + 2? {#4}\n\nWhat is 1 + 1? {#2}\n", None);
    assert_eq!(references(&first), ["Q1"]);
    assert_eq!(references(&second)[0].len(), 16);
    assert_eq!(second.items[1].reason(), "It is the same as line 1 of week1.gift.");
}

#[test]
fn an_unreadable_file_is_one_refused_question() {
    for (file, bytes) in [("letter.txt", "Dear all,\n"), ("empty.gift", ""), ("broken.json", "{\"examhall\": ")] {
        let plan = plan(file, bytes.as_bytes(), None);
        assert_eq!(plan.counts(), Counts { imported: 0, changed: 0, refused: 1 }, "{file}");
        assert!(!plan.items[0].reason().is_empty(), "{file}");
    }
    let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
    assert_eq!(Planner::unopened("x.csv", &missing).counts().refused, 1);
}

#[test]
fn reasons_are_one_line_and_cannot_steer_a_terminal() {
    let reasons = vec!["It holds \u{1b}[31mred\nand\tmore.".to_owned(), "Remove it.".to_owned()];
    let item = PlannedItem { line: 1, name: None, fate: Fate::Refused, reasons, warnings: Vec::new() };
    assert_eq!(item.reason(), "It holds [31mred and more. Remove it.");
}

#[test]
fn a_question_that_replaces_quite_another_of_its_name_is_told() {
    let bank = plan("week1.gift", b"::Q1:: Which layer do routers work on? {=network ~physical ~session}\n", None);
    let noted = |file: &str| {
        let mut plan = plan("week2.gift", file.as_bytes(), None);
        let stored = bank.questions.iter().map(|(reference, question)| (reference.as_str(), question));
        replaced::note(&mut plan, &stored.collect());
        plan.items.remove(0)
    };
    let another = noted("::Q1:: Who wrote Faust? {=Goethe ~Schiller ~Heine}\n");
    assert_eq!(another.fate, Fate::Changed);
    assert_eq!(
        another.reason(),
        "It replaces another question of the same name “Q1” in the bank: “Which layer do routers work on?”. Give it another \
         name to have both."
    );
    for corrected in [
        "::Q1:: Which layer do routers work on? {=network ~physical ~session}\n",
        "::Q1:: On which layer do routers work? {=network ~physical ~transport}\n",
        "::Q1:: Which layer do routers work on? {=the third ~the first}\n",
        "::Q2:: Who wrote Faust? {=Goethe ~Schiller ~Heine}\n",
    ] {
        let item = noted(corrected);
        assert_eq!((item.fate, item.reason()), (Fate::Imported, String::new()), "{corrected}");
    }
}
