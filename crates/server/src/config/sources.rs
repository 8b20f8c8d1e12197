//! Where settings come from, and which name each has there.

use super::Config;
use super::explained::Explained;
use super::problem::{Place, Problem, Problems};
use super::shown::Shown;
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

/// A setting: its key in the file, its flag, its variables in order of precedence, and what it does.
pub(super) struct Setting {
    pub(super) key: &'static str,
    flag: Option<Flag>,
    pub(super) variables: &'static [&'static str],
    pub(super) meaning: &'static str,
    /// Its value is never printed.
    secret: bool,
    /// No build that is shipped has it.
    pub(super) debug_only: bool,
}

const fn setting(key: &'static str, variables: &'static [&'static str], meaning: &'static str) -> Setting {
    Setting { key, flag: None, variables, meaning, secret: false, debug_only: false }
}

pub(super) const HOST: Setting = Setting {
    flag: Some(("--host", |flags| flags.host.as_ref())),
    ..setting(
        "host",
        &["HOST"],
        "The address or host name to listen on; 0.0.0.0 or :: is every address of the machine.",
    )
};
pub(super) const PORT: Setting = Setting {
    flag: Some(("--port", |flags| flags.port.as_ref())),
    ..setting("port", &["PORT"], "The port to listen on; 0 lets the operating system choose.")
};
pub(super) const DATA_DIR: Setting = Setting {
    flag: Some(("--data-dir", |flags| flags.data_dir.as_ref())),
    ..setting("data_dir", &["DATA_DIR"], "The folder of the embedded database, examhall.db.")
};
pub(super) const DATABASE_URL: Setting = Setting {
    flag: Some(("--database-url", |flags| flags.database_url.as_ref())),
    secret: true,
    ..setting("database_url", &["DATABASE_URL"], "The PostgreSQL database that is used instead of the embedded one.")
};
pub(super) const PUBLIC_URL: Setting =
    setting("public_url", &["PUBLIC_URL"], "How browsers reach the server; with https, cookies are bound to HTTPS.");
pub(super) const TLS_CERT: Setting = setting(
    "tls_cert",
    &["TLS_CERT"],
    "The certificate with its chain, a PEM file, with which the server speaks HTTPS itself.",
);
pub(super) const TLS_KEY: Setting =
    setting("tls_key", &["TLS_KEY"], "The private key of the certificate, a PEM file that only the server can read.");
pub(super) const SIGN_UP: Setting = setting(
    "sign_up",
    &["SIGN_UP"],
    "Who may make an account: open everybody, closed nobody but staff for them; invite is closed as long as there are no invitations.",
);
pub(super) const LOG_LEVEL: Setting = setting(
    "log_level",
    &["LOG_LEVEL"],
    "The least important messages that are logged: trace, debug, info, warn or error.",
);
pub(super) const LOG_FORMAT: Setting =
    setting("log_format", &["LOG_FORMAT"], "How messages are written: text for people, json for machines.");
pub(super) const DB_POOL_MIN: Setting =
    setting("db_pool_min", &["DB_POOL_MIN"], "Database connections that stay open.");
pub(super) const DB_POOL_MAX: Setting = setting(
    "db_pool_max",
    &["DB_POOL_MAX"],
    "Database connections at most, for the whole server process; requests beyond that wait.",
);
pub(super) const DB_CONNECT_TIMEOUT: Setting = setting(
    "db_connect_timeout",
    &["DB_CONNECT_TIMEOUT"],
    "Seconds to wait for a database connection, new or from the pool.",
);
pub(super) const DB_STATEMENT_TIMEOUT: Setting =
    setting("db_statement_timeout", &["DB_STATEMENT_TIMEOUT"], "Seconds a statement may take, on PostgreSQL.");
pub(super) const SAVE_BATCH: Setting =
    setting("save_batch", &["SAVE_BATCH"], "Answers written in one transaction at most; 1 writes each on its own.");
/// For tests of debug builds: which protection is off.
pub(super) const CONTROL: Setting = Setting {
    debug_only: true,
    ..setting("control", &["EXAMHALL_CONTROL"], "A protection that a test switches off; in debug builds only.")
};
pub(super) const REQUEST_TIMEOUT: Setting =
    setting("request_timeout", &["REQUEST_TIMEOUT", "GUNICORN_TIMEOUT"], "Seconds a request may take.");
pub(super) const GRACEFUL_TIMEOUT: Setting = setting(
    "graceful_timeout",
    &["GRACEFUL_TIMEOUT", "GUNICORN_GRACEFUL_TIMEOUT"],
    "Seconds that requests in flight have when the server is told to stop.",
);
pub(super) const WORKERS: Setting =
    setting("workers", &["WORKERS", "GUNICORN_WORKERS"], "Threads that run requests, each of them thousands at once.");
pub(super) const WORKER_CONNECTIONS: Setting = setting(
    "worker_connections",
    &["WORKER_CONNECTIONS", "GUNICORN_WORKER_CONNECTIONS"],
    "Open connections at most, for each of the workers.",
);
pub(super) const KEEPALIVE: Setting = setting(
    "keepalive",
    &["KEEPALIVE", "GUNICORN_KEEPALIVE"],
    "Seconds a connection may be idle between two requests.",
);
pub(super) const MAX_REQUESTS: Setting = setting(
    "max_requests",
    &["MAX_REQUESTS", "GUNICORN_MAX_REQUESTS"],
    "Requests after which a fresh process takes over; 0 is never.",
);
pub(super) const MAX_REQUESTS_JITTER: Setting = setting(
    "max_requests_jitter",
    &["MAX_REQUESTS_JITTER", "GUNICORN_MAX_REQUESTS_JITTER"],
    "Up to so many requests are added to MAX_REQUESTS by chance.",
);

pub(super) const TRUSTED_PROXIES: Setting = setting(
    "trusted_proxies",
    &["TRUSTED_PROXIES"],
    "The proxies whose word is taken for where a request comes from: addresses and networks.",
);
pub(super) const RATE_LIMITS: Setting =
    setting("rate_limits", &["RATE_LIMITS"], "Whether anybody is held to a number of requests; off is for rehearsals.");
pub(super) const ADMISSION: Setting =
    setting("admission", &["ADMISSION"], "Whether fewer are let in while things are late.");
pub(super) const METRICS_TOKEN: Setting = Setting {
    secret: true,
    ..setting("metrics_token", &["METRICS_TOKEN"], "What has to be shown to read /metrics from another machine.")
};
pub(super) const PASSWORD_THREADS: Setting =
    setting("password_threads", &["PASSWORD_THREADS"], "Threads that hash passwords; they give way to all others.");
pub(super) const ASSET_URL: Setting =
    setting("asset_url", &["ASSET_URL"], "Where browsers get static files from, such as a CDN.");

/// All of them, in the order in which they are read and told.
pub(super) const ALL: &[&Setting] = &[
    &HOST,
    &PORT,
    &DATA_DIR,
    &DATABASE_URL,
    &PUBLIC_URL,
    &TLS_CERT,
    &TLS_KEY,
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

impl Setting {
    /// Whether people are told of it: what only debug builds have is nothing to whoever runs another.
    pub(super) fn is_told(&self) -> bool {
        cfg!(debug_assertions) || !self.debug_only
    }
}

/// The layers, and what was found wrong in them so far.
pub(super) struct Sources<'a> {
    flags: &'a Flags,
    environment: &'a Environment,
    path: PathBuf,
    file: BTreeMap<String, String>,
    problems: Vec<Problem>,
    explained: Vec<Explained>,
}

impl<'a> Sources<'a> {
    /// Reads the file, if there is one or a flag promises one.
    pub(super) fn open(flags: &'a Flags, environment: &'a Environment, directory: &Path) -> Self {
        let path = flags.config.clone().unwrap_or_else(|| directory.join("examhall.toml"));
        let mut sources =
            Self { flags, environment, path, file: BTreeMap::new(), problems: Vec::new(), explained: Vec::new() };
        match std::fs::read_to_string(&sources.path) {
            Ok(text) => sources.take_file(&text),
            Err(error) if error.kind() == ErrorKind::NotFound && flags.config.is_none() => {}
            Err(error) if flags.config.is_none() => {
                let remedy =
                    "Change to a folder that this user may read, such as DATA_DIR, or name the file with --config.";
                sources.refuse_file(&format!("it is looked for here, and cannot be read: {error}"), remedy);
            }
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
            let Some(setting) = ALL.iter().find(|setting| setting.key == key) else {
                let settings = ALL.iter().filter(|setting| setting.is_told());
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

    /// The values of all layers that have one, the one that counts first. An empty variable is as good as none: that is how they
    /// are unset in unit and compose files.
    fn find_all(&self, setting: &Setting) -> Vec<(Place, &str)> {
        let mut found = Vec::new();
        if let Some((name, value)) = setting.flag.and_then(|(name, value)| Some((name, value(self.flags)?))) {
            found.push((Place::Flag(name), value.as_str()));
        }
        for name in setting.variables {
            if let Some(value) = self.environment.get(*name).filter(|value| !value.trim().is_empty()) {
                found.push((Place::Variable(name), value));
            }
        }
        if let Some(value) = self.file.get(setting.key) {
            found.push((Place::File(self.path.clone(), setting.key.into()), value));
        }
        found
    }

    /// Replaces the default of a setting by what the sources say; notes what is wrong with it, and where it comes from.
    pub(super) fn read<T: Shown>(
        &mut self,
        setting: &Setting,
        target: &mut T,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) {
        let mut found = self.find_all(setting).into_iter();
        let first = found.next();
        let overruled = found.map(|(place, _)| place).collect();
        let mut place = Place::Default(setting.key);
        if let Some((from, text)) = first {
            match parse(text.trim()) {
                Ok(value) => {
                    *target = value;
                    place = from;
                }
                Err(wrong) => {
                    let value = (!setting.secret).then(|| text.to_owned());
                    self.problems.push(Problem { place: from, value, reason: wrong.reason, remedy: wrong.remedy });
                    return;
                }
            }
        }
        let value = target.shown().map(|value| if setting.secret { "set, not shown".into() } else { value });
        self.explained.push(Explained::new(setting, value, place, overruled));
    }

    /// Replaces what is told of a value, once it is known what it came to.
    pub(super) fn tell(&mut self, setting: &Setting, value: &impl Shown) {
        for explained in self.explained.iter_mut().filter(|explained| explained.key == setting.key) {
            explained.value = value.shown();
        }
    }

    /// Notes that a value does not go with another.
    pub(super) fn refuse(&mut self, setting: &Setting, reason: &str, remedy: &str) {
        let found = self.find_all(setting).into_iter().next().map(|(place, value)| (place, Some(value.to_owned())));
        let (place, value) = found.unwrap_or((Place::Default(setting.key), None));
        self.problems.push(Problem { place, value, reason: reason.into(), remedy: remedy.into() });
    }

    /// The settings, unless something was wrong.
    pub(super) fn finish(self, config: Config) -> Result<Config, Problems> {
        if self.problems.is_empty() {
            Ok(Config { explained: self.explained, ..config })
        } else {
            Err(Problems(self.problems))
        }
    }
}
