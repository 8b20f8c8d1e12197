//! A server whose process id somebody watches.

use super::{SOON, ends, has_ended, kill};
use chaos::{Keeper, Line, Server};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use testkit::wait_for;
use tokio::time::Instant;

/// Long enough that whoever leaves with an idle connection is still there when the test looks.
const GRACE_S: u64 = 8;

struct Hall {
    server: Server,
}

impl Hall {
    /// A server that runs, started by somebody who watches its process id.
    async fn open() -> Self {
        let mut hall = Self::new();
        hall.server.start(SOON).await.expect("the server starts");
        hall
    }

    fn new() -> Self {
        let keeper = Keeper::new().expect("there is a folder");
        let folder = keeper.folder().join("data").display().to_string();
        let variables =
            [("DATA_DIR", folder), ("GRACEFUL_TIMEOUT", GRACE_S.to_string()), ("LOG_LEVEL", "info".to_owned())];
        let server = Server::new(&keeper, &variables).expect("there is a binary");
        Self { server }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.server.log()).expect("there is a log")
    }

    async fn logged(&self, what: &str, times: usize) {
        wait_for(&format!("{what} in the log"), async || self.log().matches(what).count() >= times).await;
    }

    /// Hands over; which process serves then.
    async fn hand_over(&mut self) -> u32 {
        let before = self.server.serving().expect("it runs").expect("no hand-over is under way");
        self.server.hand_over().expect("it runs");
        self.server.handed_over(before, SOON).await.expect("another takes over")
    }

    /// An idle connection, because of which a server that leaves stays for a while.
    async fn idle_connection(&self) -> Line {
        let mut line = Line::to(&self.server.address());
        let answer = line.ask("GET", "/readyz", "none", None, SOON).await.expect("it is answered");
        assert_eq!(answer.status, 200);
        line
    }

    /// The process that has taken over from the one that was started, which still leaves.
    fn new_process(&self) -> u32 {
        let log = self.log();
        let (_, after) = log.rsplit_once("process=").expect("it is named");
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("it is a process id")
    }

    async fn is_answered(&self) -> bool {
        self.server.is_ready().await
    }

    fn is_free(&self) -> bool {
        TcpListener::bind(self.server.address()).is_ok()
    }
}

#[tokio::test]
async fn the_process_that_is_watched_stays_and_passes_signals_on_and_ends_as_the_server_does() {
    let mut hall = Hall::open().await;
    let watched = hall.server.id().unwrap();
    assert_eq!(hall.server.serving().unwrap(), Some(watched), "before a hand-over there is nothing else");
    let first = hall.hand_over().await;
    let second = hall.hand_over().await;
    assert!(first != second && second != watched && has_ended(first));
    assert!(hall.is_answered().await);
    assert_eq!(hall.server.id().unwrap(), watched);
    let memory = std::fs::read_to_string(format!("/proc/{watched}/status")).unwrap();
    let own = memory.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap().trim().split(' ').next().unwrap();
    assert!(own.parse::<u32>().unwrap() < 4 * 1024, "the keeper takes {own} KiB");
    hall.server.ask_to_stop().unwrap();
    assert!(hall.server.wait(SOON).await.unwrap().success());
    assert!(has_ended(second) && hall.is_free());
    assert_eq!(hall.log().matches("stopping: no new connections").count(), 1, "{}", hall.log());
}

#[tokio::test]
async fn a_new_process_that_does_not_start_changes_nothing() {
    let mut hall = Hall::new();
    let binary = hall.server.start_from_link().unwrap();
    hall.server.start(SOON).await.unwrap();
    let watched = hall.server.id().unwrap();
    let link = hall.server.folder().join("examhall");
    let script = hall.server.folder().join("another");
    let put = |file: &PathBuf| {
        std::fs::remove_file(&link).unwrap();
        symlink(file, &link).unwrap();
    };
    let mut failed = 0;
    let settings = hall.server.folder().join("examhall.toml");
    for (what, told) in [
        ("#!/bin/sh\nexit 3\n", "it ended before it was ready: exit status: 3"),
        ("#!/bin/sh\necho prepared >&0; read word; exit 4\n", "it ended before it was ready"),
        ("this is no program", "cannot be started"),
        ("", "exit status: 64"),
    ] {
        if what.is_empty() {
            // The program itself, with settings that are wrong by now.
            put(&binary);
            std::fs::write(&settings, "prot = 1\n").unwrap();
        } else {
            std::fs::write(&script, what).unwrap();
            let status = Command::new("chmod").arg("755").arg(&script).status().unwrap();
            assert!(status.success());
            put(&script);
        }
        hall.server.hand_over().unwrap();
        failed += 1;
        hall.logged("the hand-over has failed: the new process does not serve, this one goes on", failed).await;
        assert!(hall.log().contains(told), "{told} is not in {}", hall.log());
        assert!(hall.is_answered().await);
        assert_eq!(hall.server.serving().unwrap(), Some(watched), "{what}");
    }
    std::fs::remove_file(&settings).unwrap();
    assert_ne!(hall.hand_over().await, watched, "and the next one succeeds");
    assert!(hall.server.stop(SOON).await.unwrap());
}

#[tokio::test]
async fn when_the_watched_process_is_killed_the_server_ends_too() {
    let mut hall = Hall::open().await;
    let serving = hall.hand_over().await;
    hall.server.kill().await.unwrap();
    ends(serving).await;
    assert!(hall.is_free());
    assert!(hall.log().contains("the process that is watched has been killed"), "{}", hall.log());
}

#[tokio::test]
async fn when_the_server_is_killed_the_watched_process_ends_and_says_why() {
    let mut hall = Hall::open().await;
    let serving = hall.hand_over().await;
    kill("-9", serving);
    let status = hall.server.wait(SOON).await.unwrap();
    assert_eq!(status.code(), Some(128 + 9), "as a shell tells it");
    assert!(hall.log().contains(&format!("the server, process {serving}, was ended by signal 9")), "{}", hall.log());
}

#[tokio::test]
async fn when_the_new_process_is_killed_while_the_old_one_leaves_both_end_with_a_failure() {
    let mut hall = Hall::open().await;
    let _idle = hall.idle_connection().await;
    hall.server.hand_over().unwrap();
    hall.logged("handed over", 1).await;
    let new = hall.new_process();
    kill("-9", new);
    let status = hall.server.wait(SOON).await.unwrap();
    assert_eq!(status.code(), Some(1), "{}", hall.log());
    assert!(hall.is_free());
}

#[tokio::test]
async fn told_to_stop_while_the_old_one_leaves_both_stop() {
    let mut hall = Hall::open().await;
    let _idle = hall.idle_connection().await;
    hall.server.hand_over().unwrap();
    hall.logged("handed over", 1).await;
    let new = hall.new_process();
    let from = Instant::now();
    hall.server.ask_to_stop().unwrap();
    assert!(hall.server.wait(SOON).await.unwrap().success(), "{}", hall.log());
    assert!(from.elapsed() < Duration::from_secs(GRACE_S) / 2, "idle connections are closed at once");
    assert!(has_ended(new) && hall.is_free());
}

#[tokio::test]
async fn a_hand_over_that_is_asked_for_during_another_comes_after_it() {
    let mut hall = Hall::open().await;
    let watched = hall.server.id().unwrap();
    let idle = hall.idle_connection().await;
    for _ in 0..3 {
        hall.server.hand_over().unwrap();
        hall.logged("a new process is started", 1).await;
    }
    hall.logged("handed over", 1).await;
    let new = hall.new_process();
    hall.server.hand_over().unwrap();
    hall.logged("another hand-over is wanted", 1).await;
    assert_eq!(hall.log().matches("a new process is started").count(), 1, "one at a time");
    drop(idle);
    let after = hall.server.handed_over(new, SOON).await.unwrap();
    assert!(after != watched && has_ended(new));
    // A signal that comes when the second has begun already asks for a third.
    let started = hall.log().matches("a new process is started").count();
    assert!((2..=3).contains(&started), "what is asked for four times is not done as often: {started}");
    assert!(hall.server.stop(SOON).await.unwrap());
}
