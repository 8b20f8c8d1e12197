//! Aiken, as written and as people write it.

use super::{changed, options, question, reading, refused, right, several};
use interchange::Format::Aiken;
use interchange::{Outcome, Unreadable, read};

#[test]
fn a_question_its_options_and_its_answer() {
    let question = question(Aiken, "What is the capital of Kenya?\nA. Mombasa\nB. Nairobi\nC. Kisumu\nANSWER: B\n");
    assert_eq!(question.prompt, "What is the capital of Kenya?");
    assert_eq!(options(&question), ["Mombasa", "Nairobi", "Kisumu"]);
    assert_eq!((right(&question), several(&question)), (vec![1], (false, None)));
}

#[test]
fn parentheses_small_letters_blank_lines_and_indentation_do_not_matter() {
    let expected = question(Aiken, "Which?\nA. x\nB. y\nANSWER: B");
    for text in [
        "Which?\nA) x\nB) y\nANSWER: B)",
        "Which?\na. x\nb) y\nanswer: b",
        "\n Which?\n\n  A.  x\n\n\tB.\ty\n\nAnswer :b.\n",
    ] {
        assert_eq!(question(Aiken, text), expected, "{text}");
    }
}

#[test]
fn questions_follow_each_other_with_or_without_blank_lines() {
    let reading =
        reading(Aiken, "One?\nA. x\nB. y\nANSWER: A\nTwo?\nA. x\nB. y\nANSWER: B\n\n\nThree?\nA. x\nB. y\nANSWER: A");
    let found: Vec<(usize, bool)> = reading.items.iter().map(|item| (item.line, item.question().is_some())).collect();
    assert_eq!(found, [(1, true), (5, true), (11, true)]);
}

#[test]
fn a_question_and_an_option_may_take_several_lines() {
    let question = question(Aiken, "Given this,\nwhich?\nA. one\nstill one\nB. two\nANSWER: A");
    assert_eq!(question.prompt, "Given this,\\\nwhich?");
    assert_eq!(options(&question), ["one\\\nstill one", "two"]);
}

#[test]
fn text_shows_as_typed() {
    let question = question(Aiken, "Is a*b*c <b>bold</b>?\nA. $5 or $6\nB. snake_case\nANSWER: B");
    assert_eq!(question.prompt, r"Is a\*b\*c \<b>bold\</b>?");
    assert_eq!(options(&question), [r"\$5 or \$6", "snake_case"]);
}

#[test]
fn several_answers_make_a_choose_question_and_are_said_to() {
    for answer in ["A, C", "a c", "A and C", "A;C", "A & C"] {
        let (question, reasons) = changed(Aiken, &format!("Which two?\nA. x\nB. y\nC. z\nANSWER: {answer}"));
        assert_eq!((right(&question), several(&question)), (vec![0, 2], (true, Some(2))), "{answer}");
        assert_eq!(reasons, ["It has several answers, which Aiken does not know; candidates are told to choose 2."]);
    }
}

#[test]
fn a_question_may_start_like_an_option() {
    assert_eq!(
        question(Aiken, "I. Newton found what?\nA. gravity\nB. gold\nANSWER: A").prompt,
        "I. Newton found what?"
    );
}

#[test]
fn a_missing_answer_line_costs_its_own_question_only() {
    let reading = reading(
        Aiken,
        "One?\nA. x\nB. y\nTwo?\nA. x\nB. y\nANSWER: B\n\nThree?\nA. x\nB. y\n\nFour?\nA. x\nB. y\nANSWER: A\n",
    );
    let found: Vec<(usize, bool)> = reading.items.iter().map(|item| (item.line, item.question().is_some())).collect();
    assert_eq!(found, [(1, false), (4, true), (9, false), (13, true)]);
    assert_eq!(reading.items[1].question().unwrap().prompt, "Two?");
    assert_eq!(reading.items[0].outcome.reasons(), ["The line ANSWER: is missing. Put it below the last option."]);
    assert!(matches!(reading.items[2].outcome, Outcome::Refused(_)));
}

#[test]
fn an_answer_must_be_the_letter_of_an_option() {
    for (answer, expected) in [
        ("C", "ANSWER: names C, but the last option is B."),
        ("2", "ANSWER: “2” is not the letter of an option."),
        ("A, A", "ANSWER: names A twice."),
        ("", "There is no letter behind ANSWER:. Write the letter of the right option."),
    ] {
        assert_eq!(refused(Aiken, &format!("Which?\nA. x\nB. y\nANSWER: {answer}")), [expected], "{answer}");
    }
}

#[test]
fn a_file_without_questions_is_said_to_be_one() {
    assert_eq!(read(Aiken, b"\n\n"), Err(Unreadable::NoQuestions));
}
