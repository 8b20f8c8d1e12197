//! The embedded database: its file, its log and whether it is whole.

use super::check::{Case, Check};
use super::database::ask;
use super::wording::size;
use std::path::Path;
use store::Look;

/// A file that is larger is read whole only when that is asked for: it takes a second for some hundred MiB.
const READ_WHOLE: u64 = 1 << 30;
/// A log that is larger is kept from being copied into the database by somebody who reads for long.
const LOG_LARGE: u64 = 64 << 20;

pub(super) async fn checks(look: &Look, file: &Path, thorough: bool) -> Vec<Check> {
    vec![mode(look).await, log(file), damage(look, file, thorough).await]
}

/// How the file keeps its log. Whether commits are synced is nothing that can be read from it: each connection says so for itself.
async fn mode(look: &Look) -> Check {
    let name = "journal mode";
    let file = match ask(look.file()).await {
        Ok(Some(file)) => file,
        Ok(None) => return Check::unknown(name, "this is no file"),
        Err(why) => return Check::unknown(name, why),
    };
    let found = format!("{}, SQLite {}; servers have every commit synced", file.journal_mode, file.version);
    if file.journal_mode == "wal" {
        Check::ok(name, found)
    } else {
        let advice = "Something else has changed it; the server sets it to wal at its next start.";
        Check::warning(name, found, advice)
    }
}

fn size_of(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |file| file.len())
}

fn log(file: &Path) -> Check {
    let (name, log) = ("write-ahead log", size_of(&file.with_extension("db-wal")));
    let found = format!("{} beside {} of the database", size(log), size(size_of(file)));
    if log <= LOG_LARGE {
        return Check::ok(name, found);
    }
    let advice = "Somebody reads for long and keeps it from being copied into the database: a backup, or a program that has the \
        file open (`lsof` names it). End that one.";
    Check::warning(name, found, advice).case(Case::SlowResponses("a long reader"))
}

async fn damage(look: &Look, file: &Path, thorough: bool) -> Check {
    let (name, size_of_file) = ("integrity", size_of(file));
    if size_of_file > READ_WHOLE && !thorough {
        return Check::unknown(name, format!("it has {}; --thorough reads all of it", size(size_of_file)));
    }
    // Not within a time: it takes as long as the file is large.
    match look.damage().await {
        Ok(damage) if damage.is_empty() => Check::ok(name, "SQLite's quick check finds nothing wrong"),
        Ok(damage) => damaged(damage.join("; ")),
        Err(error) => damaged(error.to_string()),
    }
}

fn damaged(found: String) -> Check {
    let advice = "The file is damaged. Stop the server, put examhall.db, examhall.db-wal and examhall.db-shm aside together, and \
        restore a backup; `sqlite3 examhall.db .recover` may save more.";
    Check::problem("integrity", found, advice)
}
