//! The faults themselves: a runner whose faults do nothing proves nothing.

use chaos::postgres::{Cluster, Stop};
use chaos::proxy::{Flow, Rates, Weather, Web, Wire};
use chaos::{Disk, Keeper, Shim, ask};
use std::os::unix::process::ExitStatusExt as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(10);
/// Long enough for an answer that would come; for what must not come.
const NOT_YET: Duration = Duration::from_millis(150);

/// A server that counts the whole requests it gets and answers each of them.
async fn counting_server() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound").to_string();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while !seen.ends_with(b"{}") {
                    if stream.read_buf(&mut seen).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                counted.fetch_add(1, Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}").await;
            });
        }
    });
    (address, count)
}

async fn requests_seen_with(rates: &str, path: &str) -> (usize, bool) {
    let (target, count) = counting_server().await;
    let proxy = Web::start(&target, 1, rates.parse().expect("rates")).await.expect("a free port");
    let answer = ask(&proxy.address(), "PUT", path, None, Some(&serde_json::json!({})), SOON).await;
    // A repetition comes later, by itself.
    let _ = timeout(Duration::from_millis(600), async {
        while count.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    (count.load(Ordering::SeqCst), answer.is_ok_and(|answer| answer.status == 200 && answer.body == b"{}"))
}

#[tokio::test]
async fn the_proxy_repeats_cuts_and_delays_whole_requests() {
    for (rates, seen, heard) in [
        ("0", 1, true),
        ("delay=1", 1, true),
        ("reorder=1", 1, true),
        ("throttle=1", 1, true),
        ("late-body=1", 1, true),
        ("duplicate=1", 2, true),
        ("replay=1", 2, true),
        ("cut-request=1", 0, false),
        ("cut-answer=1", 1, false),
        ("cut-within-answer=1", 1, false),
    ] {
        assert_eq!(requests_seen_with(rates, "/api/v1/x").await, (seen, heard), "{rates}");
    }
    assert_eq!(requests_seen_with("cut-request=1", "/readyz").await, (1, true), "only the API is hurt");
}

#[tokio::test]
async fn the_proxy_counts_what_it_did() {
    let (target, _) = counting_server().await;
    let proxy = Web::start(&target, 1, "duplicate=1".parse::<Rates>().unwrap()).await.unwrap();
    ask(&proxy.address(), "PUT", "/api/v1/x", None, Some(&serde_json::json!({})), SOON).await.unwrap();
    assert_eq!(proxy.counts().into_iter().collect::<Vec<_>>(), [("duplicate", 1)]);
}

#[tokio::test]
async fn the_wire_holds_answers_back_and_cuts_them_off() {
    let (target, count) = counting_server().await;
    let wire = Wire::start(&target, 1).await.unwrap();
    let send = async || {
        let mut stream = TcpStream::connect(("127.0.0.1", wire.port())).await.unwrap();
        stream.write_all(b"{}").await.unwrap();
        stream
    };
    let whole = async |mut stream: TcpStream| {
        let mut text = String::new();
        // A break is an end too.
        let _ = stream.read_to_string(&mut text).await;
        text
    };

    wire.set(Weather { back: Flow::Hold, ..Weather::calm() });
    let mut held = send().await;
    let mut byte = [0];
    assert!(timeout(NOT_YET, held.read(&mut byte)).await.is_err(), "the answer is held back");
    assert_eq!(count.load(Ordering::SeqCst), 1, "the question was not");
    wire.set(Weather::calm());
    assert!(timeout(SOON, whole(held)).await.unwrap().ends_with("{}"));

    wire.set(Weather { back: Flow::Cut(1.0), ..Weather::calm() });
    assert_eq!(timeout(SOON, whole(send().await)).await.unwrap(), "");
    assert_eq!((count.load(Ordering::SeqCst), wire.cuts()), (2, 1));

    wire.set(Weather { open: false, ..Weather::calm() });
    assert_eq!(timeout(SOON, whole(send().await)).await.unwrap(), "");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[test]
fn a_keeper_ends_what_was_started_and_removes_what_was_made() {
    let keeper = Keeper::new().unwrap();
    let folder = keeper.folder().to_owned();
    let mut child = Command::new("sleep").arg("600").spawn().unwrap();
    keeper.watch_process(child.id()).unwrap();
    assert!(folder.exists());
    // What it does now it does also when we are killed ourselves: its input ends.
    drop(Arc::into_inner(keeper));
    assert_eq!(child.wait().unwrap().signal(), Some(9));
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_cluster_is_stopped_frozen_locked_and_filled() {
    let keeper = Keeper::new().unwrap();
    let mut cluster = Cluster::create(&keeper, 20).await.unwrap();
    cluster.run("CREATE TABLE things (n bigint)").await.unwrap();
    let insert = "INSERT INTO things VALUES (1)";
    for how in [Stop::Fast, Stop::Immediate, Stop::Kill] {
        let mut open = cluster.run(insert).await.unwrap();
        cluster.restart(how).await.unwrap();
        assert!(sqlx::query("SELECT 1").execute(&mut open).await.is_err(), "{how:?}: the connection broke");
    }
    let (count,): (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM things").fetch_one(&mut cluster.connect().await.unwrap()).await.unwrap();
    assert_eq!(count, 3, "what was committed is there");

    cluster.freeze().unwrap();
    assert!(timeout(NOT_YET, cluster.run(insert)).await.is_err());
    cluster.thaw().unwrap();
    timeout(SOON, cluster.run(insert)).await.unwrap().unwrap();

    let lock = cluster.lock_table("things").await.unwrap();
    assert!(timeout(NOT_YET, cluster.run(insert)).await.is_err());
    drop(lock);
    timeout(SOON, cluster.run(insert)).await.unwrap().unwrap();

    cluster.delay_writes("things", NOT_YET * 2).await.unwrap();
    assert!(timeout(NOT_YET, cluster.run(insert)).await.is_err());
    cluster.delay_writes("things", Duration::ZERO).await.unwrap();
    timeout(SOON, cluster.run(insert)).await.unwrap().unwrap();

    let taken = cluster.take_connections().await;
    assert!(taken.len() > 10 && taken.len() <= 17, "{} of 20, 3 are reserved", taken.len());
}

#[test]
fn a_disk_is_filled_to_the_last_byte_and_freed() {
    let keeper = Keeper::new().unwrap();
    let disk = Disk::mount(&keeper, 1 << 20).unwrap();
    let file = disk.folder().join("file");
    assert!(disk.fill().unwrap() > 900_000);
    assert!(std::fs::write(&file, "x").is_err());
    // A process that is just being started may hold it for a moment, as it holds everything that is open.
    let held = std::fs::File::open(disk.folder().join("ballast")).unwrap();
    disk.free().unwrap();
    std::fs::write(&file, "x").unwrap();
    drop(held);
    let folder = disk.folder().to_owned();
    drop(Arc::into_inner(keeper));
    assert!(!folder.exists(), "unmounted and removed");
}

#[test]
fn the_shim_counts_and_fails_syncs_and_moves_the_clock() {
    let keeper = Keeper::new().unwrap();
    let shim = Shim::build(&keeper).unwrap();
    let file = keeper.folder().join("examhall.db");
    std::fs::write(&file, "on the disk").unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let kept = shim.kept().to_string_lossy().into_owned();
        command.args(arguments).envs(shim.variables()).env("CHAOS_KEPT", kept).output().unwrap()
    };
    let sync = || run("sync", &[&file.to_string_lossy()]).status.success();

    assert!(sync());
    assert_eq!(std::fs::read_to_string(shim.kept().join("examhall.db")).unwrap(), "on the disk");
    assert_eq!(shim.syncs().unwrap(), (1, 0));
    shim.fail_syncs(true).unwrap();
    std::fs::write(&file, "not on the disk").unwrap();
    assert!(!sync());
    assert_eq!(shim.syncs().unwrap(), (2, 1));
    assert_eq!(std::fs::read_to_string(shim.kept().join("examhall.db")).unwrap(), "on the disk");

    let seconds = || String::from_utf8(run("date", &["+%s"]).stdout).unwrap().trim().parse::<i64>().unwrap();
    let before = seconds();
    shim.step_clock(-3_600_000).unwrap();
    assert!((3_590..=3_600).contains(&(before - seconds())));
}
