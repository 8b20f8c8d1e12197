//! The settings of a server or command, read once at start: flags over environment over `examhall.toml` over defaults.
//!
//! The sources are handed in, so that tests need not touch the process's own. Every wrong value is reported at once; a
//! program that starts has settings that are right. docs/configuration.md lists them all.

mod explained;
mod files;
mod problem;
mod shown;
mod sources;
mod values;

pub use explained::Explained;
pub use problem::{Place, Problem, Problems};
pub use sources::{Environment, Flags};
pub use values::{DatabaseUrl, LogFormat, LogLevel, MetricsToken, SignUp, Wrong};

use crate::app::Site;
use crate::http::listener::{Tls, TlsFile, TlsProblem};
use ipnet::IpNet;
use sources::Sources;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address or name to listen on.
    pub host: String,
    /// The port to listen on; 0 lets the operating system choose.
    pub port: u16,
    /// The folder of the embedded database.
    pub data_dir: PathBuf,
    /// PostgreSQL instead of the embedded database.
    pub database_url: Option<DatabaseUrl>,
    /// The origin under which the outside sees this server, such as `https://exams.example.org`.
    pub public_url: Option<String>,
    /// The certificate with its chain, for HTTPS without a proxy; there is a key whenever there is one.
    pub tls_cert: Option<PathBuf>,
    /// The private key of the certificate.
    pub tls_key: Option<PathBuf>,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// The least important messages that are logged.
    pub log_level: LogLevel,
    /// How messages are written.
    pub log_format: LogFormat,
    /// Database connections that stay open.
    pub db_pool_min: u32,
    /// Database connections at most.
    pub db_pool_max: u32,
    /// How long to wait for a database connection.
    pub db_connect_timeout: Duration,
    /// How long a statement may take on PostgreSQL.
    pub db_statement_timeout: Duration,
    /// How many answers one transaction takes at most.
    pub save_batch: usize,
    /// Protections that a test has switched off; a release build has none of these switches.
    pub controls: store::Controls,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long requests in flight may go on after the signal to stop.
    pub graceful_timeout: Duration,
    /// Threads that run requests.
    pub workers: usize,
    /// Open connections at most, for each of the workers; None: as many as the system allows files.
    pub worker_connections: Option<usize>,
    /// How long a connection may be idle between two requests.
    pub keepalive: Duration,
    /// The proxies whose word is taken for where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether anybody is held to a number of requests.
    pub rate_limits: bool,
    /// Whether less is let in while things are late.
    pub admission: bool,
    /// What whoever reads the metrics from elsewhere has to show.
    pub metrics_token: Option<MetricsToken>,
    /// Threads that hash passwords; None: half the workers.
    pub password_threads: Option<usize>,
    /// Where browsers get static files from; None: from this server.
    pub asset_url: Option<String>,
    /// After how many requests a fresh process takes over; 0 for never.
    pub max_requests: u64,
    /// How many requests more it may be, at random: servers that started together are not to be replaced together.
    pub max_requests_jitter: u64,
    /// Whether demo content and accounts are there; set by `serve --demo` only.
    pub demo: bool,
    /// What every setting is and where it comes from, once they have been read.
    pub explained: Vec<Explained>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 5000,
            data_dir: "./examhall-data".into(),
            database_url: None,
            public_url: None,
            tls_cert: None,
            tls_key: None,
            sign_up: SignUp::Open,
            log_level: LogLevel::Info,
            log_format: LogFormat::Text,
            db_pool_min: 5,
            db_pool_max: 50,
            db_connect_timeout: Duration::from_secs(10),
            db_statement_timeout: Duration::from_secs(30),
            save_batch: 256,
            controls: store::Controls::default(),
            request_timeout: Duration::from_secs(60),
            graceful_timeout: Duration::from_secs(30),
            workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            worker_connections: None,
            keepalive: Duration::from_secs(75),
            trusted_proxies: Vec::new(),
            rate_limits: true,
            admission: true,
            metrics_token: None,
            password_threads: None,
            asset_url: None,
            max_requests: 0,
            max_requests_jitter: 0,
            demo: false,
            explained: Vec::new(),
        }
    }
}

impl Config {
    /// Reads all sources. `directory` is where `examhall.toml` is looked for unless a flag names a file.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(flags: &Flags, environment: &Environment, directory: &Path) -> Result<Self, Problems> {
        let mut config = Self::default();
        let mut sources = Sources::open(flags, environment, directory);
        sources.read(&sources::HOST, &mut config.host, values::host);
        sources.read(&sources::PORT, &mut config.port, values::port);
        sources.read(&sources::DATA_DIR, &mut config.data_dir, values::folder);
        sources.read(&sources::DATABASE_URL, &mut config.database_url, |text| DatabaseUrl::parse(text).map(Some));
        sources.read(&sources::PUBLIC_URL, &mut config.public_url, |text| values::public_url(text).map(Some));
        sources.read(&sources::TLS_CERT, &mut config.tls_cert, |text| values::file(text).map(Some));
        sources.read(&sources::TLS_KEY, &mut config.tls_key, |text| values::file(text).map(Some));
        sources.read(&sources::SIGN_UP, &mut config.sign_up, SignUp::parse);
        sources.read(&sources::LOG_LEVEL, &mut config.log_level, LogLevel::parse);
        sources.read(&sources::LOG_FORMAT, &mut config.log_format, LogFormat::parse);
        let mut pool_min = None;
        sources.read(&sources::DB_POOL_MIN, &mut pool_min, |text| values::number(text, 0, 10_000).map(Some));
        sources.read(&sources::DB_POOL_MAX, &mut config.db_pool_max, |text| values::number(text, 1, 10_000));
        sources.read(&sources::DB_CONNECT_TIMEOUT, &mut config.db_connect_timeout, values::seconds);
        sources.read(&sources::DB_STATEMENT_TIMEOUT, &mut config.db_statement_timeout, values::seconds);
        sources.read(&sources::SAVE_BATCH, &mut config.save_batch, |text| values::number(text, 1, 10_000));
        sources.read(&sources::CONTROL, &mut config.controls, values::controls);
        sources.read(&sources::REQUEST_TIMEOUT, &mut config.request_timeout, values::seconds);
        sources.read(&sources::GRACEFUL_TIMEOUT, &mut config.graceful_timeout, values::seconds);
        sources.read(&sources::WORKERS, &mut config.workers, |text| values::number(text, 1, 1_024));
        sources.read(&sources::WORKER_CONNECTIONS, &mut config.worker_connections, |text| {
            values::number(text, 1, 1_000_000).map(Some)
        });
        sources.read(&sources::KEEPALIVE, &mut config.keepalive, values::seconds);
        sources.read(&sources::TRUSTED_PROXIES, &mut config.trusted_proxies, values::networks);
        sources.read(&sources::RATE_LIMITS, &mut config.rate_limits, values::on_or_off);
        sources.read(&sources::ADMISSION, &mut config.admission, values::on_or_off);
        sources.read(&sources::METRICS_TOKEN, &mut config.metrics_token, |text| MetricsToken::parse(text).map(Some));
        sources.read(&sources::PASSWORD_THREADS, &mut config.password_threads, |text| {
            values::number(text, 1, 1_024).map(Some)
        });
        sources.read(&sources::ASSET_URL, &mut config.asset_url, |text| values::asset_url(text).map(Some));
        sources.read(&sources::MAX_REQUESTS, &mut config.max_requests, values::count);
        sources.read(&sources::MAX_REQUESTS_JITTER, &mut config.max_requests_jitter, values::count);
        // A small maximum alone is meant; a minimum above the maximum was meant otherwise.
        config.db_pool_min = pool_min.unwrap_or_else(|| config.db_pool_min.min(config.db_pool_max));
        if config.db_pool_min > config.db_pool_max {
            let reason = format!("it is above DB_POOL_MAX, which is {}", config.db_pool_max);
            sources.refuse(&sources::DB_POOL_MIN, &reason, "Raise DB_POOL_MAX or lower DB_POOL_MIN.");
        }
        match (&config.tls_cert, &config.tls_key) {
            (Some(_), None) => {
                let remedy = "Name its private key as TLS_KEY, or unset TLS_CERT where a proxy speaks HTTPS.";
                sources.refuse(&sources::TLS_CERT, "there is no TLS_KEY", remedy);
            }
            (None, Some(_)) => {
                let remedy = "Name its certificate as TLS_CERT, or unset TLS_KEY where a proxy speaks HTTPS.";
                sources.refuse(&sources::TLS_KEY, "there is no TLS_CERT", remedy);
            }
            _ => {}
        }
        sources.tell(&sources::DB_POOL_MIN, &config.db_pool_min);
        // Secret by its password only, which is never shown.
        sources.tell(&sources::DATABASE_URL, &config.database_url);
        sources.finish(config)
    }

    /// What the server speaks HTTPS with; None: it speaks HTTP. The files are read when the server needs them, since other commands
    /// may be run by somebody who must not read the key.
    ///
    /// # Errors
    /// When a file is wrong, told as other wrong settings are.
    pub fn tls(&self) -> Result<Option<Tls>, Problems> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else { return Ok(None) };
        Tls::load(certificate, key).map(Some).map_err(|TlsProblem { file, reason, remedy }| {
            let (setting, value) = match file {
                TlsFile::Certificate => ("tls_cert", certificate),
                TlsFile::Key => ("tls_key", key),
            };
            let (value, remedy) = (Some(value.display().to_string()), remedy.to_owned());
            Problems(vec![Problem { place: self.place(setting), value, reason, remedy }])
        })
    }

    /// Where the value of a setting comes from.
    fn place(&self, key: &'static str) -> Place {
        let explained = self.explained.iter().find(|explained| explained.key == key);
        explained.map_or(Place::Default(key), |explained| explained.place.clone())
    }

    /// Where the database is.
    #[must_use]
    pub fn address(&self) -> store::Address {
        match &self.database_url {
            Some(url) => url.address(),
            None => store::Address::Sqlite(self.data_dir.join("examhall.db")),
        }
    }

    /// How the outside sees the server and what it may do.
    #[must_use]
    pub fn site(&self) -> Site {
        Site {
            public_url: self.public_url.clone(),
            tls: self.tls_cert.is_some(),
            sign_up: self.sign_up,
            demo: self.demo,
            request_timeout: self.request_timeout,
            trusted_proxies: self.trusted_proxies.clone(),
            rate_limits: self.rate_limits,
            admission: self.admission,
            metrics_token: self.metrics_token.clone(),
            asset_url: self.asset_url.clone(),
            workers: self.workers,
            data_folder: self.database_url.is_none().then(|| self.data_dir.clone()),
        }
    }

    /// How many threads hash passwords. Half of the workers: a hash takes as long as a thousand saves.
    #[must_use]
    pub fn password_threads(&self) -> usize {
        self.password_threads.unwrap_or_else(|| (self.workers / 2).max(1))
    }

    /// How the database is used.
    #[must_use]
    pub fn store_options(&self) -> store::Options {
        store::Options {
            pool_min: self.db_pool_min,
            pool_max: self.db_pool_max,
            connect_timeout: self.db_connect_timeout,
            statement_timeout: self.db_statement_timeout,
            save_batch: self.save_batch,
            controls: self.controls,
            ..store::Options::default()
        }
    }

    /// What to listen on.
    #[must_use]
    pub fn listen_address(&self) -> String {
        match self.host.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => format!("[{address}]:{}", self.port),
            _ => format!("{}:{}", self.host, self.port),
        }
    }

    /// The database in words without its password, for logs and messages.
    #[must_use]
    pub fn database_name(&self) -> String {
        match &self.database_url {
            Some(url) => url.without_password(),
            None => self.data_dir.join("examhall.db").display().to_string(),
        }
    }

    /// The address to open in a browser: the public one, or the one listened on, at `port`.
    #[must_use]
    pub fn base_url(&self, port: u16) -> String {
        if let Some(url) = &self.public_url {
            return url.clone();
        }
        let scheme = if self.tls_cert.is_some() { "https" } else { "http" };
        match self.host.parse::<IpAddr>() {
            // Listening everywhere is nothing to go to.
            Ok(address) if address.is_unspecified() => format!("{scheme}://localhost:{port}"),
            Ok(IpAddr::V6(address)) => format!("{scheme}://[{address}]:{port}"),
            _ => format!("{scheme}://{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
mod tests;
