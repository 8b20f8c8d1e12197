//! Reading a ledger back: what was promised, attempt by attempt.

use super::{Identity, TORN, is_first_line};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// Everything a ledger says.
#[derive(Debug, Default)]
pub struct Ledger {
    /// The attempts in order of their first appearance.
    pub sittings: Vec<Sitting>,
    /// What each run that wrote it says of starts, in their order.
    pub parts: Vec<Part>,
    /// Whether every part of it was closed: then no line can be missing.
    pub complete: bool,
    /// How many lines were cut off by the end of a process.
    pub torn: usize,
}

/// What one run says of starts.
#[derive(Debug, Default)]
pub struct Part {
    /// The attempts that it sat, by their places in [`Ledger::sittings`].
    pub attempts: BTreeSet<usize>,
    /// Those of them whose receipt came.
    pub handed_in: BTreeSet<usize>,
    /// What each start was given, by its key; nothing when no answer came.
    pub starts: BTreeMap<String, Vec<Given>>,
}

/// What a start was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The attempt's public id.
    pub attempt: String,
    /// Whether this start made it, as the server said.
    pub is_new: bool,
}

/// What a ledger says about one attempt.
#[derive(Debug, Clone, Default)]
pub struct Sitting {
    /// Its public id.
    pub attempt: String,
    /// How far its log had come when it was first seen: what is not above this is somebody else's.
    pub before: Option<Identity>,
    /// What was sent.
    pub operations: BTreeMap<Identity, Operation>,
    /// The pens that were taken.
    pub pens: Vec<i64>,
    /// The latest pen that the server told of, whoever took it.
    pub latest_pen: i64,
    /// Whether it was, or was about to be, handed in.
    pub handing_in: bool,
    /// The receipts, which ought to be equal.
    pub receipts: Vec<Receipt>,
}

/// What a ledger says about one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The question.
    pub question: usize,
    /// The canonical response; `null` takes the answer back.
    pub response: Box<str>,
    /// Whether it was acknowledged.
    pub acknowledged: bool,
    /// The code with which it was rejected last.
    pub rejected: Option<Box<str>>,
    /// Whether it was sent for the first time when a receipt was there already.
    pub sent_after_receipt: bool,
    /// The later pen that the server had told of when it was sent for the first time.
    pub overtaken_by: Option<i64>,
}

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// `submitted` or `expired`.
    pub state: String,
    /// How many questions are answered.
    pub answered: i64,
    /// The digest over the answers.
    pub digest: String,
}

/// Why a ledger cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file.
    #[error("{}", why_not(.0))]
    Io(#[from] std::io::Error),
    /// Another kind of file.
    #[error("it is not a ledger of a rehearsal")]
    NoLedger,
    /// Fewer or more lines than its last one says.
    #[error("it has {0} lines where its end says {1}: it was changed since; take the file as the rehearsal left it")]
    Changed(u64, u64),
    /// A line that no crash explains.
    #[error("line {0} is damaged; take the file as the rehearsal left it")]
    Damaged(usize),
}

fn why_not(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "there is no such file; name the one that the rehearsal wrote by --ledger".into()
        }
        _ => error.to_string(),
    }
}

/// Reads a ledger. A line that is cut off at the end, or before a part that was added later, is what a killed process
/// leaves and is passed over.
///
/// # Errors
/// When the file cannot be read, is no ledger, or is damaged elsewhere.
pub fn read(path: &Path) -> Result<Ledger, ReadError> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut reading = Reading::default();
    let mut line = Vec::new();
    let mut number = 0;
    let mut damaged = None;
    while reader.read_until(b'\n', &mut line)? > 0 {
        number += 1;
        let whole = line.strip_suffix(b"\n");
        let bytes = whole.unwrap_or(&line);
        if is_first_line(bytes) {
            reading.begin();
            reading.ledger.torn += usize::from(damaged.take().is_some());
        } else if !reading.begun {
            return Err(ReadError::NoLedger);
        } else if let Some(damaged) = damaged {
            return Err(ReadError::Damaged(damaged));
        } else if whole.is_none() || bytes.ends_with(TORN.as_bytes()) {
            // Compared as bytes: it may have been cut within a character.
            damaged = Some(number);
        } else if std::str::from_utf8(bytes).ok().and_then(|text| reading.take(text)).is_none() {
            return Err(ReadError::Damaged(number));
        } else if let Some((there, said)) = reading.changed {
            return Err(ReadError::Changed(there, said));
        }
        line.clear();
    }
    if !reading.begun {
        return Err(ReadError::NoLedger);
    }
    reading.ledger.torn += usize::from(damaged.is_some());
    reading.ledger.complete = reading.closed && reading.all_before_closed;
    Ok(reading.ledger)
}

#[derive(Default)]
struct Reading {
    ledger: Ledger,
    begun: bool,
    closed: bool,
    all_before_closed: bool,
    /// How many lines this part has so far.
    lines: u64,
    /// How many lines a part has, and how many it should.
    changed: Option<(u64, u64)>,
    /// The attempts by the numbers of this part.
    numbers: HashMap<u32, usize>,
    by_id: HashMap<String, usize>,
}

impl Reading {
    fn begin(&mut self) {
        self.all_before_closed = !self.begun || (self.all_before_closed && self.closed);
        self.begun = true;
        self.closed = false;
        self.lines = 1;
        self.numbers.clear();
        self.ledger.parts.push(Part::default());
    }

    /// Takes a line in; None when it cannot be one.
    fn take(&mut self, line: &str) -> Option<()> {
        let mut fields = line.split(' ');
        let kind = fields.next()?;
        let _time: u64 = fields.next()?.parse().ok()?;
        if kind == "Q" {
            self.closed = true;
            // Version 1 does not count.
            let said = fields.next().map(str::parse).transpose().ok()?;
            self.changed = said.filter(|said| *said != self.lines).map(|said| (self.lines, said));
            return fields.next().is_none().then_some(());
        }
        self.lines += 1;
        if matches!(kind, "I" | "G") {
            return self.ledger.parts.last_mut()?.start(kind, line);
        }
        let number: u32 = fields.next()?.parse().ok()?;
        if kind == "A" {
            let before = Identity { writer: fields.next()?.parse().ok()?, seq: fields.next()?.parse().ok()? };
            return self.attempt(number, before, fields.next()?);
        }
        let place = *self.numbers.get(&number)?;
        let sitting = &mut self.ledger.sittings[place];
        match kind {
            "B" => sitting.handing_in = true,
            "E" => {
                let (state, answered) = (fields.next()?.to_owned(), fields.next()?.parse().ok()?);
                sitting.receipts.push(Receipt { state, answered, digest: fields.next()?.to_owned() });
                self.ledger.parts.last_mut()?.handed_in.insert(place);
            }
            "W" => {
                let pen = fields.next()?.parse().ok()?;
                sitting.pens.push(pen);
                sitting.latest_pen = sitting.latest_pen.max(pen);
            }
            _ => {
                let identity = Identity { writer: fields.next()?.parse().ok()?, seq: fields.next()?.parse().ok()? };
                return sitting.operation(kind, identity, line, fields);
            }
        }
        fields.next().is_none().then_some(())
    }

    fn attempt(&mut self, number: u32, before: Identity, public_id: &str) -> Option<()> {
        let sittings = &mut self.ledger.sittings;
        let place = *self.by_id.entry(public_id.to_owned()).or_insert_with(|| {
            let attempt = public_id.to_owned();
            sittings.push(Sitting { attempt, before: Some(before), ..Sitting::default() });
            sittings.len() - 1
        });
        sittings[place].latest_pen = sittings[place].latest_pen.max(before.writer);
        self.ledger.parts.last_mut()?.attempts.insert(place);
        self.numbers.insert(number, place).is_none().then_some(())
    }
}

impl Part {
    fn start(&mut self, kind: &str, line: &str) -> Option<()> {
        // The key may hold blanks: it is all that follows.
        if kind == "I" {
            let key = line.splitn(3, ' ').nth(2)?;
            self.starts.entry(key.to_owned()).or_default();
            return Some(());
        }
        let mut fields = line.splitn(5, ' ').skip(2);
        let attempt = fields.next()?.to_owned();
        let is_new = match fields.next()? {
            "new" => true,
            "found" => false,
            _ => return None,
        };
        self.starts.get_mut(fields.next()?)?.push(Given { attempt, is_new });
        Some(())
    }
}

impl Sitting {
    fn operation<'a>(
        &mut self,
        kind: &str,
        identity: Identity,
        line: &str,
        mut fields: impl Iterator<Item = &'a str>,
    ) -> Option<()> {
        match kind {
            "S" => {
                let question = fields.next()?.parse().ok()?;
                // The response may hold blanks: it is all that follows the sixth.
                let response = line.splitn(7, ' ').nth(6)?;
                let latest_pen = self.latest_pen;
                self.operations.entry(identity).or_insert(Operation {
                    question,
                    response: response.into(),
                    acknowledged: false,
                    rejected: None,
                    sent_after_receipt: !self.receipts.is_empty(),
                    // Lines are in the order of their times, so the pen had been given before this was sent.
                    overtaken_by: (identity.writer < latest_pen).then_some(latest_pen),
                });
                Some(())
            }
            "Z" => self.operations.get(&identity).map(|_| ()),
            "K" => {
                let _server_time: i64 = fields.next()?.parse().ok()?;
                self.operations.get_mut(&identity)?.acknowledged = true;
                Some(())
            }
            "R" => {
                self.operations.get_mut(&identity)?.rejected = Some(fields.next()?.into());
                Some(())
            }
            _ => None,
        }
    }
}
