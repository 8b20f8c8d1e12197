//! `examhall account codes`

use super::{hash, sentences};
use crate::account::access_code::AccessCode;
use crate::account::register;
use crate::chance::Chance;
use crate::cli::values::{self, Expiry};
use crate::cli::{Failure, Outcome, print};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::import::one_line;
use exam::time::{Clock as _, Timestamp};
use interchange::Person;
use interchange::limits::FILE_BYTES;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use store::{CodeRefusal, CodesMade, NewAccessCode, Store};

/// Codes for a list of people, who sign in with them instead of a password. Whoever has no account gets one; earlier codes of these
/// people stop working.
#[derive(Debug, clap::Args)]
pub struct Codes {
    /// The people: a table with the columns email and name
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Until when the codes work: 12h, 7d, 2027-01-15 (to its end, in UTC) or 2027-01-15T18:00
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = values::expiry)]
    expires: Expiry,
    /// A new file for the codes, which only you can read [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Somebody on the list, and their code.
struct Given {
    line: usize,
    person: Person,
    code: AccessCode,
    code_hash: String,
}

impl Codes {
    pub(super) async fn run(self, config: &Config) -> Result<Outcome, Failure> {
        let fault = |error: &dyn std::fmt::Display| Failure::Fault(error.to_string());
        let (now, chance) = (SystemClock.now(), Chance::from_os().map_err(|error| fault(&error))?);
        let expires_at = match self.expires {
            Expiry::After(duration) => now.after(duration),
            Expiry::At(moment) if moment > now => moment,
            Expiry::At(moment) => return Err(Failure::Usage(format!("--expires {moment} is over already"))),
        };
        let people = self.read(&chance)?;
        let table = table(&people, expires_at);
        // One hash for all of them, of a password that nobody knows.
        let nobodys = hash(chance.token()).await?;
        let store = crate::cli::open(config).await?;
        // Written before the codes are made, since none that is made may get lost.
        let written = self.out.as_deref().map_or(Ok(()), |out| write_new(out, &table));
        let made = match written {
            Ok(()) => self.make(&store, &people, &nobodys, expires_at, now).await.inspect_err(|_| self.take_back()),
            Err(failure) => Err(failure),
        };
        store.close().await;
        let accounts = made?;
        if self.out.is_none() {
            print(&table)?;
        }
        let count = people.len();
        eprintln!("made {count} codes and {accounts} new accounts; the codes work until {expires_at}");
        Ok(Outcome::Done)
    }

    /// The people on the list, each with a code.
    fn read(&self, chance: &Chance) -> Result<Vec<Given>, Failure> {
        let file = self.file.display();
        let bytes = read(&self.file).map_err(|error| Failure::Refused(format!("{file} cannot be read: {error}")))?;
        let listed = interchange::read_people(&bytes).map_err(|error| Failure::Refused(format!("{file}: {error}")))?;
        let (listed, notes) = listed;
        for note in notes {
            eprintln!("{file}: note: {note}");
        }
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut people = Vec::with_capacity(listed.len());
        let mut refused = Vec::new();
        for row in listed {
            let line = row.line;
            match row.person.and_then(|person| checked(person, line, &mut lines)) {
                Ok(person) => {
                    let code = AccessCode::make(chance);
                    people.push(Given { line, person, code_hash: code.hash(), code });
                }
                Err(reason) => refused.push((line, reason)),
            }
        }
        if refused.is_empty() { Ok(people) } else { Err(self.refuse(&refused)) }
    }

    /// Makes the codes; how many accounts were made with them.
    async fn make(
        &self,
        store: &Store,
        people: &[Given],
        password_hash: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<usize, Failure> {
        let new = people.iter().map(|given| NewAccessCode {
            email: &given.person.email,
            name: &given.person.name,
            code_hash: &given.code_hash,
        });
        let new: Vec<NewAccessCode<'_>> = new.collect();
        let refused = match store.create_access_codes(&new, password_hash, expires_at, None, now).await? {
            CodesMade::All { accounts } => return Ok(accounts),
            CodesMade::None(refused) => refused,
        };
        let reason = |refusal| match refusal {
            CodeRefusal::Staff => "The account belongs to the staff, who sign in with their passwords only.",
            CodeRefusal::Disabled => "The account is disabled. Enable it first, or take the line out.",
        };
        let refused: Vec<(usize, String)> =
            refused.into_iter().map(|(place, refusal)| (people[place].line, reason(refusal).to_owned())).collect();
        Err(self.refuse(&refused))
    }

    /// Tells all lines that are refused.
    fn refuse(&self, refused: &[(usize, String)]) -> Failure {
        let file = self.file.display();
        for (line, reason) in refused {
            eprintln!("{file}:{line}: refused: {}", one_line(std::slice::from_ref(reason)));
        }
        let count = refused.len();
        Failure::Refused(format!("nobody got a code, since lines of {file} were refused: {count}"))
    }

    /// Removes the file with codes that were not made.
    fn take_back(&self) {
        if let Some(out) = &self.out
            && let Err(error) = std::fs::remove_file(out)
        {
            eprintln!("{} holds codes that do not work, and cannot be removed: {error}", out.display());
        }
    }
}

/// Somebody whose address and name an account can have, and who is on the list once.
fn checked(person: Person, line: usize, lines: &mut HashMap<String, usize>) -> Result<Person, String> {
    let problems = register::person_problems(&person.email, &person.name);
    if !problems.is_empty() {
        return Err(sentences(&problems));
    }
    match lines.insert(person.email.to_lowercase(), line) {
        Some(earlier) => Err(format!("The address {} is on line {earlier} already.", person.email)),
        None => Ok(person),
    }
}

/// Reads a file up to one byte more than can be read, so that a huge one is refused without being read.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(FILE_BYTES).unwrap_or(u64::MAX);
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The table of codes, as CSV.
fn table(people: &[Given], expires_at: Timestamp) -> String {
    let mut text = String::from("email,name,code,expires_at\n");
    for Given { person, code, .. } in people {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{code},{expires_at}", cell(&person.email), cell(&person.name));
    }
    text
}

/// A cell, in quotation marks where it needs them (RFC 4180).
fn cell(text: &str) -> String {
    if text.contains(['"', ',', ';']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Writes a file that nobody else can read, and that was not there.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let file = path.display();
    let mut created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            Failure::Refused(format!("{file} is there already; name another file for the codes, or remove it"))
        } else {
            Failure::Fault(format!("{file} cannot be made: {error}"))
        }
    })?;
    created.write_all(text.as_bytes()).and_then(|()| created.sync_all()).map_err(|error| {
        // The file holds nothing of use; that it cannot be written is what has to be told.
        let _ = std::fs::remove_file(path);
        Failure::Fault(format!("{file} cannot be written: {error}"))
    })
}
