//! Looking at a database while others use it, or before anybody has: nothing is changed by it.

use std::collections::BTreeSet;
use std::time::Duration;
use store::{Address, Look, NotLooked, Options, Schema};
use testkit::{Engine, Folder, TestStore, both_engines};

async fn look(t: &TestStore) -> Look {
    Look::open(t.address(), &Options::default()).await.expect("it is there")
}

fn names(folder: &Folder) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder.path()).expect("the folder is there");
    entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect()
}

both_engines!(a_database_in_use_is_whole_current_and_quick, async |t: TestStore| {
    let look = look(&t).await;
    assert!(look.round_trip().await.expect("it answers") < Duration::from_secs(1));
    assert!(matches!(look.schema().await.expect("it answers"), Schema::Current(1..)));
    assert_eq!(look.damage().await.expect("it answers"), [""; 0]);
    assert_eq!(look.demo_accounts().await.expect("it answers"), 0);
    if t.engine() == Engine::Sqlite {
        let file = look.file().await.expect("it answers").expect("it is a file");
        assert_eq!(file.journal_mode, "wal");
    } else {
        let server = look.server().await.expect("it answers");
        assert_eq!(server.number("statement_timeout"), 30_000, "as the options say");
        assert!(server.number("server_version_num") >= 140_000 && server.setting("fsync").is_some());
        assert!(server.reserved().all > server.reserved().kept);
        assert_eq!(look.commits(3).await.expect("it commits").len(), 3);
        let nodes = look.activity().await.expect("it answers").into_iter().filter(|one| one.application == "examhall");
        assert!(nodes.count() > 0, "the store of the test is one");
        assert!(!look.limits().await.expect("it answers").is_standby);
    }
    look.close().await;
});

both_engines!(the_list_of_indexes_is_that_of_the_schema, async |t: TestStore| {
    let look = look(&t).await;
    assert_eq!(look.missing_indexes().await.expect("it answers"), []);
    assert_eq!(look.other_indexes().await.expect("it answers"), [""; 0]);
    look.close().await;
});

both_engines!(an_index_that_was_lost_is_missed_until_its_statement_is_run, async |t: TestStore| {
    let mut raw = t.raw().await;
    raw.execute("DROP INDEX attempts_one_open; DROP INDEX sessions_by_account").await.expect("it is there");
    raw.execute("CREATE INDEX sessions_by_account ON sessions (expires_at)").await.expect("another of that name");
    let look = look(&t).await;
    let missing = look.missing_indexes().await.expect("it answers");
    let named: Vec<(&str, &str)> = missing.iter().map(|index| (index.table, index.columns)).collect();
    assert_eq!(named, [("sessions", "account_id"), ("attempts", "exam_id, account_id")]);
    assert_eq!(look.other_indexes().await.expect("it answers"), ["sessions (expires_at)"]);
    raw.execute("DROP INDEX sessions_by_account").await.expect("it is there");
    for index in missing {
        raw.execute(&index.statement()).await.expect("it can be made again");
    }
    assert_eq!(look.missing_indexes().await.expect("it answers"), []);
    look.close().await;
});

both_engines!(what_was_lost_with_a_table_is_missed_and_not_made_again, async |t: TestStore| {
    let mut raw = t.raw().await;
    let look = look(&t).await;
    raw.execute("DROP TABLE grades").await.expect("it is there");
    assert!(look.missing_indexes().await.expect("it answers").iter().any(|index| index.table == "grades"));
    raw.execute("DROP TABLE _sqlx_migrations").await.expect("it is there");
    assert_eq!(look.schema().await.expect("it answers"), Schema::Missing, "and it stays so");
    look.close().await;
});

#[tokio::test]
async fn looking_leaves_no_file_behind_and_makes_none() {
    let folder = Folder::new();
    let address = Address::Sqlite(folder.path().join("examhall.db"));
    let missing = Look::open(&address, &Options::default()).await;
    assert!(matches!(missing, Err(NotLooked::Missing(_))), "{missing:?}");
    assert_eq!(names(&folder), BTreeSet::new());

    store::Store::open(&address, &Options::default()).await.expect("it is made").close().await;
    let before = names(&folder);
    let look = Look::open(&address, &Options::default()).await.expect("it is there");
    assert!(matches!(look.schema().await, Ok(Schema::Current(_))));
    look.close().await;
    assert_eq!(names(&folder), before);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_in_words() {
    let folder = Folder::new();
    let file = folder.path().join("examhall.db");
    std::fs::write(&file, "Dear diary, this is no database. ".repeat(200)).expect("it can be written");
    let said = match Look::open(&Address::Sqlite(file), &Options::default()).await {
        Ok(look) => look.schema().await.expect_err("it is no database").to_string(),
        Err(error) => error.to_string(),
    };
    assert!(said.contains("not a database"), "{said}");
}

#[tokio::test]
async fn a_postgresql_that_takes_no_more_connections_says_so() {
    let role = format!("examhall_test_full_{}", std::process::id());
    let t = testkit::fresh_store(Engine::Postgres).await;
    let mut raw = t.raw().await;
    let make = format!("CREATE ROLE {role} LOGIN PASSWORD '{role}' CONNECTION LIMIT 0");
    raw.execute(&format!("DROP ROLE IF EXISTS {role}; {make}")).await.expect("tests own their server");
    let server = testkit::postgres_url();
    let (_, server) = server.split_once('@').expect("it names a user");
    let url = format!("postgres://{role}:{role}@{server}");
    let looked = Look::open(&Address::Postgres(url), &Options::default()).await;
    raw.execute(&format!("DROP ROLE {role}")).await.expect("nobody uses it");
    let Err(NotLooked::TooManyConnections(why)) = looked else { panic!("{looked:?}") };
    assert!(why.contains("too many connections for role"), "{why}");
}
