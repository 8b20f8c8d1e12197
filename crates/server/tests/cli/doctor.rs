//! `doctor`: that it finds what is wrong, says what to change, and leaves everything as it was.

use crate::program::{Ended, Hall};
use crate::serve::Server;
use serde_json::Value;
use store::Address;
use testkit::{Engine, TestStore, both_engines, fresh_store, wait_for};

/// The checks with a verdict, by name.
fn checks(ended: &Ended) -> Vec<(String, String)> {
    let report: Value = serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out));
    let parts = report["parts"].as_array().expect("a list");
    let checks = parts.iter().flat_map(|part| part["checks"].as_array().expect("a list"));
    let text = |check: &Value, key: &str| check[key].as_str().expect("a text").to_owned();
    checks.map(|check| (text(check, "name"), text(check, "verdict"))).collect()
}

/// The lines about one check: what was found, and what to do.
fn about(ended: &Ended, check: &str) -> String {
    let mut lines = ended.out.lines().skip_while(|line| !line.contains(&format!("  {check}: ")));
    let found = lines.next().unwrap_or_else(|| panic!("{check} is not in {}", ended.out)).to_owned();
    let advice = lines.next().filter(|line| line.trim_start().starts_with("->")).unwrap_or_default();
    format!("{found}\n{advice}")
}

both_engines!(a_healthy_installation_has_no_problem, async |t: TestStore| {
    let hall = Hall::on(&t).with("DB_POOL_MAX", "8");
    let server = Server::start(&hall, "serve --port 0");
    let doctor = format!("doctor --port {}", server.port());
    let ended = hall.run(&format!("{doctor} --json"));
    let checks = checks(&ended);
    // Of a file, nobody can tell whether commits are synced.
    let durable = if t.engine() == Engine::Sqlite { "journal mode" } else { "durability" };
    for name in ["settings", "memory", "open files", "database", "schema", "indexes", "demo", durable, "ready"] {
        let verdict = checks.iter().find(|(check, _)| check == name).map(|(_, verdict)| verdict.as_str());
        assert!(matches!(verdict, Some("ok" | "warning")), "{name}: {verdict:?} in {}", ended.out);
    }
    for name in ["connections of people", "pool", "saves", "processor", "memory of the server", "saturation"] {
        assert!(checks.iter().any(|(check, verdict)| check == name && verdict != "unknown"), "{name}: {}", ended.out);
    }
    // Other tests hold locks and connections of the same PostgreSQL.
    let of_others = ["locks", "connections", "commits"];
    let problems = checks.iter().filter(|(name, verdict)| verdict == "problem" && !of_others.contains(&name.as_str()));
    assert_eq!(problems.count(), 0, "{}", ended.out);
    if t.engine() == Engine::Sqlite {
        let text = hall.run(&doctor).expect(0).out;
        for line in ["Settings\n", "Machine\n", "Database\n", "Server\n", "\nHigh memory usage: ", "problems: 0\n"] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
    server.stop().expect(0);
});

both_engines!(a_missing_index_is_found_with_the_statement_that_makes_it, async |t: TestStore| {
    t.raw().await.execute("DROP INDEX attempts_open_by_deadline").await.expect("it is there");
    let ended = Hall::on(&t).run("doctor").expect(2);
    let told = about(&ended, "indexes");
    assert!(told.contains("PROBLEM") && told.contains("attempts (deadline)"), "{told}");
    let statement = "CREATE INDEX attempts_open_by_deadline ON attempts (deadline) WHERE state = 'open';";
    assert!(told.contains(statement), "{told}");
    assert!(ended.out.contains("Slow responses: found (") && ended.out.contains("missing index"), "{}", ended.out);
});

both_engines!(a_schema_of_a_later_version_is_a_problem_and_stays_as_it_is, async |t: TestStore| {
    let mut raw = t.raw().await;
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        SELECT 9999, 'later', success, checksum, 0 FROM _sqlx_migrations LIMIT 1";
    raw.execute(later).await.expect("the table is there");
    let ended = Hall::on(&t).run("doctor").expect(2);
    let told = about(&ended, "schema");
    assert!(told.contains("PROBLEM") && told.contains("at step 9999"), "{told}");
    assert_eq!(raw.number("SELECT COUNT(*) FROM _sqlx_migrations WHERE version = 9999").await, 1);
});

#[test]
fn before_the_first_start_there_is_nothing_to_look_at_and_nothing_is_made() {
    let hall = Hall::new();
    let ended = hall.run("doctor --port 1").expect(0);
    assert!(about(&ended, "database").contains("could not be looked at: there is no ./examhall-data/examhall.db yet"));
    assert!(about(&ended, "server").contains("http://127.0.0.1:1 does not answer"), "{}", ended.out);
    assert_eq!(hall.names(), [""; 0], "nothing was made");
}

#[test]
fn a_database_that_is_down_is_a_problem_and_everything_else_is_still_looked_at() {
    let hall = Hall::new().with("DATABASE_URL", "postgres://ana:s3cret@127.0.0.1:1/exams").with("RATE_LIMITS", "off");
    let ended = hall.run("doctor --port 1").expect(2);
    let told = about(&ended, "database");
    assert!(told.contains("PROBLEM") && told.contains("postgres://127.0.0.1:1/exams: connection refused"), "{told}");
    assert!(about(&ended, "rate limits").contains("RATE_LIMITS=on"), "{}", ended.out);
    assert!(ended.out.contains("  memory: ") && ended.out.contains("Server\n"), "{}", ended.out);
    assert!(!ended.out.contains("s3cret") && !ended.err.contains("s3cret"));
}

#[test]
fn risky_settings_are_warnings_with_a_value_that_is_better() {
    let hall = Hall::new().with("HOST", "0.0.0.0").with("KEEPALIVE", "2").with("WORKERS", "500");
    let ended = hall.run("doctor --port 1").expect(0);
    for (check, change) in [
        ("public address", "PUBLIC_URL=https://exams.example.org"),
        ("sign-up", "SIGN_UP=closed"),
        ("keep-alive", "KEEPALIVE=75"),
        ("processors", "WORKERS="),
    ] {
        let told = about(&ended, check);
        assert!(told.contains("warning") && told.contains(change), "{told}");
    }
}

#[tokio::test]
async fn a_damaged_file_is_a_problem() {
    let hall = Hall::new();
    hall.run("migrate --data-dir data").expect(0);
    let file = hall.path("data/examhall.db");
    let mut bytes = std::fs::read(&file).expect("it is there");
    // What was made last is nothing that opening a database reads.
    let last = bytes.len() - 4_096;
    bytes[last..].fill(0x55);
    std::fs::write(&file, &bytes).expect("it can be written");
    let ended = hall.run("doctor --data-dir data --port 1").expect(2);
    assert!(about(&ended, "integrity").contains("PROBLEM"), "{}", ended.out);
    assert_eq!(std::fs::read(&file).expect("it is there"), bytes, "it is left as it was");
}

#[tokio::test]
async fn too_many_connections_are_found_when_pools_do_not_fit() {
    let t = fresh_store(Engine::Postgres).await;
    let ended = Hall::on(&t).with("DB_POOL_MAX", "5000").run("doctor --port 1").expect(2);
    let told = about(&ended, "connections");
    assert!(told.contains("PROBLEM") && told.contains("DB_POOL_MAX=5000, together 5000"), "{told}");
    assert!(told.contains("raise max_connections to"), "{told}");
    let value = told.split("-> DB_POOL_MAX=").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a value");
    assert!(value.parse::<u32>().is_ok_and(|value| value < 5_000), "{told}");
    assert!(ended.out.contains("Too many connections: found (connections"), "{}", ended.out);
}

#[tokio::test]
async fn too_many_connections_are_found_when_postgresql_takes_no_more() {
    let role = format!("examhall_test_doctor_{}", std::process::id());
    let t = fresh_store(Engine::Postgres).await;
    let Address::Postgres(url) = t.address() else { panic!("it is PostgreSQL") };
    let (_, server) = url.split_once('@').expect("it names a user");
    let hall = Hall::new().with("DATABASE_URL", &format!("postgres://{role}:{role}@{server}"));
    let mut raw = t.raw().await;
    let make = format!("CREATE ROLE {role} LOGIN PASSWORD '{role}' CONNECTION LIMIT 0");
    raw.execute(&format!("DROP ROLE IF EXISTS {role}; {make}")).await.expect("tests own their server");
    let ended = hall.run("doctor --port 1");
    raw.execute(&format!("DROP ROLE {role}")).await.expect("nobody uses it");
    let ended = ended.expect(2);
    let told = about(&ended, "database");
    assert!(told.contains("too many connections for role") && told.contains("DB_POOL_MAX=25"), "{told}");
    assert!(ended.out.contains("Too many connections: found (database)"), "{}", ended.out);
}

#[tokio::test]
async fn what_connections_set_themselves_is_told_as_such_whatever_postgresql_is_set_to() {
    let role = format!("examhall_test_durable_{}", std::process::id());
    let t = fresh_store(Engine::Postgres).await;
    let Address::Postgres(url) = t.address() else { panic!("it is PostgreSQL") };
    let (_, server) = url.split_once('@').expect("it names a user");
    let hall = Hall::new().with("DATABASE_URL", &format!("postgres://{role}:{role}@{server}"));
    let mut raw = t.raw().await;
    let make = format!("CREATE ROLE {role} LOGIN PASSWORD '{role}'; ALTER ROLE {role} SET synchronous_commit = off");
    raw.execute(&format!("DROP ROLE IF EXISTS {role}; {make}")).await.expect("tests own their server");
    let ended = hall.run("doctor --port 1");
    raw.execute(&format!("DROP ROLE {role}")).await.expect("nobody uses it");
    let told = about(&ended, "durability");
    assert!(told.contains("synchronous_commit=on as connections set it themselves"), "{told}");
}

#[tokio::test]
async fn slow_responses_are_found_when_a_lock_is_held() {
    let t = fresh_store(Engine::Postgres).await;
    let mut holder = t.keep_writers_waiting().await;
    let pid = holder.number("SELECT CAST(pg_backend_pid() AS BIGINT)").await;
    let mut waiter = t.raw().await;
    let waits = tokio::spawn(async move { waiter.number("SELECT COUNT(*) FROM answer_operations").await });
    let mut watcher = t.raw().await;
    wait_for("somebody waits for the lock", async || {
        let blocked = format!("SELECT COUNT(*) FROM pg_stat_activity WHERE {pid} = ANY(pg_blocking_pids(pid))");
        watcher.number(&blocked).await > 0
    })
    .await;
    let hall = Hall::on(&t);
    let ended = tokio::task::spawn_blocking(move || hall.run("doctor --port 1")).await.expect("it ends").expect(2);
    let told = about(&ended, "locks");
    assert!(told.contains("PROBLEM") && told.contains("idle in transaction"), "{told}");
    assert!(ended.out.contains("Slow responses: found (") && ended.out.contains("locks"), "{}", ended.out);
    holder.execute("ROLLBACK").await.expect("it is open");
    assert_eq!(waits.await.expect("it ends"), 0);
}

#[test]
fn another_program_at_the_address_is_a_problem() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let port = listener.local_addr().expect("it is bound").port();
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody comes");
        let _ = stream.read(&mut [0; 1_024]).expect("it asks");
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").expect("it listens");
    });
    let ended = Hall::new().run(&format!("doctor --url http://127.0.0.1:{port}")).expect(2);
    other.join().expect("it has answered");
    assert!(about(&ended, "server").contains("that is no Examhall server"), "{}", ended.out);
}
