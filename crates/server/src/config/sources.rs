//! Where settings come from, and which name each has there.

use super::Config;
use super::problem::{Place, Problem, Problems};
use super::values::Wrong;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The environment variables of the process, or of a test.
pub type Environment = BTreeMap<String, String>;

/// The settings that have a flag, as typed. Not to be printed: the address may hold a password.
#[derive(Clone, Default, clap::Args)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// Read settings from this file [default: examhall.toml, when it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Listen on this address [default: 127.0.0.1]
    #[arg(long, global = true)]
    pub host: Option<String>,
    /// Listen on this port [default: 5000]
    #[arg(long, global = true)]
    pub port: Option<String>,
    /// Keep the embedded database in this folder [default: ./examhall-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<String>,
    /// Use this PostgreSQL database instead; DATABASE_URL keeps its password out of the list of processes
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
}

/// A flag's name and how to find its value.
type Flag = (&'static str, fn(&Flags) -> Option<&String>);

/// A setting's names: its key in the file, its flag, and its variables in order of precedence.
pub(super) struct Setting {
    key: &'static str,
    flag: Option<Flag>,
    variables: &'static [&'static str],
    secret: bool,
}

const fn setting(key: &'static str, variables: &'static [&'static str]) -> Setting {
    Setting { key, flag: None, variables, secret: false }
}

pub(super) const HOST: Setting =
    Setting { flag: Some(("--host", |flags| flags.host.as_ref())), ..setting("host", &["HOST"]) };
pub(super) const PORT: Setting =
    Setting { flag: Some(("--port", |flags| flags.port.as_ref())), ..setting("port", &["PORT"]) };
pub(super) const DATA_DIR: Setting =
    Setting { flag: Some(("--data-dir", |flags| flags.data_dir.as_ref())), ..setting("data_dir", &["DATA_DIR"]) };
pub(super) const DATABASE_URL: Setting = Setting {
    flag: Some(("--database-url", |flags| flags.database_url.as_ref())),
    secret: true,
    ..setting("database_url", &["DATABASE_URL"])
};
pub(super) const PUBLIC_URL: Setting = setting("public_url", &["PUBLIC_URL"]);
pub(super) const SIGN_UP: Setting = setting("sign_up", &["SIGN_UP"]);
pub(super) const LOG_LEVEL: Setting = setting("log_level", &["LOG_LEVEL"]);
pub(super) const LOG_FORMAT: Setting = setting("log_format", &["LOG_FORMAT"]);
pub(super) const DB_POOL_MIN: Setting = setting("db_pool_min", &["DB_POOL_MIN"]);
pub(super) const DB_POOL_MAX: Setting = setting("db_pool_max", &["DB_POOL_MAX"]);
pub(super) const DB_CONNECT_TIMEOUT: Setting = setting("db_connect_timeout", &["DB_CONNECT_TIMEOUT"]);
pub(super) const DB_STATEMENT_TIMEOUT: Setting = setting("db_statement_timeout", &["DB_STATEMENT_TIMEOUT"]);
pub(super) const SAVE_BATCH: Setting = setting("save_batch", &["SAVE_BATCH"]);
/// For tests of debug builds: which protection is off.
pub(super) const CONTROL: Setting = setting("control", &["EXAMHALL_CONTROL"]);
pub(super) const REQUEST_TIMEOUT: Setting = setting("request_timeout", &["REQUEST_TIMEOUT", "GUNICORN_TIMEOUT"]);
pub(super) const GRACEFUL_TIMEOUT: Setting =
    setting("graceful_timeout", &["GRACEFUL_TIMEOUT", "GUNICORN_GRACEFUL_TIMEOUT"]);
pub(super) const WORKERS: Setting = setting("workers", &["WORKERS", "GUNICORN_WORKERS"]);
pub(super) const WORKER_CONNECTIONS: Setting =
    setting("worker_connections", &["WORKER_CONNECTIONS", "GUNICORN_WORKER_CONNECTIONS"]);
pub(super) const KEEPALIVE: Setting = setting("keepalive", &["KEEPALIVE", "GUNICORN_KEEPALIVE"]);
pub(super) const MAX_REQUESTS: Setting = setting("max_requests", &["MAX_REQUESTS", "GUNICORN_MAX_REQUESTS"]);
pub(super) const MAX_REQUESTS_JITTER: Setting =
    setting("max_requests_jitter", &["MAX_REQUESTS_JITTER", "GUNICORN_MAX_REQUESTS_JITTER"]);

pub(super) const TRUSTED_PROXIES: Setting = setting("trusted_proxies", &["TRUSTED_PROXIES"]);
pub(super) const RATE_LIMITS: Setting = setting("rate_limits", &["RATE_LIMITS"]);
pub(super) const ADMISSION: Setting = setting("admission", &["ADMISSION"]);
pub(super) const METRICS_TOKEN: Setting = Setting { secret: true, ..setting("metrics_token", &["METRICS_TOKEN"]) };
pub(super) const PASSWORD_THREADS: Setting = setting("password_threads", &["PASSWORD_THREADS"]);
pub(super) const ASSET_URL: Setting = setting("asset_url", &["ASSET_URL"]);

const ALL: [&Setting; 27] = [
    &HOST,
    &PORT,
    &DATA_DIR,
    &DATABASE_URL,
    &PUBLIC_URL,
    &SIGN_UP,
    &LOG_LEVEL,
    &LOG_FORMAT,
    &DB_POOL_MIN,
    &DB_POOL_MAX,
    &DB_CONNECT_TIMEOUT,
    &DB_STATEMENT_TIMEOUT,
    &SAVE_BATCH,
    &CONTROL,
    &REQUEST_TIMEOUT,
    &GRACEFUL_TIMEOUT,
    &WORKERS,
    &WORKER_CONNECTIONS,
    &KEEPALIVE,
    &TRUSTED_PROXIES,
    &RATE_LIMITS,
    &ADMISSION,
    &METRICS_TOKEN,
    &PASSWORD_THREADS,
    &ASSET_URL,
    &MAX_REQUESTS,
    &MAX_REQUESTS_JITTER,
];

/// The layers, and what was found wrong in them so far.
pub(super) struct Sources<'a> {
    flags: &'a Flags,
    environment: &'a Environment,
    path: PathBuf,
    file: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl<'a> Sources<'a> {
    /// Reads the file, if there is one or a flag promises one.
    pub(super) fn open(flags: &'a Flags, environment: &'a Environment, directory: &Path) -> Self {
        let path = flags.config.clone().unwrap_or_else(|| directory.join("examhall.toml"));
        let mut sources = Self { flags, environment, path, file: BTreeMap::new(), problems: Vec::new() };
        match std::fs::read_to_string(&sources.path) {
            Ok(text) => sources.take_file(&text),
            Err(error) if error.kind() == ErrorKind::NotFound && flags.config.is_none() => {}
            Err(error) => sources.refuse_file(&format!("it cannot be read: {error}"), "Check --config and the file."),
        }
        sources
    }

    fn take_file(&mut self, text: &str) {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                // Not the error's own text, which quotes the line and with it perhaps a password.
                let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
                let reason = format!("line {line} is not TOML: {}", error.message().replace('\n', " "));
                self.refuse_file(&reason, "Write settings as key = \"value\".");
                return;
            }
        };
        for (key, value) in table {
            let place = Place::File(self.path.clone(), key.clone());
            let Some(setting) = ALL.into_iter().find(|setting| setting.key == key) else {
                let settings = ALL.iter().filter(|setting| setting.key != CONTROL.key);
                let known: Vec<&str> = settings.map(|setting| setting.key).collect();
                let remedy = format!("Known settings: {}.", known.join(", "));
                self.problems.push(Problem { place, value: None, reason: "there is no such setting".into(), remedy });
                continue;
            };
            match value {
                toml::Value::String(text) => drop(self.file.insert(key, text)),
                toml::Value::Integer(number) => drop(self.file.insert(key, number.to_string())),
                other => self.problems.push(Problem {
                    place,
                    value: (!setting.secret).then(|| other.to_string()),
                    reason: format!("it is a {}", other.type_str()),
                    remedy: "Give a text in quotes or a whole number.".into(),
                }),
            }
        }
    }

    fn refuse_file(&mut self, reason: &str, remedy: &str) {
        let place = Place::WholeFile(self.path.clone());
        self.problems.push(Problem { place, value: None, reason: reason.into(), remedy: remedy.into() });
    }

    /// The value of the highest layer that has one. An empty variable is as good as none: that is how they are unset in
    /// unit and compose files.
    fn find(&self, setting: &Setting) -> Option<(Place, &str)> {
        if let Some((name, value)) = setting.flag.and_then(|(name, value)| Some((name, value(self.flags)?))) {
            return Some((Place::Flag(name), value));
        }
        for name in setting.variables {
            if let Some(value) = self.environment.get(*name).filter(|value| !value.trim().is_empty()) {
                return Some((Place::Variable(name), value));
            }
        }
        let value = self.file.get(setting.key)?;
        Some((Place::File(self.path.clone(), setting.key.into()), value))
    }

    /// Replaces the default of a setting by what the sources say; notes what is wrong with it.
    pub(super) fn read<T>(&mut self, setting: &Setting, target: &mut T, parse: impl Fn(&str) -> Result<T, Wrong>) {
        let Some((place, text)) = self.find(setting) else { return };
        match parse(text.trim()) {
            Ok(value) => *target = value,
            Err(wrong) => {
                let value = (!setting.secret).then(|| text.to_owned());
                self.problems.push(Problem { place, value, reason: wrong.reason, remedy: wrong.remedy });
            }
        }
    }

    /// Notes that a value does not go with another.
    pub(super) fn refuse(&mut self, setting: &Setting, reason: &str, remedy: &str) {
        let found = self.find(setting).map(|(place, value)| (place, Some(value.to_owned())));
        let (place, value) = found.unwrap_or((Place::Default(setting.key), None));
        self.problems.push(Problem { place, value, reason: reason.into(), remedy: remedy.into() });
    }

    /// The settings, unless something was wrong.
    pub(super) fn finish(self, config: Config) -> Result<Config, Problems> {
        if self.problems.is_empty() { Ok(config) } else { Err(Problems(self.problems)) }
    }
}
