//! Every statement on the hot path of an exam finds its rows by an index, on both engines, however many attempts there are.

use exam::attempt::AttemptState;
use exam::release::InstantFeedback;
use exam::settings::{Mode, Settings};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use store::{FormAnswer, NewAccessCode, Store};
use testkit::arrange::{self, candidate, exam, submit};
use testkit::{Engine, NOON, choose, fresh_store, minutes_after_noon};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

/// The statements that were run, as the store tells them.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<BTreeSet<(String, String)>>>);

#[derive(Default)]
struct Statement {
    sqlite: String,
    postgres: String,
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "sqlite" => value.clone_into(&mut self.sqlite),
            "postgres" => value.clone_into(&mut self.postgres),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl<S: tracing::Subscriber> Layer<S> for Heard {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "store::statement" {
            let mut statement = Statement::default();
            event.record(&mut statement);
            let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            heard.insert((statement.sqlite, statement.postgres));
        }
    }
}

impl Heard {
    fn take(&self) -> BTreeSet<(String, String)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What candidates do while an exam is on, and what the server does beside them.
async fn an_exam_is_sat(t: &Store, exam: &store::PublishedExam, ada: &store::Account) {
    let slug = &exam.summary.slug;
    t.create_session("hash", ada.id, NOON, minutes_after_noon(600)).await.expect("it answers");
    t.find_session("hash", NOON, true).await.expect("it answers").expect("it has begun");
    t.find_by_access_code("code", NOON, true).await.expect("it answers").expect("it is hers");
    assert!(t.create_session_by_code("by code", "code", NOON, minutes_after_noon(600)).await.expect("it answers"));
    t.find_published_version(slug).await.expect("it answers").expect("it is published");
    let attempt = arrange::start(t, exam, ada, NOON).await;
    t.find_started(exam.summary.exam_id, ada.id, Some("another key")).await.expect("it answers").expect("it is open");
    t.find_attempt(&attempt.public_id, ada.id).await.expect("it answers").expect("it is Ada's");
    let save = async |operation| {
        t.save_operations(attempt.id, ada.id, vec![operation], NOON).await.expect("it answers").expect("it is Ada's")
    };
    save(choose(1, 1, "a")).await;
    save(choose(1, 1, "a")).await;
    let answer = FormAnswer { writer: 0, last_seq: 1, question: 2, response: choose(1, 1, "a").response };
    t.save_form(attempt.id, ada.id, answer, NOON).await.expect("it answers").expect("it is Ada's");
    t.answers(&attempt).await.expect("it answers");
    t.take_pen(&attempt.public_id, ada.id).await.expect("it answers").expect("it is open");
    let right = InstantFeedback::of(&Settings::new(Mode::Practice)).expect("a practice has it");
    t.check_question(&attempt, 3, 0, NOON, &right).await.expect("it answers");
    t.check_question(&attempt, 2, 0, NOON, &right).await.expect("it answers");
    t.list_overdue(minutes_after_noon(600), None, 10).await.expect("it answers");
    assert_eq!(submit(t, exam, &attempt, minutes_after_noon(1)).await.attempt.state, AttemptState::Submitted);
    save(choose(1, 1, "a")).await;
    t.count_attempts(exam.summary.exam_id, ada.id).await.expect("it answers");
    let own = store::AttemptFilter { account: Some(ada.id), limit: 100, ..store::AttemptFilter::default() };
    assert_eq!(t.list_attempts(&own).await.expect("it answers").attempts.len(), 1);
    t.find_attempt_for_staff(&attempt.public_id).await.expect("it answers").expect("it is there");
    t.list_practised(exam.summary.exam_id, ada.id, 20).await.expect("it answers");
    t.set_bookmark(ada.id, attempt.paper.items[0].question, true, NOON).await.expect("it answers");
    t.set_bookmark(ada.id, attempt.paper.items[0].question, false, NOON).await.expect("it answers");
    t.list_bookmarked(ada.id, &[attempt.paper.items[0].question]).await.expect("it answers");
    t.find_grade(&attempt).await.expect("it answers").expect("it is graded");
    t.ping().await.expect("it answers");
}

/// Lines of a plan that read a table from end to end.
fn whole_tables(engine: Engine, plan: &[String]) -> Vec<String> {
    let reads_all = |line: &&String| match engine {
        Engine::Sqlite => {
            let scanned = line.trim().strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or(rest));
            // Rows of a parameter, of a constant or of another part of the plan.
            let of_a_table =
                |name: &str| !matches!(name, "json_each" | "CONSTANT" | "e" | "wanted" | "latest" | "operation");
            // Everything before a row may be everything. What is after one that has been seen is not.
            let is_range = line.contains("(rowid<?)");
            is_range || scanned.is_some_and(|name| !name.starts_with("(subquery") && of_a_table(name))
        }
        Engine::Postgres => line.contains("Seq Scan on "),
    };
    let mut found: Vec<String> = plan.iter().filter(reads_all).cloned().collect();
    if engine == Engine::Postgres {
        // An index without a condition is read from end to end as well.
        let is_index = |line: &&String| line.contains("Index Scan") || line.contains("Index Only Scan");
        let scans = plan.iter().filter(is_index).count();
        let conditions = plan.iter().filter(|line| line.trim().starts_with("Index Cond:")).count();
        if conditions < scans {
            found.push(format!("{scans} indexes are read with {conditions} conditions"));
        }
    }
    found
}

/// Lines of a plan that go through all attempts of an exam, or all that are open, to find one person's: while there are few, that
/// looks as cheap as anything, and a plan is kept.
fn lists_of_all<'a>(sql: &str, plan: &'a [String]) -> Vec<&'a String> {
    let is_of_the_sweep = sql.contains("deadline < $1");
    let lists = |line: &&String| line.contains("attempts_by_exam") || line.contains("attempts_open_by_deadline");
    plan.iter().filter(lists).filter(|_| !is_of_the_sweep).collect()
}

fn parameters_of(sql: &str) -> usize {
    (1..=13).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0)
}

#[tokio::test]
async fn no_statement_of_a_running_exam_reads_a_whole_table() {
    let heard = Heard::default();
    tracing::subscriber::set_global_default(Registry::default().with(heard.clone())).expect("this is the only test");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let t = fresh_store(engine).await;
        let exam = exam("cloud").minutes(10).publish(&t).await;
        let ada = candidate(&t, "Ada").await;
        let code = [NewAccessCode { email: &ada.email, name: &ada.name, code_hash: "code" }];
        t.create_access_codes(&code, arrange::FAKE_HASH, minutes_after_noon(600), None, NOON)
            .await
            .expect("it is made");
        heard.take();
        an_exam_is_sat(&t, &exam, &ada).await;
        let statements = heard.take();
        assert!(statements.len() > 20, "only {} statements were heard", statements.len());
        let mut raw = t.raw().await;
        for (sqlite, postgres) in &statements {
            let sql = if engine == Engine::Sqlite { sqlite } else { postgres };
            let plan = raw.plan(sql, parameters_of(sql)).await;
            assert_eq!(lists_of_all(sql, &plan), Vec::<&String>::new(), "{engine:?}: {sql}\n{}", plan.join("\n"));
        }
        if engine == Engine::Postgres {
            // Plans for ten million rows: of an almost empty table, one index is as good as another.
            let large = "UPDATE pg_class SET reltuples = 10000000, relpages = 1 \
                         WHERE relnamespace = CURRENT_SCHEMA()::regnamespace AND relkind = 'r'";
            raw.execute(large).await.expect("tests own their database");
        }
        for (sqlite, postgres) in statements {
            let sql = if engine == Engine::Sqlite { sqlite } else { postgres };
            let plan = raw.plan(&sql, parameters_of(&sql)).await;
            assert_eq!(whole_tables(engine, &plan), Vec::<String>::new(), "{engine:?}: {sql}\n{}", plan.join("\n"));
        }
        // The checks can tell.
        let plan = raw.plan("SELECT id FROM attempts WHERE exam_id = $1 ORDER BY id", 1).await;
        assert!(!lists_of_all("", &plan).is_empty(), "{plan:?}");
        let plan = raw.plan("SELECT id FROM attempts WHERE answered = $1", 1).await;
        assert!(!whole_tables(engine, &plan).is_empty(), "{plan:?}");
    }
}
