//! A full disk, a disk that refuses to sync, and power cuts, on the embedded database.

use crate::hall::{EXAM, Engine, FIRST_START, Furnishing, Hall, Load, START, Setting};
use crate::{Chance, Disk, Doing, Error, Keeper, Outcome, Result, Shim, ask};
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Enough for a run, and filled in a moment.
const SIZE: u64 = 256 << 20;
const STILL: Duration = Duration::from_millis(20);
/// How long a full disk may go unnoticed: the log may have room that was allocated before.
const NOTICED: Duration = Duration::from_secs(30);
/// What SQLite says of it.
const FULL: &str = "disk is full";
/// How long a refusing disk is looked at.
const LOOK: Duration = Duration::from_millis(1_500);
/// Answers that were under way when the disk began to refuse.
const UNDER_WAY: Duration = Duration::from_millis(300);

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct DiskFaults {
    /// How often the disk is filled and freed; every other time the server is killed while it is full
    #[arg(long, default_value_t = 4)]
    pub fills: u64,
    /// How often syncs fail for a while; every other time the power is cut meanwhile
    #[arg(long, default_value_t = 4)]
    pub refusals: u64,
    /// How often the power is cut: kill -9, and of the database only what was synced is left
    #[arg(long, default_value_t = 20)]
    pub power_cuts: u64,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl DiskFaults {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let keeper = Keeper::new()?;
        let disk = Disk::mount(&keeper, SIZE)?;
        let shim = Shim::build(&keeper)?;
        let mut variables = shim.variables();
        variables.push(("CHAOS_KEPT", shim.kept().to_string_lossy().into_owned()));
        let furnishing = Furnishing { variables, data_dir: Some(disk.folder().join("data")), max_connections: 0 };
        let mut hall = Hall::open("disk", Engine::Sqlite, &self.setting, keeper, furnishing).await?;
        // What is there before the first sync is on the disk as well.
        hall.server.stop(FIRST_START).await?;
        copy_database(data(&hall)?, shim.kept())?;
        hall.server.start(START).await?;

        let (before, _) = shim.syncs()?;
        if self.power_cuts > 0 {
            let load = hall.load(&hall.server.address())?;
            for number in 1..=self.power_cuts {
                let chance = &mut Chance::at(self.setting.seed, 3, number);
                sleep(chance.between(Duration::from_millis(50), Duration::from_millis(600))).await;
                hall.outcome.fault("power cut");
                if !cut_power(&mut hall, &load, &shim, || Ok(())).await? {
                    break;
                }
            }
            hall.end(load).await?;
            hall.say("power cuts");
        }
        if self.refusals > 0 {
            let load = hall.load(&hall.server.address())?;
            for number in 1..=self.refusals {
                if !refuse_syncs(&mut hall, &load, &shim, number % 2 == 0).await? {
                    break;
                }
            }
            hall.end(load).await?;
            hall.say("failing syncs");
        }
        if self.fills > 0 {
            let newcomers = hall.sign_up("newcomer", 1).await?;
            let load = hall.load(&hall.server.address())?;
            for number in 1..=self.fills {
                let newcomer = newcomers.first().filter(|_| number == 1);
                if !fill(&mut hall, &load, &disk, (number % 2 == 0, newcomer)).await? {
                    break;
                }
            }
            hall.end(load).await?;
            hall.say("full disks");
        }
        let (syncs, failed) = shim.syncs()?;
        hall.outcome.counts.insert("syncs".into(), u64::try_from(syncs - before).unwrap_or(0));
        hall.outcome.counts.insert("syncs refused".into(), u64::try_from(failed).unwrap_or(0));
        hall.outcome.expect_back_within(self.setting.back_within());
        hall.close().await
    }
}

fn data(hall: &Hall) -> Result<&Path> {
    hall.sqlite_file()?.parent().ok_or_else(|| Error::new("the database is in no folder"))
}

/// Replaces the database in a folder by that in another.
fn copy_database(from: &Path, to: &Path) -> Result<()> {
    // The third file is a map of the second in memory, which a start makes anew.
    for name in ["examhall.db", "examhall.db-wal", "examhall.db-shm"] {
        let (source, target) = (from.join(name), to.join(name));
        match std::fs::remove_file(&target) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::new(format!("removing {}: {error}", target.display())));
            }
            _ => {}
        }
        if name != "examhall.db-shm" && source.exists() {
            std::fs::copy(&source, &target).doing(format!("copying {}", source.display()))?;
        }
    }
    Ok(())
}

/// Kills the server, leaves of its database what was synced, and starts it again.
async fn cut_power(hall: &mut Hall, load: &Load, shim: &Shim, meanwhile: impl FnOnce() -> Result<()>) -> Result<bool> {
    hall.server.kill().await?;
    let before = load.acknowledged_at_rest(STILL, START).await;
    copy_database(shim.kept(), data(hall)?)?;
    meanwhile()?;
    let from = Instant::now();
    let ready = hall.server.start(START).await?;
    hall.outcome.ready.add(ready);
    Ok(hall.recovers(load, before, from).await)
}

/// While no sync succeeds nothing may be acknowledged.
async fn refuse_syncs(hall: &mut Hall, load: &Load, shim: &Shim, cut: bool) -> Result<bool> {
    sleep(UNDER_WAY).await;
    shim.fail_syncs(true)?;
    hall.outcome.fault("failing syncs");
    sleep(UNDER_WAY).await;
    let (before, (_, failed)) = (load.acknowledged(), shim.syncs()?);
    sleep(LOOK).await;
    let (after, (_, failed_since)) = (load.acknowledged(), shim.syncs()?);
    if after > before {
        hall.outcome.find(format!("{} operations were acknowledged while no sync succeeded", after - before));
        hall.outcome.lost += after - before;
    }
    if failed_since == failed && failed == 0 {
        hall.outcome.find("the server asked for no sync");
    }
    if cut {
        hall.outcome.fault("power cut");
        if !hall.server.is_running()? {
            return Err(Error::new(format!("the server ended when syncs failed: {}", hall.server.last_words())));
        }
        return cut_power(hall, load, shim, || shim.fail_syncs(false)).await;
    }
    shim.fail_syncs(false)?;
    let from = Instant::now();
    if !hall.server.is_running()? {
        hall.outcome.fault("ended itself when syncs failed");
        hall.server.start(START).await?;
    }
    recovers_or_restart(hall, load, after, from).await
}

/// A full disk is told, reading goes on, and space is all that is needed to go on writing.
async fn fill(hall: &mut Hall, load: &Load, disk: &Disk, (kill, newcomer): (bool, Option<&String>)) -> Result<bool> {
    // The log keeps the space it has had. A stop in order gives it back, so that the next saves need some of the disk.
    hall.server.stop(FIRST_START).await?;
    let before = load.acknowledged();
    hall.server.start(START).await?;
    if load.acknowledged_after(before, START).await.is_none() {
        return Ok(false);
    }
    sleep(UNDER_WAY).await;
    let (from, told_before) = (Instant::now(), told(hall)?);
    disk.fill()?;
    hall.outcome.fault("full disk");
    while told(hall)? <= told_before {
        if from.elapsed() > NOTICED {
            hall.outcome.find("the server's log does not say that the disk is full");
            break;
        }
        sleep(STILL).await;
    }
    longest(hall, "longest ms until a full disk was told", from.elapsed());
    sleep(LOOK).await;
    let from = Instant::now();
    refuses_clearly(hall).await;
    longest(hall, "longest ms until a sign-up was refused", from.elapsed());
    let exams = ask(&hall.server.address(), "GET", "/", None, None, START).await;
    match exams.map(|answer| answer.status) {
        Ok(status) if status < 400 => {}
        Ok(status) => hall.outcome.find(format!("with a full disk a page that only reads said {status}")),
        Err(error) => hall.outcome.find(format!("with a full disk a page that only reads: {error}")),
    }
    if let Some(token) = newcomer {
        tells_of_starts(hall, token).await;
    }
    if !hall.server.is_running()? {
        return Err(Error::new(format!("the server ended when the disk was full: {}", hall.server.last_words())));
    }
    if kill {
        hall.outcome.fault("kill -9 with a full disk");
        hall.server.kill().await?;
    }
    let before = load.acknowledged_at_rest(STILL, Duration::from_secs(1)).await;
    disk.free()?;
    let from = Instant::now();
    if kill {
        let ready = hall.server.start(START).await?;
        hall.outcome.ready.add(ready);
    }
    recovers_or_restart(hall, load, before, from).await
}

/// How often the server's log has told of a full disk.
fn told(hall: &Hall) -> Result<usize> {
    let log = std::fs::read(hall.server.log()).doing("reading the server's log")?;
    Ok(String::from_utf8_lossy(&log).matches(FULL).count())
}

fn longest(hall: &mut Hall, name: &str, time: Duration) {
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let known = hall.outcome.counts.entry(name.to_owned()).or_default();
    *known = ms.max(*known);
}

/// Who only wants to start is no answer that waits: it is told all the same, so that a hall hears of it before it sits.
async fn tells_of_starts(hall: &mut Hall, token: &str) {
    let (from, address) = (Instant::now(), hall.server.address());
    let path = format!("/api/v1/exams/{EXAM}/attempts");
    loop {
        // Whether it is refused, and how, is looked at by what is said of it.
        let _ = ask(&address, "POST", &path, Some(token), Some(&serde_json::json!({})), START).await;
        let figures = ask(&address, "GET", "/metrics", None, None, START).await.map(|answer| answer.bytes());
        if figures.is_ok_and(|body| String::from_utf8_lossy(&body).contains("examhall_takes_starts 0")) {
            break;
        }
        if from.elapsed() > NOTICED {
            hall.outcome.find("with a full disk no figure says that attempts cannot be started");
            break;
        }
        sleep(LOOK).await;
    }
    longest(hall, "longest ms until refused starts were told", from.elapsed());
}

/// Somebody who wants something written is told to come back, not that the server is broken.
async fn refuses_clearly(hall: &mut Hall) {
    let body = serde_json::json!({"email": "full@example.org", "name": "Full", "password": "correct horse battery"});
    let answer = ask(&hall.server.address(), "POST", "/api/v1/accounts", None, Some(&body), START).await;
    match answer.map(|answer| (answer.status, answer.json()["code"].as_str().map(ToOwned::to_owned))) {
        // There may be room for one account, or there was the last time.
        Ok((201 | 409, _)) | Ok((503 | 507, Some(_))) => {}
        Ok((status, code)) => hall.outcome.find(format!("with a full disk a sign-up was answered {status} {code:?}")),
        Err(error) => hall.outcome.find(format!("with a full disk a sign-up was not answered: {error}")),
    }
}

/// When the server does not come back by itself, which is a finding, it is started anew, so that what was promised before can
/// be looked up.
async fn recovers_or_restart(hall: &mut Hall, load: &Load, before: u64, from: Instant) -> Result<bool> {
    if hall.recovers(load, before, from).await {
        return Ok(true);
    }
    hall.server.kill().await?;
    hall.server.start(START).await?;
    Ok(load.acknowledged_after(before, START).await.is_some())
}
