//! The comparison with the stack that Examhall replaces: that it still compares, not how fast anything is.

use std::path::Path;
use std::process::Command;

/// Where PostgreSQL is, unless TEST_POSTGRES says otherwise.
const HERE: &str = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable";

/// The same server, in which databases may be made.
fn server_of(address: &str) -> String {
    let (address, options) = address.split_once('?').unwrap_or((address, ""));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    format!("{server}/postgres?{options}")
}

/// Needs python3 with venv and what `bench/baseline/install.sh` fetches.
#[test]
fn both_sides_sit_the_same_journey_and_every_sitting_is_in_the_database() {
    let bench = Path::new(env!("CARGO_BIN_EXE_bench"));
    let examhall = bench.with_file_name("examhall");
    assert!(examhall.exists(), "{} is built with the tests of the server: cargo test --workspace", examhall.display());
    let address = std::env::var("TEST_POSTGRES").unwrap_or_else(|_| HERE.into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("against.py");
    let run = Command::new("python3")
        .arg(script)
        .arg("--smoke")
        .env("PGURL", server_of(&address))
        .env("BENCH_BIN", bench)
        .env("EXAMHALL_BIN", &examhall)
        .output()
        .expect("python3");
    let (out, err) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{out}\n{err}");
    for side in ["before by forms", "after by forms", "examhall by api", "examhall by pages"] {
        assert!(out.contains(side), "{out}\n{err}");
    }
}

#[test]
fn an_address_leads_to_the_server_whatever_its_database_and_options() {
    assert_eq!(server_of(HERE), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable");
    assert_eq!(server_of("postgres://a@b/c"), "postgres://a@b/postgres?");
}
