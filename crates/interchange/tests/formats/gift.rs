//! GIFT means what Moodle means by it.

use super::{changed, explanations, item, key, options, question, reading, refused, right, several, weights};
use exam::question::{Content, Key, NumericKey, Question, Weight};
use interchange::Format::Gift;
use interchange::{Outcome, Unreadable, read};

fn texts_accepted(question: &Question) -> Vec<(String, f64)> {
    match key(question) {
        Key::ShortText(key) => {
            key.accepted.iter().map(|answer| (answer.pattern.clone(), answer.weight.as_percent())).collect()
        }
        other => panic!("no short text: {other:?}"),
    }
}

/// What numbers are worth, in percent.
fn worth(question: &Question, numbers: &[&str]) -> Vec<f64> {
    let Key::Numeric(key) = key(question) else { panic!("not numeric") };
    numbers.iter().map(|number| key.weigh(&NumericKey::parse_number(number).expect("a number")).as_percent()).collect()
}

#[test]
fn one_right_answer_makes_a_single_choice() {
    let question = question(Gift, "What is 2 + 2?{~3 =4 ~5}");
    assert_eq!(question.prompt, "What is 2 + 2?");
    assert_eq!(options(&question), ["3", "4", "5"]);
    assert_eq!(right(&question), [1]);
    assert_eq!(several(&question), (false, None));
}

#[test]
fn options_may_stand_on_lines_of_their_own_or_run_together() {
    let lines = question(Gift, "Which?\n{\n  =yes\n  ~no\n  ~perhaps\n}\n");
    let together = question(Gift, "Which?{=yes~no~perhaps}");
    assert_eq!(lines, together);
}

#[test]
fn an_option_marked_tilde_with_a_weight_earns_part_of_the_marks() {
    let question = question(Gift, "Which?{=best ~%50%good ~%-25%bad ~nothing}");
    assert_eq!(weights(&question), [100.0, 50.0, -25.0, 0.0]);
    assert_eq!(several(&question), (false, None));
}

#[test]
fn weights_without_an_equals_sign_make_a_multiple_response() {
    let question = question(Gift, "Which two?{~%50%a ~%50%b ~%-100%c ~d}");
    assert_eq!(weights(&question), [50.0, 50.0, -100.0, 0.0]);
    assert_eq!(several(&question), (true, None));
}

#[test]
fn several_options_marked_equals_are_each_fully_right() {
    let question = question(Gift, "Which?{=a =b ~c}");
    assert_eq!(weights(&question), [100.0, 100.0, 0.0]);
    assert_eq!(several(&question), (false, None));
}

#[test]
fn an_equals_sign_with_a_hundred_percent_is_full_credit() {
    assert_eq!(right(&question(Gift, "Which?{=%100%a ~b}")), [0]);
    assert_eq!(texts_accepted(&question(Gift, "Which?{=%100%a}")), [("a".to_owned(), 100.0)]);
    assert_eq!(
        refused(Gift, "Which?{=%50%a =%50%b ~c}"),
        ["An option marked = is fully right. Write ~ and the weight before “a”."]
    );
}

#[test]
fn thirds_are_full_marks_together() {
    let question = question(Gift, "Which?{~%33.33333%a ~%33.33333%b ~%33.33333%c ~d}");
    assert_eq!(weights(&question)[0], 33.33333);
}

#[test]
fn weights_beyond_five_digits_are_rounded_and_said_to_be() {
    let (question, reasons) = changed(Gift, "Which?{~%66.6666667%a ~%33.3333333%b ~c}");
    assert_eq!(weights(&question), [66.66667, 33.33333, 0.0]);
    assert_eq!(reasons, ["Weights were rounded to five digits after the point."]);
}

#[test]
fn only_right_answers_make_a_short_text() {
    let question = question(Gift, "Who wrote it?{=Ada Lovelace =%80%Lovelace =%50%*lace}");
    assert_eq!(question.content, Content::ShortText {});
    let accepted =
        [("Ada Lovelace", 100.0), ("Lovelace", 80.0), ("*lace", 50.0)].map(|(text, weight)| (text.to_owned(), weight));
    assert_eq!(texts_accepted(&question), accepted);
}

#[test]
fn a_short_text_ignores_case_and_knows_wildcards() {
    let question = question(Gift, r"What?{=idempot* =2\*3}");
    let Key::ShortText(key) = key(&question) else { panic!("no short text") };
    assert_eq!(key.weigh("IDEMPOTENT"), Weight::FULL);
    assert_eq!(key.weigh("2*3"), Weight::FULL);
    assert_eq!(key.weigh("2x3"), Weight::ZERO);
}

#[test]
fn accents_count_in_a_short_text_as_in_moodle() {
    let question = question(Gift, "Drink?{=café}");
    let Key::ShortText(key) = key(&question) else { panic!("no short text") };
    assert_eq!((key.weigh("Café"), key.weigh("cafe")), (Weight::FULL, Weight::ZERO));
}

#[test]
fn true_and_false_are_two_pinned_options() {
    for (answer, expected) in [("T", 0), ("TRUE", 0), ("F", 1), ("FALSE", 1)] {
        let question = question(Gift, &format!("Water is wet. {{{answer}}}"));
        let Content::Choice { options, multiple: false, choose: None } = &question.content else {
            panic!("no single choice")
        };
        assert!(options.iter().all(|option| option.pinned));
        assert_eq!(super::options(&question), ["True", "False"]);
        assert_eq!(right(&question), [expected], "{answer}");
    }
}

#[test]
fn feedback_of_true_and_false_goes_to_the_option_it_is_about() {
    // Moodle's order: for a wrong response first, then for a right one.
    let yes = question(Gift, "Is it?{TRUE#You said no.#You said yes.}");
    assert_eq!(explanations(&yes).per_option, [Some("You said yes.".into()), Some("You said no.".into())]);
    let no = question(Gift, "Is it?{F#You said yes.####In general.}");
    assert_eq!(explanations(&no).per_option, [Some("You said yes.".into()), None]);
    assert_eq!(explanations(&no).general.as_deref(), Some("In general."));
}

#[test]
fn a_lower_case_true_is_taken_as_such_and_said_to_be() {
    let (question, reasons) = changed(Gift, "Is it?{True}");
    assert_eq!(right(&question), [0]);
    assert_eq!(reasons, ["“True” was read as TRUE."]);
}

#[test]
fn feedback_explains_its_option_and_four_hashes_the_question() {
    let question = question(Gift, "Which?{\n=a#Right, because.\n~b # Not so.\n~c\n####Read chapter 2.}");
    let per_option = [Some("Right, because.".to_owned()), Some("Not so.".to_owned()), None];
    assert_eq!(explanations(&question).per_option, per_option);
    assert_eq!(explanations(&question).general.as_deref(), Some("Read chapter 2."));
}

#[test]
fn feedback_on_typed_answers_joins_the_explanation() {
    let (question, reasons) = changed(Gift, "Who?{=Ada#Yes. =%50%Bob#Nearly.####She was first.}");
    assert_eq!(explanations(&question).general.as_deref(), Some("She was first.\n\nAda: Yes.\n\nBob: Nearly."));
    assert_eq!(reasons, ["The feedback on its answers became part of the explanation."]);
}

#[test]
fn numbers_come_with_a_tolerance_a_range_or_neither() {
    assert_eq!(worth(&question(Gift, "Pi?{#3.14:0.01}"), &["3.13", "3.15", "3.151"]), [100.0, 100.0, 0.0]);
    assert_eq!(worth(&question(Gift, "How many?{#1..5}"), &["1", "5", "5.1", "0.9"]), [100.0, 100.0, 0.0, 0.0]);
    assert_eq!(worth(&question(Gift, "How many?{#-7}"), &["-7", "7"]), [100.0, 0.0]);
    assert_eq!(worth(&question(Gift, "How far?{#1.5e3:1}"), &["1501", "1502"]), [100.0, 0.0]);
}

#[test]
fn several_numbers_can_have_their_weights() {
    let question = question(Gift, "When?{#\n =1822:0\n =%50%1822:2\n}");
    assert_eq!(worth(&question, &["1822", "1824", "1825"]), [100.0, 50.0, 0.0]);
}

#[test]
fn feedback_for_all_other_numbers_joins_the_explanation() {
    let (question, _) = changed(Gift, "When?{#=1822#Right. ~#Too bad.}");
    assert_eq!(explanations(&question).general.as_deref(), Some("1822: Right.\n\nToo bad."));
}

#[test]
fn an_arrow_makes_a_matching_question() {
    let question = question(Gift, "Match.{=Norway -> Oslo =Kenya->Nairobi =Also Norway -> Oslo = -> Lima}");
    let Content::Matching { stems, choices } = &question.content else { panic!("no matching") };
    assert_eq!(stems, &["Norway", "Kenya", "Also Norway"]);
    assert_eq!(choices, &["Oslo", "Nairobi", "Lima"]);
    assert_eq!(key(&question), &Key::Matching { pairs: vec![0, 1, 0] });
}

#[test]
fn a_missing_word_becomes_a_gap() {
    let question = question(Gift, "Grant is {~buried =entombed ~living} in Grant's tomb.");
    assert_eq!(question.prompt, "Grant is _____ in Grant's tomb.");
    assert_eq!(super::question(Gift, "Two and two is {#4}.").prompt, "Two and two is _____.");
}

#[test]
fn a_category_is_the_domain_of_what_follows() {
    let text = "Q1?{T}\n\n$CATEGORY: $course$/top/Networks/IP//TCP\n\nQ2?{T}\n\n$CATEGORY: Routing\nQ3?{T}\n\n$CATEGORY: $course$/top\n\nQ4?{T}\n";
    let reading = reading(Gift, text);
    let domains: Vec<_> = reading.items.iter().map(|item| item.question().unwrap().domains.clone()).collect();
    let expected: [&[&str]; 4] = [&[], &["IP/TCP"], &["Routing"], &[]];
    assert_eq!(domains, expected);
    assert_eq!(reading.items.iter().map(|item| item.line).collect::<Vec<_>>(), [1, 5, 8, 12]);
}

#[test]
fn titles_and_ids_are_references() {
    assert_eq!(item(Gift, ":: Q 1\\: a ::What?{T}").reference.as_deref(), Some("Q 1: a"));
    assert_eq!(item(Gift, "// [id:q-7] [tag:x]\nWhat?{T}").reference.as_deref(), Some("q-7"));
    let reading = reading(Gift, "// [tag:x]\nWhat?{T}\n\nWhat else?{T}");
    assert_eq!(reading.notes, ["Tags in comments are not imported; categories become domains."]);
    assert_eq!(reading.items[1].reference, None);
}

#[test]
fn comments_are_left_out_wherever_they_stand() {
    let question =
        question(Gift, "// before\nWhat\n  // between\nis it?{\n=this // not a comment\n//~gone\n~that}\n// after");
    assert_eq!(question.prompt, "What\\\nis it?");
    assert_eq!(options(&question), ["this // not a comment", "that"]);
}

#[test]
fn a_backslash_makes_control_characters_plain() {
    let question = question(Gift, r"Is \{x\} \= \~y\: \#1?{=a\=b ~c\~d#e\#f ~C:\temp\\new}");
    assert_eq!(question.prompt, "Is {x} = ~y: #1?");
    assert_eq!(options(&question), ["a=b", "c~d", r"C:\temp\new"]);
    assert_eq!(explanations(&question).per_option[1].as_deref(), Some("e#f"));
}

#[test]
fn an_escaped_n_breaks_the_line() {
    assert_eq!(question(Gift, r"one\ntwo\n\nthree{T}").prompt, "one\\\ntwo\n\nthree");
}

#[test]
fn a_blank_line_parts_questions_but_not_within_braces() {
    let reading = reading(Gift, "One?{T}\n \t\nTwo?{\n\n=a\n\n~b\n\n}\n\n\nThree?{F}");
    let found: Vec<(usize, bool)> = reading.items.iter().map(|item| (item.line, item.question().is_some())).collect();
    assert_eq!(found, [(1, true), (3, true), (12, true)]);
    assert_eq!(options(reading.items[1].question().unwrap()), ["a", "b"]);
}

#[test]
fn a_forgotten_brace_costs_its_own_question_only() {
    let reading = reading(Gift, "One?{T\n\nTwo?{F}\n\nThree?{=a ~b\n\n::Four::x{T}\n\nFive T}\n\nSix?{T}");
    let refused: Vec<usize> =
        reading.items.iter().filter(|item| matches!(item.outcome, Outcome::Refused(_))).map(|item| item.line).collect();
    assert_eq!((reading.items.len(), refused), (6, vec![1, 5, 9]));
}

#[test]
fn plain_text_shows_as_typed() {
    assert_eq!(question(Gift, "What is a*b*c in [plain]?{T}").prompt, r"What is a\*b\*c in [plain]?");
    assert_eq!(question(Gift, "[plain]<b> or *b*?{T}").prompt, r"\<b> or *b*?".replace("*b*", r"\*b\*"));
    assert_eq!(question(Gift, "[markdown]*Which* `x`?{=**a** ~b}").prompt, "*Which* `x`?");
}

#[test]
fn html_becomes_markdown_and_what_is_removed_is_named() {
    let clean = question(Gift, "[html]<p>What is H<sub>2</sub>O?</p>{=<b>water</b> ~[plain]<b>ice</b>}");
    assert_eq!(clean.prompt, "What is H<sub>2</sub>O?");
    assert_eq!(options(&clean), ["<b>water</b>", r"\<b>ice\</b>"]);
    let (question, reasons) =
        changed(Gift, r#"[html]<p>See <img src\="@@PLUGINFILE@@/a.png" alt\="a bridge"></p><script>x()</script>{T}"#);
    assert_eq!(question.prompt, "See [a bridge]");
    assert_eq!(reasons, ["An image was removed; its alternative text is kept.", "A script was removed."]);
}

#[test]
fn an_option_that_was_only_an_image_is_refused_with_both_reasons() {
    assert_eq!(
        refused(Gift, "[html]Which?{=a ~<img src\\=\"b.png\"/>}"),
        ["Option 2 is empty.", "An image was removed. Check that the question can be answered without it."]
    );
}

#[test]
fn maths_of_moodle_is_maths_here() {
    assert_eq!(question(Gift, r"Solve $$x^2 \= 4$$ and \\(y_1\\).{T}").prompt, r"Solve $$x^2 = 4$$ and $y_1$.");
}

#[test]
fn all_of_the_above_keeps_its_place() {
    let question = question(Gift, "Which?{~a ~b =All of the above}");
    let Content::Choice { options, .. } = &question.content else { panic!("no choice") };
    assert_eq!(options.iter().map(|option| option.pinned).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn an_equals_sign_that_was_not_escaped_is_pointed_out() {
    assert_eq!(
        item(Gift, "When?{~if x=5 ~if y\\=6####x}").warnings,
        ["The = in “x=5” starts an answer. Write \\= if it belongs to a text."]
    );
    assert_eq!(
        item(Gift, "When?{~b ~a\u{3000}é=ö\u{a0}c####x}").warnings,
        ["The = in “é=ö” starts an answer. Write \\= if it belongs to a text."]
    );
    assert!(item(Gift, "When?{=a~b####x}").warnings.is_empty());
    assert_eq!(
        refused(Gift, "[html]Which?{=a ~<a href=\"x\">b</a>}"),
        ["An HTML attribute holds an = that starts an answer. Write \\= for it."]
    );
}

#[test]
fn a_title_or_category_starts_a_question_without_a_blank_line() {
    let reading = reading(Gift, "::one::One?{T}\n::two::Two?{F}\n$CATEGORY: Routing\n// comment\nThree?{T}\n");
    let found: Vec<_> = reading.items.iter().map(|item| (item.line, item.question().unwrap().domains.len())).collect();
    assert_eq!(found, [(1, 0), (2, 0), (5, 1)]);
}

#[test]
fn essays_and_descriptions_are_refused_and_not_dropped() {
    assert_eq!(refused(Gift, "Discuss.{}"), ["It has no answers between { and }. Essays are not imported yet."]);
    assert_eq!(
        refused(Gift, "Discuss.{####Hint}"),
        ["It has no answers between { and }. Essays are not imported yet."]
    );
    assert_eq!(
        refused(Gift, "The next part is about routing."),
        ["It has no answers in { }. Descriptions are not imported: add answers or remove it."]
    );
}

#[test]
fn a_question_without_explanation_is_imported_with_a_warning() {
    assert_eq!(item(Gift, "Is it?{T}").warnings, ["The question has no explanation."]);
    assert!(item(Gift, "Is it?{T####Yes.}").warnings.is_empty());
}

#[test]
fn a_file_without_questions_is_said_to_be_one() {
    for text in ["", "\n\n", "// only a comment\n", "$CATEGORY: x\n"] {
        assert_eq!(read(Gift, text.as_bytes()), Err(Unreadable::NoQuestions), "{text}");
    }
}
