//! The running server: whether it answers, whether it is ready, and what its figures say.

use super::check::{Case, Check};
use super::figures::{Figures, Pair};
use super::load;
use super::wording::time;
use crate::config::Config;
use rehearse::plan::Target;
use rehearse::probe::{Answered, get};
use std::time::Duration;
use tokio::time::sleep;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// An answer of a probe that takes longer means that nothing is quick.
pub(super) const LATE: Duration = Duration::from_millis(200);
/// Between two looks at the figures.
const BETWEEN: Duration = Duration::from_secs(1);

pub(super) async fn checks(target: &Target, config: &Config) -> Vec<Check> {
    let alive = match get(target, "/healthz", None, PATIENCE).await {
        Ok(answered) => answered,
        Err(why) => {
            let why = format!("{target} does not answer ({why}); it is not running, or give its address with --url");
            return vec![Check::unknown("server", why)];
        }
    };
    if alive.status != 200 || !alive.body.contains("\"status\"") {
        let found = format!("{target} answers with status {}: that is no Examhall server", alive.status);
        let advice = "Another program has the port: choose another PORT, or correct --url.";
        return vec![Check::problem("server", found, advice)];
    }
    let mut checks = vec![answers(target, &alive), ready(get(target, "/readyz", None, PATIENCE).await, config)];
    match two_looks(target, config).await {
        Ok(pair) => checks.extend(load::checks(&pair, config)),
        Err(why) => checks.push(Check::unknown("figures", why)),
    }
    checks
}

fn answers(target: &Target, alive: &Answered) -> Check {
    let (name, found) = ("server", format!("{target} answers in {}", time(alive.took)));
    if alive.took < LATE {
        return Check::ok(name, found);
    }
    let advice = "It does nothing for that answer: its processors are full, or the machine is.";
    Check::warning(name, found, advice).case(Case::SlowResponses("processor"))
}

fn ready(answer: Result<Answered, String>, config: &Config) -> Check {
    let name = "ready";
    let ours = if config.database_url.is_some() { "postgres" } else { "sqlite" };
    match answer {
        Err(why) => Check::problem(name, format!("/readyz: {why}"), "The database hangs: see the checks of it."),
        Ok(answer) if answer.status == 200 => {
            let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
            let found = format!("/readyz says so in {}", time(answer.took));
            match body["database"].as_str() {
                Some(theirs) if theirs != ours => {
                    let found = format!("{found}; that server is on {theirs}, and these settings name {ours}");
                    Check::warning(
                        name,
                        found,
                        "Give this command the variables, the file and the folder of the server.",
                    )
                }
                _ => Check::ok(name, found),
            }
        }
        Ok(answer) => {
            let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap_or_default();
            let reasons = body["reasons"].as_array().cloned().unwrap_or_default();
            let reasons: Vec<&str> = reasons.iter().filter_map(serde_json::Value::as_str).collect();
            let found = format!("/readyz says {}: {}", answer.status, reasons.join("; "));
            Check::problem(name, found, "See \"Not ready\" in docs/operations.md.")
        }
    }
}

async fn two_looks(target: &Target, config: &Config) -> Result<Pair, String> {
    let before = look(target, config).await?;
    sleep(BETWEEN).await;
    Ok(Pair { before, after: look(target, config).await? })
}

async fn look(target: &Target, config: &Config) -> Result<Figures, String> {
    let token = config.metrics_token.as_ref().map(crate::config::MetricsToken::secret);
    let answer = get(target, "/metrics", token, PATIENCE).await?;
    match answer.status {
        200 => Ok(Figures::read(&answer.body)),
        401 | 403 | 404 => Err(format!(
            "/metrics answers with status {}; ask on the server's own machine, or with its METRICS_TOKEN",
            answer.status
        )),
        status => Err(format!("/metrics answers with status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::Verdict;
    use super::*;

    #[test]
    fn a_server_that_is_not_ready_says_why() {
        let answer = |status, body: &str| Ok(Answered { status, body: body.into(), took: Duration::from_millis(2) });
        let ready = |answer| ready(answer, &Config::default());
        assert_eq!(ready(answer(200, r#"{"status": "ready", "database": "sqlite"}"#)).verdict, Verdict::Ok);
        assert_eq!(ready(answer(200, r#"{"status": "ready", "database": "postgres"}"#)).verdict, Verdict::Warning);
        let not = ready(answer(503, r#"{"status": "not ready", "reasons": ["the database does not answer"]}"#));
        assert_eq!(not.verdict, Verdict::Problem);
        assert!(not.found.contains("503: the database does not answer"), "{}", not.found);
        assert_eq!(ready(Err("no answer in time".into())).verdict, Verdict::Problem);
    }
}
