//! What a question's own text tells the candidate: how many options to choose, and where the blanks are.

/// The numbers as people write them out.
const NUMBERS: [&str; 10] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

/// How many options a prompt says to choose: "(Choose TWO.)", "Select 3 answers", "Pick the two correct options". None when it
/// says nothing of the kind, or leaves it open ("two or three", "all that apply").
///
/// Only a sentence of its own counts: "customers who choose two regions" tells the candidate nothing.
pub(super) fn told_to_choose(prompt: &str) -> Option<usize> {
    let plain: String = prompt.chars().filter(|c| !matches!(c, '*' | '_' | '`' | '\\')).collect();
    let words: Vec<(usize, &str)> = words(&plain).collect();
    let is_verb =
        |word: &str| ["choose", "select", "pick", "mark", "tick"].iter().any(|v| v.eq_ignore_ascii_case(word));
    // Instructions stand at the end more often than at the beginning.
    let verbs = words.iter().enumerate().rev().filter(|(_, (_, word))| is_verb(word));
    verbs
        .filter(|(place, _)| starts_sentence(&plain, &words, *place))
        .find_map(|(place, _)| number_told(&plain, &words[place + 1..]))
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(char::is_alphanumeric)?;
        let length = text[start..].find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len() - start);
        at = start + length;
        Some((start, &text[start..at]))
    })
}

fn starts_sentence(text: &str, words: &[(usize, &str)], place: usize) -> bool {
    let (start, _) = words[place];
    let polite =
        place.checked_sub(1).map(|before| words[before]).filter(|(_, word)| word.eq_ignore_ascii_case("please"));
    let before = &text[..polite.map_or(start, |(start, _)| start)];
    let shown = before.trim_end();
    before[shown.len()..].contains('\n') || shown.chars().next_back().is_none_or(|c| !c.is_alphanumeric())
}

/// The number behind the verb, when what follows it is about answers.
fn number_told(text: &str, words: &[(usize, &str)]) -> Option<usize> {
    let filler =
        |word: &str| ["exactly", "only", "any", "the", "best", "correct", "right"].contains(&&*word.to_lowercase());
    let mut words = words.iter().skip_while(|(_, word)| filler(word));
    let (start, word) = words.next()?;
    let named = NUMBERS.iter().position(|name| name.eq_ignore_ascii_case(word)).map(|index| index + 1);
    let number = named.or_else(|| word.parse().ok().filter(|number| (1..=26).contains(number)))?;
    let after = text[start + word.len()..].trim_start();
    let loud = named.is_some() && word.chars().all(char::is_uppercase);
    let mut about_answers = || {
        let next = words.next().map(|(_, word)| word.to_lowercase()).unwrap_or_default();
        let nouns = ["answer", "option", "choice", "response", "statement", "item"];
        nouns.iter().any(|noun| next.strip_suffix('s').unwrap_or(&next) == *noun)
            || ["of", "that", "from", "which", "correct", "best", "right"].contains(&next.as_str())
    };
    let open = after.get(..2).is_some_and(|next| next.eq_ignore_ascii_case("or") || next.eq_ignore_ascii_case("to"));
    let ends = match after.chars().next() {
        None | Some('.' | ')' | ']' | '}' | '!' | '?' | ';' | ':' | ',') => true,
        Some(_) => !open && (loud || about_answers()),
    };
    ends.then_some(number)
}

/// The numbers of the marks `{{1}}`, `{{2}}`, ... in a text, in their order. A mark has one to three digits.
#[must_use]
pub fn blank_marks(text: &str) -> Vec<usize> {
    let mut marks = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        rest = &rest[at + 2..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=3).contains(&digits) && rest[digits..].starts_with("}}") {
            marks.extend(rest[..digits].parse::<usize>());
            rest = &rest[digits + 2..];
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_prompt_says_to_choose_is_understood() {
        for (prompt, told) in [
            ("Which run over UDP? (Choose TWO.)", 2),
            ("Which run over UDP? (choose two)", 2),
            ("Which run over UDP? **(Choose *three*.)**", 3),
            ("Which run over UDP? [Select 2]", 2),
            ("Which run over UDP?\nSelect two answers", 2),
            ("Select the two correct options: which run over UDP?", 2),
            ("Choose TWO protocols that run over UDP.", 2),
            ("Which run over UDP? Please pick exactly 3 of these.", 3),
            ("Which one runs over UDP? (Choose one.)", 1),
            ("Which of the following are true? Choose 2.", 2),
            ("Which? Mark four statements that are wrong.", 4),
        ] {
            assert_eq!(told_to_choose(prompt), Some(told), "{prompt}");
        }
    }

    #[test]
    fn what_tells_the_candidate_nothing_is_left_alone() {
        for prompt in [
            "Which run over UDP? (Choose all that apply.)",
            "Which run over UDP? (Choose two or three.)",
            "Which run over UDP? (Choose up to three.)",
            "A team must choose two regions. Which one is nearest?",
            "Customers who select two answers get a refund. Why?",
            "You configure a bond. Select two interfaces for it and say which protocol joins them.",
            "What does `SELECT 2` return?",
            "Which two run over UDP?",
            "Choose two-factor authentication: yes or no?",
            "",
        ] {
            assert_eq!(told_to_choose(prompt), None, "{prompt}");
        }
    }

    #[test]
    fn marks_are_found_where_the_page_finds_them() {
        for (text, marks) in [
            ("{{1}} and {{2}}", &[1, 2][..]),
            ("{{x {{1}} {{007}} {{0}}", &[1, 7, 0]),
            ("{{}} {1} {{1234}} {{1 }} {{{1}}}", &[]),
        ] {
            assert_eq!(blank_marks(text), marks, "{text}");
        }
    }
}
