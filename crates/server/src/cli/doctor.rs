//! `examhall doctor`: looks at settings, machine, database and the running server, and says what to change.
//!
//! It changes nothing. What is not there, or does not answer, is told as such; everything else is still looked at.

mod check;
mod database;
mod disk;
mod figures;
mod load;
mod machine;
mod postgres;
mod report;
mod running;
mod settings;
mod sqlite;
mod wording;

use super::{Failure, Outcome, print};
use crate::config::Config;
use check::Check;
use machine::Machine;
use rehearse::plan::Target;
use report::{Part, Report};
use std::net::IpAddr;

/// Finds out what is wrong with this installation, or may become so.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// Where the server listens [default: HOST and PORT of the settings]
    #[arg(long, value_name = "URL", value_parser = target)]
    url: Option<Target>,
    /// Read the whole embedded database for damage, however large it is
    #[arg(long)]
    thorough: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) async fn run(&self, config: &Config) -> Result<Outcome, Failure> {
        let report = self.look(config).await;
        let text =
            if self.json { report.json().map_err(|error| Failure::Fault(error.to_string()))? } else { report.text() };
        print(&text)?;
        Ok(if report.has_problem() { Outcome::PartlyRefused } else { Outcome::Done })
    }

    async fn look(&self, config: &Config) -> Report {
        let mut machine = machine::checks(&Machine::read(), config);
        if config.database_url.is_none() {
            machine.extend(disk::checks(&config.data_dir).await);
        }
        let server = match self.url.clone().or_else(|| own_address(config)) {
            Some(_) if self.url.is_none() && config.tls_cert.is_some() => {
                let why = "it speaks HTTPS (TLS_CERT), which this command does not; ask /readyz and /metrics yourself";
                vec![Check::unknown("server", why)]
            }
            Some(target) => running::checks(&target, config).await,
            None => vec![Check::unknown("server", "PORT is 0, so the port is not known; give --url")],
        };
        Report::new(vec![
            Part { name: "Settings", checks: settings::checks(config) },
            Part { name: "Machine", checks: machine },
            Part { name: "Database", checks: database::checks(config, self.thorough).await },
            Part { name: "Server", checks: server },
        ])
    }
}

fn target(text: &str) -> Result<Target, String> {
    text.parse().map_err(|_| "write the server's own address, such as http://127.0.0.1:5000".into())
}

/// Where a server with these settings is reached from this machine.
fn own_address(config: &Config) -> Option<Target> {
    let host = match config.host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) if address.is_unspecified() => "127.0.0.1".into(),
        Ok(IpAddr::V6(address)) if address.is_unspecified() => "[::1]".into(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => config.host.clone(),
    };
    if config.port == 0 { None } else { format!("http://{host}:{}", config.port).parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_looked_for_on_this_machine() {
        for (host, url) in [("0.0.0.0", "http://127.0.0.1:80"), ("::", "http://[::1]:80"), ("::1", "http://[::1]:80")] {
            let config = Config { host: host.into(), port: 80, ..Config::default() };
            assert_eq!(own_address(&config).expect("it is known").to_string(), url);
        }
        assert_eq!(own_address(&Config { port: 0, ..Config::default() }), None);
    }
}
