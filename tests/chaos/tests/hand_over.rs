//! Hand-overs one by one: who serves, who watches, and what happens when one of them dies or does not start.

use chaos::hall::{EXAM, Engine, Furnishing, Setting};
use chaos::person::Saved;
use chaos::{Child, Keeper, Line, Person, Server, Shim, ask};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::OpenOptions;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use testkit::wait_for;
use tokio::time::Instant;

/// How long a start and a hand-over may take on a busy machine.
const SOON: Duration = Duration::from_secs(30);
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

    async fn is_answered(&self) -> bool {
        self.server.is_ready().await
    }

    fn is_free(&self) -> bool {
        TcpListener::bind(self.server.address()).is_ok()
    }
}

/// Whether a process has ended, whether or not anybody has taken notice.
fn has_ended(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    status.is_empty() || status.contains("State:\tZ")
}

async fn ends(id: u32) {
    wait_for(&format!("process {id} has ended"), async || has_ended(id)).await;
}

fn kill(id: u32) {
    let status = Command::new("kill").args(["-9", &id.to_string()]).status().expect("there is a kill");
    assert!(status.success());
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
    kill(serving);
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
    kill(new);
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
    assert_eq!(hall.log().matches("a new process is started").count(), 2, "what is asked for twice is done once");
    assert!(hall.server.stop(SOON).await.unwrap());
}

#[tokio::test]
async fn a_hand_over_moves_no_deadline_though_somebody_has_set_the_clock() {
    let keeper = Keeper::new().unwrap();
    let shim = Shim::build(&keeper).unwrap();
    let setting = Setting { users: 1, ..Setting::default() };
    let mut variables = shim.variables();
    variables.push(("GRACEFUL_TIMEOUT", "2".into()));
    let furnishing = Furnishing { variables, ..Furnishing::default() };
    let mut hall = chaos::hall::Hall::open("clock", Engine::Sqlite, &setting, keeper, furnishing).await.unwrap();
    let (ledger, _) = hall.ledger().unwrap();
    let person = Person::new(&hall.server.address(), &hall.tokens()[0], &ledger);
    let mut line = person.line();
    let paper = person.start(&mut line, EXAM).await.unwrap();
    let (question, response) = &paper.responses[0];
    for (seq, hours) in [(1, 3), (2, -3)] {
        shim.step_clock(hours * 3_600_000).unwrap();
        let before = hall.server.serving().unwrap().unwrap();
        hall.server.hand_over().unwrap();
        hall.server.handed_over(before, SOON).await.unwrap();
        let mut line = person.line();
        let saved = person.save(&mut line, &paper, seq, *question, response).await.unwrap();
        assert_eq!(saved, Saved::Acknowledged, "an attempt of two hours, after a step of {hours} hours");
        assert_eq!(person.state(&mut line, &paper).await.unwrap(), "open");
    }
    assert!(hall.server.stop(SOON).await.unwrap());
}

/// A server in a terminal of its own, and the end of it that a person would close.
fn in_a_terminal(keeper: &Arc<Keeper>) -> (Child, OwnedFd, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("there are terminals");
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let screen = || OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new("setsid");
    command.arg("--ctty").arg(chaos::binary().unwrap()).arg("serve").current_dir(keeper.folder()).env_clear();
    command.env("PORT", address.port().to_string()).env("LOG_LEVEL", "warn").env("GRACEFUL_TIMEOUT", "2");
    command.env("DATA_DIR", keeper.folder().join("data"));
    command.stdin(screen()).stdout(screen()).stderr(screen());
    (Child::start(command, keeper).unwrap(), terminal, address.to_string())
}

#[tokio::test]
async fn a_terminal_that_is_closed_stops_the_server_in_it_before_and_after_a_hand_over() {
    for hand_overs in [0, 1] {
        let keeper = Keeper::new().unwrap();
        let (mut child, terminal, address) = in_a_terminal(&keeper);
        wait_for("it is ready", async || {
            ask(&address, "GET", "/readyz", None, None, SOON).await.is_ok_and(|answer| answer.status == 200)
        })
        .await;
        if hand_overs > 0 {
            child.signal(Signal::HUP).unwrap();
            wait_for("another process has taken over", async || child.keeps().is_some()).await;
        }
        let serving = child.keeps();
        assert_eq!(serving.is_some(), hand_overs > 0);
        drop(terminal);
        assert!(child.wait(SOON).await.unwrap().success(), "after {hand_overs} hand-overs");
        assert!(serving.is_none_or(has_ended));
        assert!(TcpListener::bind(&address).is_ok());
    }
}

impl Hall {
    /// The process that has taken over from the one that was started, which still leaves.
    fn new_process(&self) -> u32 {
        let log = self.log();
        let (_, after) = log.rsplit_once("process=").expect("it is named");
        let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().expect("it is a process id")
    }
}

/// Somebody who speaks as systemd does: gives a socket, and hears what it is told.
struct Systemd {
    heard: UnixDatagram,
    address: String,
    keeper: Arc<Keeper>,
    output: PathBuf,
}

impl Systemd {
    /// Starts the server with so many sockets.
    fn start(sockets: usize) -> (Self, Child) {
        let keeper = Keeper::new().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let path = keeper.folder().join("notify");
        let heard = UnixDatagram::bind(&path).unwrap();
        heard.set_nonblocking(true).unwrap();
        let output = keeper.folder().join("output");
        let file = OpenOptions::new().create(true).append(true).open(&output).unwrap();
        let mut command = Command::new("/bin/sh");
        // The socket comes as file 3, as systemd gives it.
        let script = r#"exec 3<&0 4<&0 </dev/null; LISTEN_PID=$$ exec "$0" serve"#;
        command.args(["-c", script]).arg(chaos::binary().unwrap()).current_dir(keeper.folder()).env_clear();
        command.env("LISTEN_FDS", sockets.to_string()).env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "300000");
        command.env("DATA_DIR", keeper.folder().join("data")).env("GRACEFUL_TIMEOUT", "2");
        command.stdin(Stdio::from(OwnedFd::from(listener))).stdout(file.try_clone().unwrap()).stderr(file);
        let child = Child::start(command, &keeper).unwrap();
        (Self { heard, address, keeper, output }, child)
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
        std::fs::read_to_string(&self.output).unwrap()
    }
}

#[tokio::test]
async fn under_systemd_the_main_process_moves_and_the_given_socket_stays() {
    let (systemd, mut child) = Systemd::start(1);
    assert_eq!(systemd.hears().await, ["READY=1"], "{}", systemd.output());
    systemd.hears_signs_of_life().await;
    let answered = async || {
        let answer = ask(&systemd.address, "GET", "/readyz", None, None, SOON).await;
        answer.is_ok_and(|answer| answer.status == 200)
    };
    assert!(answered().await, "it listens where it was told to");
    let mut main = child.id();
    for _ in 0..2 {
        assert!(Command::new("kill").args(["-HUP", &main.to_string()]).status().unwrap().success());
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
    assert!(Command::new("kill").arg(main.to_string()).status().unwrap().success());
    assert_eq!(systemd.hears().await, ["STOPPING=1"]);
    ends(main).await;
    systemd.keeper.forget_process(main).unwrap();
}

#[tokio::test]
async fn under_systemd_a_hand_over_that_fails_ends_with_ready() {
    let (systemd, child) = Systemd::start(1);
    assert_eq!(systemd.hears().await, ["READY=1"], "{}", systemd.output());
    std::fs::write(systemd.keeper.folder().join("examhall.toml"), "prot = 1\n").unwrap();
    assert!(Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(systemd.hears().await[0], "RELOADING=1");
    assert_eq!(systemd.hears().await, ["READY=1"]);
    assert!(systemd.output().contains("the hand-over has failed"), "{}", systemd.output());
}

#[tokio::test]
async fn several_sockets_are_refused_in_words() {
    let (systemd, mut child) = Systemd::start(2);
    assert!(!child.wait(SOON).await.unwrap().success());
    assert!(systemd.output().contains("2 sockets were given (LISTEN_FDS); give one"), "{}", systemd.output());
}
