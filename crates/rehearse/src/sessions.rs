//! The file of prepared sessions: a token per line, with the address of its account behind it for people.

use crate::plan::PreparedSession;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{BufRead as _, BufReader, BufWriter, Error, ErrorKind, Read as _, Result, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

const FIRST_LINE: &str = "# examhall rehearsal sessions 1: whoever has this file can sit as these candidates";

/// Whether a file may be written: it is not there, is empty, or is one of an earlier `prepare`.
///
/// # Errors
/// When it is something else, or cannot be read.
pub fn check_replaceable(path: &Path) -> Result<()> {
    let mut first = String::new();
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(file) => BufReader::new(file.take(1_000)).read_line(&mut first)?,
    };
    if first.is_empty() || first.trim_end() == FIRST_LINE {
        return Ok(());
    }
    Err(Error::other("it is there and is no file of sessions; name another file"))
}

/// Writes a file that only its owner can read. `sessions` are tokens with the addresses of their accounts.
///
/// # Errors
/// When the file cannot be written.
pub fn write<'a>(path: &Path, sessions: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<()> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // A file that was there keeps its mode when it is opened.
    file.set_permissions(Permissions::from_mode(0o600))?;
    let mut out = BufWriter::new(file);
    writeln!(out, "{FIRST_LINE}")?;
    for (token, email) in sessions {
        writeln!(out, "{token} {email}")?;
    }
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
}

/// A file of sessions in use; it is free again when this is dropped, or the process ends.
#[derive(Debug)]
pub struct InUse {
    _locked: File,
}

/// Takes a file of sessions for a run: two candidates with one session would take the pen from each other, and look as if the
/// server broke its promises. With `is_shared`, others that say so as well may use it beside this one.
///
/// # Errors
/// When the file cannot be opened, or others use it.
pub fn take(path: &Path, is_shared: bool) -> Result<InUse> {
    let file = opened(path)?;
    let locked = if is_shared { file.try_lock_shared() } else { file.try_lock() };
    locked.map_err(|error| match error {
        TryLockError::WouldBlock => Error::other(
            "another rehearsal uses these sessions; make others with `examhall rehearse prepare`, or have each run pass over those \
             of the others with `--skip`, the first with `--skip 0`",
        ),
        TryLockError::Error(error) => error,
    })?;
    Ok(InUse { _locked: file })
}

fn opened(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Error::new(error.kind(), "there is no such file; make it with `examhall rehearse prepare`")
        }
        _ => error,
    })
}

/// Reads a file that [`fn@write`] wrote.
///
/// # Errors
/// When it cannot be read or is another kind of file; the message quotes none of its content.
pub fn read(path: &Path) -> Result<Vec<PreparedSession>> {
    let refused = |reason: &str| Error::new(ErrorKind::InvalidData, reason.to_owned());
    let mut lines = BufReader::new(opened(path)?).lines();
    match lines.next() {
        Some(Ok(line)) if line == FIRST_LINE => {}
        Some(Err(error)) if error.kind() != ErrorKind::InvalidData => return Err(error),
        _ => return Err(refused("it is not a file of `examhall rehearse prepare`")),
    }
    let mut sessions = Vec::new();
    for line in lines {
        let line = line?;
        let token = line.split(' ').next().unwrap_or_default();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return Err(refused(&format!("line {} has no token", sessions.len() + 2)));
        }
        sessions.push(PreparedSession { token: token.to_owned() });
    }
    Ok(sessions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_of_sessions_is_replaced() {
        let folder = testkit::Folder::new();
        let (sessions, list) = (folder.path().join("sessions"), folder.path().join("list"));
        assert!(check_replaceable(&sessions).is_ok(), "it is not there");
        write(&sessions, [("token", "ada@example.org")]).expect("the folder is there");
        assert!(check_replaceable(&sessions).is_ok());
        std::fs::write(&list, "my precious list\n").expect("the folder is there");
        assert!(check_replaceable(&list).is_err());
    }
}
