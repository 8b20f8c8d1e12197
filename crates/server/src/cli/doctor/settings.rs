//! Settings that are allowed but risky.

use super::check::{Case, Check};
use crate::config::{Config, LogLevel, Place, SignUp};
use std::net::IpAddr;
use std::time::Duration;

/// The least time that a connection should be kept for somebody who thinks.
const THINKING: Duration = Duration::from_secs(20);
/// How long the proxies of deploy/ keep an idle connection.
const PROXY_KEEPS: Duration = Duration::from_secs(60);

pub(super) fn checks(config: &Config) -> Vec<Check> {
    let mut checks = vec![read(config), address(config), proxy(config), sign_up(config)];
    checks.push(on(
        "rate limits",
        "RATE_LIMITS",
        config.rate_limits,
        "Without them, a password can be guessed at any speed.",
    ));
    checks.push(on("admission", "ADMISSION", config.admission, "Without it, who arrives slows those who sit an exam."));
    checks.extend([timeouts(config), keep_alive(config), log(config)]);
    if config.controls != store::Controls::default() {
        let found = "a protection is switched off for a test";
        checks.push(Check::problem("control", found, "Unset EXAMHALL_CONTROL: answers may be lost."));
    }
    checks
}

fn read(config: &Config) -> Check {
    let set = config.told().filter(|explained| !matches!(explained.place, Place::Default(_))).count();
    let mut found = format!("all are right; {set} of {} are set", config.told().count());
    let twice: Vec<&str> =
        config.told().filter(|explained| !explained.overruled.is_empty()).map(crate::config::Explained::name).collect();
    if !twice.is_empty() {
        found += &format!("; in several places: {} (`examhall config explain` says which counts)", twice.join(", "));
    }
    Check::ok("settings", found)
}

/// Whether other machines reach the server without a proxy.
fn listens_to_others(config: &Config) -> bool {
    match config.host.parse::<IpAddr>() {
        Ok(address) => !address.is_loopback(),
        Err(_) => config.host != "localhost",
    }
}

/// Whether people reach the server by HTTPS.
fn is_https(config: &Config) -> bool {
    config.site().is_https()
}

/// Whether a proxy speaks HTTPS for the server.
fn has_https_proxy(config: &Config) -> bool {
    is_https(config) && config.tls_cert.is_none()
}

/// Whether the address is for this machine only.
fn is_private(config: &Config) -> bool {
    let names_this_machine = |url: &String| {
        let host = url.split("://").nth(1).unwrap_or_default();
        ["localhost", "127.", "[::1]"].iter().any(|name| host.starts_with(name))
    };
    config.public_url.as_ref().map_or(!listens_to_others(config), names_this_machine)
}

fn address(config: &Config) -> Check {
    let name = "public address";
    let advice =
        "Put a proxy with HTTPS in front, let the server listen on HOST=127.0.0.1, and say how people reach it.";
    match &config.public_url {
        _ if is_private(config) => Check::ok(name, format!("{}, for this machine only", config.base_url(config.port))),
        None if is_https(config) => Check::ok(name, config.base_url(config.port)),
        None => {
            let found =
                format!("HOST={} listens to other machines by plain HTTP, and PUBLIC_URL is not set", config.host);
            Check::warning(name, found, advice).set("PUBLIC_URL", "https://exams.example.org")
        }
        Some(url) if !is_https(config) => {
            let found = format!("{url} is plain HTTP: passwords and sessions can be read on the way");
            Check::warning(name, found, advice).set("PUBLIC_URL", url.replacen("http://", "https://", 1))
        }
        Some(url) => Check::ok(name, format!("{url}; the server listens on {}", config.listen_address())),
    }
}

fn proxy(config: &Config) -> Check {
    let name = "trusted proxies";
    if let Some(network) = config.trusted_proxies.iter().find(|network| network.prefix_len() == 0) {
        let found = format!("{network} is everybody, so anybody may say to be anywhere");
        return Check::problem(name, found, "Name the proxies' own addresses.").set("TRUSTED_PROXIES", "127.0.0.1,::1");
    }
    if has_https_proxy(config) && config.trusted_proxies.is_empty() {
        let found = "none, though PUBLIC_URL is https and TLS_CERT is not set, so that a proxy speaks it: limits count everybody behind it as one";
        let advice = "Name the addresses from which the proxy connects.";
        return Check::warning(name, found, advice).set("TRUSTED_PROXIES", "127.0.0.1,::1");
    }
    if !config.trusted_proxies.is_empty() && config.public_url.is_none() {
        let found = "named, but PUBLIC_URL is not set: where the proxy speaks HTTPS, every form is refused as one from another site";
        return Check::warning(name, found, "Say how people reach it.").set("PUBLIC_URL", "https://exams.example.org");
    }
    Check::ok(name, format!("{} named", config.trusted_proxies.len()))
}

fn sign_up(config: &Config) -> Check {
    match config.sign_up {
        SignUp::Open if !is_private(config) => {
            let found = "open to everybody who reaches the server";
            Check::warning("sign-up", found, "Leave it if that is meant.").set("SIGN_UP", "closed")
        }
        SignUp::Open => Check::ok("sign-up", "open, on this machine"),
        SignUp::Invite => Check::ok("sign-up", "nobody by themselves; staff make the accounts"),
        SignUp::Closed => Check::ok("sign-up", "closed"),
    }
}

fn on(name: &'static str, variable: &'static str, is_on: bool, why: &str) -> Check {
    if is_on { Check::ok(name, "on") } else { Check::warning(name, "off", why).set(variable, "on") }
}

fn timeouts(config: &Config) -> Check {
    let name = "timeouts";
    let (request, statement) = (config.request_timeout.as_secs(), config.db_statement_timeout.as_secs());
    let connect = config.db_connect_timeout.as_secs();
    // The embedded database knows no limit of a statement.
    let has_statement = config.database_url.is_some();
    let of_statement = if has_statement { format!("a statement {statement} s, ") } else { String::new() };
    let found = format!("a request may take {request} s, {of_statement}a connection {connect} s");
    if has_statement && request < statement {
        let advice = "A request that is given up would leave its statement behind at the database.";
        return Check::warning(name, found, advice).set("DB_STATEMENT_TIMEOUT", request);
    }
    if request < connect {
        let advice = "A request would be given up while it still waits for a connection.";
        return Check::warning(name, found, advice).set("DB_CONNECT_TIMEOUT", request);
    }
    Check::ok(name, found)
}

fn keep_alive(config: &Config) -> Check {
    let name = "keep-alive";
    let found = format!("an idle connection is kept for {} s", config.keepalive.as_secs());
    if config.keepalive < THINKING {
        let advice = "Candidates think for 20 to 90 seconds: nearly every answer pays for a new connection.";
        let check = Check::warning(name, found, advice).set("KEEPALIVE", 75);
        return check.case(Case::SlowResponses("new connections"));
    }
    if has_https_proxy(config) && config.keepalive <= PROXY_KEEPS {
        let advice = "The proxies of deploy/ keep theirs for 60 s and must be the first to close, or requests fail now and then.";
        return Check::warning(name, found, advice).set("KEEPALIVE", 75);
    }
    Check::ok(name, found)
}

fn log(config: &Config) -> Check {
    match config.log_level {
        LogLevel::Trace | LogLevel::Debug => {
            let advice = "For a while, to find something: it writes several lines for each request.";
            Check::warning("log", "everything is logged", advice).set("LOG_LEVEL", "info")
        }
        _ => Check::ok("log", "what matters is logged"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::Verdict;
    use super::*;
    use crate::config::DatabaseUrl;

    fn findings(config: &Config) -> Vec<(&'static str, Verdict, Option<String>)> {
        let found = checks(config).into_iter().filter(Check::is_finding);
        found
            .map(|check| {
                (check.name, check.verdict, check.change.map(|change| format!("{}={}", change.name, change.value)))
            })
            .collect()
    }

    #[test]
    fn the_defaults_and_the_installation_of_the_manual_are_fine() {
        assert_eq!(findings(&Config::default()), []);
        let manual = Config {
            public_url: Some("https://exams.example.org".into()),
            trusted_proxies: vec!["127.0.0.1/32".parse().expect("a network")],
            sign_up: SignUp::Invite,
            ..Config::default()
        };
        assert_eq!(findings(&manual), []);
    }

    #[test]
    fn what_is_risky_is_told_with_a_variable_and_a_value() {
        let warned = |config: Config, name: &str| {
            let found = findings(&config).into_iter().find(|(found, ..)| *found == name).expect(name);
            assert_eq!(found.1, Verdict::Warning, "{name}");
            found.2.expect("it names a variable")
        };
        let everywhere = || Config { host: "0.0.0.0".into(), ..Config::default() };
        assert_eq!(warned(everywhere(), "public address"), "PUBLIC_URL=https://exams.example.org");
        assert_eq!(warned(everywhere(), "sign-up"), "SIGN_UP=closed");
        let at = |url: &str| Config { public_url: Some(url.into()), ..Config::default() };
        assert_eq!(warned(at("http://exams.example.org"), "public address"), "PUBLIC_URL=https://exams.example.org");
        assert_eq!(warned(at("https://exams.example.org"), "trusted proxies"), "TRUSTED_PROXIES=127.0.0.1,::1");
        let proxied = Config { trusted_proxies: vec!["127.0.0.1/32".parse().expect("a network")], ..Config::default() };
        assert_eq!(warned(proxied, "trusted proxies"), "PUBLIC_URL=https://exams.example.org");
        assert_eq!(warned(Config { rate_limits: false, ..Config::default() }, "rate limits"), "RATE_LIMITS=on");
        assert_eq!(warned(Config { admission: false, ..Config::default() }, "admission"), "ADMISSION=on");
        let quick = Config { request_timeout: Duration::from_secs(20), ..Config::default() };
        assert_eq!(findings(&quick), [], "the embedded database has no such limit");
        let database_url = DatabaseUrl::parse("postgres://db/exams").ok();
        assert_eq!(warned(Config { database_url, ..quick }, "timeouts"), "DB_STATEMENT_TIMEOUT=20");
        assert_eq!(
            warned(Config { keepalive: Duration::from_secs(2), ..Config::default() }, "keep-alive"),
            "KEEPALIVE=75"
        );
        let behind = Config { keepalive: Duration::from_secs(60), ..at("https://exams.example.org") };
        assert_eq!(warned(behind, "keep-alive"), "KEEPALIVE=75");
        assert_eq!(warned(Config { log_level: LogLevel::Debug, ..Config::default() }, "log"), "LOG_LEVEL=info");
    }

    #[test]
    fn a_proxy_that_is_everybody_and_a_protection_that_is_off_are_problems() {
        let everybody = Config { trusted_proxies: vec!["0.0.0.0/0".parse().expect("a network")], ..Config::default() };
        assert!(
            findings(&everybody)
                .iter()
                .any(|(name, verdict, _)| *name == "trusted proxies" && *verdict == Verdict::Problem)
        );
        let control = store::Controls::parse("no-fence").expect("a debug build");
        let switched_off = Config { controls: control, ..Config::default() };
        assert!(
            findings(&switched_off).iter().any(|(name, verdict, _)| *name == "control" && *verdict == Verdict::Problem)
        );
    }
}
