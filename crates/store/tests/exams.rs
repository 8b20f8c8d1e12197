//! Exams: drafts change, published versions do not.

use exam::blueprint::{Blueprint, Draw, NotEnoughQuestions};
use exam::grade::{GradingPolicy, PartialCredit};
use exam::question::{Difficulty, Question, Weight};
use exam::release::{ReleasePolicy, When};
use exam::settings::{Mode, Percent, Settings};
use store::{Error, NewExam, PublishError};
use testkit::arrange::{self, referenced};
use testkit::question::choice;
use testkit::{NOON, both_engines, minutes_after_noon, race};

fn draw(bank: &str, count: usize) -> Draw {
    Draw { bank: bank.to_owned(), domains: Vec::new(), difficulty: None, count }
}

fn every_setting() -> Settings {
    Settings {
        mode: Mode::Practice,
        time_limit_s: Some(5_400),
        pass: Percent::from_f64(72.5),
        attempts: Some(3),
        opens_at: Some(minutes_after_noon(10)),
        closes_at: Some(minutes_after_noon(600)),
        shuffle_questions: false,
        shuffle_options: true,
        grading: GradingPolicy {
            choice: PartialCredit::RightMinusWrong,
            parts: PartialCredit::AllOrNothing,
            wrong_penalty: Weight::from_percent(25.0).expect("a percentage"),
        },
        release: ReleasePolicy { marks: When::AtSubmit, keys: When::AtClose, explanations: When::Never },
    }
}

both_engines!(a_draft_comes_back_as_it_was_written, async |t| {
    let settings = every_setting();
    let draws =
        vec![Draw { domains: vec!["a".into(), "b".into()], difficulty: Some(Difficulty::Easy), ..draw("cloud", 5) }];
    let blueprint = Blueprint { draws };
    let new = NewExam {
        slug: "cloud",
        title: "Cloud",
        description: "What *clouds* are.",
        settings: &settings,
        blueprint: &blueprint,
    };
    let made = t.create_exam(new.clone(), None, NOON).await.unwrap();
    let found = t.find_exam("cloud").await.unwrap().unwrap();
    for exam in [&made, &found] {
        assert_eq!((exam.slug.as_str(), exam.title.as_str()), ("cloud", "Cloud"));
        assert_eq!(exam.description, "What *clouds* are.");
        assert_eq!((&exam.settings, &exam.blueprint), (&settings, &blueprint));
        assert_eq!((exam.id, exam.version, exam.updated_at), (made.id, None, NOON));
    }
    let taken = t.create_exam(new, None, NOON).await;
    assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
    assert!(t.find_exam("none").await.unwrap().is_none());
});

both_engines!(a_new_draft_changes_the_draft_and_not_what_is_published, async |t| {
    let published = arrange::exam("cloud").minutes(30).publish(&t).await;
    let (settings, blueprint) = (every_setting(), Blueprint { draws: vec![draw("cloud", 1)] });
    let draft =
        NewExam { slug: "cloud", title: "New title", description: "", settings: &settings, blueprint: &blueprint };
    assert!(t.save_draft(draft.clone(), None, minutes_after_noon(5)).await.unwrap());
    assert!(!t.save_draft(NewExam { slug: "none", ..draft }, None, NOON).await.unwrap());

    let exam = t.find_exam("cloud").await.unwrap().unwrap();
    assert_eq!((exam.title.as_str(), exam.updated_at, exam.version), ("New title", minutes_after_noon(5), Some(1)));
    assert_eq!((exam.settings, exam.blueprint), (settings, blueprint));

    let still = t.load_published(published.summary.version_id).await.unwrap().unwrap();
    assert_eq!(still.summary.title, "Exam cloud");
    assert_eq!(still.summary.settings, published.summary.settings);
    assert_eq!(still.summary.pool, published.summary.pool);
    assert_eq!(t.find_published_version("cloud").await.unwrap(), Some(published.summary.version_id));
});

both_engines!(a_published_exam_keeps_its_questions_as_they_were, async |t| {
    let bank = arrange::bank_of(&t, "cloud", [choice("One?"), choice("Two?")]).await;
    let published = arrange::exam("cloud").draw("cloud", 2).publish(&t).await;
    let edited = referenced([choice("One, edited?"), choice("Two?"), choice("Three?")]);
    t.upsert_questions(&bank, &edited, None, NOON).await.unwrap();

    let again = t.load_published(published.summary.version_id).await.unwrap().unwrap();
    assert_eq!(again.questions, published.questions);
    let mut prompts: Vec<_> = again.questions.values().map(|question| question.prompt.as_str()).collect();
    prompts.sort_unstable();
    assert_eq!(prompts, ["One?", "Two?"]);

    let second = arrange::publish(&t, "cloud").await;
    assert_ne!(second.summary.version_id, published.summary.version_id);
    let mut prompts: Vec<_> = second.questions.values().map(|question| question.prompt.as_str()).collect();
    prompts.sort_unstable();
    assert_eq!(prompts, ["One, edited?", "Three?", "Two?"]);
    assert!(t.load_published(published.summary.version_id).await.unwrap().is_some(), "people may still be sitting it");
    assert_eq!(t.find_published_version("cloud").await.unwrap(), Some(second.summary.version_id));
    assert_eq!(t.find_exam("cloud").await.unwrap().unwrap().version, Some(2));
});

both_engines!(a_blueprint_that_cannot_be_filled_is_refused_and_changes_nothing, async |t| {
    arrange::bank(&t, "cloud", 3).await;
    let too_many = arrange::exam("many").draw("cloud", 4).create(&t).await;
    let overlapping = arrange::exam("overlapping").draw("cloud", 2).draw("cloud", 2).create(&t).await;
    let no_bank = arrange::exam("bankless").draw("none", 1).create(&t).await;
    let empty = arrange::exam("empty").draw("cloud", 0).create(&t).await;

    let publish = async |slug: &str| t.publish_exam(slug, None, NOON).await.unwrap_err();
    let wanted_4_found_3 = NotEnoughQuestions { wanted: 4, found: 3 };
    assert!(matches!(publish(&too_many.slug).await, PublishError::NotEnough(error) if error == wanted_4_found_3));
    assert!(matches!(publish(&overlapping.slug).await, PublishError::NotEnough(error) if error == wanted_4_found_3));
    assert!(matches!(publish(&no_bank.slug).await, PublishError::NoSuchBank(slug) if slug == "none"));
    assert!(matches!(publish(&empty.slug).await, PublishError::Empty));
    assert!(matches!(publish("nowhere").await, PublishError::NoSuchExam));

    for exam in t.list_exams().await.unwrap() {
        assert_eq!(exam.version, None);
        assert_eq!(t.find_published_version(&exam.slug).await.unwrap(), None);
        assert_eq!(t.count_audit("exam.publish", &format!("exam {}", exam.slug)).await.unwrap(), 0);
    }
    assert!(t.list_published().await.unwrap().is_empty());
});

both_engines!(a_draft_that_cannot_be_published_leaves_the_published_version_in_place, async |t| {
    let published = arrange::exam("cloud").publish(&t).await;
    let (settings, blueprint) = (Settings::new(Mode::Exam), Blueprint { draws: vec![draw("cloud", 99)] });
    let draft = NewExam { slug: "cloud", title: "Cloud", description: "", settings: &settings, blueprint: &blueprint };
    t.save_draft(draft, None, NOON).await.unwrap();
    t.publish_exam("cloud", None, NOON).await.unwrap_err();
    assert_eq!(t.find_published_version("cloud").await.unwrap(), Some(published.summary.version_id));
    assert_eq!(t.find_exam("cloud").await.unwrap().unwrap().version, Some(1));
});

both_engines!(draws_take_questions_by_domain_and_difficulty, async |t| {
    let tagged = |prompt: &str, domains: &[&str], difficulty: Option<Difficulty>| Question {
        domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        difficulty,
        ..choice(prompt)
    };
    let (easy, hard) = (Some(Difficulty::Easy), Some(Difficulty::Hard));
    let bank = [
        tagged("easy network", &["network"], easy),
        tagged("hard network", &["network"], hard),
        tagged("hard network and storage", &["network", "storage"], hard),
        tagged("hard 'quoted', storage", &["it's, \"storage\""], hard),
        tagged("untagged", &[], None),
    ];
    arrange::bank_of(&t, "cloud", bank).await;
    arrange::bank_of(&t, "other", [tagged("other bank", &["network"], hard)]).await;

    let candidates = async |slug: &str, domains: &[&str], difficulty| {
        let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
        let draw = Draw { domains, difficulty, ..draw("cloud", 1) };
        let exam = arrange::exam(slug).draw_by(draw).publish(&t).await;
        let pool = &exam.summary.pool;
        assert_eq!(pool.questions().len(), exam.questions.len());
        pool.questions().iter().map(|id| exam.questions[id].prompt.clone()).collect::<Vec<_>>()
    };
    assert_eq!(candidates("all", &[], None).await.len(), 5);
    assert_eq!(
        candidates("network", &["network"], None).await,
        ["easy network", "hard network", "hard network and storage"]
    );
    assert_eq!(candidates("hard", &["network"], hard).await, ["hard network", "hard network and storage"]);
    assert_eq!(
        candidates("either", &["storage", "network"], hard).await,
        ["hard network", "hard network and storage"],
        "a question of both domains is there once"
    );
    assert_eq!(candidates("quoted", &["it's, \"storage\""], None).await, ["hard 'quoted', storage"]);
    assert_eq!(candidates("easy", &[], easy).await, ["easy network"]);
});

both_engines!(draws_keep_their_order_and_counts, async |t| {
    arrange::bank(&t, "cloud", 4).await;
    arrange::bank(&t, "data", 6).await;
    let exam = arrange::exam("mixed").draw("data", 3).draw("cloud", 2).publish(&t).await;
    let shape: Vec<_> = exam.summary.pool.draws.iter().map(|draw| (draw.count, draw.candidates.len())).collect();
    assert_eq!(shape, [(3, 6), (2, 4)]);
    assert_eq!(exam.questions.len(), 10);
});

both_engines!(exams_published_at_once_get_versions_in_a_row, async |t| {
    let exam = arrange::exam("cloud").create(&t).await;
    let mut versions = race(&t, 10, async |_, store| store.publish_exam("cloud", None, NOON).await.unwrap()).await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=10).collect::<Vec<_>>());
    assert_eq!(t.find_exam(&exam.slug).await.unwrap().unwrap().version, Some(10));
});

both_engines!(a_list_tells_when_an_exam_was_published_and_how_often_it_was_sat, async |t| {
    let cloud = arrange::exam("cloud").publish(&t).await;
    let draft = arrange::exam("draft").create(&t).await;
    let (ada, bob) = (arrange::candidate(&t, "Ada").await, arrange::account(&t, "Bob", store::Role::Author).await);
    arrange::start(&t, &cloud, &ada, NOON).await;
    arrange::start(&t, &cloud, &bob, NOON).await;
    t.publish_exam("cloud", Some(bob.id), minutes_after_noon(5)).await.unwrap();

    let listed = t.list_exam_summaries().await.unwrap();
    let seen: Vec<_> =
        listed.iter().map(|s| (s.exam.slug.as_str(), s.exam.version, s.published_at, s.attempts)).collect();
    assert_eq!(seen, [("cloud", Some(2), Some(minutes_after_noon(5)), 2), ("draft", None, None, 0)]);
    let found = t.find_exam_summary("cloud").await.unwrap().unwrap();
    assert_eq!((found.exam.id, found.attempts), (cloud.summary.exam_id, 2));
    assert!(t.find_exam_summary("").await.unwrap().is_none());

    let versions = t.list_exam_versions(cloud.summary.exam_id).await.unwrap();
    let seen: Vec<_> = versions.iter().map(|v| (v.version, v.published_at, v.author.as_deref(), v.attempts)).collect();
    assert_eq!(seen, [(2, minutes_after_noon(5), Some("Bob"), 0), (1, NOON, None, 2)]);
    assert!(t.list_exam_versions(draft.id).await.unwrap().is_empty());
});

both_engines!(a_draft_differs_when_publishing_it_would_change_something, async |t| {
    let bank = arrange::bank_of(&t, "cloud", [choice("One?"), choice("Two?")]).await;
    arrange::exam("cloud").draw("cloud", 1).create(&t).await;
    let draft = async || t.find_exam("cloud").await.unwrap().unwrap();
    let differs = async || t.draft_differs(&draft().await).await.unwrap();
    assert!(!differs().await, "nothing is published yet");
    arrange::publish(&t, "cloud").await;
    assert!(!differs().await);
    t.upsert_questions(&bank, &referenced([choice("One, edited?")]), None, NOON).await.unwrap();
    assert!(differs().await, "a question has another version");
    arrange::publish(&t, "cloud").await;
    assert!(!differs().await);

    let published = draft().await;
    let changes: [&dyn Fn(&mut store::Exam); 4] = [
        &|exam| exam.title = "Another".into(),
        &|exam| exam.description = "Another".into(),
        &|exam| exam.settings.time_limit_s = Some(60),
        &|exam| exam.blueprint.draws[0].count = 99,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut exam = published.clone();
        change(&mut exam);
        assert!(t.draft_differs(&exam).await.unwrap(), "change {index}");
    }
});

both_engines!(the_catalogue_lists_published_exams_by_title, async |t| {
    let last = arrange::exam("zebra").publish(&t).await;
    arrange::exam("draft").create(&t).await;
    arrange::exam("apple").publish(&t).await;
    let first = arrange::publish(&t, "apple").await;
    let listed: Vec<_> = t.list_published().await.unwrap().into_iter().map(|exam| exam.version_id).collect();
    assert_eq!(listed, [first.summary.version_id, last.summary.version_id]);
    let all: Vec<_> = t.list_exams().await.unwrap().into_iter().map(|exam| exam.slug).collect();
    assert_eq!(all, ["apple", "draft", "zebra"]);
    assert!(t.load_published(4711.into()).await.unwrap().is_none());
});

both_engines!(a_large_exam_is_published_and_loaded_whole, async |t| {
    arrange::bank(&t, "large", 1_200).await;
    let exam = arrange::exam("large").draw("large", 1_000).publish(&t).await;
    assert_eq!((exam.questions.len(), exam.summary.pool.question_count()), (1_200, 1_000));
});
