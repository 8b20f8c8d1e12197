//! The ledger: what was sent to the server and what it promised, written down as it happens.
//!
//! A file of lines, each a letter and fields separated by blanks. Times are microseconds since the ledger was opened, on a
//! clock that never jumps; server times are milliseconds since 1970 as the server said them. An attempt is named by its number
//! within the ledger after its `A` line.
//!
//! ```text
//! examhall-ledger 2                              the ledger is opened, for the first time or again; numbers begin anew
//! I TIME KEY                                     an attempt is about to be started under a key
//! G TIME ATTEMPT HOW KEY                         ... and that start was given this one: `new`, or `found` as it was there
//! A TIME NUMBER WRITER SEQ ATTEMPT               an attempt, and how far its log had come when it was first seen
//! W TIME NUMBER WRITER                           a pen was taken
//! S TIME NUMBER WRITER SEQ QUESTION RESPONSE     an operation is about to be sent for the first time
//! Z TIME NUMBER WRITER SEQ                       ... and again
//! K TIME NUMBER WRITER SEQ SERVER                it was acknowledged
//! R TIME NUMBER WRITER SEQ CODE                  it was rejected; `closed` when the whole save was
//! B TIME NUMBER                                  the attempt is about to be handed in
//! E TIME NUMBER STATE ANSWERED DIGEST            the receipt
//! Q TIME LINES                                   the ledger is closed: nothing is missing before this line, of so many
//! ```
//!
//! Version 1 has no `I` and `G`, and its parts may stand before those of version 2 in one file.

mod read;

pub use read::{Given, Ledger, Operation, Part, ReadError, Receipt, Sitting, read};

use exam::time::Timestamp;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::time::Instant;

/// The first line of a ledger, and of each part that was added to it later.
const FIRST_LINE: &str = "examhall-ledger 2";
/// The first line of a part that tells nothing of starts. It is as long as the other.
const FIRST_LINE_1: &str = "examhall-ledger 1";
/// What is put behind a line that a killed process left unfinished, so that nobody takes it for a whole one.
const TORN: &str = " ~torn";

/// How long a line waits at most before it is given to the operating system.
const WRITE_EVERY: Duration = Duration::from_millis(100);
/// How much may wait before it is written at once.
const WRITE_FROM: usize = 256 * 1024;

/// An attempt's number within a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Number(u32);

/// An operation's identity within its attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The writer.
    pub writer: i64,
    /// Its number with that writer.
    pub seq: i64,
}

/// Writes a ledger: shared by all candidates, cheap to call, on a thread of its own. A file that cannot be written does not
/// stop the run; [`Writer::problem`] tells. After the first write that failed nothing more is written.
#[derive(Debug)]
pub struct Writer {
    shared: Option<Arc<Shared>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    began: Instant,
    attempts: AtomicU32,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// How many lines there have been.
    lines: u64,
    closing: bool,
    /// How often everything that waited has been written.
    written: u64,
    flush: bool,
    problem: Option<String>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // A panic under the lock leaves at worst half a line, which the reader reports.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    /// Opens a ledger: a new file, or one that is added to. Only its owner can read it.
    ///
    /// # Errors
    /// When the file cannot be opened, is something else, or is being written by another run.
    pub fn open(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                io::Error::other("another rehearsal writes this ledger; give each one of its own")
            }
            TryLockError::Error(error) => error,
        })?;
        if file.metadata()?.is_file() && !is_empty_or_ledger(&mut file)? {
            return Err(io::Error::other("it is there and is no ledger; name another file"));
        }
        if ends_within_a_line(&mut file)? {
            writeln!(file, "{TORN}")?;
        }
        Self::to(file)
    }

    /// Writes to whatever takes bytes.
    fn to(sink: impl io::Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared { state: Mutex::default(), wake: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("ledger".into()).spawn(move || write_out(&of_thread, sink))?;
        let writer = Self {
            shared: Some(shared),
            thread: Mutex::new(Some(thread)),
            began: Instant::now(),
            attempts: AtomicU32::new(0),
        };
        writer.line(|out, _| writeln!(out, "{FIRST_LINE}"));
        Ok(writer)
    }

    /// A ledger that keeps nothing, for runs that nobody verifies.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { shared: None, thread: Mutex::default(), began: Instant::now(), attempts: AtomicU32::new(0) }
    }

    /// An attempt is about to be started under a key.
    pub fn starting(&self, key: &str) {
        self.line(|out, time| writeln!(out, "I {time} {key}"));
    }

    /// The start under a key was given an attempt, which it made or which was there.
    pub fn given(&self, key: &str, public_id: &str, is_new: bool) {
        let how = if is_new { "new" } else { "found" };
        self.line(|out, time| writeln!(out, "G {time} {public_id} {how} {key}"));
    }

    /// An attempt was started or found, with `writer` holding the pen and `last_seq` being the highest number it has used.
    pub fn attempt(&self, public_id: &str, writer: i64, last_seq: i64) -> Number {
        let number = self.attempts.fetch_add(1, Ordering::Relaxed);
        self.line(|out, time| writeln!(out, "A {time} {number} {writer} {last_seq} {public_id}"));
        Number(number)
    }

    /// A pen was taken.
    pub fn pen(&self, attempt: Number, writer: i64) {
        self.line(|out, time| writeln!(out, "W {time} {} {writer}", attempt.0));
    }

    /// An operation is about to be sent for the first time. `response` is its canonical text, or `null`.
    pub fn sent(&self, attempt: Number, operation: Identity, question: usize, response: &str) {
        let Identity { writer, seq } = operation;
        self.line(|out, time| writeln!(out, "S {time} {} {writer} {seq} {question} {response}", attempt.0));
    }

    /// An operation is about to be sent again.
    pub fn sent_again(&self, attempt: Number, operation: Identity) {
        self.line(|out, time| writeln!(out, "Z {time} {} {} {}", attempt.0, operation.writer, operation.seq));
    }

    /// An operation was acknowledged.
    pub fn acknowledged(&self, attempt: Number, operation: Identity, server_time: Timestamp) {
        let Identity { writer, seq } = operation;
        self.line(|out, time| writeln!(out, "K {time} {} {writer} {seq} {}", attempt.0, server_time.0));
    }

    /// An operation was rejected with a code, or its save as a whole as `closed`.
    pub fn rejected(&self, attempt: Number, operation: Identity, code: &str) {
        let Identity { writer, seq } = operation;
        // A code is a word; should it not be, the line must stay one.
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.line(|out, time| writeln!(out, "R {time} {} {writer} {seq} {code}", attempt.0));
    }

    /// The attempt is about to be handed in.
    pub fn handing_in(&self, attempt: Number) {
        self.line(|out, time| writeln!(out, "B {time} {}", attempt.0));
    }

    /// The receipt came.
    pub fn receipt(&self, attempt: Number, state: &str, answered: i64, digest: &str) {
        self.line(|out, time| writeln!(out, "E {time} {} {state} {answered} {digest}", attempt.0));
    }

    /// Waits until everything written so far is in the file.
    pub fn flush(&self) {
        let Some(shared) = &self.shared else { return };
        let mut state = shared.state();
        let target = state.written + 2;
        while state.written < target && !state.closing && state.problem.is_none() {
            state.flush = true;
            shared.wake.notify_all();
            state = shared.wake.wait_timeout(state, WRITE_EVERY).map_or_else(|e| e.into_inner().0, |(state, _)| state);
        }
    }

    /// Closes the ledger: its last line says that nothing is missing. What is written afterwards is lost.
    ///
    /// # Errors
    /// When something could not be written.
    pub fn finish(&self) -> Result<(), String> {
        let Some(shared) = &self.shared else { return Ok(()) };
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            self.counted(|out, time, lines| writeln!(out, "Q {time} {lines}"));
            self.end(shared, thread);
        }
        self.problem().map_or(Ok(()), Err)
    }

    /// Why the file cannot be written, if it cannot.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.shared.as_ref().and_then(|shared| shared.state().problem.clone())
    }

    fn end(&self, shared: &Shared, thread: JoinHandle<()>) {
        shared.state().closing = true;
        shared.wake.notify_all();
        if thread.join().is_err() {
            shared.state().problem = Some("the ledger's thread died".into());
        }
    }

    fn line(&self, write: impl FnOnce(&mut Vec<u8>, u128) -> io::Result<()>) {
        self.counted(|out, time, _| write(out, time));
    }

    /// A line that is told how many came before it.
    fn counted(&self, write: impl FnOnce(&mut Vec<u8>, u128, u64) -> io::Result<()>) {
        let Some(shared) = &self.shared else { return };
        let mut state = shared.state();
        // The time is taken under the lock: lines are in the order of their times.
        let time = self.began.elapsed().as_micros();
        // Writing to memory cannot fail.
        let lines = state.lines;
        let _ = write(&mut state.waiting, time, lines);
        state.lines += 1;
        let is_much = state.waiting.len() >= WRITE_FROM;
        drop(state);
        if is_much {
            shared.wake.notify_all();
        }
    }
}

impl Drop for Writer {
    /// Keeps what was written, without the line that says that nothing is missing.
    fn drop(&mut self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(shared), Some(thread)) = (&self.shared, thread) {
            self.end(shared, thread);
        }
    }
}

fn is_first_line(line: &[u8]) -> bool {
    [FIRST_LINE, FIRST_LINE_1].iter().any(|first| line == first.as_bytes())
}

fn is_empty_or_ledger(file: &mut File) -> io::Result<bool> {
    use std::io::Read as _;
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(FIRST_LINE.len() as u64).read_to_end(&mut start)?;
    Ok(start.is_empty() || is_first_line(&start))
}

fn ends_within_a_line(file: &mut File) -> io::Result<bool> {
    use std::io::Read as _;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// The ledger's thread: takes what waits, writes it, and waits for more.
fn write_out(shared: &Shared, mut sink: impl io::Write) {
    let mut taken = Vec::new();
    let mut state = shared.state();
    loop {
        while state.waiting.len() < WRITE_FROM && !state.closing && !state.flush {
            let waited = shared.wake.wait_timeout(state, WRITE_EVERY);
            let (now, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
            state = now;
            if timed_out.timed_out() {
                break;
            }
        }
        state.flush = false;
        std::mem::swap(&mut state.waiting, &mut taken);
        let (closing, has_failed) = (state.closing, state.problem.is_some());
        drop(state);
        // Behind a line that is missing or torn nothing may stand, least of all that nothing is missing.
        let written = if has_failed { Ok(()) } else { sink.write_all(&taken) };
        taken.clear();
        state = shared.state();
        state.written += 1;
        if let Err(error) = written {
            state.problem.get_or_insert_with(|| error.to_string());
        }
        shared.wake.notify_all();
        if closing && state.waiting.is_empty() {
            return;
        }
    }
}

#[cfg(test)]
mod tests;
