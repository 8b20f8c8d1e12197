//! The keeper: what the first process becomes when its server has left and whoever started it watches its process id, as a shell,
//! a container and most supervisors do. It keeps the id, passes signals on to the server that is serving, waits for all of them,
//! and ends as that one ends. It is this program in a mode of its own, with nothing of the server left in memory.
//!
//! Every server holds one end of the lifeline, the keeper the other. When the keeper is gone, however that came, they notice and
//! stop. On it, each says `serving PID` when it takes over. A keeper may be older than the servers it keeps: that word stays.

use super::signals::{Asked, Signals};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair};
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, set_child_subreaper, wait as wait_for_child,
};
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};
use tokio::net::UnixStream;

/// Tells a process that it is a keeper: its own id, so that nobody can inherit it, and the id of the server it keeps.
const VARIABLE: &str = "EXAMHALL_KEEPER";
/// This program, also when its file has been replaced.
const OURSELVES: &str = "/proc/self/exe";
/// The code of a keeper that cannot keep.
const FAULT: u8 = 1;

/// The servers' end of the lifeline.
#[derive(Debug)]
pub(super) struct Lifeline(UnixStream);

/// The keeper's end, and the servers' before there is one that could hold it.
#[derive(Debug)]
pub(super) struct Ends {
    ours: OwnedFd,
    theirs: OwnedFd,
}

impl Ends {
    /// Makes a lifeline, and this process the one to which those are left whose parents end.
    pub(super) fn new() -> io::Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        Ok(Self { ours, theirs })
    }

    /// To be given to a server.
    pub(super) fn theirs(&self) -> BorrowedFd<'_> {
        self.theirs.as_fd()
    }

    /// Nobody but other processes holds their end from now on.
    pub(super) fn into_keeper(self, current: Pid) -> Keeper {
        Keeper { lifeline: self.ours, current, earlier: Vec::new(), is_stopping: false }
    }
}

impl Lifeline {
    /// The end that was received.
    pub(super) fn new(end: OwnedFd) -> io::Result<Self> {
        let end = StdUnixStream::from(end);
        end.set_nonblocking(true)?;
        Ok(Self(UnixStream::from_std(end)?))
    }

    /// Tells the keeper that this process is serving now.
    pub(super) fn say_serving(&self) -> io::Result<()> {
        let word = format!("serving {}\n", getpid().as_raw_nonzero());
        // Nobody else's words may come between: so short a one is written at once or not at all.
        send(&self.0, word.as_bytes(), SendFlags::NOSIGNAL)?;
        Ok(())
    }

    /// To be given to the next server.
    pub(super) fn end(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Waits until the keeper is gone: it says nothing.
    pub(super) async fn over(&self) {
        if let Err(error) = self.0.readable().await {
            tracing::error!(%error, "the keeper cannot be watched");
            std::future::pending::<()>().await;
        }
    }
}

/// A keeper and what it keeps.
#[derive(Debug)]
pub struct Keeper {
    lifeline: OwnedFd,
    /// The server that is serving.
    current: Pid,
    /// Those that served before and may still have something to end.
    earlier: Vec<Pid>,
    is_stopping: bool,
}

/// The keeper that this process is to be; None when it is none.
///
/// # Errors
/// When it was given no lifeline.
pub fn asked_for(variable: Option<&String>) -> Option<io::Result<Keeper>> {
    let (own, current) = variable?.split_once(' ')?;
    let (own, current) = (own.parse().ok()?, Pid::from_raw(current.parse().ok()?)?);
    if Pid::from_raw(own) != Some(getpid()) {
        return None;
    }
    let lifeline = io::stdin().as_fd().try_clone_to_owned();
    Some(lifeline.map(|lifeline| Keeper { lifeline, current, earlier: Vec::new(), is_stopping: false }))
}

/// The name of the variable that says so.
pub const KEEPER_VARIABLE: &str = VARIABLE;

impl Keeper {
    /// Becomes the keeper: the same process, another mode of this program. Where that cannot be had, it is kept as it is.
    pub(super) fn begin(self, arguments: &[OsString]) -> ExitCode {
        let error = match self.lifeline.try_clone() {
            Ok(lifeline) => {
                let ids = format!("{} {}", getpid().as_raw_nonzero(), self.current.as_raw_nonzero());
                let mut command = Command::new(OURSELVES);
                if let Some((name, others)) = arguments.split_first() {
                    // So that lists of processes show what they have always shown.
                    command.arg0(name).args(others);
                }
                command.env(VARIABLE, ids).stdin(Stdio::from(lifeline)).exec()
            }
            Err(error) => error,
        };
        // The log has ended with the server.
        eprintln!("examhall: the process that is watched stays as large as it is: {error}");
        self.keep()
    }

    /// Keeps until the server has ended that is serving, and then until all have; the code to end with.
    #[must_use]
    pub fn keep(mut self) -> ExitCode {
        match self.watch() {
            Ok(code) => ExitCode::from(code),
            Err(error) => {
                eprintln!("examhall: the server cannot be watched any more and is stopped: {error}");
                ExitCode::from(FAULT)
            }
        }
    }

    fn watch(&mut self) -> io::Result<u8> {
        set_child_subreaper(Some(getpid()))?;
        let signals = Signals::listen_with_children()?;
        let mut ended = None;
        loop {
            // What a server said is read before its end is seen.
            self.listen()?;
            if self.reap(&mut ended)? {
                return Ok(ended.unwrap_or(FAULT));
            }
            let mut files = [PollFd::new(&signals, PollFlags::IN), PollFd::new(&self.lifeline, PollFlags::IN)];
            // Without servers the lifeline is at its end, which would be told again and again: only children matter then.
            let watched = if ended.is_some() { &mut files[..1] } else { &mut files[..] };
            match poll(watched, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            while let Some(asked) = signals.read()? {
                match asked {
                    Asked::Stop => {
                        self.is_stopping = true;
                        self.each(Signal::TERM);
                    }
                    Asked::HandOver => tell(self.current, Signal::HUP),
                    Asked::Look => {}
                }
            }
        }
    }

    /// Reads who is serving.
    fn listen(&mut self) -> io::Result<()> {
        // Words come one at a time: the next server takes over long after this one has.
        let mut word = [0; 256];
        loop {
            let length = match recv(&self.lifeline, &mut word, RecvFlags::DONTWAIT) {
                Ok((0, _)) | Err(Errno::AGAIN) => return Ok(()),
                Ok((length, _)) => length,
                Err(Errno::INTR) => continue,
                // The last one has gone with something of ours unread.
                Err(Errno::CONNRESET) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            for said in String::from_utf8_lossy(&word[..length]).lines() {
                let serving = said.strip_prefix("serving ").and_then(|id| Pid::from_raw(id.parse().ok()?));
                if let Some(serving) = serving.filter(|serving| *serving != self.current) {
                    self.earlier.push(std::mem::replace(&mut self.current, serving));
                    if self.is_stopping {
                        // It has taken over from one that was told to stop, in that very moment.
                        tell(serving, Signal::TERM);
                    }
                }
            }
        }
    }

    /// Takes notice of children that have ended; whether there is none left. With the server that is serving, all others end.
    fn reap(&mut self, ended: &mut Option<u8>) -> io::Result<bool> {
        loop {
            match wait_for_child(WaitOptions::NOHANG) {
                Ok(Some((id, status))) if id == self.current => {
                    *ended = Some(code(status));
                    if let Some(signal) = status.terminating_signal() {
                        eprintln!("examhall: the server, process {id}, was ended by signal {signal}");
                    }
                    self.each(Signal::TERM);
                }
                Ok(Some((id, _))) => self.earlier.retain(|earlier| *earlier != id),
                Ok(None) => return Ok(false),
                Err(Errno::CHILD) => return Ok(true),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn each(&self, signal: Signal) {
        for id in self.earlier.iter().chain([&self.current]) {
            tell(*id, signal);
        }
    }
}

/// Sends a signal to a process of ours, which may have ended.
pub(super) fn tell(id: Pid, signal: Signal) {
    if let Err(error) = kill_process(id, signal)
        && error != Errno::SRCH
    {
        eprintln!("examhall: process {id} cannot be told {signal:?}: {error}");
    }
}

/// What to end with after a child that ended so; a shell says it in the same way.
fn code(status: WaitStatus) -> u8 {
    let code = status.exit_status().or_else(|| status.terminating_signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(FAULT)
}
