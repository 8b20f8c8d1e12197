//! The rules of the house that no compiler holds: who names a database driver, which way the arrows between crates point,
//! and how files are called.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the workspace is there")
}

/// All files below a folder of the workspace with a certain ending, as paths from the workspace.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("readable").path();
            let name = path.file_name().expect("named").to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && name != "node_modules" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(ending) {
                let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let path = path.strip_prefix(root()).expect("it is below the workspace");
                found.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    assert!(!found.is_empty(), "no {ending} below {folder}");
    found.sort();
    found
}

/// Rust code of the product, without what is for tests only.
fn product() -> impl Iterator<Item = (String, String)> {
    let is_product = |path: &str| path.contains("/src/") && !path.starts_with("crates/testkit/");
    files("crates", ".rs").into_iter().filter(move |(path, _)| is_product(path))
}

fn manifest(krate: &str) -> Table {
    let path = root().join("crates").join(krate).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a crate names in some sections of its manifest, those for single platforms included.
fn dependencies(krate: &str, sections: &[&str]) -> BTreeSet<String> {
    fn collect(table: &Table, sections: &[&str], found: &mut BTreeSet<String>) {
        for section in sections {
            if let Some(Value::Table(dependencies)) = table.get(*section) {
                found.extend(dependencies.keys().cloned());
            }
        }
        if let Some(Value::Table(targets)) = table.get("target") {
            targets.values().filter_map(Value::as_table).for_each(|target| collect(target, sections, found));
        }
    }
    let mut found = BTreeSet::new();
    collect(&manifest(krate), sections, &mut found);
    found
}

/// Whether code names a database driver rather than `sqlx` in general.
fn names_a_driver(code: &str) -> bool {
    let words =
        ["sqlx::sqlite", "sqlx::postgres", "sqlx_sqlite", "sqlx_postgres", "libsqlite3", "rusqlite", "tokio_postgres"];
    let types = ["SqlitePool", "SqliteConnect", "SqliteRow", "SqliteArg", "PgPool", "PgConnect", "PgRow", "PgArg"];
    let imports = ["Sqlite", "Postgres", "sqlite", "postgres"];
    words.iter().chain(&types).any(|word| code.contains(word))
        || code.split("use sqlx::").skip(1).any(|rest| {
            let import = rest.split(';').next().unwrap_or_default();
            import.split(|c: char| !c.is_alphanumeric()).any(|word| imports.contains(&word))
        })
}

#[test]
fn a_driver_is_seen_however_it_is_imported() {
    for code in [
        "use sqlx::sqlite::SqlitePool;",
        "use sqlx::{Row, postgres::PgRow};",
        "use sqlx::{\n    Executor,\n    Sqlite,\n};",
        "let pool: sqlx::PgPool;",
        "fn f(c: &mut sqlx::SqliteConnection)",
    ] {
        assert!(names_a_driver(code), "{code}");
    }
    for code in ["#[derive(sqlx::FromRow)]", "use crate::db::sql;", "use sqlx::Error as E;", "Db::Sqlite { write, .. }"]
    {
        assert!(!names_a_driver(code), "{code}");
    }
}

#[test]
fn one_file_names_the_database_drivers() {
    let naming: Vec<String> = product().filter(|(_, code)| names_a_driver(code)).map(|(path, _)| path).collect();
    assert_eq!(
        naming,
        [
            "crates/store/src/db.rs",
            "crates/store/src/db/backend.rs",
            "crates/store/src/db/checkpoint.rs",
            "crates/store/src/db/file_pool.rs",
            "crates/store/src/db/given_up.rs",
            "crates/store/src/db/lent.rs",
            "crates/store/src/db/look.rs",
            "crates/store/src/db/open.rs",
            "crates/store/src/db/params.rs",
            "crates/store/src/db/transaction.rs",
            "crates/store/src/db/upkeep.rs"
        ]
    );
}

#[test]
fn only_the_store_names_sqlx() {
    for krate in ["exam", "interchange", "server"] {
        let of_crate = dependencies(krate, &["dependencies", "build-dependencies", "dev-dependencies"]);
        assert!(!of_crate.contains("sqlx"), "{krate}");
    }
    let naming: BTreeSet<String> = product()
        .filter(|(_, code)| code.contains("sqlx::"))
        .map(|(path, _)| path.split("/src/").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(naming, ["crates/store".to_owned()].into());
}

#[test]
fn only_one_file_names_redis() {
    let naming = product().filter(|(_, code)| code.contains("redis::")).map(|(path, _)| path);
    let others: Vec<String> = naming.filter(|path| path != "crates/store/src/shared.rs").collect();
    assert_eq!(others, [""; 0]);
}

#[test]
fn arrows_between_crates_point_down() {
    let ours = ["exam", "interchange", "store", "server", "rehearse", "testkit"];
    let of = |krate| {
        let all = dependencies(krate, &["dependencies", "build-dependencies"]);
        all.into_iter().filter(|name| ours.contains(&name.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(of("exam"), [""; 0]);
    assert_eq!(of("interchange"), ["exam"]);
    assert_eq!(of("store"), ["exam"]);
    assert!(!of("server").contains(&"testkit".to_owned()), "tests only");
    let for_tests = dependencies("exam", &["dev-dependencies"]);
    assert!(
        !for_tests.contains("testkit") && !for_tests.contains("store"),
        "the rules need no database, not even in tests"
    );
}

#[test]
fn the_rules_wait_for_nothing_and_the_formats_neither() {
    let runtimes = ["tokio", "sqlx", "axum", "hyper", "tower", "reqwest", "async-trait", "futures", "tracing"];
    for krate in ["exam", "interchange"] {
        let of_crate = dependencies(krate, &["dependencies", "build-dependencies", "dev-dependencies"]);
        let wrong: Vec<_> = runtimes.iter().filter(|name| of_crate.contains(**name)).collect();
        assert!(wrong.is_empty(), "{krate} depends on {wrong:?}");
    }
    let of_store = dependencies("store", &["dependencies", "build-dependencies"]);
    for name in ["axum", "hyper", "tower", "tower-http", "askama"] {
        assert!(!of_store.contains(name), "store depends on {name}");
    }
}

#[test]
fn every_crate_is_held_to_the_lints_of_the_workspace() {
    for (path, text) in files("crates", "Cargo.toml").into_iter().chain(files("tests", "Cargo.toml")) {
        let manifest: Table = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let workspace = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        assert_eq!(workspace, Some(&Value::Boolean(true)), "{path}");
    }
}

#[test]
fn files_are_named_after_their_subject() {
    let no_subject = ["mod", "util", "utils", "helper", "helpers", "common", "misc"];
    let code = files("crates", ".rs").into_iter().chain(files("tests", ".rs"));
    for (path, text) in code {
        let parts = path.trim_end_matches(".rs").split('/');
        let wrong: Vec<&str> = parts.filter(|part| no_subject.contains(part)).collect();
        assert!(wrong.is_empty(), "{path}");
        for name in &no_subject[1..] {
            assert!(!text.contains(&format!("mod {name} {{")), "{path} has a module {name}");
        }
    }
}

#[test]
fn both_engines_have_the_same_migrations_in_sequence() {
    let names = |engine: &str| -> Vec<String> {
        let folder = format!("crates/store/src/schema/{engine}");
        files(&folder, ".sql").into_iter().map(|(path, _)| path[folder.len() + 1..].to_owned()).collect()
    };
    let of_sqlite = names("sqlite");
    assert_eq!(of_sqlite, names("postgres"));
    for (number, name) in (1..).zip(&of_sqlite) {
        assert!(name.starts_with(&format!("{number:04}_")), "{name} is out of sequence");
    }
}

/// `now()` in a statement would be the database's clock, which no test can set and no candidate was promised. The one statement
/// that asks for it compares the clocks.
#[test]
fn no_statement_asks_the_database_for_the_time() {
    let clocks =
        ["now()", "current_timestamp", "clock_timestamp", "datetime('now'", "strftime(", "unixepoch", "random()"];
    for (path, text) in files("crates/store/src", ".rs").into_iter().chain(files("crates/store/src/schema", ".sql")) {
        let code: String = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//") && !line.trim_start().starts_with("--"))
            .collect::<Vec<_>>()
            .join("\n")
            .to_lowercase()
            // How long something has waited is no clock's business, nor is a turn that is given up.
            .replace("instant::now()", "")
            .replace("yield_now()", "");
        let code = if path == "crates/store/src/lib.rs" { code.replacen("clock_timestamp", "", 1) } else { code };
        let wrong: Vec<_> = clocks.iter().filter(|clock| code.contains(**clock)).collect();
        assert!(wrong.is_empty(), "{path} asks {wrong:?}");
    }
}
