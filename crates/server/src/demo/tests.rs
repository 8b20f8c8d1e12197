use super::exams::{BANKS, Exams, publish_all};
use super::*;
use crate::import::{self, Fate, Format};
use exam::grade::GradingPolicy;
use exam::grade::{Outcome, mark};
use exam::id::QuestionVersionId;
use exam::paper::PaperItem;
use exam::settings::Mode;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::HashSet;
use store::{AttemptFilter, Store};
use testkit::{NOON, TestStore, both_engines};

#[test]
fn every_question_of_the_demo_banks_is_imported_as_it_stands() {
    for (slug, archive) in BANKS {
        let plan = import::plan(slug, archive.as_bytes(), Some(Format::Archive));
        let unlike: Vec<_> = plan.items.iter().filter(|item| item.fate != Fate::Imported).collect();
        assert!(unlike.is_empty(), "{slug}: {unlike:#?}");
        assert!(plan.questions.len() >= 60, "{slug}");
        assert_eq!(plan.bank.map(|bank| bank.slug).as_deref(), Some(slug));
    }
}

#[test]
fn there_is_a_right_and_a_wrong_response_to_every_question() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let policy = GradingPolicy::default();
    for (slug, archive) in BANKS {
        for (reference, question) in import::plan(slug, archive.as_bytes(), Some(Format::Archive)).questions {
            let item = PaperItem::arrange(QuestionVersionId(1), &question.content, true, &mut rng);
            let right = responses::right(&question, &item);
            let wrong = responses::wrong(&question, &item, &mut rng);
            for response in [&right, &wrong] {
                assert_eq!(response.check(&question.content, &item), Ok(()), "{reference}: {response:?}");
            }
            let outcome = |response| mark(&question, &item, Some(response), &policy).outcome;
            assert_eq!(outcome(&right), Outcome::Correct, "{reference}: {right:?}");
            assert_ne!(outcome(&wrong), Outcome::Correct, "{reference}: {wrong:?}");
        }
    }
}

#[test]
fn sixty_people_have_names_and_addresses_of_their_own() {
    let people: Vec<_> = accounts::people().collect();
    assert_eq!(people.len(), 60);
    let addresses: HashSet<_> = people.iter().map(|(_, email)| *email).collect();
    assert_eq!(addresses.len(), 60);
    assert!(people.iter().all(|(name, email)| !name.is_empty() && email.ends_with("@people.example")));
}

#[test]
fn passwords_differ_between_accounts_and_installations_and_stay() {
    let password = accounts::password("secret", "a@example.org");
    assert_eq!(password, accounts::password("secret", "a@example.org"));
    assert_ne!(password, accounts::password("secret", "b@example.org"));
    assert_ne!(password, accounts::password("other", "a@example.org"));
    assert!(password.len() == 19 && password.len() >= crate::password::PASSWORD_MIN, "{password}");
}

async fn seed_at(store: &Store, chance: u64, now: Timestamp) {
    let passwords = Passwords::new(2).expect("randomness");
    seed(store, &passwords, &Chance::from_seed(chance), now).await.expect("the demo is seeded");
}

/// The demo's accounts alone, which is quicker.
async fn create_accounts(store: &Store) {
    let passwords = Passwords::new(2).expect("randomness");
    let secret = accounts::secret(store, || "secret".into()).await.expect("kept");
    let chance = Chance::from_seed(1);
    accounts::create_all(store, &passwords, &chance, &secret, NOON).await.expect("made");
}

async fn all_attempts(store: &Store) -> Vec<store::AttemptRow> {
    let mut attempts = Vec::new();
    let mut before = None;
    loop {
        let filter = AttemptFilter { limit: 200, before, ..AttemptFilter::default() };
        let page = store.list_attempts(&filter).await.expect("attempts are listed");
        attempts.extend(page.attempts);
        before = page.next;
        if before.is_none() {
            return attempts;
        }
    }
}

both_engines!(the_demo_is_complete_and_seeding_again_changes_nothing, async |t: TestStore| {
    seed_at(&t, 1, NOON).await;
    let overview = t.overview("", 31, NOON).await.expect("figures");
    assert_eq!((overview.banks, overview.published_exams, overview.accounts), (3, 6, 64));
    assert_eq!((overview.open_attempts, overview.finished_attempts), (0, 300));
    let (passed, failed) = (overview.passed, overview.failed);
    assert!(passed > failed / 3 && failed > passed / 3, "{passed} passed, {failed} did not");
    assert!(overview.score_histogram.iter().filter(|count| **count > 0).count() >= 6, "{overview:?}");
    assert!(overview.attempts_per_day.iter().filter(|(_, count)| *count > 0).count() >= 28, "{overview:?}");
    assert!(!t.has_admin().await.expect("known"), "the demo's admin is none");

    seed_at(&t, 2, NOON.after(DAY)).await;
    assert_eq!(t.overview("", 31, NOON).await.expect("figures"), overview);
});

both_engines!(invented_attempts_lie_in_the_past_and_newer_ones_come_first, async |t: TestStore| {
    seed_at(&t, 1, NOON).await;
    let attempts = all_attempts(&t).await;
    assert!(attempts.windows(2).all(|pair| pair[0].started_at >= pair[1].started_at));
    for attempt in &attempts {
        let ended = attempt.submitted_at.expect("it has ended");
        assert!(attempt.started_at < ended && ended < NOON, "{attempt:?}");
        assert!(attempt.started_at >= NOON.before(DAY * 30) && attempt.percent.is_some(), "{attempt:?}");
    }
    let expired = attempts.iter().filter(|attempt| attempt.state == exam::attempt::AttemptState::Expired).count();
    assert!((1..60).contains(&expired), "{expired} ran out of time");
    let unanswered: i64 = attempts.iter().map(|attempt| attempt.question_count - attempt.answered.unwrap_or(0)).sum();
    assert!(unanswered > 50, "{unanswered} questions were left open");
});

both_engines!(the_visitors_account_shows_progress_and_has_attempts_left, async |t: TestStore| {
    seed_at(&t, 1, NOON).await;
    let (visitor, _) = t.find_credentials(SIGN_INS[0].email).await.expect("found").expect("there");
    let grades = t.list_grades(visitor.id, 100).await.expect("grades");
    assert_eq!(grades.len(), 12);
    let mean = |grades: &[store::GradeRow]| grades.iter().map(|row| row.grade.percent().0).sum::<i64>() / 4;
    assert!(mean(&grades[..4]) > mean(&grades[8..]) + 1_000, "the last four are better than the first four");
    for (slug, _) in BANKS {
        let exam = t.find_exam(slug).await.expect("found").expect("there");
        let sat = t.count_attempts(exam.id, visitor.id).await.expect("counted");
        assert!((1..=2).contains(&sat), "{sat} of 3 attempts at {slug}");
    }
});

both_engines!(a_seeding_that_was_killed_is_completed_by_the_next, async |t: TestStore| {
    let passwords = Passwords::new(2).expect("randomness");
    let chance = Chance::from_seed(1);
    // Killed in the middle of the history, the last attempt being open with some answers.
    let killed = tokio::time::timeout(Duration::from_millis(700), seed(&t, &passwords, &chance, NOON));
    let _ = killed.await;
    seed_at(&t, 2, NOON.after(DAY)).await;
    let overview = t.overview("", 32, NOON.after(DAY)).await.expect("figures");
    assert_eq!((overview.banks, overview.published_exams, overview.accounts), (3, 6, 64));
    assert_eq!((overview.open_attempts, overview.finished_attempts), (0, 300));
    let first = &all_attempts(&t).await[0];
    assert!(first.started_at < NOON, "the history still ends at the first start");
});

both_engines!(what_visitors_do_is_left_alone, async |t: TestStore| {
    let exams: Exams = publish_all(&t, NOON.before(CONTENT_AGE)).await.expect("published");
    let passwords = Passwords::new(2).expect("randomness");
    let secret = accounts::secret(&t, || "secret".into()).await.expect("kept");
    let people = accounts::create_all(&t, &passwords, &Chance::from_seed(1), &secret, NOON).await.expect("made");
    let visitor = people.visitor.expect("made");
    let account = t.find_account(visitor).await.expect("found").expect("there");
    // Somebody begins the first practice before the history is written.
    let practice = exams.get(0, Mode::Practice);
    let own = testkit::arrange::start(&t, practice, &account, NOON).await;
    let visits = history::schedule(NOON);
    history::play(&t, &secret, &exams, &people, &visits).await.expect("played");
    let answers = t.answers(&own).await.expect("read").answers;
    assert!(answers.is_empty());
    let own = t.find_attempt(&own.public_id, visitor).await.expect("found").expect("there");
    assert!(!own.state.is_finished());
});

both_engines!(a_real_account_with_a_demo_address_stays_real, async |t: TestStore| {
    let admin = SIGN_INS[3].email;
    t.create_account(testkit::arrange::new_account(admin, "Ada", store::Role::Candidate), None, NOON)
        .await
        .expect("made");
    create_accounts(&t).await;
    let (account, hash) = t.find_credentials(admin).await.expect("found").expect("there");
    assert!(!account.demo && account.role == store::Role::Candidate && hash == testkit::arrange::FAKE_HASH);
    let text = announcement(&t, "http://x").await.expect("read").expect("the demo is there");
    assert!(!text.contains(admin), "{text}");
});

both_engines!(the_announcement_tells_passwords_that_work, async |t: TestStore| {
    assert_eq!(announcement(&t, "http://x").await.expect("read"), None);
    create_accounts(&t).await;
    let text = announcement(&t, "http://x").await.expect("read").expect("the demo is there");
    let passwords = Passwords::new(2).expect("randomness");
    for SignIn { email, .. } in SIGN_INS {
        let line = text.lines().find(|line| line.contains(email)).expect("every account is told");
        let password = line.split_whitespace().last().expect("at its end");
        let (account, hash) = t.find_credentials(email).await.expect("found").expect("there");
        assert!(account.demo && passwords.verify(password.to_owned(), Some(hash)).await.expect("checked"), "{email}");
    }
    assert!(text.contains(&format!("http://x/demo/{}", link_key(&t).await.expect("there"))));
});
