//! One of the people who come: a browser with its cookies, and what it does with each answer.

use super::tally::Tally;
use crate::wire::{Answer, Wire};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often somebody whose connection breaks tries again at once.
const BROKEN_MAX: u32 = 3;
/// What the cookie of the waiting room begins with.
const PLACE: &str = "examhall_place_";

/// What all people share.
pub(super) struct Hall {
    pub(super) to: SocketAddr,
    pub(super) host: String,
    pub(super) exam: String,
    pub(super) seed: u32,
    /// Whether connections are kept by those who wait.
    pub(super) keeps: bool,
    pub(super) tally: Mutex<Tally>,
}

/// What is asked for, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Home,
    SignIn,
    Exam,
    Start,
    Paper,
}

impl Step {
    pub(super) const ALL: [Self; 5] = [Self::Home, Self::SignIn, Self::Exam, Self::Start, Self::Paper];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::SignIn => "sign_in",
            Self::Exam => "exam",
            Self::Start => "start",
            Self::Paper => "paper",
        }
    }
}

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// What was asked for, and where it leads.
    Let { location: Option<String> },
    /// The page of the waiting room: to ask again after so long.
    Wait(Duration),
    /// Something else that says when to come again.
    Refused(u16, Duration),
    /// What nobody should be told.
    Unexpected(u16),
}

impl Told {
    fn by(step: Step, answer: &Answer<'_>) -> Self {
        let again = answer.header("retry-after").and_then(|value| value.parse().ok()).map(Duration::from_secs);
        match answer.status {
            200 if step != Step::Start => Self::Let { location: None },
            // Elsewhere somebody is led who is not signed in.
            303 if step == Step::Start
                && answer.header("location").is_some_and(|path| path.starts_with("/attempts/")) =>
            {
                Self::Let { location: answer.header("location").map(str::to_owned) }
            }
            503 | 429 => match (refresh(answer.text()), again) {
                (Some(wait), _) => Self::Wait(wait),
                (None, Some(again)) => Self::Refused(answer.status, again),
                (None, None) => Self::Unexpected(answer.status),
            },
            status => Self::Unexpected(status),
        }
    }
}

/// When a page goes on by itself.
fn refresh(page: &str) -> Option<Duration> {
    let (_, rest) = page.split_once("http-equiv=\"refresh\" content=\"")?;
    rest.split([';', '"']).next()?.parse().ok().map(Duration::from_secs)
}

/// The number of a place in the waiting room.
fn number(cookie: &str) -> Option<u64> {
    let (name, value) = cookie.split_once('=')?;
    name.starts_with(PLACE).then(|| value.split('.').next()?.parse().ok())?
}

/// One of them.
pub(super) struct Person {
    hall: Arc<Hall>,
    /// Each comes from an address of its own.
    from: IpAddr,
    key: usize,
    session: String,
    place: Option<String>,
    wire: Option<Wire>,
    /// Where the paper is.
    paper: String,
}

impl Person {
    pub(super) fn new(hall: Arc<Hall>, key: usize, session: String) -> Self {
        // 127.1.0.1 and on: 200 to each of the last parts, so that none is an address of a network.
        let part = |place: usize| u8::try_from(place % 200 + 1).unwrap_or(1);
        let from = Ipv4Addr::new(127, part(key / 40_000).saturating_add(1), part(key / 200), part(key));
        Self { hall, from: from.into(), key, session, place: None, wire: None, paper: String::new() }
    }

    pub(super) fn hall(&self) -> &Arc<Hall> {
        &self.hall
    }

    /// Comes, waits where it is told to, and goes on until the paper is there.
    pub(super) async fn comes(mut self) {
        let came = Instant::now();
        let (mut step, mut broken) = (Step::Home, 0);
        loop {
            let sent = Instant::now();
            let told = self.asks(step).await;
            let (now, number) = (Instant::now(), self.place.as_deref().and_then(number));
            let told = match told {
                Ok(told) => told,
                Err(error) if broken < BROKEN_MAX => {
                    self.wire = None;
                    broken += 1;
                    self.hall.tally(|tally| tally.broke(&error));
                    continue;
                }
                Err(_) => return self.hall.tally(|tally| tally.gave_up(step, "connection")),
            };
            broken = 0;
            match told {
                Told::Let { location } => {
                    self.hall.tally(|tally| tally.let_in(step, sent, now, number));
                    step = match step {
                        Step::Home => Step::SignIn,
                        Step::SignIn => Step::Exam,
                        Step::Exam => Step::Start,
                        Step::Start => {
                            self.paper = location.unwrap_or_default();
                            Step::Paper
                        }
                        Step::Paper => return self.hall.tally(|tally| tally.is_in(came, now)),
                    };
                }
                Told::Wait(wait) => {
                    self.hall.tally(|tally| tally.has_to_wait(sent, now, number));
                    step = step.min(if step == Step::Start { Step::Exam } else { step });
                    self.waits(wait).await;
                }
                Told::Refused(status, wait) => {
                    self.hall.tally(|tally| tally.was_refused(status, sent, now));
                    self.waits(wait).await;
                }
                Told::Unexpected(status) => {
                    return self.hall.tally(|tally| tally.gave_up(step, &format!("status_{status}")));
                }
            }
        }
    }

    async fn waits(&mut self, wait: Duration) {
        if self.hall.keeps {
            if let Some(wire) = &mut self.wire {
                wire.rest();
            }
        } else {
            self.wire = None;
        }
        sleep(wait).await;
    }

    async fn asks(&mut self, step: Step) -> io::Result<Told> {
        let request = self.request(step);
        let wire = match &mut self.wire {
            Some(wire) => wire,
            none => none.insert(Wire::connect(self.hall.to, Some(self.from)).await?),
        };
        let answer = wire.ask(request.as_bytes()).await?;
        let cookies = answer.headers("set-cookie").filter_map(|cookie| cookie.split(';').next());
        if let Some(place) = cookies.filter(|cookie| cookie.starts_with(PLACE)).last() {
            self.place = Some(place.to_owned());
        }
        let (told, is_last) = (Told::by(step, &answer), answer.is_last());
        if is_last {
            self.wire = None;
        }
        Ok(told)
    }

    fn request(&self, step: Step) -> String {
        let exam = &self.hall.exam;
        let line = match step {
            Step::Home => "GET / HTTP/1.1".to_owned(),
            Step::SignIn => "GET /sign-in HTTP/1.1".to_owned(),
            Step::Exam => format!("GET /exams/{exam} HTTP/1.1"),
            Step::Start => format!("POST /exams/{exam}/attempts HTTP/1.1"),
            Step::Paper => format!("GET {} HTTP/1.1", self.paper),
        };
        // Until they have signed in, nobody knows who they are.
        let session = (step > Step::SignIn).then(|| format!("examhall_session={}", self.session));
        let cookies: Vec<&str> = session.as_deref().into_iter().chain(self.place.as_deref()).collect();
        let cookies = if cookies.is_empty() { String::new() } else { format!("cookie: {}\r\n", cookies.join("; ")) };
        let host = &self.hall.host;
        let head = format!(
            "{line}\r\nhost: {host}\r\naccept: text/html\r\naccept-encoding: gzip, deflate, br\r\nsec-fetch-site: same-origin\r\n{cookies}"
        );
        if step != Step::Start {
            return head + "\r\n";
        }
        let form = format!("idempotency_key={:08x}{:024x}", self.hall.seed, self.key);
        let length = form.len();
        format!("{head}content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{form}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_when_it_goes_on_and_a_cookie_says_which_place() {
        let page = r#"<head><meta http-equiv="refresh" content="12;url=/exams/bench"></head>"#;
        assert_eq!(refresh(page), Some(Duration::from_secs(12)));
        assert_eq!(refresh("<head></head>"), None);
        assert_eq!(number("examhall_place_0a1b=41.1700000000000.ff"), Some(41));
        assert_eq!((number("examhall_session=41.1"), number("examhall_place_0a1b=x")), (None, None));
    }
}
