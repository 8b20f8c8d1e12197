//! The next process, from the old one's side: started, given the sockets, and waited for until it serves.

use super::channel::{self, Channel};
use super::keeper::tell;
use exam::time::Timestamp;
use rustix::process::{Pid, Signal, getpid};
use rustix::time::{ClockId, clock_gettime};
use std::ffi::OsString;
use std::io;
use std::os::fd::BorrowedFd;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tokio::time::{interval, timeout};

/// Tells a process that it is a successor: the id of the one before it.
pub(super) const VARIABLE: &str = "EXAMHALL_PREDECESSOR";
/// How long the exit status of a process is waited for that has closed everything.
const ENDING: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What is started.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// The file: looked up anew each time, since another version may have been put there.
    pub(super) file: PathBuf,
    /// The arguments of the first process, with its name.
    pub(super) arguments: Vec<OsString>,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotReady {
    #[error("{0} cannot be started: {1}")]
    Start(PathBuf, io::Error),
    #[error("it ended before it was ready: {0}")]
    Ended(ExitStatus),
    #[error("it was not ready within {} seconds", .0.as_secs())]
    TooSlow(Duration),
    #[error("it says {0:?}")]
    Words(String),
    #[error("it has closed its end")]
    Gone,
    #[error("it cannot be talked to: {0}")]
    Silent(#[from] io::Error),
}

/// The next process, serving. Dropped, it is let go on.
#[derive(Debug)]
pub(super) struct Successor {
    pub(super) id: Pid,
    pub(super) channel: Channel,
}

/// The next process, not serving as far as is known. Dropped, it is killed, since it has accepted nothing; once it was told that it is its
/// turn, it may have, and is told to stop.
#[derive(Debug)]
struct Coming {
    child: Option<Child>,
    is_its_turn: bool,
}

impl Drop for Coming {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        if self.is_its_turn {
            tell(Pid::from_child(&child), Signal::TERM);
            // It may answer requests still; somebody has to take note of its end.
            std::thread::spawn(move || child.wait());
        } else {
            // Both fail only when it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Coming {
    /// How it has ended; None when it goes on without us.
    async fn ended(&mut self) -> Option<ExitStatus> {
        let mut look = interval(LOOK_EVERY);
        timeout(ENDING, async {
            loop {
                look.tick().await;
                match self.child.as_mut().map(Child::try_wait) {
                    Some(Ok(None)) => {}
                    Some(Ok(status)) => return status,
                    _ => return None,
                }
            }
        })
        .await
        .unwrap_or_default()
    }
}

/// What the next process takes over besides the sockets, as it is in the moment in which that takes its turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Estate {
    /// The time by the old process's clock.
    pub(crate) now: Timestamp,
    /// What is only in memory and must go on, without spaces.
    pub(crate) memory: String,
}

/// Starts the program and waits until it serves on these sockets and has taken over what `estate` gives it.
pub(super) async fn start(
    program: &Program,
    sockets: &[BorrowedFd<'_>],
    within: Duration,
    estate: impl Fn() -> Estate,
) -> Result<Successor, NotReady> {
    let (ours, theirs) = channel::pair()?;
    let mut command = Command::new(&program.file);
    if let Some((name, others)) = program.arguments.split_first() {
        command.arg0(name).args(others);
    }
    command.env(VARIABLE, getpid().as_raw_nonzero().to_string()).stdin(Stdio::from(theirs));
    let spawned = command.spawn();
    // It holds their end, which nobody but they may have.
    drop(command);
    let child = spawned.map_err(|error| NotReady::Start(program.file.clone(), error))?;
    let id = Pid::from_child(&child);
    let mut coming = Coming { child: Some(child), is_its_turn: false };
    let is_its_turn = &mut coming.is_its_turn;
    let met = timeout(within, async {
        channel::send_sockets(&ours, sockets)?;
        let mut channel = Channel::new(ours)?;
        expect(&mut channel, "prepared").await?;
        *is_its_turn = true;
        channel.say(&estate().to_word()).await?;
        expect(&mut channel, "serving").await?;
        Ok(channel)
    });
    match met.await {
        Ok(Ok(channel)) => {
            coming.child = None;
            Ok(Successor { id, channel })
        }
        Ok(Err(error @ NotReady::Words(_))) => Err(error),
        Ok(Err(error)) => Err(coming.ended().await.map_or(error, NotReady::Ended)),
        Err(_) => Err(NotReady::TooSlow(within)),
    }
}

impl Estate {
    /// As the word by which it is another process's turn.
    fn to_word(&self) -> String {
        format!("go {} {} {}", self.now.0, up_ms(), self.memory)
    }

    /// Reads the word. On a busy machine it may have taken a while, which is added to the time in it.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let mut parts = word.strip_prefix("go ")?.splitn(3, ' ');
        let (now, at): (i64, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let now = Timestamp(now.checked_add(up_ms().checked_sub(at)?)?);
        Some(Self { now, memory: parts.next().unwrap_or_default().to_owned() })
    }
}

/// For how long the system has been up without pause, in milliseconds: the same for all processes.
fn up_ms() -> i64 {
    let up = clock_gettime(ClockId::Monotonic);
    up.tv_sec.saturating_mul(1_000).saturating_add(up.tv_nsec / 1_000_000)
}

async fn expect(channel: &mut Channel, word: &str) -> Result<(), NotReady> {
    match channel.hear().await? {
        Some(said) if said == word => Ok(()),
        Some(said) => Err(NotReady::Words(said)),
        None => Err(NotReady::Gone),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::os::fd::AsFd as _;

    async fn started(file: &str, arguments: &[&str]) -> Result<Successor, NotReady> {
        let arguments = [file].iter().chain(arguments).map(OsString::from).collect();
        let socket = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let program = Program { file: file.into(), arguments };
        start(&program, &[socket.as_fd()], Duration::from_millis(300), || Estate {
            now: Timestamp(0),
            memory: String::new(),
        })
        .await
    }

    #[tokio::test]
    async fn a_program_that_says_nothing_is_given_up_and_does_not_stay() {
        let folder = std::env::temp_dir().join(format!("examhall-successor-{}", std::process::id()));
        let script = format!("echo $$ > {}; exec sleep 60", folder.display());
        let given_up = started("/bin/sh", &["-c", &script]).await.expect_err("it is not ready");
        assert!(matches!(given_up, NotReady::TooSlow(_)), "{given_up}");
        let id: i32 = std::fs::read_to_string(&folder).unwrap().trim().parse().unwrap();
        std::fs::remove_file(&folder).unwrap();
        let is_there = rustix::process::test_kill_process(Pid::from_raw(id).unwrap());
        assert!(is_there.is_err(), "it has been killed and waited for");
    }

    #[test]
    fn a_word_that_took_a_while_loses_no_time() {
        let at = |ago: i64| Estate::of_word(&format!("go 1000000 {}", up_ms() - ago)).map(|estate| estate.now.0);
        assert!((1_003_000..1_003_500).contains(&at(3_000).unwrap()));
        let estate = Estate { now: Timestamp(1_000_000), memory: "a.1.2".into() };
        let read = Estate::of_word(&estate.to_word()).unwrap();
        assert!((1_000_000..1_000_500).contains(&read.now.0) && read.memory == estate.memory);
        for other in ["serving", "go", "go 5", "go 5 x", "go x 5", &format!("go 5 {}", i64::MIN)] {
            assert_eq!(Estate::of_word(other), None, "{other}");
        }
    }

    #[tokio::test]
    async fn why_there_is_no_new_process_is_told() {
        let told = |file: &'static str, arguments: &'static [&'static str]| async {
            started(file, arguments).await.expect_err("it is not ready").to_string()
        };
        assert_eq!(told("/bin/sh", &["-c", "exit 7"]).await, "it ended before it was ready: exit status: 7");
        assert!(told("/nowhere/examhall", &[]).await.starts_with("/nowhere/examhall cannot be started: "));
        assert_eq!(told("/bin/sh", &["-c", "echo good day >&0; exec sleep 60"]).await, "it says \"good day\"");
    }
}
