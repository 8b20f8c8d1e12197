//! A database of an earlier version keeps what it holds.

use store::Started;
use testkit::arrange::{candidate, exam, submit, try_start};
use testkit::{Engine, NOON, Raw, TestStore, both_engines, choose};

/// The schema when its third migration was the last.
const THIRD: [(Engine, [&str; 3]); 2] = [
    (
        Engine::Sqlite,
        [
            include_str!("../src/schema/sqlite/0001_core.sql"),
            include_str!("../src/schema/sqlite/0002_engine.sql"),
            include_str!("../src/schema/sqlite/0003_account_changes.sql"),
        ],
    ),
    (
        Engine::Postgres,
        [
            include_str!("../src/schema/postgres/0001_core.sql"),
            include_str!("../src/schema/postgres/0002_engine.sql"),
            include_str!("../src/schema/postgres/0003_account_changes.sql"),
        ],
    ),
];
/// Its tables, in an order in which they can be filled.
const FILLED: [&str; 13] = [
    "accounts",
    "banks",
    "questions",
    "question_domains",
    "question_versions",
    "exams",
    "exam_versions",
    "attempts",
    "start_keys",
    "answer_operations",
    "sealed_attempts",
    "grades",
    "audit_log",
];

async fn run(raw: &mut Raw, sql: &str) {
    raw.execute(sql).await.map(drop).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Makes the database what it was before the fourth migration, with all it holds.
async fn go_back_to_the_third(t: &TestStore) {
    let mut raw = t.raw().await;
    let (all, but) = match t.engine() {
        Engine::Sqlite => {
            ("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'", "")
        }
        Engine::Postgres => ("SELECT tablename::text FROM pg_tables WHERE schemaname = CURRENT_SCHEMA()", " CASCADE"),
    };
    if t.engine() == Engine::Sqlite {
        run(&mut raw, "PRAGMA foreign_keys = OFF").await;
    }
    for table in FILLED {
        run(&mut raw, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
    }
    let migrations = |table: &String| table != "_sqlx_migrations" && !table.starts_with("kept_");
    for table in raw.texts(all).await.into_iter().filter(migrations) {
        run(&mut raw, &format!("DROP TABLE {table}{but}")).await;
    }
    if t.engine() == Engine::Postgres {
        run(&mut raw, "DROP FUNCTION audit_log_is_append_only").await;
    }
    run(&mut raw, "DELETE FROM _sqlx_migrations WHERE version > 3").await;
    let (_, files) = THIRD.iter().find(|(engine, _)| *engine == t.engine()).expect("there are two engines");
    for file in files {
        run(&mut raw, file).await;
    }
    for table in FILLED {
        let of_it = match t.engine() {
            Engine::Sqlite => format!("SELECT name FROM pragma_table_info('kept_{table}')"),
            Engine::Postgres => format!(
                "SELECT column_name::text FROM information_schema.columns WHERE table_schema = CURRENT_SCHEMA() \
                 AND table_name = 'kept_{table}'"
            ),
        };
        let columns = raw.texts(&of_it).await.join(", ");
        run(
            &mut raw,
            &format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM kept_{table}; DROP TABLE kept_{table}"),
        )
        .await;
        if t.engine() == Engine::Postgres && columns.starts_with("id, ") {
            run(&mut raw, &format!("SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000)")).await;
        }
    }
}

both_engines!(a_database_of_before_the_fourth_migration_keeps_what_it_holds, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let Started::New(ended) = try_start(&t, &exam, &ada, Some("first"), NOON).await.unwrap() else { panic!("new") };
    t.save_operations(ended.id, ada.id, vec![choose(1, 1, "a")], NOON).await.unwrap();
    submit(&t, &exam, &ended, NOON).await;
    let Started::New(open) = try_start(&t, &exam, &ada, Some("second"), NOON).await.unwrap() else { panic!("new") };
    t.save_operations(open.id, ada.id, vec![choose(1, 1, "b")], NOON).await.unwrap();
    let told = async |store: &store::Store| {
        let (ended, open) = (&ended.public_id, &open.public_id);
        let ended = store.find_attempt(ended, ada.id).await.unwrap().unwrap();
        let open = store.find_attempt(open, ada.id).await.unwrap().unwrap();
        let grade = store.find_grade(&ended).await.unwrap().unwrap();
        let answers = (store.answers(&ended).await.unwrap(), store.answers(&open).await.unwrap());
        format!("{ended:?} {open:?} {grade:?} {answers:?} {}", store.count_grades(&ended).await.unwrap())
    };
    let before = told(&t).await;
    go_back_to_the_third(&t).await;

    let after = t.second_process().await;
    assert_eq!(told(&after).await, before);
    let again = try_start(&after, &exam, &ada, Some("first"), NOON).await.unwrap();
    assert!(matches!(&again, Started::Existing(found) if found.id == ended.id), "{again:?}");
    submit(&after, &exam, &open, NOON).await;
    let Started::New(third) = try_start(&after, &exam, &ada, None, NOON).await.unwrap() else { panic!("new") };
    assert_eq!(third.number, 3);
    // What refers to a table that was made anew refers to the new one.
    let mut raw = t.raw().await;
    if t.engine() == Engine::Sqlite {
        assert_eq!(raw.number("SELECT COUNT(*) FROM pragma_foreign_key_check").await, 0);
        raw.execute("PRAGMA foreign_keys = ON").await.unwrap();
    }
    for orphan in
        ["INSERT INTO sealed_attempts VALUES (77, '')", "INSERT INTO grades VALUES (77, 1, 0, 0, 0, 0, 0, '')"]
    {
        assert!(raw.execute(orphan).await.is_err(), "{orphan}");
    }
});
