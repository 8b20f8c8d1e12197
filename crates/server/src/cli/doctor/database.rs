//! The database, on either engine: whether it answers, how quickly, its schema, its indexes and its clock.

use super::check::{Case, Check};
use super::wording::time;
use super::{postgres, sqlite};
use crate::clock::SystemClock;
use crate::clocks;
use crate::config::Config;
use exam::time::Clock as _;
use std::time::Duration;
use store::{Address, Look, NotLooked, Schema};
use tokio::time::timeout;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a database is waited for that does not answer.
const CONNECT: Duration = Duration::from_secs(5);
/// A database that is further away is felt in every page.
const FAR: Duration = Duration::from_millis(10);

/// Asks a database and does not wait for ever.
pub(super) async fn ask<T>(question: impl Future<Output = store::Result<T>>) -> Result<T, String> {
    match timeout(PATIENCE, question).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
    }
}

pub(super) async fn checks(config: &Config, thorough: bool) -> Vec<Check> {
    let options = config.store_options();
    let options = store::Options { connect_timeout: options.connect_timeout.min(CONNECT), ..options };
    let address = config.address();
    let look = match Look::open(&address, &options).await {
        Ok(look) => look,
        Err(why) => return vec![not_looked(&why, config)],
    };
    let mut checks = vec![answers(&look, config).await];
    let schema = ask(look.schema()).await;
    let is_current = matches!(schema, Ok(Schema::Current(_)));
    checks.push(schema_check(schema));
    if is_current {
        checks.extend([indexes(&look).await, demo(&look).await]);
    } else {
        checks.push(Check::unknown("indexes", "the schema is not this program's"));
    }
    match address {
        Address::Sqlite(file) => checks.extend(sqlite::checks(&look, &file, thorough).await),
        Address::Postgres(_) => {
            checks.push(clock(&look).await);
            checks.extend(postgres::checks(&look, config).await);
        }
    }
    // One that hangs would keep everybody from reading what was found.
    let _ = timeout(CONNECT, look.close()).await;
    checks
}

fn not_looked(why: &NotLooked, config: &Config) -> Check {
    let (name, database) = ("database", config.database_name());
    match why {
        NotLooked::Missing(file) => {
            let why = format!(
                "there is no {} yet; `examhall serve` makes it, or DATA_DIR names the server's own",
                file.display()
            );
            Check::unknown(name, why)
        }
        NotLooked::TooManyConnections(why) => {
            let advice = "All connections that PostgreSQL gives to this role, this database or everybody are taken. Lower DB_POOL_MAX on \
                each server so that all of them together fit, or raise max_connections, or the limit that is named, and restart \
                PostgreSQL.";
            let check = Check::problem(name, format!("{database}: {why}"), advice);
            check.set("DB_POOL_MAX", (config.db_pool_max / 2).max(1)).case(Case::TooManyConnections)
        }
        NotLooked::Failed(error) => {
            let advice = "Nothing can be saved without it. Is it running, and reachable from this machine?";
            let variable = if config.database_url.is_some() { "DATABASE_URL" } else { "DATA_DIR" };
            Check::problem(name, format!("{database}: {error}"), format!("{advice} See {variable}."))
        }
    }
}

async fn answers(look: &Look, config: &Config) -> Check {
    let name = "database";
    let took = match ask(look.round_trip()).await {
        Ok(took) => took,
        Err(why) => {
            let advice = "It takes connections but does not answer: see its own log, and whether its disk is full.";
            return Check::problem(name, format!("{}: {why}", config.database_name()), advice);
        }
    };
    let found = format!("{} answers in {}", config.database_name(), time(took));
    if took < FAR {
        return Check::ok(name, found);
    }
    let advice = "Every page asks it several times. Move server and database closer together, into one data centre; or is the \
        database's machine busy?";
    Check::warning(name, found, advice).case(Case::SlowResponses("database round trip"))
}

fn schema_check(schema: Result<Schema, String>) -> Check {
    let name = "schema";
    match schema {
        Err(why) => Check::problem(name, why, "The database answers, but not to this."),
        Ok(Schema::Current(step)) => Check::ok(name, format!("up to date, at step {step}")),
        Ok(Schema::Missing) => {
            Check::unknown(name, "there is none yet; `examhall migrate`, or the first start, makes it")
        }
        Ok(Schema::Older { has, wants }) => {
            let found = format!("at step {has}, this program wants {wants}");
            Check::warning(name, found, "The next start brings it up to date; `examhall migrate` does it before.")
        }
        Ok(Schema::Newer { has, knows }) => {
            let found = format!("at step {has}, this program knows {knows}");
            Check::problem(
                name,
                found,
                "It is of a later version of Examhall, and this one does not start on it. Start that one.",
            )
        }
        Ok(Schema::Other(step)) => {
            let found = format!("step {step} is another one than this program's, or was not finished");
            Check::problem(name, found, "It is of another version, or somebody has changed it. Restore a backup.")
        }
    }
}

async fn indexes(look: &Look) -> Check {
    let name = "indexes";
    let (missing, others) = match ask(async { Ok((look.missing_indexes().await?, look.other_indexes().await?)) }).await
    {
        Ok(found) => found,
        Err(why) => return Check::unknown(name, why),
    };
    if missing.is_empty() {
        let others = if others.is_empty() { String::new() } else { format!("; beside them: {}", others.join(", ")) };
        return Check::ok(name, format!("all {} are there and in use{others}", look.indexes_expected()));
    }
    let lost: Vec<String> = missing.iter().map(|index| format!("{} ({})", index.table, index.columns)).collect();
    let statements: Vec<String> = missing.iter().map(store::Index::statement).collect();
    let advice = format!("Make it again, while nobody sits an exam: {};", statements.join("; "));
    let found = format!("missing, or not valid: {}", lost.join(", "));
    Check::problem(name, found, advice).case(Case::SlowResponses("missing index"))
}

async fn demo(look: &Look) -> Check {
    let name = "demo";
    match ask(look.demo_accounts()).await {
        Err(why) => Check::unknown(name, why),
        Ok(0) => Check::ok(name, "no demo accounts"),
        Ok(accounts) => {
            let found = format!("{accounts} demo accounts, and the demo's exams, which everybody sees");
            let advice = "Demo accounts cannot sign in to a server that runs without --demo. Hold real exams on a database of their own.";
            Check::warning(name, found, advice)
        }
    }
}

async fn clock(look: &Look) -> Check {
    let (name, before) = ("clocks", SystemClock.now());
    let theirs = match ask(look.database_time()).await {
        Ok(Some(theirs)) => theirs,
        Ok(None) => return Check::ok(name, "the database has none of its own"),
        Err(why) => return Check::unknown(name, why),
    };
    match clocks::apart(before, theirs, SystemClock.now()) {
        0 => Check::ok(name, "this machine's and the database's agree to within 250 ms"),
        apart => {
            let found = format!("this machine's and the database's differ by {} ms", apart.unsigned_abs());
            let advice = "Starts, saves and submits are refused above 250 ms. Run NTP on both machines, then restart the server.";
            Check::problem(name, found, advice)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::Verdict;
    use super::*;

    #[test]
    fn a_schema_that_this_program_cannot_use_is_a_problem() {
        let verdict = |schema| schema_check(Ok(schema)).verdict;
        assert_eq!(verdict(Schema::Current(3)), Verdict::Ok);
        assert_eq!(verdict(Schema::Missing), Verdict::Unknown);
        assert_eq!(verdict(Schema::Older { has: 1, wants: 3 }), Verdict::Warning);
        assert_eq!(verdict(Schema::Newer { has: 4, knows: 3 }), Verdict::Problem);
        assert_eq!(verdict(Schema::Other(2)), Verdict::Problem);
    }
}
