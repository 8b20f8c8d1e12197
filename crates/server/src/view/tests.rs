//! What pages promise to the people and the scripts that use them.

use super::account::SignUpPage;
use super::exams::Mode;
use super::take::{
    Answered, AttemptPage, Body, Check, ChoiceOption, MatchChoice, MatchStem, NavigatorItem, Question, Sitting,
};
use super::{ErrorKind, ErrorPage, Errors, Moment, Page, Person, Problem, Role, Shell};
use crate::markup::{render, render_inline};
use crate::messages::Language;
use askama::Template;

fn page(person: Option<Role>) -> Page {
    page_in(Language::English, person)
}

fn page_in(language: Language, person: Option<Role>) -> Page {
    let shell =
        Shell { asset_prefix: "/static/v/".to_owned(), player_modules: [].into(), demo: false, sign_up_open: true };
    let person = person.map(|role| Person { account: 7, name: "<b>Ana & Bo".to_owned(), role });
    Page::new(&shell, language, person, "/exams", None)
}

fn sign_up(errors: Errors) -> String {
    let page = SignUpPage {
        page: page(None),
        email: "ana\"@example.org".to_owned(),
        name: String::new(),
        next: "/a?b&c".to_owned(),
        password_min: 10,
        errors,
    };
    page.render().expect("the template renders")
}

fn attempt(body: Body, deadline: Option<Moment>) -> String {
    let page = AttemptPage {
        page: page(Some(Role::Candidate)),
        sitting: Sitting {
            attempt: "7hq2vk".to_owned(),
            exam_title: "Networks".to_owned(),
            mode: Mode::Exam,
            question_count: 3,
            deadline,
            server_time: Moment(0),
        },
        question: Question { number: 2, prompt: render("What?"), body, points: None, check: Check::None },
        navigator: (1..=3)
            .map(|number| NavigatorItem {
                number,
                answered: if number == 1 { Answered::Fully } else { Answered::Open },
                is_flawed: false,
                checked: None,
            })
            .collect(),
        notice: None,
        writer: 4,
        last_seq: 9,
        account: 1,
        is_saved: true,
    };
    page.render().expect("the template renders")
}

fn choice(chosen: bool) -> Body {
    let options = vec![
        ChoiceOption { id: "a".to_owned(), html: render_inline("One"), chosen },
        ChoiceOption { id: "b".to_owned(), html: render_inline("Two"), chosen: false },
    ];
    Body::Choice { multiple: false, choose: None, options }
}

#[track_caller]
fn assert_has(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
}

#[test]
fn what_people_typed_is_escaped() {
    assert_has(&sign_up(Errors::default()), &["value=\"ana&#34;@example.org\"", "/sign-in?next=%2Fa%3Fb%26c"]);
    let page = ErrorPage { page: page(Some(Role::Candidate)), kind: ErrorKind::NotFound, retry: None, unsent: None };
    assert_has(&page.render().expect("the template renders"), &["&#60;b&#62;Ana &#38; Bo"]);
}

#[test]
fn a_problem_is_said_in_the_title_the_summary_and_at_the_field() {
    let html = sign_up(Errors::one("email", Problem::EmailInvalid));
    assert_has(
        &html,
        &[
            "<title>Error: Create an account",
            "<a href=\"#email\">Enter an email address",
            "id=\"email-error\"",
            "aria-describedby=\"email-error\" aria-invalid=\"true\"",
        ],
    );
    assert!(!sign_up(Errors::default()).contains("error-summary"));
}

#[test]
fn staff_links_are_offered_to_staff() {
    let shown = |role| {
        let page = ErrorPage { page: page(role), kind: ErrorKind::NotFound, retry: None, unsent: None };
        page.render().expect("the template renders").contains("href=\"/admin\"")
    };
    assert!(!shown(None) && !shown(Some(Role::Candidate)));
    assert!(shown(Some(Role::Author)) && shown(Some(Role::Invigilator)) && shown(Some(Role::Admin)));
}

#[test]
fn a_question_has_what_the_form_and_the_script_need() {
    let html = attempt(choice(true), Some(Moment(65_000)));
    assert_has(
        &html,
        &[
            "action=\"/attempts/7hq2vk/questions/2\"",
            "data-kind=\"choice\" data-writer=\"4\" data-last-seq=\"9\"",
            "name=\"choice\" value=\"a\" checked",
            "name=\"choice\" value=\"b\">",
            "name=\"go\" value=\"previous\"",
            "name=\"go\" value=\"clear\"",
            "name=\"go\" value=\"3\"",
            "data-deadline=\"1970-01-01T00:01:05.000Z\" data-server-time=\"1970-01-01T00:00:00.000Z\"",
            "<span class=\"clock-value\">01:05</span>",
        ],
    );
}

#[test]
fn an_untimed_attempt_has_no_clock() {
    assert!(!attempt(choice(false), None).contains("id=\"clock\""));
}

#[test]
fn choices_with_markup_are_listed_above_the_selects() {
    let matching = |markdown: &str, text: &str| Body::Matching {
        stems: vec![MatchStem { id: "1".to_owned(), html: render_inline("S"), chosen: Some("a".to_owned()) }],
        choices: vec![MatchChoice { id: "a".to_owned(), text: text.to_owned(), html: render_inline(markdown) }],
    };
    let plain = attempt(matching("One & two", "One & two"), None);
    assert_has(&plain, &["name=\"match.1\"", "<option value=\"a\" selected>A. One &#38; two</option>"]);
    assert!(!plain.contains("match-choices"));
    assert_has(&attempt(matching("$x^2$", "x^2"), None), &["match-choices", "<math"]);
}

#[test]
fn numbers_times_and_lengths_are_written_for_people() {
    let page = page(None);
    assert_eq!(page.percent(72.5), "72.5%");
    assert_eq!(page.percent(69.96), "69.9%", "rounding up would show a pass mark that was not reached");
    assert_eq!(page.percent(70.1), "70.1%");
    assert_eq!(page.points(2.0 / 3.0), "0.67");
    assert_eq!(page.duration(5_400), "1 h 30 min");
    assert_eq!(page.duration(3_600), "1 h");
    assert_eq!(page.duration(61), "1 min 1 s");
    assert_eq!(
        page.time(Moment(1_795_412_617_050)).as_str(),
        "<time datetime=\"2026-11-23T05:43:37.050Z\" data-local=\"\">23 Nov 2026, 05:43 UTC</time>"
    );
}
