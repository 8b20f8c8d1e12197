//! Options that lean on their neighbours: "All of the above" and "Both A and B" must keep their places when options are
//! shuffled, which none of the foreign formats can say.

use crate::draft::remark;
use exam::question::ChoiceOption;

/// The options of a choice question, those pinned that lose their sense elsewhere.
pub(crate) fn options(texts: Vec<String>, changes: &mut Vec<String>) -> Vec<ChoiceOption> {
    let is = |text: &str, word: &str| text.trim().eq_ignore_ascii_case(word);
    let true_false = matches!(texts.as_slice(), [yes, no] if is(yes, "true") && is(no, "false"));
    let by_letter = texts.iter().any(|text| names_letters(text));
    if by_letter {
        remark(changes, "An option names others by their letters, so the options are not shuffled.");
    }
    let last = texts.len().saturating_sub(1);
    let option = |(index, text): (usize, String)| {
        let pinned = true_false || by_letter || (index == last && of_the_above(&text));
        ChoiceOption { text, pinned }
    };
    texts.into_iter().enumerate().map(option).collect()
}

/// "All of the above", "None of these", "All the above".
fn of_the_above(text: &str) -> bool {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [amount, rest @ ..] if matches!(*amount, "all" | "none" | "any" | "both" | "neither") => {
            let rest: Vec<&str> = rest.iter().copied().filter(|word| !matches!(*word, "of" | "the")).collect();
            matches!(
                rest.as_slice(),
                ["above" | "these" | "them"]
                    | ["above" | "these", "options" | "answers" | "choices"]
                    | ["options" | "answers", "above"]
            )
        }
        _ => false,
    }
}

/// "Both A and B", "A and C only", "Neither A nor B".
fn names_letters(text: &str) -> bool {
    // A text that starts with a lower-case letter is a sentence about things called a and b.
    if text.len() > 60 {
        return false;
    }
    let letters = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut named = 0;
    for word in letters {
        match word {
            "A" | "B" | "C" | "D" | "E" | "F" => named += 1,
            _ if matches!(
                word.to_ascii_lowercase().as_str(),
                "both"
                    | "neither"
                    | "either"
                    | "and"
                    | "nor"
                    | "or"
                    | "only"
                    | "options"
                    | "option"
                    | "answers"
                    | "answer"
            ) => {}
            _ => return false,
        }
    }
    named >= 2 && text.contains(' ')
}

fn words(text: &str) -> Vec<String> {
    if text.len() > 60 {
        return Vec::new();
    }
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pins(texts: &[&str]) -> (Vec<bool>, bool) {
        let mut changes = Vec::new();
        let options = options(texts.iter().map(ToString::to_string).collect(), &mut changes);
        (options.iter().map(|option| option.pinned).collect(), !changes.is_empty())
    }

    #[test]
    fn true_and_false_keep_their_order() {
        assert_eq!(pins(&["True", "false"]), (vec![true, true], false));
        assert_eq!(pins(&["False", "True"]), (vec![false, false], false));
    }

    #[test]
    fn all_of_the_above_stays_last() {
        for last in ["All of the above", "None of these.", "ALL the above", "None of the above options"] {
            assert_eq!(pins(&["x", "y", last]), (vec![false, false, true], false), "{last}");
        }
        assert_eq!(pins(&["x", "All packets of the above kind are dropped"]), (vec![false, false], false));
    }

    #[test]
    fn options_that_name_letters_keep_all_in_order_and_say_so() {
        for last in ["Both A and B", "A and C", "Neither A nor B", "A, B and C only"] {
            assert_eq!(pins(&["x", "y", last]), (vec![true, true, true], true), "{last}");
        }
        for last in ["A", "vitamin A and C", "A record", "AB"] {
            assert_eq!(pins(&["x", "y", last]), (vec![false, false, false], false), "{last}");
        }
    }
}
