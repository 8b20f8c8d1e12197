//! The signals that a server and its keeper listen for: blocked before there is any thread, and read from a file. So none is
//! ever lost or kills by its default: what comes while a process becomes another program waits until that reads it.

use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use rustix::io::Errno;
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use tokio::net::unix::pipe::Receiver;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// SIGTERM or SIGINT (Ctrl-C).
    Stop,
    /// SIGHUP.
    HandOver,
    /// SIGCHLD, where it is listened for: a child has ended.
    Look,
}

fn listened_for() -> SigSet {
    [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP].into_iter().collect()
}

/// Blocks the signals in this thread and in those that it starts.
pub(super) fn block() -> io::Result<()> {
    Ok(listened_for().thread_block()?)
}

/// The signals that come, as a file.
#[derive(Debug)]
pub(super) struct Signals(OwnedFd);

impl Signals {
    /// Those that [`block`] has blocked, and the ends of children.
    pub(super) fn listen_with_children() -> io::Result<Self> {
        let mut signals = listened_for();
        signals.add(Signal::SIGCHLD);
        signals.thread_block()?;
        Ok(Self(file(&signals)?))
    }

    /// The next one, when there is one.
    pub(super) fn read(&self) -> io::Result<Option<Asked>> {
        let mut record = [0; RECORD];
        match rustix::io::read(&self.0, &mut record) {
            Ok(_) => Ok(Some(asked(&record))),
            Err(Errno::AGAIN) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The signals that come to a server, waited for by tokio, which reads the file as it reads a pipe.
#[derive(Debug)]
pub(super) struct Awaited(Receiver);

impl Awaited {
    /// Those that [`block`] has blocked.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self(Receiver::from_owned_fd_unchecked(file(&listened_for())?)?))
    }

    /// Waits for the next one. None is lost when it is dropped.
    pub(super) async fn next(&self) -> io::Result<Asked> {
        let mut record = [0; RECORD];
        loop {
            self.0.readable().await?;
            match self.0.try_read(&mut record) {
                Ok(_) => return Ok(asked(&record)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// What is read at once: a whole `signalfd_siginfo`, which begins with the number of the signal.
const RECORD: usize = 128;

fn file(signals: &SigSet) -> io::Result<OwnedFd> {
    Ok(SignalFd::with_flags(signals, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?.into())
}

fn asked(record: &[u8; RECORD]) -> Asked {
    let [a, b, c, d, ..] = *record;
    match i32::from_ne_bytes([a, b, c, d]) {
        number if number == Signal::SIGHUP as i32 => Asked::HandOver,
        number if number == Signal::SIGCHLD as i32 => Asked::Look,
        _ => Asked::Stop,
    }
}
