//! PostgreSQL: whether it keeps what it commits, whether the pools of all servers fit, and what its connections do.

use super::check::{Case, Check};
use super::database::ask;
use super::disk;
use super::wording::time;
use crate::config::Config;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::{Activity, Limits, Look, Server};
use tokio::time::sleep;

/// The oldest version whose connections notice that a request was given up.
const OLDEST: i64 = 140_000;
/// The name by which servers go.
const SERVERS: &str = "examhall";
/// Connections for people, backups and monitoring, which are there when servers have theirs.
const FOR_OTHERS: i64 = 10;
/// How many commits are tried.
const COMMITS: usize = 20;
/// A commit that takes longer is felt in every save.
const COMMIT_SLOW: Duration = Duration::from_millis(10);
/// A transaction in which nothing has been asked for so long was forgotten.
const FORGOTTEN_MS: i64 = 5_000;
/// So many statements at once keep any machine busy.
const MANY_ACTIVE: usize = 32;
/// What to do when a connection is not set as it asked to be.
const IGNORED: &str = "Something between server and PostgreSQL ignores what connections ask for: have a pooler use session mode and pass \
    options on, or name PostgreSQL's own address in DATABASE_URL.";
/// How long a look at locks takes: what waits at its beginning and at its end waits for long.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

pub(super) async fn checks(look: &Look, config: &Config) -> Vec<Check> {
    let mut checks = Vec::new();
    let (server, limits) = match ask(async { Ok((look.server().await?, look.limits().await?)) }).await {
        Ok(both) => both,
        Err(why) => return vec![Check::unknown("PostgreSQL", why)],
    };
    checks.extend([version(&server), durability(&server), timeouts(&server, config), standbys(&server, &limits)]);
    checks.push(commits(look).await);
    match activity(look).await {
        Ok(Seen { first, second, now }) => {
            checks.push(pools(&server, &limits, &second, config));
            checks.push(states(&second, now));
            checks.push(locks(&first, &second));
        }
        Err(why) => checks.push(Check::unknown("connections", why)),
    }
    checks
}

/// What connections do, at two moments.
struct Seen {
    first: Vec<Activity>,
    second: Vec<Activity>,
    /// The database's time at the second, in milliseconds.
    now: i64,
}

async fn activity(look: &Look) -> Result<Seen, String> {
    let first = ask(look.activity()).await?;
    // Whoever waits for nobody for long is not worth a second look.
    let second = if first.iter().any(|one| one.waits_for_lock) {
        sleep(BETWEEN_LOOKS).await;
        ask(look.activity()).await?
    } else {
        first.clone()
    };
    let now = ask(look.database_time()).await?.map_or(0, |now| now.0);
    Ok(Seen { first, second, now })
}

fn version(server: &Server) -> Check {
    let (name, version) = ("version", server.setting("server_version").unwrap_or("unknown"));
    if server.number("server_version_num") >= OLDEST {
        return Check::ok(name, format!("PostgreSQL {version}"));
    }
    let advice = "Version 14 and later end a statement within a second when its request was given up.";
    Check::warning(name, format!("PostgreSQL {version}"), advice)
}

/// What PostgreSQL does by itself is as its settings say. Whether a commit waits for the disk, connections say themselves, this one like
/// those of servers; what it shows is whether PostgreSQL was told.
fn durability(server: &Server) -> Check {
    let name = "durability";
    let of = |setting| server.setting(setting).unwrap_or("unknown");
    let settings = ["fsync", "full_page_writes"];
    let found = settings.map(|setting| format!("{setting}={}", of(setting))).join(", ");
    if let Some(off) = settings.into_iter().find(|setting| of(setting) == "off") {
        let advice =
            "An answer that was acknowledged may be lost with the power. In postgresql.conf; then reload PostgreSQL.";
        return Check::problem(name, found, advice).set(off, "on");
    }
    match of("synchronous_commit") {
        "on" => Check::ok(name, format!("{found}, synchronous_commit=on as connections set it themselves")),
        "off" => {
            let found = format!("{found}, synchronous_commit=off though connections ask for on");
            Check::problem(
                name,
                found,
                format!("An answer that was acknowledged may be lost with the power. {IGNORED}"),
            )
        }
        other => {
            Check::warning(name, format!("{found}, synchronous_commit={other} though connections ask for on"), IGNORED)
        }
    }
}

fn timeouts(server: &Server, config: &Config) -> Check {
    let name = "statement timeout";
    let (set, wanted) = (server.number("statement_timeout"), config.db_statement_timeout.as_millis());
    if u128::try_from(set).is_ok_and(|set| set == wanted) {
        return Check::ok(name, format!("{} s, as DB_STATEMENT_TIMEOUT says", config.db_statement_timeout.as_secs()));
    }
    let found = format!("{set} ms, though connections ask for {wanted} ms");
    Check::warning(name, found, IGNORED)
}

fn standbys(server: &Server, limits: &Limits) -> Check {
    let (name, wanted) = ("standbys", server.setting("synchronous_standby_names").unwrap_or_default());
    if limits.is_standby {
        let found = "this PostgreSQL is a standby and takes no writes";
        return Check::problem(name, found, "Name the primary in DATABASE_URL, or promote this one.");
    }
    let Limits { standbys, synchronous, .. } = limits;
    if wanted.is_empty() {
        return Check::ok(name, format!("commits wait for none; {standbys} connected"));
    }
    let found =
        format!("synchronous_standby_names={wanted}; {standbys} standbys connected, {synchronous} of them synchronous");
    if *synchronous > 0 {
        Check::ok(name, found)
    } else if *standbys > 0 {
        let advice = "If this role may not see what they do, grant it pg_monitor; else every commit waits for ever.";
        Check::warning(name, found, advice)
    } else {
        let advice = "Every commit waits for a standby that is not there. Start it, or take it out of the list and reload PostgreSQL.";
        Check::problem(name, found, advice)
            .set("synchronous_standby_names", "''")
            .case(Case::SlowResponses("commit time"))
    }
}

async fn commits(look: &Look) -> Check {
    let name = "commits";
    // It has a patience of its own.
    let took = match look.commits(COMMITS).await {
        Ok(took) => took,
        Err(error @ store::Error::TooSlow(_)) => {
            let advice =
                "Saves are not acknowledged until theirs do: is a synchronous standby away, or the disk full or busy?";
            return Check::problem(name, error.to_string(), advice).case(Case::SlowResponses("commit time"));
        }
        Err(error) => return Check::unknown(name, error),
    };
    let (median, found) = disk::in_words(&took);
    if median <= COMMIT_SLOW {
        return Check::ok(name, found);
    }
    let advice = "Every save waits for one. Look at the disk of PostgreSQL's log (pg_wal), at wal_sync_method, and at the way to a \
        synchronous standby.";
    Check::warning(name, found, advice).case(Case::SlowResponses("commit time"))
}

/// How many connections servers may have together, and what sets that limit.
fn most(server: &Server, limits: &Limits) -> (i64, &'static str) {
    let reserved = server.reserved();
    let all = [
        (reserved.all - reserved.kept, "max_connections"),
        (limits.of_role, "the limit of this role"),
        (limits.of_database, "the limit of this database"),
    ];
    all.into_iter().filter(|(most, _)| *most >= 0).min_by_key(|(most, _)| *most).unwrap_or((0, "max_connections"))
}

/// Whether the pools of all servers fit into what PostgreSQL gives.
fn pools(server: &Server, limits: &Limits, activity: &[Activity], config: &Config) -> Check {
    let (name, (most, limit)) = ("connections", most(server, limits));
    let is_server = |one: &&Activity| one.is_ours && one.application == SERVERS;
    let nodes: BTreeSet<&str> = activity.iter().filter(is_server).map(|one| one.client.as_str()).collect();
    let used = i64::try_from(activity.len()).unwrap_or(i64::MAX);
    let by_servers = i64::try_from(activity.iter().filter(is_server).count()).unwrap_or(i64::MAX);
    let others = used - by_servers;
    let pool = i64::from(config.db_pool_max);
    // Two servers on one machine come from one address; together they may have more than one of them could.
    let nodes = i64::try_from(nodes.len()).unwrap_or(i64::MAX).max((by_servers + pool - 1) / pool).max(1);
    let fit = (most - others).max(0) / pool;
    // While a process hands over, the pools of both are open. With MAX_REQUESTS that happens by itself, also in the middle of an exam.
    let (together, both) = (nodes * pool, 2 * nodes * pool);
    let fits_both =
        if both + others > most { ", which are more than there are (hand over while few are in use)" } else { "" };
    let found = format!(
        "in use: {used} of the {most} that {limit} leaves, {others} of them not by servers; servers: {nodes} of \
         DB_POOL_MAX={pool}, together {together}, and up to {both} while they hand over{fits_both}; so many would fit: {fit}"
    );
    let hands_over = config.max_requests > 0;
    let (wanted, times, why) = if hands_over {
        (both, 2, "MAX_REQUESTS has servers hand over, for which both pools must fit. ")
    } else {
        (together, 1, "")
    };
    let room = (most - others.max(FOR_OTHERS)) / nodes / times;
    let advice = format!(
        "{why}On each server; or raise {limit} to {} and restart PostgreSQL. Whoever connects beyond that is refused.",
        wanted + others.max(FOR_OTHERS) + server.reserved().kept
    );
    let check = if together + others > most {
        Check::problem(name, found, advice).set("DB_POOL_MAX", room.max(1))
    } else if wanted + FOR_OTHERS.max(others) > most || used * 10 > most * 9 {
        Check::warning(name, found, advice).set("DB_POOL_MAX", room.max(1))
    } else {
        Check::ok(name, found)
    };
    check.case(Case::TooManyConnections)
}

fn states(activity: &[Activity], now: i64) -> Check {
    let name = "states of connections";
    let mut by_state = BTreeMap::<&str, usize>::new();
    for one in activity.iter().filter(|one| one.is_ours) {
        *by_state.entry(if one.state.is_empty() { "not shown to this role" } else { &one.state }).or_default() += 1;
    }
    let counts: Vec<String> = by_state.iter().map(|(state, count)| format!("{count} {state}")).collect();
    let found = if counts.is_empty() { "none but this one".into() } else { counts.join(", ") };
    let since = |one: &Activity| now.saturating_sub(one.state_since.unwrap_or(now));
    let forgotten = activity.iter().filter(|one| one.is_ours && one.state.starts_with("idle in transaction"));
    if let Some(worst) = forgotten.max_by_key(|one| since(one)).filter(|one| since(one) > FORGOTTEN_MS) {
        let found =
            format!("{found}; {} has done nothing in its transaction for {}", named(worst), in_seconds(since(worst)));
        let advice =
            format!("It keeps its locks meanwhile. End that program, or: SELECT pg_terminate_backend({});", worst.pid);
        return Check::warning(name, found, advice).case(Case::SlowResponses("idle transactions"));
    }
    let active = by_state.get("active").copied().unwrap_or(0);
    if active >= MANY_ACTIVE {
        let advice = "The database is busy: see its processors, and which statements run for long (docs/operations.md). More \
            connections make it slower.";
        return Check::warning(name, found, advice).case(Case::SlowResponses("busy database"));
    }
    Check::ok(name, found)
}

/// Who has waited for a lock the whole time, and for whom.
fn locks(first: &[Activity], second: &[Activity]) -> Check {
    let name = "locks";
    let waited = |one: &&Activity| {
        one.is_ours && one.waits_for_lock && first.iter().any(|before| before.pid == one.pid && before.waits_for_lock)
    };
    let waiting: Vec<&Activity> = second.iter().filter(waited).collect();
    let Some(longest) = waiting.first() else { return Check::ok(name, "nobody waits for one for long") };
    let found = format!("{} connections have waited for one for more than {}", waiting.len(), time(BETWEEN_LOOKS));
    let slow = |check: Check| check.case(Case::SlowResponses("locks"));
    let blocker = longest.blocked_by.and_then(|pid| second.iter().find(|one| one.pid == pid));
    let Some(blocker) = blocker else {
        return slow(Check::warning(name, found, "See pg_locks for who holds it."));
    };
    let found = format!("{found}; {} keeps them waiting ({})", named(blocker), blocker.state);
    let advice = format!("End that program, or: SELECT pg_terminate_backend({});", blocker.pid);
    slow(if blocker.state == "active" {
        Check::warning(name, found, advice)
    } else {
        // It may be so for ever.
        Check::problem(name, found, advice)
    })
}

fn named(one: &Activity) -> String {
    let application = if one.application.is_empty() { "a program without a name" } else { &one.application };
    let client = if one.client.is_empty() { "this machine" } else { &one.client };
    format!("{application} from {client}, process {}", one.pid)
}

fn in_seconds(ms: i64) -> String {
    time(Duration::from_millis(u64::try_from(ms).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::super::check::Verdict;
    use super::*;

    fn one(pid: i64, state: &str) -> Activity {
        Activity {
            pid,
            application: SERVERS.into(),
            client: "10.0.0.1".into(),
            state: state.into(),
            is_ours: true,
            waits_for_lock: false,
            blocked_by: None,
            transaction_since: None,
            state_since: Some(0),
        }
    }

    const NO_LIMITS: Limits = Limits { of_role: -1, of_database: -1, is_standby: false, standbys: 0, synchronous: 0 };

    fn server(settings: &[(&str, &str)]) -> Server {
        let limits = [("max_connections", "100"), ("superuser_reserved_connections", "3")];
        limits.iter().chain(settings).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn pooled(activity: &[Activity], limits: &Limits, pool: u32) -> (Verdict, String) {
        let config = Config { db_pool_max: pool, ..Config::default() };
        let check = pools(&server(&[]), limits, activity, &config);
        (check.verdict, check.change.map(|change| change.value).unwrap_or_default())
    }

    #[test]
    fn too_many_connections_are_found_before_they_are_there() {
        assert_eq!(pooled(&[], &NO_LIMITS, 50).0, Verdict::Ok);
        assert_eq!(pooled(&[], &NO_LIMITS, 90), (Verdict::Warning, "87".into()), "people and backups want some");
        assert_eq!(pooled(&[], &NO_LIMITS, 120), (Verdict::Problem, "87".into()));
        let two = [one(1, "idle"), Activity { client: "10.0.0.2".into(), ..one(2, "idle") }];
        assert_eq!(pooled(&two, &NO_LIMITS, 50), (Verdict::Problem, "43".into()), "two servers of fifty");
        let others: Vec<Activity> =
            (1..60).map(|pid| Activity { application: "psql".into(), ..one(pid, "idle") }).collect();
        assert_eq!(
            pooled(&vec![one(1, "idle"); 30], &NO_LIMITS, 20),
            (Verdict::Ok, String::new()),
            "two on one machine"
        );
        assert_eq!(pooled(&vec![one(1, "idle"); 51], &NO_LIMITS, 50), (Verdict::Problem, "43".into()));
        assert_eq!(pooled(&others, &NO_LIMITS, 50), (Verdict::Problem, "38".into()), "others have theirs");
        assert_eq!(pooled(&[], &Limits { of_role: 20, ..NO_LIMITS }, 50), (Verdict::Problem, "10".into()));
        assert_eq!(pooled(&[], &Limits { of_database: 30, ..NO_LIMITS }, 50), (Verdict::Problem, "20".into()));
    }

    #[test]
    fn both_pools_of_a_server_that_hands_over_are_to_fit() {
        let checked = |pool, max_requests| {
            let config = Config { db_pool_max: pool, max_requests, ..Config::default() };
            pools(&server(&[]), &NO_LIMITS, &[], &config)
        };
        let by_itself = checked(50, 10_000);
        assert_eq!(
            (by_itself.verdict, by_itself.change.map(|change| change.value)),
            (Verdict::Warning, Some("43".into()))
        );
        assert!(by_itself.remedy.is_some_and(|remedy| remedy.contains("MAX_REQUESTS")));
        assert_eq!(checked(40, 10_000).verdict, Verdict::Ok, "as the manual says");
        let by_hand = checked(50, 0);
        assert_eq!(by_hand.verdict, Verdict::Ok, "when nobody sits an exam");
        assert!(
            by_hand.found.contains("up to 100 while they hand over, which are more than there are"),
            "{}",
            by_hand.found
        );
        assert!(!checked(40, 0).found.contains("more than there are"));
    }

    #[test]
    fn what_postgresql_does_not_keep_is_a_problem() {
        let safe = [("fsync", "on"), ("full_page_writes", "on"), ("synchronous_commit", "on")];
        assert_eq!(durability(&server(&safe)).verdict, Verdict::Ok);
        for (at, name) in ["fsync", "full_page_writes"].into_iter().enumerate() {
            let mut settings = safe;
            settings[at].1 = "off";
            let check = durability(&server(&settings));
            assert_eq!((check.verdict, check.change.map(|change| change.name)), (Verdict::Problem, Some(name)));
        }
        // Connections ask for it: what is shown here is that nobody listened.
        for (shown, verdict) in [("off", Verdict::Problem), ("local", Verdict::Warning)] {
            let check = durability(&server(&[safe[0], safe[1], ("synchronous_commit", shown)]));
            assert_eq!((check.verdict, check.change), (verdict, None), "{shown}");
            assert!(check.remedy.is_some_and(|remedy| remedy.contains("pooler")), "{shown}");
        }
        assert_eq!(timeouts(&server(&[("statement_timeout", "30000")]), &Config::default()).verdict, Verdict::Ok);
        assert_eq!(timeouts(&server(&[("statement_timeout", "0")]), &Config::default()).verdict, Verdict::Warning);
        assert_eq!(version(&server(&[("server_version_num", "130012")])).verdict, Verdict::Warning);
    }

    #[test]
    fn a_standby_that_is_awaited_and_away_is_a_problem() {
        let wants = server(&[("synchronous_standby_names", "b")]);
        assert_eq!(standbys(&server(&[]), &NO_LIMITS).verdict, Verdict::Ok);
        assert_eq!(standbys(&wants, &NO_LIMITS).verdict, Verdict::Problem);
        assert_eq!(standbys(&wants, &Limits { standbys: 1, ..NO_LIMITS }).verdict, Verdict::Warning);
        assert_eq!(standbys(&wants, &Limits { standbys: 1, synchronous: 1, ..NO_LIMITS }).verdict, Verdict::Ok);
        assert_eq!(standbys(&server(&[]), &Limits { is_standby: true, ..NO_LIMITS }).verdict, Verdict::Problem);
    }

    #[test]
    fn a_forgotten_transaction_and_a_busy_database_make_slow_responses() {
        let verdict = |activity: &[Activity], now| states(activity, now).verdict;
        assert_eq!(verdict(&[one(1, "idle in transaction")], 1_000), Verdict::Ok);
        assert_eq!(verdict(&[one(1, "idle in transaction")], 6_000), Verdict::Warning);
        assert_eq!(verdict(&[one(1, "idle")], 6_000_000), Verdict::Ok);
        assert_eq!(verdict(&vec![one(1, "active"); MANY_ACTIVE], 0), Verdict::Warning);
    }

    #[test]
    fn who_waits_for_a_lock_at_both_looks_is_told_with_who_holds_it() {
        let waits = Activity { waits_for_lock: true, blocked_by: Some(7), ..one(1, "active") };
        let holds = |state| [waits.clone(), one(7, state)];
        assert_eq!(locks(&[], &holds("active")).verdict, Verdict::Ok, "it has just begun");
        assert_eq!(locks(&holds("active"), &holds("active")).verdict, Verdict::Warning);
        let forgotten = locks(&holds("active"), &holds("idle in transaction"));
        assert_eq!(
            (forgotten.verdict, forgotten.cases.as_slice()),
            (Verdict::Problem, [Case::SlowResponses("locks")].as_slice())
        );
        assert!(forgotten.remedy.expect("it has one").contains("pg_terminate_backend(7)"));
    }
}
