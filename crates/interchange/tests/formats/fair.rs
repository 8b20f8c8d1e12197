//! What would be unfair to ask: the text says one thing and the key another, or what is shown is not what the file says.

use super::{changed, item, refused};
use interchange::Format::{Aiken, Archive, Csv, Gift};
use interchange::Outcome;

fn row(cells: &str) -> String {
    format!("question,option_a,option_b,option_c,correct_answer,explanation\n{cells},Because.\n")
}

fn archive(question: &str) -> String {
    format!(r#"{{"examhall": "bank", "version": 1, "questions": [{question}]}}"#)
}

#[test]
fn a_number_of_answers_in_the_text_that_is_not_that_of_the_key_is_refused() {
    for (format, file, reason) in [
        (
            Csv,
            row("Which run over UDP? (Choose TWO.),DNS,SSH,NTP,A"),
            "The question says to choose 2, but 1 option is right.",
        ),
        (
            Csv,
            row("Which run over UDP? (Choose THREE.),DNS,SSH,NTP,\"A,C\""),
            "The question says to choose 3, but 2 options are right.",
        ),
        (
            Csv,
            row("Which runs over UDP? Select one answer.,DNS,SSH,NTP,\"A,C\""),
            "The question says to choose 1, but 2 options are right.",
        ),
        (
            Aiken,
            "Which run over UDP? (Choose 2)\nA. DNS\nB. SSH\nANSWER: A\n".to_owned(),
            "The question says to choose 2, but 1 option is right.",
        ),
        (
            Gift,
            "Which run over UDP? (choose two) {=DNS ~SSH ~NTP}".to_owned(),
            "The question says to choose 2, but 1 option is right.",
        ),
        (
            Gift,
            "Which run over UDP? (choose three) {~%50%DNS ~SSH ~%50%NTP}".to_owned(),
            "The question says to choose 3, but 2 options are right.",
        ),
    ] {
        assert_eq!(refused(format, &file), [reason], "{file}");
    }
    for (format, file) in [
        (Csv, row("Which run over UDP? (Choose TWO.),DNS,SSH,NTP,\"A,C\"")),
        (Csv, row("Which runs over UDP? (Choose one.),DNS,SSH,NTP,A")),
        (Gift, "Which run over UDP? (choose two) {~%50%DNS ~%-50%SSH ~%50%NTP}".to_owned()),
        (Gift, "Which one is best? (choose one) {=DNS ~%50%SSH ~NTP}".to_owned()),
    ] {
        assert!(matches!(item(format, &file).outcome, Outcome::Ok(_)), "{file}");
    }
}

#[test]
fn a_question_to_which_everything_is_right_is_worth_a_look() {
    assert_eq!(item(Csv, &row("Which are planets?,Mars,Venus,Earth,\"A,B,C\"")).warnings, ["All options are right."]);
    assert!(item(Csv, &row("Which are planets?,Mars,Venus,Moon,\"A,B\"")).warnings.is_empty());
}

#[test]
fn typed_answers_of_which_none_earns_full_marks_are_refused() {
    let part = "The weights add up to 50.00 %, so full marks cannot be reached.";
    for (question, reason) in [
        (r#"{"kind": "short_text", "prompt": "?", "accept": [{"text": "foo", "weight": 50}]}"#, part),
        (r#"{"kind": "numeric", "prompt": "?", "accept": [{"value": 1, "weight": 50}]}"#, part),
        (
            r#"{"kind": "cloze", "prompt": "{{1}} {{2}}", "blanks": [{"accept": [{"text": "a"}]}, {"accept": [{"text": "b", "weight": 50}]}]}"#,
            part,
        ),
        (
            r#"{"kind": "short_text", "prompt": "?", "accept": [{"text": "foo"}, {"text": "bar", "weight": -100}]}"#,
            "An answer has a weight below 0, which only options may have.",
        ),
    ] {
        assert_eq!(refused(Archive, &archive(question)), [reason], "{question}");
    }
}

#[test]
fn a_cloze_whose_marks_are_not_its_blanks_is_refused() {
    for prompt in [
        "A {{1}} b {{7}}",
        "A {{2}}",
        "{{1}} and {{1}}",
        "{{0}} {{1}}",
        "no mark",
        "note <!-- {{1}} --> x",
        "$x_{{1}}$",
        "[a](https://example.org/{{1}})",
    ] {
        let question =
            format!(r#"{{"kind": "cloze", "prompt": "{prompt}", "blanks": [{{"accept": [{{"text": "a"}}]}}]}}"#);
        let reason = "The text must show the marks {{1}} to {{1}} once each, and no other.";
        assert_eq!(refused(Archive, &archive(&question)), [reason], "{prompt}");
    }
    let question = r#"{"kind": "cloze", "prompt": "Run `ls {{1}}`", "blanks": [{"accept": [{"text": "-l"}]}]}"#;
    assert!(item(Archive, &archive(question)).question().is_some());
}

#[test]
fn what_pages_do_not_show_is_told_or_refused() {
    const IMAGE: &str = "An image was removed. Check that the question can be answered without it.";
    for (file, reasons) in [
        (row("Which one is right?,![](a.png),![](b.png),,A"), &["Option 1 is empty.", "Option 2 is empty.", IMAGE][..]),
        (row("<img src=\"x.png\">,a,b,,A"), &["The question has no text.", IMAGE]),
        (row("Which tag makes a table?,<tr>,<table>,,A"), &["Option 1 is empty.", "Option 2 is empty."]),
        (row("Which letter is it?,a,*a*,b,A"), &["Options 1 and 2 are the same."]),
    ] {
        assert_eq!(refused(Csv, &file), reasons, "{file}");
    }
    let (question, reasons) = changed(Csv, &row("What does ![](net.png) show?,a,b,,A"));
    assert_eq!((question.prompt.as_str(), reasons.as_slice()), ("What does  show?", &[IMAGE.to_owned()][..]));
    let (question, reasons) = changed(Gift, "[markdown]What does ![the net](net.png) show? {=a ~b}");
    assert_eq!(question.prompt, "What does the net show?");
    assert_eq!(reasons, ["An image was removed; its alternative text is kept."]);
    let script = r#"{"kind": "ordering", "prompt": "Order.", "items": ["<script>x</script>", "<svg></svg>", "a"]}"#;
    assert_eq!(
        refused(Archive, &archive(script)),
        [
            "Item 1 is empty.",
            "Item 2 is empty.",
            "A script was removed.",
            "A file (HTML tag svg) was removed; only text is imported."
        ]
    );
    // Formulas and stressed syllables tell parts apart.
    assert!(item(Csv, &row("Which is carbon dioxide?,CO<sub>2</sub>,CO<sup>2</sup>,CO2,A")).question().is_some());
}

#[test]
fn a_kind_that_is_there_and_empty_is_told() {
    let reasons = refused(Archive, &archive(r#"{"id": "a", "kind": "", "prompt": "What?", "accept": []}"#));
    assert_eq!(
        reasons,
        ["The kind “” is not known. Known are choice, numeric, short_text, matching, ordering and cloze."]
    );
    let reasons = refused(Archive, &archive(r#"{"id": "a", "prompt": "What?"}"#));
    assert_eq!(reasons, ["The question lacks \"kind\"."]);
}
