//! Marks by example: each policy on answers whose marks can be checked by hand.

use super::*;
use crate::id::QuestionVersionId;
use crate::question::{ChoiceOption, Explanations, NumericAnswer, TextAnswer, TextKey};
use crate::sealed::Sealed;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn question(content: Content, key: Key) -> Question {
    Question {
        prompt: "?".into(),
        content,
        key: Sealed::new(key),
        explanations: Sealed::new(Explanations::default()),
        domains: vec!["d".into()],
        difficulty: None,
        points: Points::ONE,
    }
}

fn choice(count: usize, right: &[usize], choose: Option<usize>) -> Question {
    let options = (0..count).map(|index| ChoiceOption { text: index.to_string(), pinned: true }).collect();
    question(
        Content::Choice { options, multiple: right.len() > 1, choose },
        Key::Choice(ChoiceKey::Correct { options: right.iter().copied().collect() }),
    )
}

fn weighted(multiple: bool, percents: &[f64]) -> Question {
    let options = (0..percents.len()).map(|index| ChoiceOption { text: index.to_string(), pinned: true }).collect();
    let weights = percents.iter().map(|percent| Weight::from_percent(*percent).expect("a percentage")).collect();
    question(Content::Choice { options, multiple, choose: None }, Key::Choice(ChoiceKey::Weighted { weights }))
}

fn text_key(patterns: &[&str]) -> TextKey {
    let accepted = patterns.iter().map(|p| TextAnswer { pattern: (*p).to_owned(), weight: Weight::FULL }).collect();
    TextKey { accepted, case_sensitive: false, accent_sensitive: false }
}

/// All parts pinned or unshuffled: "a" is the first authored one.
fn unshuffled(question: &Question) -> PaperItem {
    let mut item =
        PaperItem::arrange(QuestionVersionId(1), &question.content, false, &mut ChaCha8Rng::seed_from_u64(1));
    item.orders.iter_mut().for_each(|order| order.sort_unstable());
    item
}

fn letters(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

fn thousandths(question: &Question, response: Response, policy: GradingPolicy) -> i64 {
    mark(question, &unshuffled(question), Some(&response), &policy).points.0
}

fn policy(credit: PartialCredit) -> GradingPolicy {
    GradingPolicy { choice: credit, parts: credit, wrong_penalty: Weight::ZERO }
}

#[test]
fn choose_two_of_five_under_each_policy() {
    let question = choice(5, &[0, 1], Some(2));
    for (chosen, all_or_nothing, per_option, right_minus_wrong) in [
        ("ab", 1_000, 1_000, 1_000),
        ("a", 0, 500, 500),
        ("ac", 0, 167, 0),
        ("cd", 0, 0, -1_000),
        ("abc", 0, 0, 0), // three where two are asked for
    ] {
        let given = |credit| thousandths(&question, Response::Choice(letters(chosen)), policy(credit));
        assert_eq!(given(PartialCredit::AllOrNothing), all_or_nothing, "{chosen}");
        assert_eq!(given(PartialCredit::PerOption), per_option, "{chosen}");
        assert_eq!(given(PartialCredit::RightMinusWrong), right_minus_wrong, "{chosen}");
    }
}

#[test]
fn choosing_everything_earns_nothing_per_option() {
    let question = choice(5, &[0, 1], None);
    assert_eq!(thousandths(&question, Response::Choice(letters("abcde")), policy(PartialCredit::PerOption)), 0);
}

#[test]
fn the_authors_own_weights_are_summed_and_floored() {
    let multiple = weighted(true, &[50.0, 50.0, -100.0]);
    let single = weighted(false, &[100.0, 50.0, 0.0]);
    let given = |question, chosen| thousandths(question, Response::Choice(letters(chosen)), GradingPolicy::default());
    assert_eq!(given(&multiple, "ab"), 1_000);
    assert_eq!(given(&multiple, "a"), 500);
    assert_eq!(given(&multiple, "abc"), 0);
    assert_eq!(given(&multiple, "c"), 0, "floored");
    assert_eq!(given(&single, "b"), 500);
    let thirds = weighted(true, &[33.333, 33.333, 33.333, 0.0]);
    assert_eq!(given(&thirds, "abc"), 1_000, "three thirds are a whole");
}

#[test]
fn what_is_half_right_is_partial_however_little_it_is_worth() {
    let mut cloze = question(
        Content::Cloze { blanks: vec![Blank::Text {}, Blank::Text {}] },
        Key::Cloze { blanks: vec![BlankKey::Text(text_key(&["x"])), BlankKey::Text(text_key(&["y"]))] },
    );
    cloze.points = Points(1);
    let policy = GradingPolicy { wrong_penalty: Weight::FULL, ..GradingPolicy::default() };
    let half = Response::Blanks([("1".to_owned(), "x".to_owned())].into());
    let marked = mark(&cloze, &unshuffled(&cloze), Some(&half), &policy);
    assert_eq!((marked.points, marked.outcome), (Points(1), Outcome::Partial));

    let mut third = choice(6, &[0, 1, 2], None);
    third.points = Points(1);
    let policy = GradingPolicy { choice: PartialCredit::PerOption, ..policy };
    let marked = mark(&third, &unshuffled(&third), Some(&Response::Choice(letters("a"))), &policy);
    assert_eq!((marked.points, marked.outcome), (Points::ZERO, Outcome::Partial), "and it costs nothing");
}

#[test]
fn a_wrong_answer_costs_and_an_open_one_does_not() {
    let policy =
        GradingPolicy { wrong_penalty: Weight::from_percent(25.0).expect("in range"), ..GradingPolicy::default() };
    let question = choice(4, &[0], None);
    let item = unshuffled(&question);
    assert_eq!(thousandths(&question, Response::Choice(letters("b")), policy), -250);
    assert_eq!(mark(&question, &item, None, &policy).points, Points::ZERO);
    let paper = Paper { items: vec![item] };
    let answers = Answers::from([(1, Response::Choice(letters("b")))]);
    let grade = grade(&paper, &[&question], &answers, &policy, Percent::from_f64(50.0));
    assert_eq!(grade.points, Points::ZERO, "the total is never below zero");
    assert_eq!(grade.questions[0].points, Points(-250));
    assert_eq!(grade.passed, Some(false));
}

#[test]
fn parts_are_marked_one_by_one() {
    let matching = question(
        Content::Matching { stems: letters("xyz"), choices: letters("pqr") },
        Key::Matching { pairs: vec![0, 1, 1] },
    );
    let pairs = |pairs: &[(&str, &str)]| {
        Response::Match(pairs.iter().map(|(stem, letter)| ((*stem).to_owned(), (*letter).to_owned())).collect())
    };
    let given = |response, credit| thousandths(&matching, response, policy(credit));
    assert_eq!(given(pairs(&[("1", "a"), ("2", "b"), ("3", "b")]), PartialCredit::AllOrNothing), 1_000);
    assert_eq!(given(pairs(&[("1", "a"), ("2", "c")]), PartialCredit::PerOption), 333);
    assert_eq!(given(pairs(&[("1", "a"), ("2", "c")]), PartialCredit::RightMinusWrong), 0);
    assert_eq!(given(pairs(&[("1", "a"), ("2", "c")]), PartialCredit::AllOrNothing), 0);

    let ordering = question(Content::Ordering { items: letters("xyz") }, Key::Ordering { order: vec![2, 0, 1] });
    let given = |text| thousandths(&ordering, Response::Order(letters(text)), GradingPolicy::default());
    assert_eq!(given("cab"), 1_000);
    assert_eq!(given("cba"), 333);
    assert_eq!(given("c"), 333, "an unfinished order earns its right places");
}

#[test]
fn blanks_are_judged_each_by_its_kind() {
    let number = |text| NumericKey::parse_number(text).expect("a number");
    let numeric = NumericKey { accepted: vec![NumericAnswer::within(&number("443"), &number("0"))] };
    let cloze = question(
        Content::Cloze { blanks: vec![Blank::Text {}, Blank::Number {}, Blank::Dropdown { options: letters("pq") }] },
        Key::Cloze {
            blanks: vec![
                BlankKey::Text(text_key(&["https"])),
                BlankKey::Number(numeric),
                BlankKey::Dropdown { correct: 1 },
            ],
        },
    );
    let filled = |texts: [&str; 3]| {
        let texts = texts.iter().enumerate().map(|(index, text)| ((index + 1).to_string(), (*text).to_owned()));
        thousandths(&cloze, Response::Blanks(texts.collect()), GradingPolicy::default())
    };
    assert_eq!(filled(["HTTPS", "443.0", "b"]), 1_000);
    assert_eq!(filled(["http", "443", "b"]), 667);
    assert_eq!(filled(["http", "80", "a"]), 0);
}

#[test]
fn of_each_blank_it_is_known_what_became_of_it() {
    use Outcome::{Correct, Incorrect, Partial, Unanswered};
    let half = TextAnswer { pattern: "http".to_owned(), weight: Weight::from_percent(50.0).expect("in range") };
    let mut word = text_key(&["https"]);
    word.accepted.push(half);
    let port = NumericAnswer::within(&NumericKey::parse_number("443").expect("a number"), &"0".parse().expect("too"));
    let cloze = question(
        Content::Cloze { blanks: vec![Blank::Text {}, Blank::Number {}, Blank::Dropdown { options: letters("pq") }] },
        Key::Cloze {
            blanks: vec![
                BlankKey::Text(word),
                BlankKey::Number(NumericKey { accepted: vec![port] }),
                BlankKey::Dropdown { correct: 1 },
            ],
        },
    );
    let item = unshuffled(&cloze);
    let outcomes = |filled: &[(&str, &str)]| {
        let filled = filled.iter().map(|(blank, text)| ((*blank).to_owned(), (*text).to_owned())).collect();
        blank_outcomes(&cloze, &item, Some(&Response::Blanks(filled)), &Permit::for_staff())
    };
    assert_eq!(outcomes(&[("1", " HTTPS"), ("2", "443.0"), ("3", "b")]), [Correct; 3]);
    assert_eq!(outcomes(&[("1", "http"), ("2", "80")]), [Partial, Incorrect, Unanswered]);
    assert_eq!(blank_outcomes(&cloze, &item, None, &Permit::for_staff()), [Unanswered; 3]);
    let other = choice(2, &[0], None);
    assert_eq!(blank_outcomes(&other, &unshuffled(&other), None, &Permit::for_staff()), []);
}

#[test]
fn typed_answers_are_compared_kindly_and_nonsense_is_wrong() {
    let text = question(Content::ShortText {}, Key::ShortText(text_key(&["idempot*"])));
    assert_eq!(thousandths(&text, Response::Text(" Idempotent ".into()), GradingPolicy::default()), 1_000);
    let pi = NumericAnswer::within(&NumericKey::parse_number("3.14").expect("a number"), &"0.01".parse().expect("too"));
    let numeric = question(Content::Numeric { unit: None }, Key::Numeric(NumericKey { accepted: vec![pi] }));
    assert_eq!(thousandths(&numeric, Response::Number("3,15".into()), GradingPolicy::default()), 1_000);
    assert_eq!(thousandths(&numeric, Response::Number("about three".into()), GradingPolicy::default()), 0);
}

#[test]
fn the_pass_line_is_exact() {
    let questions: Vec<Question> = (0..3).map(|_| choice(2, &[0], None)).collect();
    let paper = Paper { items: questions.iter().map(unshuffled).collect() };
    let answers = Answers::from([(1, Response::Choice(letters("a"))), (2, Response::Choice(letters("a")))]);
    let graded = |line| {
        grade(
            &paper,
            &questions.iter().collect::<Vec<_>>(),
            &answers,
            &GradingPolicy::default(),
            Percent::from_f64(line),
        )
    };
    assert_eq!(graded(66.66).passed, Some(true));
    assert_eq!(graded(66.67).passed, Some(false), "two thirds are a little less");
    assert_eq!(graded(66.67).percent(), Percent(6_666));
    assert_eq!(
        graded(50.0).domains,
        [DomainMarks { name: "d".into(), points: Points(2_000), max_points: Points(3_000) }]
    );
}

#[test]
fn the_shown_key_is_in_the_letters_of_the_paper() {
    let mut question = choice(3, &[0], None);
    let Content::Choice { options, .. } = &mut question.content else { unreachable!("a choice") };
    options.iter_mut().for_each(|option| option.pinned = false);
    let item = PaperItem { question: QuestionVersionId(1), orders: vec![vec![2, 0, 1]] };
    assert_eq!(shown_key(&question, &item, &Permit::for_staff()), ShownKey::Choice(vec!["b".into()]));
}

proptest! {
    /// Whatever is answered: no policy pays more than full marks, and answering the shown key always earns them.
    #[test]
    fn the_key_earns_full_marks_and_nothing_earns_more(
        count in 2_usize..8, right_bits in 1_u8..=255, chosen_bits: u8, seed: u64, credit in 0_usize..3, shuffle: bool,
    ) {
        let right: Vec<usize> = (0..count).filter(|index| right_bits & (1 << index) != 0).collect();
        prop_assume!(!right.is_empty());
        let mut question = choice(count, &right, None);
        if let Content::Choice { options, multiple, .. } = &mut question.content {
            options.iter_mut().for_each(|option| option.pinned = false);
            *multiple = true;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let item = PaperItem::arrange(QuestionVersionId(1), &question.content, shuffle, &mut rng);
        let policy = policy(PartialCredit::ALL[credit]);
        let chosen = item.shown(0).filter(|(_, index)| chosen_bits & (1 << index) != 0).map(|(letter, _)| letter).collect();
        let some = mark(&question, &item, Some(&Response::Choice(chosen)), &policy);
        prop_assert!(some.points <= Points::ONE && some.points >= Points(-8_000));
        let ShownKey::Choice(key) = shown_key(&question, &item, &Permit::for_staff()) else { unreachable!("a choice") };
        let full = mark(&question, &item, Some(&Response::Choice(key)), &policy);
        prop_assert_eq!(full.outcome, Outcome::Correct);
    }
}
