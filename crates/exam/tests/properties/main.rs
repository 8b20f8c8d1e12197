//! What holds for every question, paper, policy and answer. Each case is made from its number, which a failure names.

mod generator;

use exam::answer::{Answers, Response};
use exam::blueprint::{NotEnoughQuestions, Pool, PoolDraw};
use exam::grade::{GradingPolicy, Outcome, PartialCredit, ShownKey, grade, mark, shown_key};
use exam::id::QuestionVersionId;
use exam::paper::{Paper, PaperItem};
use exam::question::{Content, Points, Question, Severity, lint};
use exam::sealed::Permit;
use exam::settings::{Mode, Percent, Settings};
use generator::{all_policies, policy, question, response};
use rand::{Rng, RngExt as _};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::{BTreeMap, HashMap, HashSet};

/// How many cases each of the six properties tries: 120,000 in all.
const CASES: u64 = 20_000;

/// Tries a property on every case.
fn every_case(holds: impl Fn(u64, &mut ChaCha8Rng)) {
    for case in 0..CASES {
        holds(case, &mut ChaCha8Rng::seed_from_u64(case));
    }
}

/// A question that lint lets through.
fn sound(rng: &mut impl Rng) -> Question {
    loop {
        let question = question(rng);
        if lint(&question).iter().all(|flaw| flaw.severity() < Severity::Error) {
            return question;
        }
    }
}

fn item(rng: &mut impl Rng, question: &Question) -> PaperItem {
    let shuffle = rng.random();
    PaperItem::arrange(QuestionVersionId(1), &question.content, shuffle, rng)
}

/// Up to four draws that may overlap and may ask for too much.
fn pool(rng: &mut impl Rng) -> Pool {
    let draws = (0..rng.random_range(1..5)).map(|_| {
        let (start, length) = (rng.random_range(0..10), rng.random_range(0..10));
        PoolDraw { count: rng.random_range(0..5), candidates: (start..start + length).map(QuestionVersionId).collect() }
    });
    Pool { draws: draws.collect() }
}

/// Whether a paper exists (Hall 1935): any draws together want no more than they have together.
fn can_be_drawn(pool: &Pool) -> bool {
    (0_u32..1 << pool.draws.len()).all(|some| {
        let chosen =
            || pool.draws.iter().enumerate().filter(|(index, _)| some & (1 << index) != 0).map(|(_, draw)| draw);
        let candidates: HashSet<_> = chosen().flat_map(|draw| &draw.candidates).collect();
        chosen().map(|draw| draw.count).sum::<usize>() <= candidates.len()
    })
}

#[test]
fn no_question_is_twice_on_a_paper_and_a_paper_is_found_whenever_there_is_one() {
    every_case(|case, rng| {
        let pool = pool(rng);
        match pool.draw(rng) {
            Err(NotEnoughQuestions { .. }) => assert!(!can_be_drawn(&pool), "case {case}: {pool:?}"),
            Ok(drawn) => {
                assert_eq!(drawn.iter().collect::<HashSet<_>>().len(), drawn.len(), "case {case}");
                assert_eq!(drawn.len(), pool.question_count(), "case {case}");
                let mut rest = drawn.as_slice();
                for draw in &pool.draws {
                    let (own, others) = rest.split_at(draw.count);
                    assert!(own.iter().all(|question| draw.candidates.contains(question)), "case {case}");
                    rest = others;
                }
            }
        }
        // A practice of any length can be drawn, as far as there are questions.
        let total = rng.random_range(0..20);
        let scaled = pool.scaled_to(total);
        let wanted = if pool.question_count() == 0 { 0 } else { total.min(pool.questions().len()) };
        assert!(
            scaled.draw(rng).is_ok_and(|drawn| drawn.len() >= wanted.min(total)),
            "case {case}: {pool:?} to {total}"
        );
    });
}

#[test]
fn every_part_is_shown_once_and_pinned_options_keep_their_places() {
    every_case(|case, rng| {
        let question = question(rng);
        let item = item(rng, &question);
        for (list, order) in item.orders.iter().enumerate() {
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..order.len()).collect::<Vec<_>>(), "case {case}");
            for (letter, index) in item.shown(list) {
                assert_eq!(item.authored(list, &letter), Some(index), "case {case}");
            }
        }
        if let Content::Choice { options, .. } = &question.content {
            assert_eq!(item.orders[0].len(), options.len(), "case {case}");
            let mut pinned = options.iter().enumerate().filter(|(_, option)| option.pinned);
            assert!(pinned.all(|(place, _)| item.orders[0][place] == place), "case {case}");
        }
    });
}

#[test]
fn the_same_seed_gives_the_same_paper() {
    every_case(|case, rng| {
        let questions: HashMap<QuestionVersionId, Question> =
            (0..4).map(|id| (QuestionVersionId(id), question(rng))).collect();
        let candidates = (0..4).map(QuestionVersionId).collect();
        let pool = Pool { draws: vec![PoolDraw { count: rng.random_range(1..5), candidates }] };
        let settings =
            Settings { shuffle_questions: rng.random(), shuffle_options: rng.random(), ..Settings::new(Mode::Exam) };
        let seed = rng.random();
        let draw = || Paper::draw(&pool, &settings, seed, |id| questions.get(&id).map(|question| &question.content));
        let paper = draw();
        assert!(paper.is_ok(), "case {case}");
        assert_eq!(paper, draw(), "case {case}");
    });
}

#[test]
fn marks_stay_within_bounds_whatever_is_answered() {
    every_case(|case, rng| {
        // Also keys that lint refuses: an old archive may hold them.
        let questions = [question(rng), question(rng)];
        let paper = Paper { items: questions.iter().map(|question| item(rng, question)).collect() };
        let mut answers = Answers::new();
        for (index, question) in questions.iter().enumerate() {
            if rng.random_ratio(3, 4) {
                answers.insert(index + 1, response(rng, &question.content, &paper.items[index]));
            }
        }
        for (number, response) in &answers {
            let fits = response.check(&questions[number - 1].content, &paper.items[number - 1]);
            assert_eq!(fits, Ok(()), "case {case}");
        }
        let policy = policy(rng);
        let grade = grade(&paper, &questions.each_ref(), &answers, &policy, Percent::from_f64(60.0));
        assert!((Points::ZERO..=grade.max_points).contains(&grade.points), "case {case}: {grade:?}");
        assert!((0..=10_000).contains(&grade.percent().0), "case {case}: {grade:?}");
        assert_eq!(grade.passed, Some(grade.percent() >= Percent(6_000)), "case {case}");
        for (index, marked) in grade.questions.iter().enumerate() {
            let (points, most) = (marked.points.0, marked.max_points.0);
            let parts = i64::try_from(paper.items[index].orders.first().map_or(1, Vec::len).max(1)).unwrap_or(1);
            assert!(points <= most && points >= -most * parts, "case {case}: {marked:?}");
            let as_told = match marked.outcome {
                Outcome::Correct => points == most,
                Outcome::Partial => points >= 0,
                Outcome::Incorrect => points <= 0,
                Outcome::Unanswered => points == 0 && !answers.contains_key(&(index + 1)),
            };
            assert!(as_told, "case {case}: {marked:?}");
        }
        for domain in &grade.domains {
            assert!((Points::ZERO..=domain.max_points).contains(&domain.points), "case {case}: {domain:?}");
        }
    });
}

/// The answer that gives what the key shows: the first of several right ones.
fn right_answer(question: &Question, item: &PaperItem) -> Response {
    // A text that a pattern with wildcards takes.
    let text = |pattern: &str| pattern.replace(r"\*", "\u{0}").replace('*', "x").replace('\u{0}', "*");
    let number = |range: &str| range.split(" .. ").next().unwrap_or(range).to_owned();
    match shown_key(question, item, &Permit::for_staff()) {
        ShownKey::Choice(letters) => {
            let multiple = matches!(question.content, Content::Choice { multiple: true, .. });
            Response::Choice(letters.into_iter().take(if multiple { 26 } else { 1 }).collect())
        }
        ShownKey::Number(numbers) => Response::Number(number(&numbers[0])),
        ShownKey::Text(texts) => Response::Text(text(&texts[0])),
        ShownKey::Order(letters) => Response::Order(letters),
        ShownKey::Match(pairs) => Response::Match(pairs),
        ShownKey::Blanks(blanks) => {
            let Content::Cloze { blanks: kinds } = &question.content else { unreachable!("only a cloze has blanks") };
            let filled = blanks.into_iter().map(|(name, right)| {
                let index: usize = name.parse().expect("a number");
                let typed = match kinds[index - 1] {
                    exam::question::Blank::Text {} => text(&right[0]),
                    exam::question::Blank::Number {} => number(&right[0]),
                    exam::question::Blank::Dropdown { .. } => right[0].clone(),
                };
                (name, typed)
            });
            Response::Blanks(filled.collect())
        }
    }
}

#[test]
fn what_the_key_shows_earns_full_marks_under_every_policy() {
    let policies: Vec<GradingPolicy> = all_policies().collect();
    assert_eq!(policies.len(), PartialCredit::ALL.len().pow(2) * 2);
    every_case(|case, rng| {
        let question = sound(rng);
        let item = item(rng, &question);
        let right = right_answer(&question, &item);
        assert_eq!(right.check(&question.content, &item), Ok(()), "case {case}: {right:?}");
        for policy in &policies {
            let marked = mark(&question, &item, Some(&right), policy);
            let told = (marked.points, marked.outcome);
            assert_eq!(told, (question.points, Outcome::Correct), "case {case}: {right:?} to {question:?}");
        }
    });
}

/// The same answer in the letters of another paper.
fn translated(response: &Response, content: &Content, from: &PaperItem, to: &PaperItem) -> Response {
    let letter = |list: usize, letter: &String| {
        let authored = from.authored(list, letter).expect("a letter of the paper");
        to.letter_of(list, authored).expect("the same parts")
    };
    match response {
        Response::Choice(letters) => {
            let mut letters: Vec<String> = letters.iter().map(|l| letter(0, l)).collect();
            letters.sort_unstable();
            Response::Choice(letters)
        }
        Response::Order(letters) => Response::Order(letters.iter().map(|l| letter(0, l)).collect()),
        Response::Match(pairs) => Response::Match(pairs.iter().map(|(stem, l)| (stem.clone(), letter(0, l))).collect()),
        Response::Blanks(filled) => {
            let Content::Cloze { blanks } = content else { unreachable!("only a cloze has blanks") };
            let other = filled.iter().map(|(name, typed)| {
                let index = name.parse::<usize>().expect("a number") - 1;
                let is_dropdown = matches!(blanks[index], exam::question::Blank::Dropdown { .. });
                (name.clone(), if is_dropdown { letter(index, typed) } else { typed.clone() })
            });
            Response::Blanks(other.collect::<BTreeMap<_, _>>())
        }
        typed @ (Response::Number(_) | Response::Text(_)) => typed.clone(),
    }
}

#[test]
fn grading_ignores_the_order_in_which_parts_are_shown() {
    every_case(|case, rng| {
        let question = question(rng);
        let (one, other) = (item(rng, &question), item(rng, &question));
        let response = response(rng, &question.content, &one);
        let same = translated(&response, &question.content, &one, &other);
        let policy = policy(rng);
        assert_eq!(
            mark(&question, &one, Some(&response), &policy),
            mark(&question, &other, Some(&same), &policy),
            "case {case}: {response:?} to {question:?}"
        );
    });
}
