//! What a rehearsal is to be: how many, how fast, for how long.

use std::time::Duration;

/// When our page asks for the questions that it does not show yet, so that nobody waits for them at a move.
pub const FETCHES_AFTER: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));

/// A rehearsal.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server.
    pub url: Target,
    /// The slug of the exam that is sat.
    pub exam: String,
    /// How many candidates.
    pub users: usize,
    /// How they come by their sessions.
    pub sessions: Sessions,
    /// How long they think about an answer.
    pub think: Think,
    /// When everybody hands in, counted from the start of the run.
    pub duration: Duration,
    /// Over what time they arrive: zero is a start bell.
    pub arrivals: Duration,
    /// Over what time, up to the end of [`Plan::duration`], they hand in: zero is an end bell.
    pub departures: Duration,
    /// How many papers one candidate sits at most; None goes on as long as the exam allows.
    pub sittings: Option<u32>,
    /// Whether a candidate who has handed in makes room for the next person, so that nobody sits two papers.
    pub relay: bool,
    /// The share of answers after which an earlier one is changed.
    pub re_answer: f64,
    /// The share of saves that are sent a second time under the same identities.
    pub replay: f64,
    /// The share of saves after which the attempt is loaded again, as by a reload of the page.
    pub resume: f64,
    /// Whether the page of the attempt is asked for as a browser does, and how long after it all its questions are: a moment by
    /// chance between the two. None is a candidate who only speaks the API.
    pub pages: Option<(Duration, Duration)>,
    /// Whether papers are handed in. Without it they stay open, and a candidate who is through goes on changing answers.
    pub submit: bool,
    /// Whether the result is looked at after handing in.
    pub result: bool,
    /// What all chance in the run grows from. The same seed gives the same accounts, keys, pauses and answers.
    pub seed: u64,
    /// Operations per save.
    pub batch: usize,
    /// Whether a candidate takes the pen, as each tab of our page does; without it operations are those of writer 0.
    pub pens: bool,
    /// What happens when the server cannot be reached or refuses.
    pub retry: Retry,
}

impl Plan {
    /// One paper each with pens, a minute to arrive, half a minute to think, and everybody handing in after ten minutes.
    #[must_use]
    pub fn new(url: Target, exam: &str, users: usize, sessions: Sessions, seed: u64) -> Self {
        Self {
            url,
            exam: exam.to_owned(),
            users,
            sessions,
            think: Think::Mean(Duration::from_secs(30)),
            duration: Duration::from_secs(600),
            arrivals: Duration::from_secs(60),
            departures: Duration::ZERO,
            sittings: None,
            relay: false,
            re_answer: 0.2,
            replay: 0.0,
            resume: 0.02,
            pages: None,
            submit: true,
            result: true,
            seed,
            batch: 1,
            pens: true,
            retry: Retry::default(),
        }
    }
}

/// How candidates come by their sessions.
#[derive(Debug, Clone)]
pub enum Sessions {
    /// Each makes an account over the API, or signs in to the one that an earlier run with the same seed made.
    SignUp,
    /// They were made in the database beforehand.
    Prepared(Vec<PreparedSession>),
}

/// A session that is there already.
#[derive(Clone, PartialEq, Eq)]
pub struct PreparedSession {
    /// Its token.
    pub token: String,
}

impl std::fmt::Debug for PreparedSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PreparedSession")
    }
}

/// How long a candidate thinks about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Think {
    /// Not at all: the next answer follows the reply to the last.
    Zero,
    /// This long on average, spread log-normally with sigma 0.8, from a fifteenth of it to ten times as long.
    Mean(Duration),
}

/// What happens when the server cannot be reached or refuses for now (503, 429, 408, 5xx): the request is kept and sent again
/// as it was, after a pause that doubles and of which a random part is waited, but never less than `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// The longest first pause.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// When a request that was never answered is given up, and its candidate with it.
    pub give_up_after: Duration,
    /// How long one answer may take.
    pub answer_within: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(200),
            longest: Duration::from_secs(5),
            give_up_after: Duration::from_secs(120),
            answer_within: Duration::from_secs(30),
        }
    }
}

/// Where a server listens: the host and port of an `http://` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    authority: String,
    host: String,
    port: u16,
}

/// Why an address cannot be rehearsed against.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTarget {
    /// TLS is the proxy's business, and would be most of what is measured.
    #[error(
        "a rehearsal speaks plain HTTP: give the address at which the server itself listens, such as http://127.0.0.1:5000"
    )]
    Https,
    /// Not an address.
    #[error("it is no address of a server; write it like http://127.0.0.1:5000")]
    NoAddress,
    /// The server has the whole host.
    #[error("it has a path; give host and port only, such as http://127.0.0.1:5000")]
    Path,
}

impl Target {
    /// Host and port as the `Host` header names them.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// What to connect to.
    pub(crate) fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "http://{}", self.authority)
    }
}

impl std::str::FromStr for Target {
    type Err = BadTarget;

    fn from_str(text: &str) -> Result<Self, BadTarget> {
        if text.starts_with("https://") {
            return Err(BadTarget::Https);
        }
        let rest = text.strip_prefix("http://").ok_or(BadTarget::NoAddress)?;
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err(BadTarget::Path);
        }
        if authority.contains('@') {
            return Err(BadTarget::NoAddress);
        }
        let parsed: hyper::http::uri::Authority = authority.parse().map_err(|_| BadTarget::NoAddress)?;
        let host = parsed.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = match authority.get(parsed.host().len()..).unwrap_or_default() {
            "" => 80,
            rest => rest.strip_prefix(':').and_then(|port| port.parse().ok()).ok_or(BadTarget::NoAddress)?,
        };
        if host.is_empty() {
            return Err(BadTarget::NoAddress);
        }
        Ok(Self { authority: authority.to_owned(), host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_host_and_port_over_plain_http() {
        let read = |text: &str| text.parse::<Target>();
        for (text, host, port) in [
            ("http://127.0.0.1:5000", "127.0.0.1", 5000),
            ("http://exams.example.org/", "exams.example.org", 80),
            ("http://[::1]:8080", "::1", 8080),
        ] {
            let target = read(text).expect(text);
            assert_eq!(target.address(), (host, port), "{text}");
            assert_eq!(target.to_string(), text.trim_end_matches('/'));
        }
        assert_eq!(read("https://exams.example.org"), Err(BadTarget::Https));
        assert_eq!(read("http://exams.example.org/exams"), Err(BadTarget::Path));
        for text in
            ["exams.example.org", "http://", "http://a@b", "http://a b", "http://a:", "http://a:70000", "ftp://a"]
        {
            assert_eq!(read(text), Err(BadTarget::NoAddress), "{text}");
        }
    }

    #[test]
    fn a_session_never_shows_its_token() {
        assert_eq!(format!("{:?}", PreparedSession { token: "secret".into() }), "PreparedSession");
    }
}
