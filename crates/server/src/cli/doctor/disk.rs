//! The disk of the embedded database: its room, of what kind it is, and how quickly it syncs.

use super::check::{Case, Check};
use super::wording::{percent, size, time};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::Instant;

/// How often a sync is tried.
const SYNCS: usize = 20;
/// A sync that takes longer is felt in every save.
const SYNC_SLOW: Duration = Duration::from_millis(10);
/// Less room than this will be used up one day.
const ROOM_LITTLE: u64 = 1 << 30;
/// Less room than this may be used up at any moment.
const ROOM_NONE: u64 = 128 << 20;

/// Of what kind a file system is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Disk,
    /// With its name.
    Network(&'static str),
    Memory,
}

/// What was seen of a disk.
#[derive(Debug, Clone)]
struct Disk {
    kind: Kind,
    free: u64,
    total: u64,
    /// How long syncs took, in order of length; or why none could be tried.
    syncs: Result<Vec<Duration>, String>,
    /// What the account that looks may not write: the folder, or a file of the database.
    locked: Vec<String>,
}

pub(super) async fn checks(folder: &Path) -> Vec<Check> {
    if !folder.is_dir() {
        return vec![Check::unknown("disk", format!("there is no folder {} yet", folder.display()))];
    }
    let looked = folder.to_owned();
    match tokio::task::spawn_blocking(move || look(&looked)).await {
        Ok(Ok(disk)) => vec![room(&disk, folder), kind(&disk, folder), rights(&disk), syncs(&disk)],
        Ok(Err(error)) => vec![Check::unknown("disk", format!("{}: {error}", folder.display()))],
        Err(error) => vec![Check::unknown("disk", error)],
    }
}

fn look(folder: &Path) -> io::Result<Disk> {
    let system = rustix::fs::statvfs(folder)?;
    let disk = Disk {
        kind: kind_of(rustix::fs::statfs(folder)?.f_type as i64),
        free: system.f_bavail.saturating_mul(system.f_frsize),
        total: system.f_blocks.saturating_mul(system.f_frsize),
        syncs: try_syncs(folder).map_err(|error| error.to_string()),
        locked: locked(folder),
    };
    Ok(disk)
}

/// What is there and may not be written.
fn locked(folder: &Path) -> Vec<String> {
    let files = ["examhall.db", "examhall.db-wal", "examhall.db-shm"].map(|name| folder.join(name));
    let all = std::iter::once(folder.to_owned()).chain(files);
    let is_locked = |path: &PathBuf| path.exists() && rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err();
    all.filter(is_locked).map(|path| path.display().to_string()).collect()
}

/// The numbers by which Linux knows file systems (statfs(2)).
fn kind_of(number: i64) -> Kind {
    match number & 0xffff_ffff {
        0x6969 => Kind::Network("NFS"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Kind::Network("SMB"),
        0x00c3_6400 => Kind::Network("Ceph"),
        0x0102_1997 => Kind::Network("9P"),
        0x5346_414f | 0x6b41_4653 => Kind::Network("AFS"),
        0x6573_5546 => Kind::Network("FUSE"),
        0x0102_1994 | 0x8584_58f6 => Kind::Memory,
        _ => Kind::Disk,
    }
}

/// Writes a page to a file of its own, and syncs it, again and again.
fn try_syncs(folder: &Path) -> io::Result<Vec<Duration>> {
    let path = folder.join(format!(".examhall-doctor-{}", std::process::id()));
    let mut file = File::options().write(true).create_new(true).open(&path)?;
    let tried = time_syncs(&mut file);
    fs::remove_file(&path)?;
    tried
}

fn time_syncs(file: &mut File) -> io::Result<Vec<Duration>> {
    let mut took = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begun = Instant::now();
        file.write_all(&[0x5a; 4_096])?;
        file.sync_data()?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

fn room(disk: &Disk, folder: &Path) -> Check {
    let name = "disk space";
    let left = percent(disk.free, disk.total);
    let found = format!("{} of {} are free ({left} %) at {}", size(disk.free), size(disk.total), folder.display());
    let advice = "Make room (old logs, old backups), or move the database to a larger disk and name it with DATA_DIR. Nothing is \
        acknowledged that cannot be written.";
    if disk.free < ROOM_NONE {
        Check::problem(name, found, advice)
    } else if disk.free < ROOM_LITTLE {
        Check::warning(name, found, advice)
    } else {
        Check::ok(name, found)
    }
}

fn rights(disk: &Disk) -> Check {
    let name = "rights";
    if disk.locked.is_empty() {
        return Check::ok(name, "this account may write the folder and the files of the database");
    }
    let found = format!("this account may not write {}", disk.locked.join(", "));
    let advice = "Run this as the account of the server. If it is that one: let folder and files belong to it (chown), as after a restore.";
    Check::problem(name, found, advice)
}

fn kind(disk: &Disk, folder: &Path) -> Check {
    let (name, folder) = ("file system", folder.display());
    let advice = "Name a folder on a disk of this machine.";
    let check = match disk.kind {
        Kind::Disk => return Check::ok(name, "a disk"),
        Kind::Network(kind) => {
            let found = format!(
                "{folder} is reached by {kind}: locks and syncs may not hold there, and the database be damaged"
            );
            Check::warning(name, found, advice)
        }
        Kind::Memory => {
            let found = format!("{folder} is in memory: everything is gone when the machine stops");
            Check::warning(name, found, advice)
        }
    };
    check.set("DATA_DIR", "/var/lib/examhall")
}

/// What a list of durations in order of length comes to.
pub(super) fn in_words(took: &[Duration]) -> (Duration, String) {
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    let slowest = took.last().copied().unwrap_or_default();
    let found = format!(
        "{} of {} took {} at most, the slowest {}",
        took.len() / 2 + 1,
        took.len(),
        time(median),
        time(slowest)
    );
    (median, found)
}

fn syncs(disk: &Disk) -> Check {
    let name = "disk commits";
    let took = match &disk.syncs {
        Ok(took) => took,
        Err(why) => return Check::unknown(name, why),
    };
    let (median, found) = in_words(took);
    if median <= SYNC_SLOW {
        return Check::ok(name, found);
    }
    let advice = "Every save waits for one: take a disk with a quicker sync (an SSD with a protected cache, a local disk instead \
        of a shared one), and move backups and other writers away from it.";
    let found = format!(
        "{found}; saves take that much longer, and {} transactions a second are the most there can be",
        rate(median)
    );
    Check::warning(name, found, advice).set("DATA_DIR", "/a/quicker/disk").case(Case::SlowResponses("commit time"))
}

/// How many follow one another in a second.
fn rate(each: Duration) -> u128 {
    1_000_000_000_u128.checked_div(each.as_nanos()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::check::Verdict;
    use super::*;
    use testkit::Folder;

    fn healthy() -> Disk {
        let syncs = Ok(vec![Duration::from_millis(1); SYNCS]);
        Disk { kind: Kind::Disk, free: 50 << 30, total: 100 << 30, syncs, locked: Vec::new() }
    }

    #[test]
    fn what_the_server_cannot_write_is_a_problem_though_it_can_be_read() {
        assert_eq!(rights(&healthy()).verdict, Verdict::Ok);
        let told = rights(&Disk { locked: vec!["/data/examhall.db".into()], ..healthy() });
        assert_eq!((told.verdict, told.found.contains("/data/examhall.db")), (Verdict::Problem, true));
    }

    #[test]
    fn a_slow_sync_makes_slow_responses_and_a_full_disk_is_a_problem() {
        assert_eq!(syncs(&healthy()).verdict, Verdict::Ok);
        let slow = syncs(&Disk { syncs: Ok(vec![Duration::from_millis(25); SYNCS]), ..healthy() });
        assert_eq!(
            (slow.verdict, slow.cases.as_slice()),
            (Verdict::Warning, [Case::SlowResponses("commit time")].as_slice())
        );
        assert!(
            slow.found.contains("11 of 20 took 25 ms at most") && slow.found.contains("40 transactions"),
            "{}",
            slow.found
        );
        assert_eq!(syncs(&Disk { syncs: Err("read-only".into()), ..healthy() }).verdict, Verdict::Unknown);
        let folder = Path::new("/data");
        for (free, verdict) in [(50 << 30, Verdict::Ok), (500 << 20, Verdict::Warning), (1 << 20, Verdict::Problem)] {
            assert_eq!(room(&Disk { free, ..healthy() }, folder).verdict, verdict);
        }
    }

    #[test]
    fn a_network_and_memory_are_no_place_for_a_database() {
        assert_eq!(
            (kind_of(0x6969), kind_of(0xef53), kind_of(0x0102_1994)),
            (Kind::Network("NFS"), Kind::Disk, Kind::Memory)
        );
        assert_eq!(kind_of(-11_317_950), Kind::Network("SMB"), "the number has 32 bits, whatever its sign");
        for kind_of_it in [Kind::Network("NFS"), Kind::Memory] {
            let told = kind(&Disk { kind: kind_of_it, ..healthy() }, Path::new("/data"));
            assert_eq!((told.verdict, told.change.map(|change| change.name)), (Verdict::Warning, Some("DATA_DIR")));
        }
    }

    #[tokio::test]
    async fn a_folder_is_left_as_it_was_and_none_is_made() {
        let folder = Folder::new();
        let found = checks(folder.path()).await;
        assert!(
            found.iter().any(|check| check.name == "disk commits" && check.found.contains("of 20 took")),
            "{found:?}"
        );
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 0);
        let missing = folder.path().join("data");
        assert_eq!(checks(&missing).await[0].verdict, Verdict::Unknown);
        assert!(!missing.exists());
    }
}
