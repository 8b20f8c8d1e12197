//! Errors as people and programs see them.
//!
//! Handlers return [`Error`]; `tell`, on the way out, logs it once and turns it into problem+json (RFC 9457) for the
//! API or a page for people. The code is stable; the sentence says what to do; the cause stays in the log.

mod told;

pub(super) use told::{Asked, tell};

use crate::password::PasswordError;
use crate::view::error::ErrorKind;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use exam::practice::Source;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// Why a request is not answered as asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in.
    #[error("You are not signed in. Sign in and try again.")]
    SignedOut,
    /// Address and password do not belong together, or the account may not sign in; never says which.
    #[error("The email address or the password is not right.")]
    WrongCredentials,
    /// The access code is unknown, expired or replaced, or its account may not sign in by one; never says which.
    #[error("The access code is not right, or no longer valid. Check it, or ask the exam office for a new one.")]
    WrongAccessCode,
    /// Signed in, but not for this.
    #[error("Your account may not do this.")]
    Forbidden,
    /// A password is to be changed from a session that began with an access code.
    #[error("You are signed in with an access code. Sign in with your password to change it.")]
    ByAccessCode,
    /// A browser says that another site sent this.
    #[error("This request came from another site. Open the page here and try again.")]
    CrossSite,
    /// This installation takes no sign-ups.
    #[error("Sign-up is not open here. Ask the exam office for an account.")]
    SignUpClosed,
    /// Nothing here, or somebody else's.
    #[error("There is nothing here.")]
    NotFound,
    /// The address takes other methods.
    #[error("This address does not take this method.")]
    MethodNotAllowed,
    /// The attempt has ended.
    #[error("This attempt has ended. What was saved until then counts.")]
    Closed,
    /// Another tab or device has taken the pen since.
    #[error("This attempt was continued on another tab or device. Go on there, or take the pen first.")]
    Superseded,
    /// The time of the attempt is over.
    #[error("The time of this attempt is over. Hand it in; what was saved until then counts.")]
    Late,
    /// The exam is none that is checked question by question.
    #[error("Questions of this exam cannot be checked while it is being taken.")]
    NotCheckable,
    /// There is no answer to be checked.
    #[error("Answer the question first, then check it.")]
    Unanswered,
    /// The person has not been shown what is right.
    #[error("A question can be bookmarked once you have seen its right answer.")]
    NotReleased,
    /// A drill without questions.
    #[error("{}", match .0 {
        Source::Bookmarked => "You have bookmarked no question of this practice.",
        _ => "There is no question of this practice that you missed last time.",
    })]
    NothingToDraw(Source),
    /// The attempt has not ended.
    #[error("This attempt is still open. Submit it first.")]
    StillOpen,
    /// The exam is not open at this time.
    #[error("This exam cannot be started now.")]
    NotOpen,
    /// The person has used all attempts.
    #[error("You have used all attempts that this exam allows.")]
    NoAttemptsLeft,
    /// The address has an account.
    #[error("There is an account with this email address. Sign in instead.")]
    EmailTaken,
    /// Not JSON, or not a form.
    #[error("The request cannot be read: {0}.")]
    Malformed(String),
    /// Readable, but with wrong values.
    #[error("The request has wrong values.")]
    Invalid(Vec<FieldProblem>),
    /// Larger than allowed.
    #[error("The request is too large.")]
    TooLarge,
    /// It took too long to arrive.
    #[error("The request took too long to arrive. Send it again.")]
    TooSlow,
    /// The attempt holds as many changes as it can take.
    #[error("This attempt has been changed more often than it can keep. Hand it in; everything that was saved counts.")]
    Full,
    /// This server's clock and its database's differ, so that nobody's time can be judged.
    #[error("This server cannot tell the time reliably now. Your answers were not saved yet; try again in a moment.")]
    ClocksApart,
    /// More people want to get in than fit; this one has a place in the waiting room.
    #[error("Many people are coming in right now. Try again in {} seconds.", seconds(.0.wait))]
    Waiting(Waiting),
    /// More requests want to get in than fit; after this time there may be room.
    #[error("Many people are coming in right now. Try again in {} seconds.", seconds(*.0))]
    Crowded(Duration),
    /// Many people are signing in, and this one would have to wait for too long.
    #[error("Many people are signing in right now, {ahead} of them before you. Try again in {} seconds.", seconds(*.wait))]
    ManySignIns {
        /// How many are before this one.
        ahead: usize,
        /// How long they will take.
        wait: Duration,
    },
    /// More requests than anybody needs; after this time there may be another one.
    #[error("There have been too many requests. Try again in {} seconds.", seconds(*.0))]
    TooMany(Duration),
    /// Too much to do, or no answer from the database. What was asked for may have been done; asking again is safe.
    #[error("The server is busy. Try again in a moment; repeating a request is safe.")]
    Busy,
    /// Our fault; the cause is logged.
    #[error("Something went wrong on our side. What was saved before is safe.")]
    Internal(Arc<str>),
}

/// A wrong value.
#[derive(Debug, Clone, Serialize)]
pub struct FieldProblem {
    /// An RFC 6901 pointer into the request.
    pub pointer: String,
    /// What to do, in a sentence.
    pub detail: String,
}

/// A place in the waiting room, as its page shows it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What the browser keeps of it; None when no number was given out.
    pub cookie: Option<HeaderValue>,
    /// How many are before it.
    pub ahead: u64,
    /// How long that will take.
    pub wait: Duration,
    /// The page to go to when it is called.
    pub to: String,
}

/// Whole seconds, one at least.
fn seconds(wait: Duration) -> i64 {
    i64::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(i64::MAX).clamp(1, 86_400)
}

/// A result of a handler.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// One wrong value. `pointer` is an RFC 6901 pointer into the request.
    #[must_use]
    pub fn invalid(pointer: &str, detail: &str) -> Self {
        Self::Invalid(vec![FieldProblem { pointer: pointer.to_owned(), detail: detail.to_owned() }])
    }

    /// A defect or a failed dependency, with its cause for the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string().into())
    }

    /// The status it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut | Self::WrongCredentials | Self::WrongAccessCode => StatusCode::UNAUTHORIZED,
            Self::Forbidden
            | Self::ByAccessCode
            | Self::CrossSite
            | Self::SignUpClosed
            | Self::NotCheckable
            | Self::NotReleased => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Closed
            | Self::StillOpen
            | Self::NotOpen
            | Self::NoAttemptsLeft
            | Self::EmailTaken
            | Self::Superseded
            | Self::Late
            | Self::NothingToDraw(_) => StatusCode::CONFLICT,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Invalid(_) | Self::Full | Self::Unanswered => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::ClocksApart | Self::Waiting(_) | Self::Crowded(_) | Self::ManySignIns { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code, listed in docs/api.md.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::WrongCredentials => "wrong_credentials",
            Self::WrongAccessCode => "wrong_access_code",
            // Passwords are changed on pages only.
            Self::Forbidden | Self::ByAccessCode => "forbidden",
            Self::CrossSite => "cross_site",
            Self::SignUpClosed => "sign_up_closed",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Closed => "closed",
            Self::Superseded => "superseded",
            Self::Late => "late",
            Self::NotCheckable => "not_checkable",
            Self::Unanswered => "unanswered",
            Self::NotReleased => "not_released",
            Self::NothingToDraw(_) => "nothing_to_draw",
            Self::StillOpen => "still_open",
            Self::NotOpen => "not_open",
            Self::NoAttemptsLeft => "no_attempts_left",
            Self::EmailTaken => "email_taken",
            Self::Malformed(_) => "malformed",
            Self::Invalid(_) => "invalid",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Full => "full",
            Self::ClocksApart => "clock_apart",
            Self::TooMany(_) => "rate_limited",
            Self::Busy | Self::Waiting(_) | Self::Crowded(_) | Self::ManySignIns { .. } => "busy",
            Self::Internal(_) => "internal",
        }
    }

    /// What clients are asked to wait before they try again, in seconds; None where that would not help.
    pub(crate) fn retry_after(&self) -> Option<i64> {
        match self {
            Self::Waiting(Waiting { wait, .. })
            | Self::Crowded(wait)
            | Self::ManySignIns { wait, .. }
            | Self::TooMany(wait) => Some(seconds(*wait)),
            Self::Busy | Self::ClocksApart => Some(RETRY_AFTER_S),
            _ => None,
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::SignedOut => ErrorKind::SignedOut,
            Self::WrongCredentials
            | Self::WrongAccessCode
            | Self::Forbidden
            | Self::NotCheckable
            | Self::NotReleased => ErrorKind::Forbidden,
            Self::ByAccessCode => ErrorKind::ByAccessCode,
            Self::CrossSite => ErrorKind::CrossSite,
            Self::SignUpClosed => ErrorKind::SignUpClosed,
            Self::NotFound => ErrorKind::NotFound,
            Self::MethodNotAllowed => ErrorKind::MethodNotAllowed,
            Self::Closed | Self::StillOpen | Self::NotOpen | Self::NoAttemptsLeft | Self::Late => {
                ErrorKind::AttemptClosed
            }
            Self::EmailTaken
            | Self::Malformed(_)
            | Self::Invalid(_)
            | Self::Superseded
            | Self::Unanswered
            | Self::NothingToDraw(_) => ErrorKind::BadRequest,
            Self::TooLarge => ErrorKind::TooLarge,
            Self::TooSlow => ErrorKind::Timeout,
            Self::Full => ErrorKind::AttemptFull,
            Self::TooMany(wait) => ErrorKind::TooMany(seconds(*wait)),
            Self::Waiting(Waiting { wait, .. }) | Self::Crowded(wait) | Self::ManySignIns { wait, .. } => {
                ErrorKind::Busy(seconds(*wait))
            }
            Self::Busy | Self::ClocksApart => ErrorKind::Busy(RETRY_AFTER_S),
            Self::Internal(_) => ErrorKind::Internal,
        }
    }
}

/// What clients are asked to wait when the server is busy.
const RETRY_AFTER_S: i64 = 2;

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Unavailable(cause) | store::Error::TooSlow(cause) => {
                tracing::warn!(%cause, "the database is unavailable");
                Self::Busy
            }
            store::Error::Busy => Self::Busy,
            store::Error::Nul => Self::invalid("", "Take the NUL character out of this text."),
            other => Self::internal(other),
        }
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy { ahead, wait } => Self::ManySignIns { ahead, wait },
            PasswordError::Failed(cause) => Self::internal(cause),
        }
    }
}

impl IntoResponse for Error {
    /// A bare status that carries the error to `tell`.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
