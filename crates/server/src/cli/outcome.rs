//! How commands end and what they print.

use crate::config::Problems;
use std::fmt;
use std::io::{ErrorKind, Write as _};

/// The code of a command that did what was asked, and of help.
pub(super) const DONE: u8 = 0;
/// The code when the database, a file or the network failed.
pub(super) const FAULT: u8 = 1;
/// The code when what was asked is understood but not possible, or was done in part.
pub(super) const REFUSED: u8 = 2;
/// The code when command or settings are wrong (EX_USAGE of sysexits.h).
pub(super) const USAGE: u8 = 64;

/// How a command ended that said all there is to say itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything was done.
    Done,
    /// Some of it was refused.
    PartlyRefused,
}

impl Outcome {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => DONE,
            Self::PartlyRefused => REFUSED,
        }
    }
}

/// Why a command did not do what was asked, in a text that says what to do.
#[derive(Debug)]
pub(super) enum Failure {
    /// A value that cannot be right.
    Usage(String),
    /// Settings that cannot be right, told as they are before a command begins.
    Settings(Problems),
    /// Not possible as things are.
    Refused(String),
    /// Something failed.
    Fault(String),
}

impl Failure {
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Settings(_) => USAGE,
            Self::Refused(_) => REFUSED,
            Self::Fault(_) => FAULT,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(problems) => write!(f, "{problems}"),
            Self::Usage(text) | Self::Refused(text) | Self::Fault(text) => write!(f, "examhall: {text}"),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Nul => Self::Refused(error.to_string()),
            error => Self::Fault(error.to_string()),
        }
    }
}

/// Prints to standard output. A reader that went away (`| head`) is no fault; what the command did stays done.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Fault(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}
