//! The page shown instead of the one asked for.

use super::page::Page;
use askama::Template;

/// `any`: what went wrong, what was kept, what to do
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame; its request id is shown.
    pub page: Page,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The address to try again; None when the request was more than a look at a page.
    pub retry: Option<String>,
    /// The answer that was not taken, to be sent again from here.
    pub unsent: Option<UnsentForm>,
}

/// A form as it was sent.
pub struct UnsentForm {
    /// Where it goes.
    pub action: String,
    /// Its fields, names and values.
    pub fields: Vec<(String, String)>,
}

/// What can go wrong instead of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400: the request could not be understood.
    BadRequest,
    /// 401: the session has ended, and an answer came after it.
    SignedOut,
    /// 403: signed in, but not for this.
    Forbidden,
    /// 403: a session that began with an access code, from which no password is changed.
    ByAccessCode,
    /// 403: a form that was sent from another site.
    CrossSite,
    /// 403: nobody makes an account here by themselves.
    SignUpClosed,
    /// 404: nothing here, or not theirs.
    NotFound,
    /// 405: this address takes another method.
    MethodNotAllowed,
    /// 408: the request took too long to arrive or to answer.
    Timeout,
    /// 409: the attempt has ended.
    AttemptClosed,
    /// 422: the attempt holds as many changes as it can take.
    AttemptFull,
    /// 413: too large.
    TooLarge,
    /// 429: too many tries; after this many seconds again.
    TooMany(i64),
    /// 500: our fault.
    Internal,
    /// 503: too much to do; after this many seconds again.
    Busy(i64),
}

impl ErrorPage {
    /// Where trying the same again may help.
    fn useful_retry(&self) -> Option<&str> {
        let may_help =
            matches!(self.kind, ErrorKind::Timeout | ErrorKind::TooMany(_) | ErrorKind::Internal | ErrorKind::Busy(_));
        self.retry.as_deref().filter(|_| may_help)
    }

    /// Whether it stands in the place of an attempt that is not this person's, or nobody's: a device that has kept its paper lets it go.
    fn is_no_attempt(&self) -> bool {
        let attempt = self.page.path.strip_prefix("/attempts/").filter(|rest| !rest.contains('/'));
        self.kind == ErrorKind::NotFound && attempt.is_some()
    }
}

impl ErrorKind {
    fn title(self, page: &Page) -> String {
        page.t(match self {
            Self::BadRequest => "error-bad-request-title",
            Self::SignedOut => "error-signed-out-title",
            Self::Forbidden => "error-forbidden-title",
            Self::ByAccessCode => "error-by-access-code-title",
            Self::CrossSite => "error-cross-site-title",
            Self::SignUpClosed => "error-sign-up-closed-title",
            Self::NotFound => "error-not-found-title",
            Self::MethodNotAllowed => "error-method-title",
            Self::Timeout => "error-timeout-title",
            Self::AttemptClosed => "error-attempt-closed-title",
            Self::AttemptFull => "error-attempt-full-title",
            Self::TooLarge => "error-too-large-title",
            Self::TooMany(_) => "error-too-many-title",
            Self::Internal => "error-internal-title",
            Self::Busy(_) => "error-busy-title",
        })
    }

    fn advice(self, page: &Page) -> String {
        match self {
            Self::BadRequest => page.t("error-bad-request-advice"),
            Self::SignedOut => page.t("error-signed-out-advice"),
            Self::Forbidden => page.t("error-forbidden-advice"),
            Self::ByAccessCode => page.t("error-by-access-code-advice"),
            Self::CrossSite => page.t("error-cross-site-advice"),
            Self::SignUpClosed => page.t("error-sign-up-closed-advice"),
            Self::NotFound => page.t("error-not-found-advice"),
            Self::MethodNotAllowed => page.t("error-method-advice"),
            Self::Timeout => page.t("error-timeout-advice"),
            Self::AttemptClosed => page.t("error-attempt-closed-advice"),
            Self::AttemptFull => page.t("error-attempt-full-advice"),
            Self::TooLarge => page.t("error-too-large-advice"),
            Self::TooMany(seconds) => page.t1("error-too-many-advice", "seconds", seconds),
            Self::Internal => page.t("error-internal-advice"),
            Self::Busy(seconds) => page.t1("error-busy-advice", "seconds", seconds),
        }
    }
}
