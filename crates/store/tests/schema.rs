//! The schemas of the two engines are one schema, which `testkit/tests/house.rs` sees by the names of its files.

use std::collections::BTreeSet;
use testkit::{Engine, TestStore, both_engines, fresh_store};

/// `table.column type nullable` of everything, in the words of PostgreSQL.
async fn columns(t: &TestStore) -> Vec<String> {
    let sql = match t.engine() {
        Engine::Sqlite => {
            "SELECT m.name || '.' || c.name || ' ' || \
             CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytea' ELSE c.type END || \
             CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN '' ELSE ' null' END \
             FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND m.name <> '_sqlx_migrations'"
        }
        Engine::Postgres => {
            "SELECT table_name || '.' || column_name || ' ' || data_type || \
             CASE is_nullable WHEN 'NO' THEN '' ELSE ' null' END FROM information_schema.columns \
             WHERE table_schema = CURRENT_SCHEMA() AND table_name <> '_sqlx_migrations'"
        }
    };
    let mut columns = t.raw().await.texts(sql).await;
    columns.sort();
    columns
}

/// `table (columns)` of every unique index and constraint, primary keys included, and the name of every other index.
async fn indexes(t: &TestStore) -> BTreeSet<String> {
    let sql = match t.engine() {
        Engine::Sqlite => {
            "SELECT CASE WHEN l.\"unique\" = 1 THEN 'unique ' ELSE 'index ' END || m.name || ' (' || \
             (SELECT GROUP_CONCAT(i.name, ', ') FROM pragma_index_info(l.name) i) || ')' || \
             CASE WHEN l.partial = 1 THEN ' partial' ELSE '' END \
             FROM sqlite_master m JOIN pragma_index_list(m.name) l \
             WHERE m.type = 'table' AND m.name <> '_sqlx_migrations' \
             UNION SELECT 'unique ' || m.name || ' (' || c.name || ')' FROM sqlite_master m \
             JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER' \
             AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) l WHERE l.origin = 'pk')"
        }
        Engine::Postgres => {
            "SELECT CASE WHEN i.indisunique THEN 'unique ' ELSE 'index ' END || t.relname || ' (' || \
             (SELECT STRING_AGG(a.attname, ', ' ORDER BY k.place) FROM UNNEST(i.indkey) WITH ORDINALITY k (number, place) \
             JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')' || \
             CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END \
             FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
             WHERE n.nspname = CURRENT_SCHEMA() AND t.relname <> '_sqlx_migrations'"
        }
    };
    t.raw().await.texts(sql).await.into_iter().collect()
}

/// `table -> table` of every foreign key.
async fn references(t: &TestStore) -> Vec<String> {
    let sql = match t.engine() {
        Engine::Sqlite => {
            "SELECT m.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\" \
             FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
        }
        Engine::Postgres => {
            "SELECT t.relname || '.' || a.attname || ' -> ' || r.relname || '.' || b.attname FROM pg_constraint c \
             JOIN pg_class t ON t.oid = c.conrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] \
             JOIN pg_class r ON r.oid = c.confrelid JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = c.confkey[1] \
             JOIN pg_namespace n ON n.oid = t.relnamespace WHERE c.contype = 'f' AND n.nspname = CURRENT_SCHEMA()"
        }
    };
    let mut references = t.raw().await.texts(sql).await;
    references.sort();
    references
}

#[test]
fn both_engines_have_the_same_tables_columns_and_keys() {
    testkit::run(Engine::Sqlite, async |sqlite| {
        let postgres = fresh_store(Engine::Postgres).await;
        let of_sqlite = columns(&sqlite).await;
        assert!(of_sqlite.len() > 80, "too few to be all: {of_sqlite:?}");
        assert_eq!(of_sqlite, columns(&postgres).await);
        assert_eq!(indexes(&sqlite).await, indexes(&postgres).await);
        assert_eq!(references(&sqlite).await, references(&postgres).await);
    });
}

#[test]
fn sqlite_is_new_enough_and_writes_ahead() {
    testkit::run(Engine::Sqlite, async |t| {
        let mut raw = t.raw().await;
        let version = raw.texts("SELECT sqlite_version()").await.remove(0);
        let parts: Vec<u32> = version.split('.').map(|part| part.parse().expect("a number")).collect();
        assert!(parts >= vec![3, 51, 3], "SQLite {version} has the WAL-reset race");
        assert_eq!(raw.texts("PRAGMA journal_mode").await, ["wal"]);
    });
}

both_engines!(a_finished_database_is_consistent, async |t| {
    let exam = testkit::arrange::exam("cloud").publish(&t).await;
    let ada = testkit::arrange::candidate(&t, "Ada").await;
    let attempt = testkit::arrange::start(&t, &exam, &ada, testkit::NOON).await;
    testkit::arrange::submit(&t, &exam, &attempt, testkit::NOON).await;
    if t.engine() == Engine::Sqlite {
        let mut raw = t.raw().await;
        assert_eq!(raw.texts("PRAGMA integrity_check").await, ["ok"]);
        assert_eq!(raw.number("SELECT COUNT(*) FROM pragma_foreign_key_check").await, 0);
    }
});
