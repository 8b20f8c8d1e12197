//! The frame around every page: who looks at it, where they are, and how texts, times and numbers are written.

use crate::markup::Html;
use crate::messages::{Argument, Language, Messages};
use std::sync::Arc;

/// What all pages of this server share; built once at start.
pub struct Shell {
    /// What static file names are appended to, with the asset version in it and a slash at its end.
    pub asset_prefix: String,
    /// All scripts of the page on which a question is answered, as names of static files.
    pub player_modules: Arc<[String]>,
    /// Whether this is a demo installation, which every page then says.
    pub demo: bool,
    /// Whether anybody may sign up.
    pub sign_up_open: bool,
}

/// What a person may do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Sits exams.
    Candidate,
    /// Writes questions and exams.
    Author,
    /// Watches over exams.
    Invigilator,
    /// May do everything.
    Admin,
}

impl Role {
    /// All of them, in the order in which forms offer them.
    pub const ALL: [Self; 4] = [Self::Candidate, Self::Author, Self::Invigilator, Self::Admin];

    /// The name used in forms, tables and the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Author => "author",
            Self::Invigilator => "invigilator",
            Self::Admin => "admin",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What people call the role.
    #[must_use]
    pub fn label(self, page: &Page) -> String {
        page.t(match self {
            Self::Candidate => "role-candidate",
            Self::Author => "role-author",
            Self::Invigilator => "role-invigilator",
            Self::Admin => "role-admin",
        })
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account's number: what a device keeps of theirs goes by it.
    pub account: i64,
    /// The name as they gave it.
    pub name: String,
    /// What they may do; decides which links are offered, never what is allowed.
    pub role: Role,
}

impl Person {
    /// Whether the staff area is offered.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.role != Role::Candidate
    }

    /// Whether accounts are offered.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether banks and the making of exams are offered.
    #[must_use]
    pub fn is_author(&self) -> bool {
        matches!(self.role, Role::Author | Role::Admin)
    }
}

/// A moment in milliseconds since 1970-01-01T00:00:00Z, shown in UTC by the server and in local time by `times.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

impl Moment {
    /// RFC 3339 in UTC with milliseconds, for attributes.
    #[must_use]
    pub fn machine(self) -> String {
        jiff::Timestamp::from_millisecond(self.0).map_or_else(|_| String::new(), |moment| format!("{moment:.3}"))
    }
}

/// A small value, however often templates borrow it on the way.
pub trait Plain<T> {
    /// The value.
    fn get(self) -> T;
}

impl<T> Plain<T> for T {
    fn get(self) -> T {
        self
    }
}

impl<T: Copy> Plain<T> for &T {
    fn get(self) -> T {
        *self
    }
}

impl<T: Copy> Plain<T> for &&T {
    fn get(self) -> T {
        **self
    }
}

/// The frame of one page.
pub struct Page {
    messages: &'static Messages,
    asset_prefix: String,
    /// All scripts of the page on which a question is answered, as names of static files.
    pub player_modules: Arc<[String]>,
    /// Who looks at it; None for a guest.
    pub person: Option<Person>,
    /// The path of the request, which decides what the navigation marks as current.
    pub path: String,
    /// The address at which this page can be asked for once more: its own, or that of the page with the form that led to it.
    pub again: String,
    /// Whether this is a demo installation.
    pub demo: bool,
    /// Whether guests are offered to sign up.
    pub sign_up_open: bool,
    /// The request's code, shown on error pages so that support can find it in the log.
    pub request_id: Option<String>,
}

impl Page {
    /// The frame for a request to `path` by `person`, who reads `language`.
    #[must_use]
    pub fn new(
        shell: &Shell,
        language: Language,
        person: Option<Person>,
        path: &str,
        request_id: Option<String>,
    ) -> Self {
        Self {
            messages: Messages::of(language),
            asset_prefix: shell.asset_prefix.clone(),
            player_modules: Arc::clone(&shell.player_modules),
            person,
            path: path.to_owned(),
            again: path.to_owned(),
            demo: shell.demo,
            sign_up_open: shell.sign_up_open,
            request_id,
        }
    }

    /// The same, with the address at which it can be asked for once more.
    #[must_use]
    pub fn again_at(self, again: String) -> Self {
        Self { again, ..self }
    }

    /// The language of the texts.
    #[must_use]
    pub fn language(&self) -> Language {
        self.messages.language()
    }

    /// The languages to choose from; none in the staff area, which is in English.
    #[must_use]
    pub fn languages(&self) -> &'static [Language] {
        if self.is_within("/admin") { &[] } else { &Language::ALL }
    }

    /// The text of a message.
    #[must_use]
    pub fn t(&self, id: &str) -> String {
        self.messages.get(id)
    }

    /// The text of a message that holds one value.
    #[must_use]
    pub fn t1(&self, id: &str, name: &str, value: impl Argument) -> String {
        self.messages.get_with(id, &[(name, &value)])
    }

    /// The text of a message that holds two values.
    #[must_use]
    pub fn t2(&self, id: &str, name: &str, value: impl Argument, name2: &str, value2: impl Argument) -> String {
        self.messages.get_with(id, &[(name, &value), (name2, &value2)])
    }

    /// The URL of a static file.
    #[must_use]
    pub fn asset(&self, path: &str) -> String {
        format!("{}{path}", self.asset_prefix)
    }

    /// Whether the page's path is `path` or below it.
    #[must_use]
    pub fn is_within(&self, path: &str) -> bool {
        self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// A moment as a `<time>` element.
    #[must_use]
    pub fn time(&self, moment: impl Plain<Moment>) -> Html {
        let moment = moment.get();
        let text = self.moment_text(moment);
        Html::element("time", &[("datetime", &moment.machine()), ("data-local", "")], &text)
    }

    /// A moment as plain text, in UTC.
    #[must_use]
    pub fn moment_text(&self, moment: Moment) -> String {
        let Ok(timestamp) = jiff::Timestamp::from_millisecond(moment.0) else {
            return self.t("no-value");
        };
        let civil = timestamp.to_zoned(jiff::tz::TimeZone::UTC);
        self.messages.get_with(
            "moment",
            &[
                ("day", &i64::from(civil.day())),
                ("month", &i64::from(civil.month())),
                // As texts: years and clock times take no thousands separator.
                ("year", &civil.year().to_string()),
                ("time", &format!("{:02}:{:02}", civil.hour(), civil.minute())),
            ],
        )
    }

    /// A length of time in its two largest units: "1 h 30 min".
    #[must_use]
    pub fn duration(&self, seconds: impl Plain<i64>) -> String {
        let seconds = (seconds.get()).max(0);
        let (hours, minutes, rest) = (seconds / 3_600, seconds % 3_600 / 60, seconds % 60);
        match (hours, minutes, rest) {
            (0, 0, _) => self.t1("duration-seconds", "seconds", rest),
            (0, _, 0) => self.t1("duration-minutes", "minutes", minutes),
            (0, _, _) => self.t2("duration-minutes-seconds", "minutes", minutes, "seconds", rest),
            (_, 0, _) => self.t1("duration-hours", "hours", hours),
            _ => self.t2("duration-hours-minutes", "hours", hours, "minutes", minutes),
        }
    }

    /// A percentage with at most one decimal, rounded down so that nobody reads a pass mark that was not reached: "72.5%".
    #[must_use]
    pub fn percent(&self, percent: impl Plain<f64>) -> String {
        // Hundredths first: 72.5 may come as 72.49999999.
        let hundredths = (percent.get() * 100.0).round();
        self.t1("percent", "value", (hundredths / 10.0).floor() / 10.0)
    }

    /// Marks with at most two decimals.
    #[must_use]
    pub fn points(&self, points: impl Plain<f64>) -> String {
        self.t1("number", "value", (points.get() * 100.0).round() / 100.0)
    }

    /// A count, with thousands set apart.
    #[must_use]
    pub fn number(&self, number: impl Plain<i64>) -> String {
        self.t1("number", "value", number.get())
    }
}
