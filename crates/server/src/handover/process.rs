//! How this process came to be: the first one, perhaps given a socket, or the successor of another.

use super::channel::{self, Channel};
use super::keeper::Lifeline;
use super::notify::Notify;
use super::signals;
use super::successor::{self, Program};
use crate::config::Environment;
use listenfd::ListenFd;
use rustix::process::{Pid, getpid, getppid};
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

/// What a server knows of the process it runs in.
#[derive(Debug)]
pub struct Process {
    pub(super) program: Program,
    pub(super) birth: Birth,
    pub(super) notify: Notify,
    /// Whether its messages went to a terminal when it began.
    pub(super) had_terminal: bool,
}

/// How it came to be.
#[derive(Debug)]
pub(super) enum Birth {
    /// Started by somebody, perhaps with a socket to listen on.
    First(Option<OwnedFd>),
    /// Started by the server before it.
    Successor,
}

/// What a successor was given.
#[derive(Debug)]
pub(super) struct Inheritance {
    pub(super) channel: Channel,
    pub(super) socket: OwnedFd,
    pub(super) lifeline: Option<Lifeline>,
}

impl Process {
    /// This process, which is to become a server. Signals wait from now on until the server asks for them. To be called while
    /// there is a single thread.
    ///
    /// # Errors
    /// When the sockets that it was given cannot be listened on; says what to do.
    pub fn begin(arguments: Vec<OsString>, environment: &Environment) -> Result<Self, String> {
        signals::block().map_err(|error| format!("signals cannot be listened for: {error}"))?;
        let predecessor = environment.get(successor::VARIABLE).and_then(|id| Pid::from_raw(id.parse().ok()?));
        let birth = match predecessor {
            Some(id) if getppid() == Some(id) => Birth::Successor,
            _ => Birth::First(given_socket()?),
        };
        let path = environment.get("PATH").map(String::as_str);
        let file = program_file(arguments.first(), path, std::env::current_exe().ok());
        let file = file.ok_or_else(|| "this program's file cannot be found".to_owned())?;
        Ok(Self {
            program: Program { file, arguments },
            notify: Notify::of(environment, matches!(birth, Birth::First(_)).then(getpid)),
            birth,
            had_terminal: io::stderr().is_terminal(),
        })
    }

    /// Whether it was started by the server before it.
    pub(crate) fn is_successor(&self) -> bool {
        matches!(self.birth, Birth::Successor)
    }

    /// Whether systemd looks after it by what it is told, and may be told of another main process. The first process of a
    /// container cannot leave its place to another.
    pub(super) fn may_move(&self) -> bool {
        self.notify.is_heard() && getpid() != Pid::INIT
    }
}

/// The socket that systemd, or whoever speaks its language, has given to this process (`LISTEN_FDS`).
fn given_socket() -> Result<Option<OwnedFd>, String> {
    let mut given = ListenFd::from_env();
    match given.len() {
        0 => Ok(None),
        1 => match given.take_tcp_listener(0) {
            Ok(listener) => Ok(listener.map(OwnedFd::from)),
            Err(error) => Err(format!(
                "the socket that was given (LISTEN_FDS) cannot be used: {error}; give one of TCP, ListenStream=HOST:PORT"
            )),
        },
        more => Err(format!("{more} sockets were given (LISTEN_FDS); give one, with a single ListenStream=")),
    }
}

/// What the process before this one has sent over its standard input.
///
/// # Errors
/// When that says something else.
pub(super) fn inherit() -> io::Result<Inheritance> {
    let input = io::stdin().as_fd().try_clone_to_owned()?;
    let mut sockets = channel::receive_sockets(&input)?.into_iter();
    let socket = sockets.next().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no socket was sent"))?;
    let lifeline = sockets.next().map(Lifeline::new).transpose()?;
    Ok(Inheritance { channel: Channel::new(input.into())?, socket, lifeline })
}

/// The file that this program was started from, under the name that was used: behind it may be another version by and by, or a link
/// to another. Where that name leads elsewhere, the file that runs.
fn program_file(name: Option<&OsString>, path: Option<&str>, running: Option<PathBuf>) -> Option<PathBuf> {
    let named = name.map(Path::new).and_then(|name| {
        let folders = path.map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
        let candidates = if name.parent() == Some(Path::new("")) {
            folders.into_iter().map(|folder| folder.join(name)).collect()
        } else {
            vec![name.to_owned()]
        };
        candidates.into_iter().find(|file| file.is_file())
    });
    let same =
        |file: &PathBuf| running.as_ref().is_none_or(|running| file.canonicalize().ok().as_ref() == Some(running));
    let named = named.filter(same).and_then(|file| std::path::absolute(file).ok());
    named.or(running).filter(|file| file.as_os_str() != OsStr::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_a_program_was_started_under_is_kept_when_it_leads_to_it() {
        let running = std::env::current_exe().unwrap();
        let folder = std::env::temp_dir().join(format!("examhall-process-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let link = folder.join("examhall");
        std::os::unix::fs::symlink(&running, &link).unwrap();
        let found = |name: &str, path: Option<&str>| {
            program_file(Some(&OsString::from(name)), path, Some(running.canonicalize().unwrap())).unwrap()
        };
        assert_eq!(found(link.to_str().unwrap(), None), link, "the link, not what it leads to today");
        assert_eq!(found("examhall", Some(folder.to_str().unwrap())), link, "found as the shell has found it");
        assert_eq!(found("another", Some(folder.to_str().unwrap())), running.canonicalize().unwrap());
        assert_eq!(found("/bin/sh", None), running.canonicalize().unwrap(), "a name that is not its own");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
