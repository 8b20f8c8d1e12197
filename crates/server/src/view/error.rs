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
}

/// What can go wrong instead of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 400: the request could not be understood.
    BadRequest,
    /// 403: signed in, but not for this.
    Forbidden,
    /// 403: a form that was sent from another site.
    CrossSite,
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
}

impl ErrorKind {
    fn title(self, page: &Page) -> String {
        page.t(match self {
            Self::BadRequest => "error-bad-request-title",
            Self::Forbidden => "error-forbidden-title",
            Self::CrossSite => "error-cross-site-title",
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
            Self::Forbidden => page.t("error-forbidden-advice"),
            Self::CrossSite => page.t("error-cross-site-advice"),
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
