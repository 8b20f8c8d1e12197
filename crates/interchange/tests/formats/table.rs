//! CSV and TSV, as spreadsheets and question tools write them.

use super::{changed, explanations, item, options, question, reading, refused, right, several};
use exam::question::{Content, Difficulty, Points};
use interchange::Format::{Csv, Tsv};
use interchange::{Counts, Unreadable, read};
use std::fmt::Write as _;

const HEADER: &str = "question,option_a,option_b,option_c,option_d,correct_answer,explanation,category,difficulty";

fn row(row: &str) -> String {
    format!("{HEADER}\n{row}\n")
}

#[test]
fn a_row_is_a_question() {
    let question =
        question(Csv, &row("What is DNS?,A protocol,A cable,A king,A song,A,It resolves names.,Networks,Easy"));
    assert_eq!(question.prompt, "What is DNS?");
    assert_eq!(options(&question), ["A protocol", "A cable", "A king", "A song"]);
    assert_eq!((right(&question), several(&question)), (vec![0], (false, None)));
    assert_eq!(explanations(&question).general.as_deref(), Some("It resolves names."));
    assert_eq!(
        (question.domains.as_slice(), question.difficulty),
        (&["Networks".to_owned()][..], Some(Difficulty::Easy))
    );
}

#[test]
fn several_letters_make_a_choose_question() {
    let question = question(Csv, &row("Which two?,a,b,c,d,\"B,D\",,,"));
    assert_eq!((right(&question), several(&question)), (vec![1, 3], (true, Some(2))));
}

#[test]
fn five_hundred_valid_rows_are_five_hundred_questions() {
    let mut file = format!("{HEADER}\r\n");
    for number in 0..500 {
        let correct = ["A", "b", "C", "\"A,C\"", "D"][number % 5];
        let difficulty = ["easy", "medium", "hard"][number % 3];
        let _ = write!(
            file,
            "\"Question {number}, on\r\ntwo lines?\",one {number},two {number},three,\"four, \"\"quoted\"\"\",{correct},Because {number}.,Domain {},{difficulty}\r\n",
            number % 7
        );
    }
    let reading = reading(Csv, &file);
    assert_eq!(reading.counts(), Counts { imported: 500, changed: 0, refused: 0 });
    assert!(reading.items.iter().enumerate().all(|(index, item)| item.line == 2 + 2 * index));
    let last = reading.items[499].question().unwrap();
    assert_eq!(last.prompt, "Question 499, on\ntwo lines?");
    assert_eq!(options(last), ["one 499", "two 499", "three", "four, \"quoted\""]);
}

#[test]
fn the_separator_is_told_by_the_header() {
    for separator in [",", ";", "\t"] {
        let file = ["Question", "A", "B", "Answer"].join(separator) + "\n" + &["Which?", "x", "y", "B"].join(separator);
        assert_eq!(right(&question(Csv, &file)), [1], "{separator:?}");
    }
    assert_eq!(right(&question(Tsv, "Question\tA\tB\tAnswer\nWhich, then?\tx;y\t\"z\n\"\tB")), [1]);
    assert_eq!(right(&question(Csv, "sep=;\nQuestion;A;B;Answer\nWhich?;x;y;B")), [1]);
    assert_eq!(item(Csv, "sep=;\nQuestion;A;B;Answer\nWhich?;x;y;B").line, 3);
}

#[test]
fn headers_of_other_tools_are_understood() {
    let file = "ID,Question Text,Answer Option 1,Explanation 1,Answer Option 2,Explanation 2,Correct Answers,Overall Explanation,Domain,Points,Author\n\
                7,Which?,x,No.,y,Yes.,2,Because.,Risk; Law,2.5,Ada\n";
    let reading = reading(Csv, file);
    assert_eq!(reading.notes, ["The column “Author” was ignored."]);
    assert_eq!(reading.items[0].reference.as_deref(), Some("7"));
    let question = reading.items[0].question().unwrap();
    assert_eq!(explanations(question).per_option, [Some("No.".to_owned()), Some("Yes.".to_owned())]);
    assert_eq!(question.domains, ["Risk", "Law"]);
    assert_eq!(question.points, Points(2_500));
    assert_eq!(reading.counts().imported, 1);
}

#[test]
fn unused_options_at_the_end_may_stay_empty() {
    assert_eq!(options(&question(Csv, &row("Which?,x,y,,,A,,,"))), ["x", "y"]);
}

#[test]
fn true_and_false_are_pinned_and_may_be_left_out() {
    let with = question(Csv, &row("Is it?,True,False,,,True,,,"));
    let Content::Choice { options, .. } = &with.content else { panic!("no choice") };
    assert!(options.iter().all(|option| option.pinned));
    let (without, reasons) = changed(Csv, &row("Is it?,,,,,false,,,"));
    assert_eq!((right(&without), reasons), (vec![1], vec!["The options True and False were added.".to_owned()]));
}

#[test]
fn an_answer_given_by_its_text_is_found_and_said_to_be() {
    let (question, reasons) = changed(Csv, &row("Which?,red,green,blue,,Green,,,"));
    assert_eq!(right(&question), [1]);
    assert_eq!(reasons, ["The correct answer “Green” was matched with an option by its text."]);
}

#[test]
fn empty_rows_are_no_questions() {
    let reading = reading(Csv, &format!("\n{HEADER}\n\n,,,,,,,,\nWhich?,x,y,,,A,,,\n   \n"));
    assert_eq!(reading.items.iter().map(|item| item.line).collect::<Vec<_>>(), [5]);
}

#[test]
fn a_row_with_too_many_or_too_few_cells_is_refused() {
    assert_eq!(
        refused(Csv, &row("Which,then,x,y,z,w,A,Because.,Networks,easy")),
        ["The row has 10 cells, but the header has 9. Put quotation marks around a text that contains the separator."]
    );
    assert_eq!(
        refused(Csv, &row("Which?,x,y,A")),
        ["The row has 4 cells, but the header has 9. Add the missing separators."]
    );
    assert_eq!(right(&question(Csv, &row("Which?,x,y,,,A,,,,,,"))), [0]);
}

#[test]
fn a_table_without_its_columns_is_unreadable_and_says_what_it_has() {
    let error = read(Csv, b"Name,Age\nAda,36\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "The header row lacks question and option_a and option_b and correct_answer. It has: Name, Age."
    );
    assert_eq!(read(Csv, b""), Err(Unreadable::NoQuestions));
    assert_eq!(read(Csv, row("").as_bytes()), Err(Unreadable::NoQuestions));
}

#[test]
fn points_and_choose_are_checked() {
    let file = |points: &str, choose: &str| {
        format!("question,a,b,c,answer,points,choose\nWhich?,x,y,z,\"A,B\",{points},{choose}\n")
    };
    assert_eq!(question(Csv, &file("", "TWO")).points, Points::ONE);
    assert_eq!(refused(Csv, &file("many", "")), ["“many” is not a number of points between 0 and 1000."]);
    assert_eq!(refused(Csv, &file("0", "")), ["The question is worth no points."]);
    assert_eq!(refused(Csv, &file("1", "3")), ["The question says to choose 3, but 2 options are right."]);
}

#[test]
fn an_unknown_difficulty_is_left_out_and_named() {
    let (question, reasons) = changed(Csv, &row("Which?,x,y,,,A,,,spicy"));
    assert_eq!(question.difficulty, None);
    assert_eq!(reasons, ["The difficulty “spicy” was left out. Write easy, medium or hard."]);
}

#[test]
fn html_tags_in_a_cell_are_pointed_out() {
    let html = item(Csv, &row("What does <br> do?,x,y,,,A,Because.,,"));
    assert_eq!(html.warnings, ["“<br>” is read as HTML. Put a backslash before it to show it as typed."]);
    for text in ["What does `<br>` do?", "What does \\<br> do?", "Is List<T> 1 < 2?"] {
        assert!(item(Csv, &row(&format!("{text},x,y,,,A,Because.,,"))).warnings.is_empty(), "{text}");
    }
}

#[test]
fn a_header_that_cannot_be_split_is_unreadable() {
    let error = read(Csv, b"\n\"question,a,b,answer\nWhich?,x,y,A\n").unwrap_err();
    assert_eq!(error.to_string(), "Line 2: A quotation mark is opened and never closed. Close or double it.");
}
