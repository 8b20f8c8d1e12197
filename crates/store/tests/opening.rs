//! Opening a database: by several processes at once, of another version, at a wrong address; and what a database that is
//! busy or slow says.

use std::pin::pin;
use std::time::Duration;
use store::{Address, Error, Options, Store};
use testkit::arrange::{candidate, exam, start};
use testkit::{Engine, Folder, NOON, both_engines, choose, minutes_after_noon, patient, wait_for};
use tokio::time::timeout;

both_engines!(a_store_tells_its_engine_and_answers, async |t| {
    let name = if t.engine() == Engine::Sqlite { "sqlite" } else { "postgres" };
    assert_eq!(store::Store::engine(&t), name);
    t.ping().await.unwrap();
});

both_engines!(what_was_written_is_there_after_closing_and_opening_again, async |t| {
    let ada = candidate(&t, "Ada").await;
    t.close().await;
    assert!(matches!(t.ping().await, Err(Error::Unavailable(_))));
    let opened = t.second_process().await;
    assert_eq!(opened.find_account(ada.id).await.unwrap(), Some(ada));
});

both_engines!(a_database_of_a_later_version_is_refused, async |t| {
    t.raw()
        .await
        .execute(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'from the future', success, checksum, execution_time FROM _sqlx_migrations WHERE version = 1",
        )
        .await
        .unwrap();
    let opened = Store::open(t.address(), &Options::default()).await;
    assert!(matches!(opened, Err(Error::Schema(_))), "{opened:?}");
});

both_engines!(processes_that_open_a_new_database_at_once_make_one_schema, async |t| {
    // A database of the same place without a schema: as it is when `serve` and `account create` start together.
    let mut raw = t.raw().await;
    let address = match t.address() {
        Address::Sqlite(file) => Address::Sqlite(file.with_file_name("fresh.db")),
        Address::Postgres(url) => {
            t.close().await;
            let schema = raw.texts("SELECT CURRENT_SCHEMA()::text").await.remove(0);
            raw.execute(&format!("DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}")).await.unwrap();
            Address::Postgres(url.clone())
        }
    };
    let options = patient(Duration::from_secs(20), Duration::from_secs(20));
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let (address, options) = (address.clone(), options.clone());
            tokio::spawn(async move { Store::open(&address, &options).await?.has_admin().await })
        })
        .collect();
    for racer in racers {
        assert!(!racer.await.unwrap().expect("every process opens the new database"));
    }
});

both_engines!(a_database_that_is_kept_busy_is_unavailable_and_comes_back, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    // SQLite waits for another writer as long as its busy timeout of five seconds, PostgreSQL as long as a statement may take.
    let options =
        Options { save_wait: Duration::from_secs(1), ..patient(Duration::from_secs(20), Duration::from_secs(2)) };
    let hurried = t.second_process_with(options).await;
    let mut raw = t.raw().await;
    raw.execute(match t.engine() {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN; SELECT 1 FROM attempts FOR UPDATE",
    })
    .await
    .unwrap();

    let save = async || hurried.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], NOON).await;
    let refused = save().await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(hurried.find_account(ada.id).await.unwrap(), Some(ada.clone()), "reading goes on");

    raw.execute("ROLLBACK").await.unwrap();
    assert!(t.operation_log(attempt.id).await.unwrap().is_empty());
    save().await.unwrap();
    assert_eq!(t.operation_log(attempt.id).await.unwrap().len(), 1);
});

both_engines!(a_pool_without_a_free_connection_is_unavailable_not_stuck, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    let one = Options { pool_max: 1, ..patient(Duration::from_secs(1), Duration::from_secs(20)) };
    let crowded = t.second_process_with(one).await;
    let mut raw = t.raw().await;
    raw.execute(match t.engine() {
        Engine::Sqlite => "BEGIN IMMEDIATE",
        Engine::Postgres => "BEGIN; LOCK TABLE attempts, sessions IN ACCESS EXCLUSIVE MODE",
    })
    .await
    .unwrap();

    // Whichever has the connection waits for the database, until the other was told that there is none for it.
    let mut pen = pin!(async { crowded.take_pen(&attempt.public_id, ada.id).await.map(drop) });
    let mut session =
        pin!(async { crowded.create_session("hash", ada.id, NOON, minutes_after_noon(60)).await.map(drop) });
    let first = async {
        tokio::select! {
            refused = &mut pen => (refused, false),
            refused = &mut session => (refused, true),
        }
    };
    let counted = async {
        while crowded.connections().waiting == 0 {
            tokio::task::yield_now().await;
        }
    };
    let ((refused, was_session), counted) = tokio::join!(first, timeout(Duration::from_secs(20), counted));
    counted.expect("who waits is counted");
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    raw.execute("ROLLBACK").await.unwrap();
    let other = if was_session { pen.await } else { session.await };
    other.expect("the one that had the connection goes on");
    assert_eq!(crowded.connections().waiting, 0, "nor does anybody wait any more");
});

both_engines!(a_store_says_how_many_connections_there_may_be, async |t| {
    let with = async |pool_min, pool_max| {
        let store = t.second_process_with(Options { pool_min, pool_max, ..Options::default() }).await;
        let connections = store.connections();
        store.close().await;
        (connections.least, connections.most)
    };
    for most in [1, 2, 3, 20] {
        let expected = match t.engine() {
            // One that writes beside those that read, of which there are sixteen at most.
            Engine::Sqlite => (1, 1 + most.min(16)),
            Engine::Postgres => (1, most),
        };
        assert_eq!(with(1, most).await, expected);
    }
});

#[test]
fn an_address_that_is_no_postgres_address_is_refused_without_repeating_it() {
    for url in ["mysql://root:hunter2@db/exams", "sqlite:exams.db", "exams.db", "", "POSTGRES", "postgres:/hunter2"] {
        let Err(Error::Address(reason)) = Address::parse(url) else { panic!("{url} was taken") };
        assert!(reason.contains("DATABASE_URL") && !reason.contains("hunter2"), "{reason}");
    }
    let url = "postgresql://exams@db/exams";
    assert_eq!(Address::parse(url).expect("an address"), Address::Postgres(url.into()));
}

both_engines!(a_wrong_address_is_an_error_that_says_what_to_set, async |t| {
    let folder = Folder::new();
    let address = match t.engine() {
        Engine::Sqlite => {
            std::fs::write(folder.path().join("file"), "").unwrap();
            Address::Sqlite(folder.path().join("file/examhall.db"))
        }
        Engine::Postgres => Address::Postgres("postgres://127.0.0.1:not-a-port/exams".into()),
    };
    let Err(Error::Address(reason)) = Store::open(&address, &Options::default()).await else { panic!("it opened") };
    assert!(reason.contains("DATA_DIR") || reason.contains("DATABASE_URL"), "{reason}");
});

#[test]
fn an_address_that_names_no_server_is_refused() {
    for url in ["postgres://", "postgresql://", "postgres:///"] {
        let Err(Error::Address(reason)) = Address::parse(url) else { panic!("{url} was taken") };
        assert!(reason.contains("names no server"), "{reason}");
    }
}

/// Why a database cannot be opened.
async fn why_not(address: Address) -> String {
    let options = patient(Duration::from_secs(1), Duration::from_secs(20));
    match Store::open(&address, &options).await {
        Ok(_) => panic!("{address:?} was opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_postgres_that_cannot_be_used_says_why_and_what_to_do() {
    testkit::run(Engine::Postgres, async |t| {
        let Address::Postgres(url) = t.address() else { panic!("it is PostgreSQL") };
        let (server, parameters) = url.split_once('?').unwrap_or((url, ""));
        let (server, _) = server.rsplit_once('/').expect("it names a database");
        let host = server.rsplit_once('@').map_or("127.0.0.1:5432", |(_, host)| host);
        // A port of ours that nobody listens on any more.
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).unwrap();
        for (url, said) in [
            (format!("postgres://ada:hunter2@{free}/exams"), "connection refused"),
            (
                format!("{server}/examhall-has-no-such-one?{parameters}"),
                "does not exist; make it, or correct DATABASE_URL",
            ),
            (format!("postgres://examhall-nobody:hunter2@{host}/test?{parameters}"), "check user and password"),
            ("postgres://ada:hunter2@no.such.host.invalid/exams".to_owned(), "check host and port"),
        ] {
            let why = why_not(Address::Postgres(url)).await;
            assert!(why.contains(said) && !why.contains("at line") && !why.contains("hunter2"), "{why}");
        }
    });
}

#[tokio::test]
async fn a_file_that_cannot_be_used_says_why_and_what_to_do() {
    let folder = Folder::new();
    let file = folder.path().join("examhall.db");
    std::fs::write(&file, "Dear diary, this is no database. ".repeat(100)).unwrap();
    let why = why_not(Address::Sqlite(file)).await;
    assert!(why.starts_with("this is not a database") && !why.contains("code"), "{why}");

    // A folder that takes no files, whoever asks.
    for file in ["/proc/examhall.db".into(), folder.path().to_owned()] {
        let why = why_not(Address::Sqlite(file)).await;
        assert!(
            why.contains("cannot be opened for writing; let this user write to its folder, or set DATA_DIR"),
            "{why}"
        );
    }
}

#[test]
fn what_postgres_says_is_told_without_a_line_of_its_own_source() {
    testkit::run(Engine::Postgres, async |t| {
        t.raw().await.execute("DROP TABLE sessions").await.unwrap();
        let error = t.sweep_sessions(NOON).await.unwrap_err().to_string();
        assert_eq!(error, "the database refused: relation \"sessions\" does not exist (42P01)");
    });
}

both_engines!(work_that_is_given_up_half_way_leaves_nothing_behind, async |t| {
    let exam = exam("cloud").publish(&t).await;
    let ada = candidate(&t, "Ada").await;
    let attempt = start(&t, &exam, &ada, NOON).await;
    // A request that times out is dropped wherever it happens to wait.
    for number in 1..120_u64 {
        let operations: Vec<_> = (1..=5).map(|place| choose(number.cast_signed() * 5 + place, 1, "a")).collect();
        let save = t.save_operations(attempt.id, ada.id, operations.to_vec(), NOON);
        let _ = tokio::time::timeout(Duration::from_micros(number * 50), save).await;
        let log = t.operation_log(attempt.id).await.unwrap();
        assert_eq!(log.len() % 5, 0, "a part of a batch was written");
    }
    let all: Vec<_> = (1..=5).map(|place| choose(10_000 + place, 1, "b")).collect();
    t.save_operations(attempt.id, ada.id, all.to_vec(), NOON).await.unwrap();
    let held = t.answers(&attempt).await.unwrap();
    assert_eq!((held.answers[&1].canonical().as_str(), held.last_seq), (r#"{"choice":["b"]}"#, 10_005));
});

/// Of two transactions that wait for each other PostgreSQL ends the one that finds out. That one may be tried again.
#[test]
fn a_deadlock_is_unavailable_not_a_defect() {
    testkit::run(Engine::Postgres, async |t| {
        let bank = testkit::arrange::bank(&t, "cloud", 1).await;
        let questions = [("q2".to_owned(), testkit::question::choice("Two?"))];
        let (mut raw, mut watch) = (t.raw().await, t.raw().await);
        for _ in 0..20 {
            let same_question = "BEGIN; INSERT INTO questions (bank_id, reference, version, kind, search, created_at) \
                                 SELECT id, 'q2', 1, 'choice', '', 0 FROM banks";
            raw.execute(same_question).await.unwrap();
            let import = t.upsert_questions(&bank, &questions, None, NOON);
            let circle = async {
                let waiting = "SELECT COUNT(*) FROM pg_locks l JOIN pg_locks mine ON mine.pid = l.pid \
                               AND mine.relation = 'questions'::regclass WHERE NOT l.granted";
                wait_for("the import waits", async || watch.number(waiting).await > 0).await;
                let ended = raw.execute("SELECT 1 FROM banks FOR UPDATE").await.is_err();
                raw.execute("ROLLBACK").await.unwrap();
                ended
            };
            match tokio::join!(import, circle) {
                (imported, false) => {
                    assert!(matches!(imported, Err(Error::Unavailable(_))), "{imported:?}");
                    return;
                }
                // On a busy machine ours may be the one that finds out: again, with the question out of the way.
                (imported, true) => {
                    imported.unwrap();
                    let rename = "UPDATE questions SET reference = 'old ' || id WHERE reference = 'q2'";
                    raw.execute(rename).await.unwrap();
                }
            }
        }
        panic!("the import was never the one that was ended");
    });
}
