//! Files in which nearly every question is broken, each in its own way: every one is refused with its line and with a
//! reason an author can act on, and none takes a sound neighbour with it.

use interchange::{Format, Outcome, read};

/// A broken question: its line, its id or title, and the reasons.
type Broken = (usize, &'static str, &'static [&'static str]);

/// Checks all refused questions of a file in order, and that the others are fine.
fn check(format: Format, file: &[u8], expected: &[Broken], fine: &[usize]) {
    let reading = read(format, file).expect("a readable file");
    let found: Vec<(usize, &str, &[String])> = reading
        .items
        .iter()
        .filter(|item| matches!(item.outcome, Outcome::Refused(_)))
        .map(|item| (item.line, item.reference.as_deref().unwrap_or(""), item.outcome.reasons()))
        .collect();
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1));
        assert_eq!(found.2, expected.2, "line {}", found.0);
    }
    assert_eq!(found.len(), expected.len());
    let sound = reading.items.iter().filter(|item| matches!(item.outcome, Outcome::Ok(_)));
    assert_eq!(sound.map(|item| item.line).collect::<Vec<_>>(), fine);
    assert_eq!(reading.items.len(), expected.len() + fine.len());
}

const NO_ANSWER: &str = "The line ANSWER: is missing. Put it below the last option.";
const NO_OPTIONS: &str = "There are no options above the ANSWER line.";
const QUOTES: &str =
    "There is text behind a closing quotation mark. Close each quoted cell and double the quotation marks inside it.";
const NO_TITLE_END: &str = "The title starts with :: but does not end. Put :: behind it.";
const NO_MARK: &str = "Put = (right) or ~ (wrong) before the answer “alpha”.";

#[test]
fn every_broken_gift_question_is_refused_with_its_line_and_reason() {
    let expected: &[Broken] = &[
        (2, "no right answer", &["No answer is marked as right. Put = before one answer."]),
        (
            4,
            "two blocks",
            &[
                "It has more than one { }. Leave a blank line between questions, and put \\ before braces that belong to a text.",
            ],
        ),
        (7, "never closed", &["The { is never closed. Put } behind the last answer."]),
        (9, "never opened", &["There is a } without a { before it. Put \\ before it if it belongs to the text."]),
        (11, "opened twice", &["There is a second { before the first is closed. Put } behind the last answer."]),
        (13, "essay", &["It has no answers between { and }. Essays are not imported yet."]),
        (15, "description", &["It has no answers in { }. Descriptions are not imported: add answers or remove it."]),
        (17, "no marks", &[NO_MARK]),
        (19, "text before the first mark", &[NO_MARK]),
        (21, "weight too large", &["The weight %150% is not between -100 and 100."]),
        (23, "weight on a right option", &["An option marked = is fully right. Write ~ and the weight before “a”."]),
        (25, "weights too small", &["The weights add up to 60.00 %, so full marks cannot be reached."]),
        (27, "one option", &["Option 2 is empty."]),
        (29, "same options", &["Options 1 and 2 are the same."]),
        (31, "not a number", &["“twelve” is not a number. Write it like 3.14, 3.14:0.01 or 3..4."]),
        (33, "nothing behind the hash", &["There is no number behind #."]),
        (35, "empty range", &["The range of right numbers is empty: its minimum is above its maximum."]),
        (37, "partial number", &["No number earns full marks. Remove the weight of the right one."]),
        (39, "pair without arrow", &["Put -> between the two sides of the pair “Kenya”."]),
        (41, "pair without choice", &["The pair “Kenya ->” has nothing behind its ->."]),
        (43, "one pair", &["It has 1 stem, at least 2 are needed.", "It has 1 choice, at least 2 are needed."]),
        (45, "empty answer", &["An answer is empty. Write it behind its =."]),
        (47, "partial text", &["No answer earns full marks. Remove the weight of the right one."]),
        (49, "", &[NO_TITLE_END]),
        (51, "", &[NO_TITLE_END]),
        (53, "no text", &["The question has no text."]),
        (
            55,
            "",
            &[
                "Nothing is left of the text “[html]<img src=\"picture.png\">”.",
                "An image was removed. Check that the question can be answered without it.",
            ],
        ),
        (57, "wrong answer for a number", &["“14” is not a number to accept. Put = before it, or remove it."]),
    ];
    check(Format::Gift, include_bytes!("../fixtures/broken.gift"), expected, &[59]);
}

#[test]
fn every_broken_aiken_question_is_refused_with_its_line_and_reason() {
    let expected: &[Broken] = &[
        (1, "", &["It has no options. Write them as A. text below the question, without a blank line between."]),
        (3, "", &[NO_OPTIONS]),
        (6, "", &["There is no question above the options."]),
        (10, "", &[NO_ANSWER]),
        (14, "", &["ANSWER: names C, but the last option is B."]),
        (19, "", &["ANSWER: “1” is not the letter of an option."]),
        (24, "", &["ANSWER: “yes” is not the letter of an option."]),
        (29, "", &["There is no letter behind ANSWER:. Write the letter of the right option."]),
        (34, "", &["Option C stands where B belongs. Letter the options A, B, C in order."]),
        (39, "", &["Option B stands where C belongs. Letter the options A, B, C in order."]),
        (45, "", &[NO_OPTIONS]),
        (50, "", &["It has 1 option, at least 2 are needed."]),
        (54, "", &["Options 1 and 3 are the same."]),
        (60, "", &["Option 2 is empty."]),
        (65, "", &["ANSWER: names A twice."]),
        (70, "", &["Option 2 contains explanation text."]),
        (75, "", &[NO_ANSWER]),
        (83, "", &[NO_OPTIONS]),
        (88, "", &[NO_ANSWER]),
    ];
    check(Format::Aiken, include_bytes!("../fixtures/broken.aiken"), expected, &[78]);
}

#[test]
fn every_broken_row_is_refused_with_its_line_and_reason() {
    let expected: &[Broken] = &[
        (2, "no-question", &["The question is empty."]),
        (3, "no-answer", &["No correct answer is given. Write the letter of the right option."]),
        (4, "unknown-letter", &["The correct answer “E” names option E, but there are 2 options."]),
        (5, "unknown-number", &["The correct answer “7” names option G, but there are 2 options."]),
        (6, "unknown-text", &["The correct answer “perhaps” is neither the letter of an option nor its text."]),
        (7, "named-twice", &["The correct answer “A,A” names an option twice."]),
        (
            8,
            "ambiguous",
            &[
                "The correct answer “4” may be the letter or number of one option and is the text of another. Write the letter.",
            ],
        ),
        (9, "", &["The row has 5 cells, but the header has 12. Add the missing separators."]),
        (
            10,
            "",
            &[
                "The row has 14 cells, but the header has 12. Put quotation marks around a text that contains the separator.",
            ],
        ),
        (11, "one-option", &["It has 1 option, at least 2 are needed."]),
        (12, "no-options", &["There are no options."]),
        (13, "gap", &["Option B is empty, but option C is not. Move the options together."]),
        (14, "same-options", &["Options 1 and 3 are the same."]),
        (15, "", &[QUOTES]),
        (16, "", &[QUOTES]),
        (17, "bad-points", &["“many” is not a number of points between 0 and 1000."]),
        (18, "negative-points", &["“-1” is not a number of points between 0 and 1000."]),
        (19, "no-points", &["The question is worth no points."]),
        (20, "bad-choose", &["“several” is not how many options to choose. Write a number or leave the cell empty."]),
        (21, "choose-mismatch", &["The question says to choose 3, but 2 options are right."]),
        (22, "explanation-in-option", &["Option 2 contains explanation text."]),
        (
            23,
            "two-things",
            &["The question is empty.", "The correct answer “Z” names option Z, but there are 2 options."],
        ),
        (24, "punctuation", &["The correct answer “?” is neither the letter of an option nor its text."]),
    ];
    check(Format::Csv, include_bytes!("../fixtures/broken.csv"), expected, &[25]);
}

#[test]
fn every_broken_question_of_an_archive_is_refused_with_its_line_and_reason() {
    let expected: &[Broken] = &[
        (
            6,
            "unknown-kind",
            &["The kind “essay” is not known. Known are choice, numeric, short_text, matching, ordering and cloze."],
        ),
        (7, "no-kind", &["The question lacks \"kind\"."]),
        (8, "no-prompt", &["The question lacks \"prompt\"."]),
        (9, "unknown-field", &["The question has the unknown field “promt”. Remove it or correct its name."]),
        (10, "unknown-field-of-option", &["Option 2 has the unknown field “corect”. Remove it or correct its name."]),
        (11, "field-of-another-kind", &["The question has the unknown field “unit”. Remove it or correct its name."]),
        (12, "no-options", &["The question lacks \"options\"."]),
        (13, "options-no-list", &["The question: \"options\" must be a list in [ ]."]),
        (14, "option-no-object", &["Option 1 must be an object in { }.", "Option 2 must be an object in { }."]),
        (15, "no-right-option", &["No right answer is given."]),
        (16, "two-right-options", &["Only one option can be chosen, but 2 are right."]),
        (17, "choose-mismatch", &["The question says to choose 2, but 1 option is right."]),
        (18, "correct-no-flag", &["Option 1: \"correct\" must be true or false."]),
        (19, "correct-and-weight", &["Some options have \"correct\" and some \"weight\". Use one of them for all."]),
        (20, "weight-too-large", &["Option 1: \"weight\" must be between -100 and 100."]),
        (21, "bad-difficulty", &["The difficulty “spicy” is not easy, medium or hard."]),
        (22, "bad-points", &["The question: \"points\" must be between 0 and 1000."]),
        (23, "bad-domains", &["The question: \"domains\" must be a list in [ ]."]),
        (24, "nothing-accepted", &["No right answer is given."]),
        (25, "not-a-number", &["Answer 1: \"value\" must be a number."]),
        (26, "half-a-range", &["Answer 1 lacks \"max\"."]),
        (27, "empty-range", &["The range of right numbers is empty: its minimum is above its maximum."]),
        (28, "pair-without-choice", &["Pair 2 lacks \"choice\"."]),
        (29, "distractor-is-a-choice", &["Choices 1 and 3 are the same."]),
        (30, "one-item", &["It has 1 item, at least 2 are needed."]),
        (31, "bad-order", &["The key names item 3, but there are only 2."]),
        (32, "missing-mark", &["The text must show the marks {{1}} to {{1}} once each, and no other."]),
        (33, "no-right-dropdown", &["Blank 1 must have one correct option, but has 0."]),
        (34, "twice", &["On line 34, the field \"id\" is given twice."]),
        (35, "syntax", &["On line 37 the JSON is broken: expected `,` or `}`."]),
        (38, "open-string", &["A bracket or a quotation mark of this question is missing."]),
        (39, "open-bracket", &["A bracket or a quotation mark of this question is missing."]),
        (40, "control", &["The question text “What�?” holds the control character U+0000. Remove it."]),
        (42, "fine", &["The id “fine” is also that of the question on line 41. Give it another."]),
        (43, "", &["The question must be an object in { }."]),
    ];
    check(Format::Archive, include_bytes!("../fixtures/broken.json"), expected, &[41]);
}
