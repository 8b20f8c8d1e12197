//! Banks: what becomes of written questions, and how they are found again.

use exam::blueprint::Blueprint;
use exam::question::{Difficulty, Points, Question};
use exam::settings::{Mode, Settings};
use store::{Error, NewExam, QuestionFilter, Role, Upsert};
use testkit::arrange::{self, referenced};
use testkit::question::{choice, each_kind, numeric, short_text};
use testkit::{NOON, both_engines, minutes_after_noon, race};

fn everything() -> QuestionFilter {
    QuestionFilter { limit: 200, ..Default::default() }
}

both_engines!(every_kind_of_question_comes_back_as_it_was_written, async |t| {
    let written: Vec<Question> = each_kind()
        .into_iter()
        .map(|question| Question {
            domains: vec!["Zweite Domäne".into(), "a, b".into()],
            difficulty: Some(Difficulty::Hard),
            points: Points(1_500),
            ..question
        })
        .collect();
    let bank = arrange::bank_of(&t, "mixed", written.clone()).await;

    let exported = t.export_questions(bank.id).await.unwrap();
    let read: Vec<Question> = exported.iter().map(|stored| stored.question.clone()).collect();
    assert_eq!(read, written);
    for stored in exported {
        let found = t.find_question(bank.id, stored.id).await.unwrap().unwrap();
        assert_eq!(found.question, stored.question);
        assert_eq!((found.version_id, found.version, found.created_at), (stored.version_id, 1, NOON));
        assert_eq!(found.reference, stored.reference);
    }
});

both_engines!(any_text_survives, async |t| {
    let texts = [
        "'quoted' \"twice\"; DROP TABLE banks; --",
        "日本語 ערבית 🎓",
        "line\nbreak\ttab",
        "$1 ? :name @x",
        r"\ \\ \u0041",
    ];
    let bank = arrange::bank_of(&t, "texts", texts.iter().map(|text| choice(text))).await;
    let exported = t.export_questions(bank.id).await.unwrap();
    assert_eq!(exported.iter().map(|stored| stored.question.prompt.as_str()).collect::<Vec<_>>(), texts);
    let long = choice(&"x".repeat(200_000));
    t.upsert_questions(&bank, &[("long".into(), long.clone())], None, NOON).await.unwrap();
    assert_eq!(t.export_questions(bank.id).await.unwrap()[5].question, long);
});

both_engines!(a_nul_character_is_refused_on_both_engines, async |t| {
    let bank = arrange::bank(&t, "cloud", 0).await;
    let refused = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Nul)), "{result:?}");
    refused(t.create_bank("week-1", "Week\0 1", "", None, NOON).await.map(drop));
    refused(t.create_bank("week-1", "Week 1", "of\0", None, NOON).await.map(drop));
    let domain = Question { domains: vec!["net\0work".into()], ..choice("One?") };
    for question in [("q\0a", choice("One?")), ("q1", choice("O\0ne?")), ("q1", domain)] {
        let question = [(question.0.to_owned(), question.1)];
        refused(t.upsert_questions(&bank, &question, None, NOON).await.map(drop));
    }
    refused(t.create_account(arrange::new_account("a\0@example.org", "Ada", Role::Admin), None, NOON).await.map(drop));
    refused(t.create_account(arrange::new_account("a@example.org", "A\0da", Role::Admin), None, NOON).await.map(drop));
    let (settings, blueprint) = (Settings::new(Mode::Practice), Blueprint { draws: Vec::new() });
    let (settings, blueprint) = (&settings, &blueprint);
    let exam = NewExam { slug: "x", title: "Cl\0oud", description: "", settings, blueprint };
    refused(t.create_exam(exam.clone(), None, NOON).await.map(drop));
    refused(t.save_draft(exam, None, NOON).await.map(drop));
    assert_eq!(t.list_banks().await.unwrap().len(), 1, "nothing of it was written");
});

both_engines!(lists_are_sorted_as_people_look_for_names, async |t| {
    // By byte "Zebra" would come before "apple", by many a collation "_" would not count.
    let sorted = ["_ Archive", "10 questions", "apple", "Banana", "\u{c9}tude", "Eve", "Zebra"];
    for (number, title) in [6, 4, 2, 0, 5, 3, 1].map(|place| (place, sorted[place])) {
        t.create_bank(&format!("bank-{number}"), title, "", None, NOON).await.unwrap();
    }
    let titles: Vec<_> = t.list_banks().await.unwrap().into_iter().map(|summary| summary.bank.title).collect();
    assert_eq!(titles, ["10 questions", "_ Archive", "apple", "Banana", "\u{c9}tude", "Eve", "Zebra"]);
    let in_domain = |domain: &str| Question { domains: vec![domain.into()], ..choice(domain) };
    let bank = arrange::bank_of(&t, "domains", ["network", "Storage", "Compute"].map(in_domain)).await;
    let domains: Vec<_> = t.list_domains(bank.id).await.unwrap().into_iter().map(|(domain, _)| domain).collect();
    assert_eq!(domains, ["Compute", "network", "Storage"]);

    for title in ["beta", "Alpha", "Gamma"] {
        arrange::exam(&title.to_lowercase()).publish(&t).await;
        t.raw()
            .await
            .execute(&format!("UPDATE exams SET title = '{title}' WHERE slug = LOWER('{title}')"))
            .await
            .unwrap();
    }
    t.raw()
        .await
        .execute("UPDATE exam_versions SET title = (SELECT e.title FROM exams e WHERE e.id = exam_id)")
        .await
        .unwrap();
    let drafts: Vec<_> = t.list_exams().await.unwrap().into_iter().map(|exam| exam.title).collect();
    let summaries: Vec<_> = t.list_exam_summaries().await.unwrap().into_iter().map(|one| one.exam.title).collect();
    let published: Vec<_> = t.list_published().await.unwrap().into_iter().map(|exam| exam.title).collect();
    for titles in [drafts, summaries, published] {
        assert_eq!(titles, ["Alpha", "beta", "Gamma"]);
    }
});

both_engines!(a_question_written_again_is_unchanged_or_gets_a_version, async |t| {
    let bank = arrange::bank(&t, "cloud", 0).await;
    let first = referenced([choice("One?"), choice("Two?")]);
    let write = async |questions: &[(String, Question)], minutes| {
        t.upsert_questions(&bank, questions, None, minutes_after_noon(minutes)).await.unwrap()
    };
    assert_eq!(write(&first, 0).await, [Upsert::Created, Upsert::Created]);
    assert_eq!(write(&first, 1).await, [Upsert::Unchanged, Upsert::Unchanged]);
    let second = referenced([choice("One?"), choice("Two, in other words?"), choice("Three?")]);
    assert_eq!(write(&second, 2).await, [Upsert::Unchanged, Upsert::Updated, Upsert::Created]);
    assert_eq!(write(&first, 3).await, [Upsert::Unchanged, Upsert::Updated], "going back is a change too");

    let now = t.export_questions(bank.id).await.unwrap();
    let seen: Vec<_> =
        now.iter().map(|s| (s.reference.as_str(), s.version, s.question.prompt.as_str(), s.created_at)).collect();
    let [noon, two, three] = [0, 2, 3].map(minutes_after_noon);
    assert_eq!(seen, [("q1", 1, "One?", noon), ("q2", 3, "Two?", three), ("q3", 1, "Three?", two)]);

    let versions = t
        .raw()
        .await
        .texts("SELECT v.prompt FROM question_versions v JOIN questions q ON q.id = v.question_id WHERE q.reference = 'q2' ORDER BY v.version")
        .await;
    assert_eq!(versions, ["Two?", "Two, in other words?", "Two?"], "earlier versions stay as they were");
    assert_eq!(t.count_audit("bank.import", "bank cloud").await.unwrap(), 3, "nothing written, nothing logged");
});

both_engines!(each_part_of_a_question_counts_as_a_change, async |t| {
    let original = choice("One?");
    let variants = [
        Question { points: Points(2_000), ..original.clone() },
        Question { difficulty: Some(Difficulty::Easy), ..original.clone() },
        Question { domains: vec!["other".into()], ..original.clone() },
        Question { key: testkit::question::choose_two("One?").key, ..original.clone() },
        Question { explanations: choice("Another?").explanations, ..original.clone() },
        Question { content: testkit::question::choose_two("One?").content, ..original.clone() },
        Question { prompt: "One? ".into(), ..original.clone() },
    ];
    let bank = arrange::bank_of(&t, "cloud", [original.clone()]).await;
    for (index, variant) in variants.into_iter().enumerate() {
        for question in [variant, original.clone()] {
            let outcome = t.upsert_questions(&bank, &[("q1".into(), question)], None, NOON).await.unwrap();
            assert_eq!(outcome, [Upsert::Updated], "variant {index}");
        }
    }
});

both_engines!(a_reference_twice_in_one_list_is_one_question_in_its_last_version, async |t| {
    let bank = arrange::bank(&t, "cloud", 0).await;
    let list = [("same".to_owned(), choice("First?")), ("same".to_owned(), choice("Second?"))];
    let outcomes = t.upsert_questions(&bank, &list, None, NOON).await.unwrap();
    assert_eq!(outcomes, [Upsert::Created, Upsert::Updated]);
    let stored = t.export_questions(bank.id).await.unwrap();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].question.prompt, "Second?");
});

both_engines!(the_same_reference_in_another_bank_is_another_question, async |t| {
    let cloud = arrange::bank_of(&t, "cloud", [choice("Cloud?")]).await;
    let data = arrange::bank_of(&t, "data", [choice("Data?")]).await;
    let [in_cloud, in_data] =
        [t.export_questions(cloud.id).await.unwrap().remove(0), t.export_questions(data.id).await.unwrap().remove(0)];
    assert_eq!(in_cloud.reference, in_data.reference);
    assert_eq!(in_cloud.question.prompt, "Cloud?");
    assert!(t.find_question(data.id, in_cloud.id).await.unwrap().is_none(), "a bank shows its own questions only");
});

both_engines!(imports_of_the_same_file_at_once_write_it_once, async |t| {
    let bank = arrange::bank(&t, "cloud", 0).await;
    let forwards = referenced((1..=20).map(|number| choice(&format!("Question {number}?"))));
    let backwards: Vec<_> = forwards.iter().rev().cloned().collect();
    let results = race(&t, 6, async |number, store| {
        let questions = if number % 3 == 0 { &backwards } else { &forwards };
        store.upsert_questions(&bank, questions, None, NOON).await
    })
    .await;
    let outcomes: Vec<Upsert> =
        results.into_iter().flat_map(|result| result.expect("another import is no reason to fail")).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Upsert::Created).count(), 20);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Upsert::Unchanged).count(), 100);
    assert_eq!(t.list_questions(bank.id, &everything()).await.unwrap().total, 20);
});

both_engines!(nothing_is_written_to_a_bank_that_is_not_there, async |t| {
    let mut bank = arrange::bank(&t, "cloud", 1).await;
    bank.id = 4711.into();
    assert!(t.upsert_questions(&bank, &referenced([choice("One?")]), None, NOON).await.is_err());
    assert_eq!(t.raw().await.number("SELECT COUNT(*) FROM questions").await, 1);
});

both_engines!(banks_are_listed_by_title_with_their_sizes, async |t| {
    arrange::bank(&t, "small", 2).await;
    arrange::bank(&t, "large", 5).await;
    arrange::bank(&t, "empty", 0).await;
    let listed = t.list_banks().await.unwrap();
    let sizes: Vec<_> = listed.iter().map(|summary| (summary.bank.slug.as_str(), summary.questions)).collect();
    assert_eq!(sizes, [("empty", 0), ("large", 5), ("small", 2)]);
    assert_eq!(t.find_bank("large").await.unwrap().unwrap(), listed[1].bank);
    assert_eq!(t.find_bank("none").await.unwrap(), None);
    let taken = t.create_bank("large", "Another", "", None, NOON).await;
    assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
});

both_engines!(a_bank_tells_when_it_was_last_changed, async |t| {
    let bank = arrange::bank(&t, "cloud", 0).await;
    let changed = async || t.find_bank_summary("cloud").await.unwrap().unwrap().changed_at;
    assert_eq!(changed().await, NOON);
    for (minutes, question, expected) in [(5, "One?", 5), (9, "One?", 5), (10, "Another?", 10)] {
        let now = minutes_after_noon(minutes);
        t.upsert_questions(&bank, &referenced([choice(question)]), None, now).await.unwrap();
        assert_eq!(changed().await, minutes_after_noon(expected));
    }
    let listed = t.list_banks().await.unwrap();
    assert_eq!(t.find_bank_summary("cloud").await.unwrap().as_ref(), listed.first());
    for none in ["", "none"] {
        assert_eq!(t.find_bank_summary(none).await.unwrap(), None);
    }
});

both_engines!(the_versions_of_a_question_tell_who_wrote_them_and_when, async |t| {
    let bank = arrange::bank_of(&t, "cloud", [choice("One?")]).await;
    let ada = arrange::account(&t, "Ada", store::Role::Author).await;
    let edited = referenced([choice("Another?")]);
    t.upsert_questions(&bank, &edited, Some(ada.id), minutes_after_noon(5)).await.unwrap();
    let question = t.export_questions(bank.id).await.unwrap().remove(0).id;
    let versions = t.list_question_versions(question).await.unwrap();
    let seen: Vec<_> = versions.iter().map(|v| (v.version, v.created_at, v.author.as_deref())).collect();
    assert_eq!(seen, [(2, minutes_after_noon(5), Some("Ada")), (1, NOON, None)]);
});

both_engines!(domains_are_those_of_the_current_versions, async |t| {
    let of = |domains: &[&str]| Question {
        domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        ..choice("One?")
    };
    let bank = arrange::bank_of(&t, "cloud", [of(&["network", "storage"]), of(&["network", "network"]), of(&[])]).await;
    assert_eq!(t.list_domains(bank.id).await.unwrap(), [("network".into(), 2), ("storage".into(), 1)]);
    t.upsert_questions(&bank, &referenced([of(&["compute"])]), None, NOON).await.unwrap();
    assert_eq!(t.list_domains(bank.id).await.unwrap(), [("compute".into(), 1), ("network".into(), 1)]);
    let in_storage = QuestionFilter { domain: "storage".into(), ..everything() };
    assert_eq!(t.list_questions(bank.id, &in_storage).await.unwrap().total, 0);
});

both_engines!(a_search_takes_every_character_literally, async |t| {
    let prompts = ["100% sure?", "snake_case?", "snakeXcase?", "Wow! Really?", r"back\slash?", "Was ist eine Größe?"];
    let bank = arrange::bank_of(&t, "cloud", prompts.iter().map(|prompt| short_text(prompt))).await;
    let found = async |text: &str| {
        let page = t.list_questions(bank.id, &QuestionFilter { text: text.into(), ..everything() }).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.questions.len()).unwrap(), "{text}");
        page.questions.into_iter().map(|question| question.prompt).collect::<Vec<_>>()
    };
    assert_eq!(found("").await.len(), 6);
    assert_eq!(found("%").await, ["100% sure?"]);
    assert_eq!(found("_").await, ["snake_case?"]);
    assert_eq!(found("snake_case").await, ["snake_case?"]);
    assert_eq!(found("!").await, ["Wow! Really?"]);
    assert_eq!(found("w! r").await, ["Wow! Really?"]);
    assert_eq!(found("!%").await, [""; 0]);
    assert_eq!(found(r"\").await, [r"back\slash?"]);
    assert_eq!(found("  WAS   IST ").await, ["Was ist eine Größe?"]);
    assert_eq!(found("GRÖSSE").await, [""; 0], "capital SS is not the lower-case sharp s");
    assert_eq!(found("große").await, ["Was ist eine Größe?"]);
});

both_engines!(a_search_looks_at_options_too_but_never_at_keys_and_explanations, async |t| {
    let bank = arrange::bank_of(&t, "mixed", each_kind()).await;
    let found = async |text: &str| {
        let page = t.list_questions(bank.id, &QuestionFilter { text: text.into(), ..everything() }).await.unwrap();
        page.questions.into_iter().map(|question| question.kind).collect::<Vec<_>>()
    };
    assert_eq!(found("right too").await, ["choice"]);
    assert_eq!(found("wrong").await, ["choice", "choice", "cloze"]);
    assert_eq!(found("two").await, ["choice", "matching"]);
    assert_eq!(found("why:").await, [""; 0]);
    assert_eq!(found("42").await, [""; 0]);
});

both_engines!(filters_are_combined, async |t| {
    let tagged = |question: Question, domain: &str, difficulty| Question {
        domains: vec![domain.to_owned()],
        difficulty: Some(difficulty),
        ..question
    };
    let bank = arrange::bank_of(
        &t,
        "cloud",
        [
            tagged(choice("One?"), "network", Difficulty::Easy),
            tagged(choice("Two?"), "network", Difficulty::Hard),
            tagged(numeric("Three?"), "network", Difficulty::Hard),
            tagged(numeric("Four?"), "storage", Difficulty::Hard),
            Question { domains: Vec::new(), ..choice("Five?") },
        ],
    )
    .await;
    let found = async |text: &str, domain: &str, kind: &str, difficulty: &str| {
        let filter = QuestionFilter {
            text: text.into(),
            domain: domain.into(),
            kind: kind.into(),
            difficulty: difficulty.into(),
            ..everything()
        };
        let page = t.list_questions(bank.id, &filter).await.unwrap();
        assert_eq!(page.total, i64::try_from(page.questions.len()).unwrap());
        page.questions.into_iter().map(|question| question.prompt).collect::<Vec<_>>()
    };
    assert_eq!(found("", "network", "", "").await, ["One?", "Two?", "Three?"]);
    assert_eq!(found("", "", "numeric", "").await, ["Three?", "Four?"]);
    assert_eq!(found("", "", "", "hard").await, ["Two?", "Three?", "Four?"]);
    assert_eq!(found("", "network", "numeric", "hard").await, ["Three?"]);
    assert_eq!(found("o", "network", "", "hard").await, ["Two?"]);
    assert_eq!(found("", "none", "", "").await, [""; 0]);
});

both_engines!(questions_are_paged_in_order_of_entry_without_gaps_or_repeats, async |t| {
    let bank = arrange::bank(&t, "cloud", 10).await;
    arrange::bank(&t, "other", 3).await;
    for limit in [1, 3, 5, 10, 11] {
        let mut filter = QuestionFilter { limit, ..Default::default() };
        let mut seen = Vec::new();
        loop {
            let page = t.list_questions(bank.id, &filter).await.unwrap();
            assert_eq!(page.total, 10);
            assert!(!page.questions.is_empty(), "no empty page at the end");
            seen.extend(page.questions.into_iter().map(|question| question.reference));
            filter.after = page.next;
            if page.next.is_none() {
                break;
            }
        }
        let expected: Vec<String> = (1..=10).map(|number| format!("q{number}")).collect();
        assert_eq!(seen, expected, "in pages of {limit}");
    }
});
