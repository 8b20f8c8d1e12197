//! Reading one value: what it may be, and what to say when it is something else.

use axum::http::Uri;
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;
use tracing::level_filters::LevelFilter;

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub(super) reason: String,
    pub(super) remedy: String,
}

fn wrong<T>(reason: impl Into<String>, remedy: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { reason: reason.into(), remedy: remedy.into() })
}

/// Finds the one of `values` with the name `text`, whatever its case.
fn one_of<T: Copy>(text: &str, values: &[(&str, T)], names: &str) -> Result<T, Wrong> {
    let found = values.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    found.map_or_else(|| wrong("it is none of the possible values", format!("Use {names}.")), |(_, value)| Ok(*value))
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignUp {
    /// Everybody.
    Open,
    /// Those whom staff invite: nobody, as long as there are no invitations.
    Invite,
    /// Nobody but staff for them.
    Closed,
}

impl SignUp {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let values = [("open", Self::Open), ("invite", Self::Invite), ("closed", Self::Closed)];
        one_of(text, &values, "open, invite or closed")
    }
}

pub(super) fn controls(name: &str) -> Result<store::Controls, Wrong> {
    store::Controls::parse(name).or_else(|error| wrong(error.to_string(), "Leave it unset."))
}

/// The least important messages that are logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Trace,
    /// What helps to find a defect.
    Debug,
    /// What happens.
    Info,
    /// What may become a problem.
    Warn,
    /// What went wrong.
    Error,
}

impl LogLevel {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let values = [
            ("trace", Self::Trace),
            ("debug", Self::Debug),
            ("info", Self::Info),
            ("warn", Self::Warn),
            ("error", Self::Error),
            // What Python's logging calls them, for installations that come from there.
            ("warning", Self::Warn),
            ("critical", Self::Error),
        ];
        one_of(text, &values, "trace, debug, info, warn or error")
    }

    /// As the log's filter.
    #[must_use]
    pub fn filter(self) -> LevelFilter {
        match self {
            Self::Trace => LevelFilter::TRACE,
            Self::Debug => LevelFilter::DEBUG,
            Self::Info => LevelFilter::INFO,
            Self::Warn => LevelFilter::WARN,
            Self::Error => LevelFilter::ERROR,
        }
    }
}

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: an object per line.
    Json,
}

impl LogFormat {
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        one_of(text, &[("text", Self::Text), ("json", Self::Json)], "text or json")
    }
}

/// The address of a PostgreSQL database. It may hold a password, which is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Reads `postgres://...`.
    ///
    /// # Errors
    /// For anything else: an address that is misspelt must not silently become a file.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        match store::Address::parse(text) {
            // The driver would take the user's own name for user and database.
            Ok(_) if text.split_once("://").is_none_or(|(_, rest)| rest.is_empty()) => {
                wrong("it names no database", "Give user, host and database: postgres://USER@HOST/DATABASE.")
            }
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) if text.starts_with("postgres") && text.contains("://") && text.ends_with('/') => wrong(
                "it names no server",
                "Write postgres://USER:PASSWORD@HOST/DATABASE, or leave it unset to use the embedded database in DATA_DIR.",
            ),
            Err(_) => wrong(
                "it does not start with postgres://",
                "Give a PostgreSQL address, or leave it unset to use the embedded database in DATA_DIR.",
            ),
        }
    }

    pub(super) fn address(&self) -> store::Address {
        store::Address::Postgres(self.0.clone())
    }

    /// Host and database, without user, password and parameters.
    #[must_use]
    pub fn without_password(&self) -> String {
        let address = self.0.split_once("://").map_or("", |(_, address)| address);
        // What comes before an @ in the parameters is no user.
        let (server, rest) = address.split_at(address.find(['/', '?']).unwrap_or(address.len()));
        let server = server.rsplit_once('@').map_or(server, |(_, host)| host);
        format!("postgres://{server}{}", rest.split('?').next().unwrap_or(""))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.without_password())
    }
}

pub(super) fn host(text: &str) -> Result<String, Wrong> {
    let remedy = "Give an address such as 127.0.0.1, 0.0.0.0 or ::, or a host name.";
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_owned());
    }
    if text.contains("://") || text.contains('/') {
        return wrong("it is a web address, not a host", remedy);
    }
    if text.contains(':') {
        return wrong("it holds a port", "Give the port as PORT.");
    }
    let is_name = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if is_name { Ok(text.to_owned()) } else { wrong("it is not a host", remedy) }
}

pub(super) fn port(text: &str) -> Result<u16, Wrong> {
    text.parse().or_else(|_| {
        wrong("it is not a port", "Give a number from 1 to 65535, or 0 to let the operating system choose.")
    })
}

pub(super) fn folder(text: &str) -> Result<PathBuf, Wrong> {
    if text.is_empty() { wrong("it is empty", "Name a folder.") } else { Ok(text.into()) }
}

pub(super) fn file(text: &str) -> Result<PathBuf, Wrong> {
    if text.is_empty() { wrong("it is empty", "Name a file.") } else { Ok(text.into()) }
}

/// Reads a whole number from `least` to `most`.
pub(super) fn number<T>(text: &str, least: u32, most: u32) -> Result<T, Wrong>
where
    T: TryFrom<u32>,
{
    let number = text.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
    match number.and_then(|number| T::try_from(number).ok()) {
        Some(number) => Ok(number),
        None => wrong(
            format!("it is not a whole number from {least} to {most}"),
            format!("Give a number from {least} to {most}."),
        ),
    }
}

/// Reads how many of something there are to be, 0 for no limit.
pub(super) fn count(text: &str) -> Result<u64, Wrong> {
    number::<u32>(text, 0, 1_000_000_000).map(u64::from)
}

/// Reads a number of seconds, up to a day.
pub(super) fn seconds(text: &str) -> Result<Duration, Wrong> {
    let seconds: Result<u32, Wrong> = number(text, 1, 86_400);
    match seconds {
        Ok(seconds) => Ok(Duration::from_secs(u64::from(seconds))),
        Err(_) => wrong("it is not a number of seconds from 1 to 86400", "Give whole seconds, such as 30."),
    }
}

/// Reads an origin, in the form in which browsers send it.
pub(super) fn public_url(text: &str) -> Result<String, Wrong> {
    let remedy = "Give scheme and host only, such as https://exams.example.org.";
    let Ok(uri) = text.parse::<Uri>() else { return wrong("it is not a web address", remedy) };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return wrong("it is not a complete web address", remedy);
    };
    let default_port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return wrong("it is neither http nor https", remedy),
    };
    if authority.as_str().contains('@') {
        return wrong("it holds a user or password", remedy);
    }
    if authority.host().is_empty() {
        return wrong("it has no host", remedy);
    }
    if !matches!(uri.path(), "" | "/") || text.contains(['?', '#']) {
        return wrong("it goes on after the host", remedy);
    }
    let host = authority.host().to_ascii_lowercase();
    match authority.port() {
        None if authority.as_str().len() > authority.host().len() => wrong("its port is not a number", remedy),
        Some(port) if port.as_u16() != default_port => Ok(format!("{scheme}://{host}:{port}")),
        _ => Ok(format!("{scheme}://{host}")),
    }
}

pub(super) fn on_or_off(text: &str) -> Result<bool, Wrong> {
    let values = [("on", true), ("off", false), ("true", true), ("false", false), ("1", true), ("0", false)];
    one_of(text, &values, "on or off")
}

/// Reads addresses and networks, separated by commas or blanks.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, Wrong> {
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)).or_else(|_| {
                wrong(
                    format!("{part:?} is neither an address nor a network"),
                    "Give the proxies' addresses or networks, such as 127.0.0.1 or 10.0.0.0/8, separated by commas.",
                )
            })
        })
        .collect()
}

/// What whoever reads the metrics has to show. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(String);

impl MetricsToken {
    /// The fewest characters: it may be tried from anywhere.
    const LEAST: usize = 16;

    /// Takes a token of at least 16 characters that a header can hold.
    ///
    /// # Errors
    /// For any other.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let remedy = "Give at least 16 letters and digits, such as `openssl rand -hex 24` prints.";
        if text.len() < Self::LEAST {
            return wrong("it is too short to be a secret", remedy);
        }
        if text.chars().all(|c| c.is_ascii_graphic()) {
            Ok(Self(text.to_owned()))
        } else {
            wrong("it is no token", remedy)
        }
    }

    /// The token itself, to be shown to a server of ours.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// Whether this is it. How long that takes tells nothing but the hash of what was shown.
    #[must_use]
    pub fn is(&self, shown: &str) -> bool {
        crate::token::hash(&self.0) == crate::token::hash(shown)
    }
}

impl fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MetricsToken")
    }
}

/// Reads where static files are got from: an origin, with a path or without.
pub(super) fn asset_url(text: &str) -> Result<String, Wrong> {
    let remedy = "Give scheme, host and perhaps a path, such as https://cdn.example.org/examhall.";
    let Ok(uri) = text.parse::<Uri>() else { return wrong("it is not a web address", remedy) };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return wrong("it is not a complete web address", remedy);
    };
    let path = uri.path().trim_end_matches('/');
    let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~".contains(c));
    if uri.query().is_some() || text.contains('#') || !is_plain {
        return wrong("it goes on after the path, or holds characters that mean something else there", remedy);
    }
    let origin = public_url(&format!("{scheme}://{authority}"))?;
    Ok(format!("{origin}{path}"))
}
