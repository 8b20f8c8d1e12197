use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use testkit::Folder;

const A_DIGEST: &str = "85acf8c4e14c3c9b8e728600b47c2ab9895a3b6af8169d87812487cd2609b0e9";

fn identity(writer: i64, seq: i64) -> Identity {
    Identity { writer, seq }
}

/// A ledger of one attempt in which one operation was acknowledged, one rejected and one never answered.
fn write_one(path: &Path, attempt: &str) -> Writer {
    let writer = Writer::open(path).expect("the ledger opens");
    writer.starting("a key");
    writer.given("a key", attempt, true);
    let number = writer.attempt(attempt, 0, 0);
    writer.pen(number, 1);
    writer.sent(number, identity(1, 1), 4, r#"{"text":"two words"}"#);
    writer.acknowledged(number, identity(1, 1), Timestamp(1_795_435_200_000));
    writer.sent(number, identity(1, 2), 5, "null");
    writer.sent_again(number, identity(1, 2));
    writer.rejected(number, identity(1, 2), "late");
    writer.sent(number, identity(1, 3), 6, r#"{"choice":["a"]}"#);
    writer.handing_in(number);
    writer.receipt(number, "submitted", 1, A_DIGEST);
    writer
}

#[test]
fn what_is_written_is_read() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    write_one(&path, "abc").finish().expect("the ledger closes");
    let ledger = read(&path).expect("the ledger is read");
    assert!(ledger.complete);
    assert_eq!((ledger.torn, ledger.sittings.len()), (0, 1));
    let sitting = &ledger.sittings[0];
    assert_eq!((sitting.attempt.as_str(), sitting.before, &sitting.pens[..]), ("abc", Some(identity(0, 0)), &[1][..]));
    let of = |seq| &sitting.operations[&identity(1, seq)];
    assert_eq!((of(1).question, &*of(1).response, of(1).acknowledged), (4, r#"{"text":"two words"}"#, true));
    assert_eq!((&*of(2).response, of(2).acknowledged, of(2).rejected.as_deref()), ("null", false, Some("late")));
    assert_eq!((of(3).acknowledged, of(3).rejected.as_deref()), (false, None));
    let receipt = Receipt { state: "submitted".into(), answered: 1, digest: A_DIGEST.into() };
    assert_eq!((sitting.handing_in, &sitting.receipts[..]), (true, &[receipt][..]));
    let part = &ledger.parts[0];
    let place = BTreeSet::from([0]);
    assert_eq!((ledger.parts.len(), &part.attempts, &part.handed_in), (1, &place, &place));
    let given = Given { attempt: "abc".into(), is_new: true };
    assert_eq!(part.starts, BTreeMap::from([("a key".to_owned(), vec![given])]));
}

#[test]
fn a_closed_ledger_from_which_a_line_was_taken_is_refused() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    write_one(&path, "abc").finish().expect("the ledger closes");
    let whole = std::fs::read_to_string(&path).expect("it is there");
    let without = whole.lines().filter(|line| !line.starts_with("K ")).collect::<Vec<_>>().join("\n") + "\n";
    std::fs::write(&path, without).expect("the file can be written");
    assert!(matches!(read(&path), Err(ReadError::Changed(there, said)) if there + 1 == said));
}

#[test]
fn a_ledger_of_before_is_read_and_goes_on() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    let before = format!("{FIRST_LINE_1}\nA 0 0 0 0 abc\nE 1 0 submitted 0 {A_DIGEST}\nQ 2\n");
    std::fs::write(&path, before).expect("the folder is there");
    write_one(&path, "def").finish().expect("the ledger closes");
    let ledger = read(&path).expect("the ledger is read");
    assert!(ledger.complete);
    assert_eq!((ledger.sittings.len(), ledger.parts.len()), (2, 2));
    assert!(ledger.parts[0].starts.is_empty());
    assert_eq!(ledger.parts[0].attempts, BTreeSet::from([0]));
    assert_eq!(ledger.parts[1].attempts, BTreeSet::from([1]));
}

#[test]
fn a_line_cut_off_by_a_crash_is_passed_over() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    drop(write_one(&path, "abc"));
    let whole = std::fs::read(&path).expect("the file is there");
    for cut in 1..A_DIGEST.len() + 10 {
        std::fs::write(&path, &whole[..whole.len() - cut]).expect("the file can be cut");
        let ledger = read(&path).expect("a torn ledger is read");
        assert_eq!((ledger.complete, ledger.torn), (false, 1), "cut by {cut}");
        assert_eq!(ledger.sittings[0].receipts, [], "half a receipt is none; cut by {cut}");
        assert!(ledger.sittings[0].handing_in);
    }
}

#[test]
fn a_ledger_goes_on_after_a_crash_and_numbers_begin_anew() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    drop(write_one(&path, "abc"));
    let whole = std::fs::read(&path).expect("the file is there");
    std::fs::write(&path, &whole[..whole.len() - 20]).expect("the file can be cut");
    write_one(&path, "def").finish().expect("the ledger closes");
    let again = Writer::open(&path).expect("the ledger opens a third time");
    let number = again.attempt("abc", 1, 3);
    again.sent(number, identity(1, 4), 1, "null");
    again.finish().expect("the ledger closes");

    let ledger = read(&path).expect("the ledger is read");
    let attempts: Vec<&str> = ledger.sittings.iter().map(|sitting| sitting.attempt.as_str()).collect();
    assert_eq!(attempts, ["abc", "def"]);
    assert_eq!((ledger.torn, ledger.complete), (1, false), "the first part was never closed");
    assert_eq!(ledger.sittings[0].receipts, []);
    assert_eq!(ledger.sittings[0].operations.len(), 4);
    assert_eq!(ledger.sittings[0].before, Some(identity(0, 0)), "as it was when first seen");
    assert_eq!(ledger.sittings[1].receipts.len(), 1);
}

#[test]
fn a_line_cut_off_within_a_character_is_passed_over_by_a_ledger_that_goes_on() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    let writer = Writer::open(&path).expect("the ledger opens");
    let number = writer.attempt("abc", 0, 0);
    writer.sent(number, identity(0, 1), 4, r#"{"text":"déjà vé"}"#);
    drop(writer);
    let whole = std::fs::read(&path).expect("the file is there");
    let response = whole.windows(2).rposition(|pair| pair == "é".as_bytes()).expect("there is an é");
    for cut in response - 5..=response + 2 {
        std::fs::write(&path, &whole[..cut]).expect("the file can be cut");
        assert_eq!(read(&path).expect("a torn ledger is read").torn, 1, "cut at {cut}");
        write_one(&path, "def").finish().expect("the ledger closes");
        let ledger = read(&path).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert_eq!((ledger.torn, ledger.complete, ledger.sittings.len()), (1, false, 2), "cut at {cut}");
        assert!(ledger.sittings[0].operations.is_empty(), "half an operation is none; cut at {cut}");
    }
}

#[test]
fn a_ledger_without_its_last_line_is_not_complete() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    let writer = write_one(&path, "abc");
    writer.flush();
    let ledger = read(&path).expect("the ledger is read");
    assert_eq!((ledger.complete, ledger.torn), (false, 0));
    assert_eq!(ledger.sittings[0].receipts.len(), 1, "flushed means that everything is in the file");
}

#[test]
fn damage_in_the_middle_and_other_files_are_refused() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    for text in ["", "hello\n", "A 0 0 0 0 abc\n"] {
        std::fs::write(&path, text).expect("the file can be written");
        assert!(matches!(read(&path), Err(ReadError::NoLedger)), "{text:?}");
    }
    for line in [
        "K 1 0 1 9 0",
        "S 1 7 1 1 1 null",
        "X 1 0 1 1",
        "E 1 0 submitted",
        "K one 0 1 1 0",
        "B 1 0 more",
        "I 1",
        "G 1 abc new key",
    ] {
        let text = format!("{FIRST_LINE}\nA 0 0 0 0 abc\n{line}\nB 2 0\n");
        std::fs::write(&path, text).expect("the file can be written");
        assert!(matches!(read(&path), Err(ReadError::Damaged(3))), "{line}");
    }
}

#[test]
fn a_file_that_cannot_be_written_is_told() {
    let writer = Writer::open(Path::new("/dev/full")).expect("it opens");
    assert!(writer.finish().is_err());
    assert!(writer.problem().is_some());
}

/// A file on a disk that is full once, in the middle of what it is given, and then has room again.
struct FullOnce {
    file: File,
    was_full: Arc<AtomicBool>,
    /// From how many bytes on it is full.
    room: usize,
}

impl io::Write for FullOnce {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.was_full.load(Ordering::Relaxed) {
            return self.file.write(bytes);
        }
        if self.room == 0 {
            self.was_full.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = self.file.write(&bytes[..bytes.len().min(self.room)])?;
        self.room -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[test]
fn after_a_write_that_failed_nothing_more_is_written_and_the_ledger_does_not_say_that_it_is_whole() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    let was_full = Arc::new(AtomicBool::new(false));
    let file = File::create(&path).expect("the folder is there");
    let sink = FullOnce { file, was_full: Arc::clone(&was_full), room: 60 };
    let writer = Writer::to(sink).expect("the thread starts");
    let number = writer.attempt("abc", 0, 0);
    writer.sent(number, identity(0, 1), 1, r#"{"text":"this one does not fit any more"}"#);
    writer.flush();
    assert!(was_full.load(Ordering::Relaxed) && writer.problem().is_some(), "it was written down and failed");
    writer.acknowledged(number, identity(0, 1), Timestamp(0));
    writer.flush();
    let problem = writer.finish().expect_err("it is not whole");
    assert_eq!(std::fs::read(&path).expect("the file is there").len(), 60, "{problem}");
    let ledger = read(&path).expect("it can be read as far as it goes");
    assert_eq!((ledger.complete, ledger.torn, ledger.sittings.len()), (false, 1, 1));
}

#[test]
fn many_threads_write_whole_lines() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    let writer = Writer::open(&path).expect("the ledger opens");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let writer = &writer;
            scope.spawn(move || {
                let number = writer.attempt(&format!("attempt-{thread}"), 0, 0);
                for seq in 1..=5_000 {
                    writer.sent(number, identity(0, seq), 1, r#"{"choice":["a"]}"#);
                    writer.acknowledged(number, identity(0, seq), Timestamp(0));
                }
            });
        }
    });
    writer.finish().expect("the ledger closes");
    let ledger = read(&path).expect("the ledger is read");
    assert!(ledger.complete);
    assert_eq!(ledger.sittings.len(), 4);
    assert!(
        ledger.sittings.iter().all(|sitting| sitting.operations.values().filter(|o| o.acknowledged).count() == 5_000)
    );
}

#[test]
fn only_the_owner_reads_a_ledger() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    write_one(&path, "abc").finish().expect("the ledger closes");
    let mode = std::fs::metadata(&path).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn two_runs_do_not_write_one_ledger_and_no_other_file_is_taken_for_one() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    let first = write_one(&path, "abc");
    let second = Writer::open(&path).expect_err("the first still writes");
    assert!(second.to_string().contains("another rehearsal"), "{second}");
    first.finish().expect("the ledger closes");
    drop(first);
    write_one(&path, "def").finish().expect("one after the other they may");
    assert_eq!(read(&path).expect("the ledger is read").sittings.len(), 2);

    let list = folder.path().join("list");
    std::fs::write(&list, "my precious list\n").expect("the folder is there");
    assert!(Writer::open(&list).is_err());
    assert_eq!(std::fs::read_to_string(&list).expect("the list is there"), "my precious list\n");
}

#[test]
fn a_whole_line_that_is_none_is_damage_even_at_the_end() {
    let folder = Folder::new();
    let path = folder.path().join("ledger");
    write_one(&path, "abc").finish().expect("the ledger closes");
    let mut text = std::fs::read_to_string(&path).expect("the ledger is there");
    text.push_str("garbage\n");
    std::fs::write(&path, &text).expect("the folder is there");
    assert!(matches!(read(&path), Err(ReadError::Damaged(_))));
}
