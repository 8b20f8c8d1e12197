//! A server that systemd has started, with a socket, and that tells it what it does.

use super::{SOON, ends, kill};
use chaos::{Child, Keeper, Result, ask};
use std::fs::OpenOptions;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use testkit::wait_for;

/// Somebody who speaks as systemd does: gives a socket, and hears what it is told.
struct Systemd {
    heard: UnixDatagram,
    address: String,
    keeper: Arc<Keeper>,
    output: PathBuf,
}

impl Systemd {
    /// Starts the server with so many sockets.
    fn start(sockets: usize) -> Result<(Self, Child)> {
        let keeper = Keeper::new()?;
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let path = keeper.folder().join("notify");
        let heard = UnixDatagram::bind(&path)?;
        heard.set_nonblocking(true)?;
        let output = keeper.folder().join("output");
        let file = OpenOptions::new().create(true).append(true).open(&output)?;
        let mut command = Command::new("/bin/sh");
        // The socket comes as file 3, as systemd gives it.
        let script = r#"exec 3<&0 4<&0 </dev/null; LISTEN_PID=$$ exec "$0" serve"#;
        command.args(["-c", script]).arg(chaos::binary()?).current_dir(keeper.folder()).env_clear();
        command.env("LISTEN_FDS", sockets.to_string()).env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "300000");
        command.env("DATA_DIR", keeper.folder().join("data")).env("GRACEFUL_TIMEOUT", "2");
        command.stdin(Stdio::from(OwnedFd::from(listener))).stdout(file.try_clone()?).stderr(file);
        let child = Child::start(command, &keeper)?;
        Ok((Self { heard, address, keeper, output }, child))
    }

    /// The next message that is more than a sign of life, its lines.
    async fn hears(&self) -> Vec<String> {
        let mut message = Vec::new();
        wait_for("systemd is told something", async || {
            message = self.received().unwrap_or_default();
            !message.is_empty() && message != ["WATCHDOG=1"]
        })
        .await;
        message
    }

    fn received(&self) -> Option<Vec<String>> {
        let mut text = [0; 1_024];
        let length = self.heard.recv(&mut text).ok()?;
        Some(String::from_utf8_lossy(&text[..length]).lines().map(ToOwned::to_owned).collect())
    }

    async fn hears_signs_of_life(&self) {
        for _ in 0..3 {
            wait_for("a sign of life", async || self.received().is_some_and(|said| said == ["WATCHDOG=1"])).await;
        }
    }

    fn output(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }
}

#[tokio::test]
async fn under_systemd_the_main_process_moves_and_the_given_socket_stays() {
    let (systemd, mut child) = Systemd::start(1).unwrap();
    assert_eq!(systemd.hears().await, ["READY=1"], "{}", systemd.output());
    systemd.hears_signs_of_life().await;
    let answered = async || {
        let answer = ask(&systemd.address, "GET", "/readyz", None, None, SOON).await;
        answer.is_ok_and(|answer| answer.status == 200)
    };
    assert!(answered().await, "it listens where it was told to");
    let mut main = child.id();
    for _ in 0..2 {
        kill("-HUP", main);
        let reloading = systemd.hears().await;
        assert_eq!(reloading[0], "RELOADING=1");
        assert!(reloading[1].starts_with("MONOTONIC_USEC="), "{reloading:?}");
        let moved = systemd.hears().await;
        let new: u32 = moved[0].strip_prefix("MAINPID=").expect("it is named first").parse().unwrap();
        systemd.keeper.watch_process(new).unwrap();
        assert_eq!(moved[1..], ["READY=1"]);
        if main == child.id() {
            assert!(child.wait(SOON).await.unwrap().success(), "the first one has nothing left to do");
        }
        ends(main).await;
        assert!(answered().await);
        main = new;
    }
    systemd.hears_signs_of_life().await;
    let output = systemd.output();
    assert_eq!(output.matches("Make the first admin").count(), 1, "one link, which stays good: {output}");
    kill("-TERM", main);
    assert_eq!(systemd.hears().await, ["STOPPING=1"]);
    ends(main).await;
    systemd.keeper.forget_process(main).unwrap();
}

#[tokio::test]
async fn under_systemd_a_hand_over_that_fails_ends_with_ready() {
    let (systemd, child) = Systemd::start(1).unwrap();
    assert_eq!(systemd.hears().await, ["READY=1"], "{}", systemd.output());
    std::fs::write(systemd.keeper.folder().join("examhall.toml"), "prot = 1\n").unwrap();
    kill("-HUP", child.id());
    assert_eq!(systemd.hears().await[0], "RELOADING=1");
    assert_eq!(systemd.hears().await, ["READY=1"]);
    // The log is written by a thread of its own, which systemd may be ahead of.
    wait_for("the log says why", async || systemd.output().contains("the hand-over has failed")).await;
}

#[tokio::test]
async fn several_sockets_are_refused_in_words() {
    let (systemd, mut child) = Systemd::start(2).unwrap();
    assert!(!child.wait(SOON).await.unwrap().success());
    assert!(systemd.output().contains("2 sockets were given (LISTEN_FDS); give one"), "{}", systemd.output());
}
