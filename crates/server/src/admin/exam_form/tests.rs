use super::*;
use exam::id::{BankId, ExamId};
use store::Bank;

fn banks() -> Vec<BankSummary> {
    let bank = |id, slug: &str, questions| BankSummary {
        bank: Bank { id: BankId(id), slug: slug.to_owned(), title: slug.to_owned(), description: String::new() },
        questions,
        changed_at: Timestamp(0),
    };
    vec![bank(1, "cloud", 40), bank(2, "data", 0)]
}

fn form() -> ExamForm {
    ExamForm {
        slug: "cloud-exam".into(),
        title: "Cloud exam".into(),
        questions: "20".into(),
        time_limit_min: "30".into(),
        ..blank(&banks())
    }
}

fn exam(settings: Settings, draws: Vec<Draw>) -> Exam {
    Exam {
        id: ExamId(1),
        slug: "cloud-exam".into(),
        title: "Cloud exam".into(),
        description: String::new(),
        settings,
        blueprint: Blueprint { draws },
        version: None,
        updated_at: Timestamp(0),
    }
}

fn draw(domain: &str, count: usize) -> Draw {
    Draw { bank: "cloud".into(), domains: vec![domain.to_owned()], difficulty: None, count }
}

fn problems(form: &ExamForm) -> Vec<(&'static str, Problem)> {
    let errors = parse(form, &banks(), None).expect_err("a form with problems");
    errors.iter().map(|error| (error.field, error.problem.clone())).collect()
}

#[test]
fn a_form_becomes_settings_and_a_blueprint() {
    let form = ExamForm {
        pass_percent: "72,5".into(),
        attempts: "3".into(),
        opens_at: "2026-11-23T09:00".into(),
        closes_at: "2026-11-23T17:30".into(),
        choice_credit: "per_option".into(),
        parts_credit: "right_minus_wrong".into(),
        penalty: "25".into(),
        release_keys: "at_close".into(),
        release_explanations: "never".into(),
        shuffle_options: false,
        ..form()
    };
    let draft = parse(&form, &banks(), None).expect("a form without problems");
    let settings = draft.settings;
    assert_eq!((draft.slug.as_str(), settings.mode, settings.time_limit_s), ("cloud-exam", Mode::Exam, Some(1_800)));
    assert_eq!((settings.pass, settings.attempts), (Some(Percent(7_250)), Some(3)));
    assert_eq!(settings.opens_at.map(|time| time.to_string()).as_deref(), Some("2026-11-23T09:00:00.000Z"));
    assert_eq!(settings.closes_at.map(|time| time.to_string()).as_deref(), Some("2026-11-23T17:30:00.000Z"));
    assert_eq!((settings.shuffle_questions, settings.shuffle_options), (true, false));
    let credit = (PartialCredit::PerOption, PartialCredit::RightMinusWrong);
    assert_eq!((settings.grading.choice, settings.grading.parts), credit);
    assert_eq!(settings.grading.wrong_penalty, Weight(2_500_000));
    let release = settings.release;
    assert_eq!((release.marks, release.keys, release.explanations), (When::AtSubmit, When::AtClose, When::Never));
    let all = Draw { bank: "cloud".into(), domains: Vec::new(), difficulty: None, count: 20 };
    assert_eq!(draft.blueprint.draws, [all]);
}

#[test]
fn empty_fields_are_no_limits() {
    let form = ExamForm { mode: "practice".into(), time_limit_min: String::new(), ..form() };
    let settings = parse(&form, &banks(), None).expect("a form without problems").settings;
    assert_eq!((settings.time_limit_s, settings.pass, settings.attempts), (None, None, None));
    assert_eq!((settings.opens_at, settings.closes_at), (None, None));
    assert_eq!(settings.grading.wrong_penalty, Weight::ZERO);
}

#[test]
fn an_exam_has_a_time_limit() {
    let untimed = ExamForm { time_limit_min: String::new(), ..form() };
    assert_eq!(problems(&untimed), [("time_limit_min", Problem::TimeLimitMissing)]);
}

#[test]
fn everything_wrong_is_told_at_once_in_the_order_of_the_form() {
    let form = ExamForm {
        slug: "Cloud exam".into(),
        title: String::new(),
        mode: "race".into(),
        bank: "gone".into(),
        questions: "many".into(),
        time_limit_min: "0".into(),
        attempts: "-1".into(),
        opens_at: "soon".into(),
        pass_percent: "101".into(),
        choice_credit: "some".into(),
        penalty: "-5".into(),
        release_marks: "later".into(),
        ..form()
    };
    let fields: Vec<_> = problems(&form).into_iter().map(|(field, _)| field).collect();
    assert_eq!(
        fields,
        [
            "title",
            "slug",
            "mode",
            "bank",
            "questions",
            "time_limit_min",
            "attempts",
            "opens_at",
            "pass_percent",
            "choice_credit",
            "penalty",
            "release_marks"
        ]
    );
}

#[test]
fn a_bank_that_is_too_small_and_a_close_before_the_opening_are_told() {
    assert_eq!(problems(&ExamForm { questions: "41".into(), ..form() }), [("questions", Problem::TooFewQuestions(40))]);
    assert_eq!(problems(&ExamForm { questions: "0".into(), ..form() }), [("questions", Problem::NotBetween(1, 500))]);
    let times = |opens: &str, closes: &str| ExamForm { opens_at: opens.into(), closes_at: closes.into(), ..form() };
    let closed = [("closes_at", Problem::CloseBeforeOpen)];
    assert_eq!(problems(&times("2026-11-23T09:00", "2026-11-23T09:00")), closed);
    assert_eq!(problems(&times("2026-11-23T09:00", "2026-11-22T10:00")), closed);
}

#[test]
fn a_short_name_that_is_a_page_of_the_staff_area_is_taken() {
    assert_eq!(problems(&ExamForm { slug: "new".into(), ..form() }), [("slug", Problem::SlugTaken)]);
}

#[test]
fn a_draft_that_is_saved_as_its_form_shows_it_stays_as_it_was() {
    let settings = Settings {
        time_limit_s: Some(100),
        pass: Some(Percent(6_667)),
        attempts: Some(2),
        opens_at: Some(Timestamp(1_795_412_617_050)),
        closes_at: Some(Timestamp(1_795_500_000_000)),
        grading: GradingPolicy { wrong_penalty: Weight(3_333_333), ..GradingPolicy::default() },
        ..Settings::new(Mode::Practice)
    };
    let exam = exam(settings, vec![draw("networks", 12), draw("storage", 8)]);
    let draft = parse(&of(&exam), &banks(), Some(&exam)).expect("what was a draft is one");
    assert_eq!((draft.settings, draft.blueprint), (exam.settings, exam.blueprint));
}

#[test]
fn changing_how_many_questions_makes_one_draw_of_the_blueprint() {
    let exam = exam(Settings::new(Mode::Exam), vec![draw("networks", 12), draw("storage", 8)]);
    let form = ExamForm { questions: "30".into(), time_limit_min: "30".into(), ..of(&exam) };
    let draft = parse(&form, &banks(), Some(&exam)).expect("a form without problems");
    assert_eq!((draft.blueprint.draws.len(), draft.blueprint.question_count()), (1, 30));
}

#[test]
fn lines_of_a_description_end_as_they_do_in_files() {
    let sent = Form(vec![("description".into(), " One.\r\n\r\nTwo.\r\n".into())]);
    assert_eq!(typed(&sent).description, "One.\n\nTwo.");
}

#[test]
fn the_short_name_of_an_exam_cannot_be_changed() {
    let exam = exam(Settings::new(Mode::Exam), vec![draw("networks", 12)]);
    let form = ExamForm { slug: "another".into(), time_limit_min: "30".into(), ..of(&exam) };
    assert_eq!(parse(&form, &banks(), Some(&exam)).expect("a form without problems").slug, "cloud-exam");
}
