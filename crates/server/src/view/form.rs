//! What can be wrong with a form, and how its page says so.

use super::page::Page;
use crate::markup::{Html, escape};

/// Everything that can be wrong with what a person typed or chose. Each has one text, used in the summary and at the field.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// No e-mail address was given.
    EmailMissing,
    /// It has no form of an address.
    EmailInvalid,
    /// Somebody signed up with it.
    EmailTaken,
    /// No name was given.
    NameMissing,
    /// The name holds characters that nobody sees.
    NameUnseen,
    /// The name is longer than this many characters.
    NameTooLong(i64),
    /// No password was given.
    PasswordMissing,
    /// The current password was not given, where another one is to take its place.
    CurrentPasswordMissing,
    /// No password was given to take the place of another one.
    NewPasswordMissing,
    /// The password is shorter than this many characters.
    PasswordTooShort(i64),
    /// The password is longer than this many characters.
    PasswordTooLong(i64),
    /// The password is one of the first that anybody would try.
    PasswordEasy,
    /// The new password is the current one.
    PasswordUnchanged,
    /// Address and password do not belong together; never says which is wrong.
    WrongCredentials,
    /// Not the current password of whoever is signed in.
    WrongPassword,
    /// The access code is unknown or no longer valid; never says which.
    WrongAccessCode,
    /// The account may not sign in.
    AccountDisabled,
    /// Too many tries; the next one counts after this many seconds.
    TooManyTries(i64),
    /// So many others sign in at the same time; the next try counts after so many seconds.
    ManySignIns(i64, i64),
    /// The set-up link is unknown, used or too old.
    SetUpLinkSpent,
    /// A number of questions that was not offered.
    QuestionCountNotOffered,
    /// No attempt is left.
    NoAttemptsLeft,
    /// A drill without a question that was missed.
    NothingMissed,
    /// A drill without a question that is bookmarked.
    NothingBookmarked,
    /// The exam does not take candidates at this time.
    NotOpen,
    /// No title was given.
    TitleMissing,
    /// The text is longer than this many characters.
    TooLong(i64),
    /// No short name was given.
    SlugMissing,
    /// A short name may hold only small letters, digits and hyphens.
    SlugInvalid,
    /// Something of this kind has the short name.
    SlugTaken,
    /// No bank was chosen, or one that is gone.
    BankMissing,
    /// Not a whole number between these two.
    NotBetween(i64, i64),
    /// The bank has only this many questions.
    TooFewQuestions(i64),
    /// No file was chosen.
    FileMissing,
    /// The file is larger than this many megabytes.
    FileTooLarge(i64),
    /// The file could not be read in the chosen format.
    FileUnreadable,
    /// A value that the form does not offer.
    NotOffered,
    /// An exam without a time limit.
    TimeLimitMissing,
    /// Not a date and time.
    NotATime,
    /// The close is not after the opening.
    CloseBeforeOpen,
    /// The last admin cannot lose the role or be disabled.
    LastAdmin,
    /// A link to set a password, for an account that may not sign in.
    LinkOfDisabled,
    /// A demo account changes demo accounts only.
    BeyondDemo,
    /// What is to be published has a flaw that the text names.
    Unpublishable(String),
}

impl Problem {
    /// The text people read.
    #[must_use]
    pub fn text(&self, page: &Page) -> String {
        match self {
            Self::EmailMissing => page.t("problem-email-missing"),
            Self::EmailInvalid => page.t("problem-email-invalid"),
            Self::EmailTaken => page.t("problem-email-taken"),
            Self::NameMissing => page.t("problem-name-missing"),
            Self::NameUnseen => page.t("problem-name-unseen"),
            Self::NameTooLong(most) => page.t1("problem-name-too-long", "most", most),
            Self::PasswordMissing => page.t("problem-password-missing"),
            Self::CurrentPasswordMissing => page.t("problem-current-password-missing"),
            Self::NewPasswordMissing => page.t("problem-new-password-missing"),
            Self::PasswordTooShort(least) => page.t1("problem-password-too-short", "least", least),
            Self::PasswordTooLong(most) => page.t1("problem-password-too-long", "most", most),
            Self::PasswordEasy => page.t("problem-password-easy"),
            Self::PasswordUnchanged => page.t("problem-password-unchanged"),
            Self::WrongCredentials => page.t("problem-wrong-credentials"),
            Self::WrongPassword => page.t("problem-wrong-password"),
            Self::WrongAccessCode => page.t("problem-wrong-access-code"),
            Self::AccountDisabled => page.t("problem-account-disabled"),
            Self::TooManyTries(seconds) => page.t1("problem-too-many-tries", "seconds", seconds),
            Self::ManySignIns(ahead, seconds) => page.t2("problem-many-sign-ins", "ahead", ahead, "seconds", seconds),
            Self::SetUpLinkSpent => page.t("problem-set-up-link-spent"),
            Self::QuestionCountNotOffered => page.t("problem-question-count-not-offered"),
            Self::NoAttemptsLeft => page.t("problem-no-attempts-left"),
            Self::NothingMissed => page.t("problem-nothing-missed"),
            Self::NothingBookmarked => page.t("problem-nothing-bookmarked"),
            Self::NotOpen => page.t("problem-not-open"),
            Self::TitleMissing => page.t("problem-title-missing"),
            Self::TooLong(most) => page.t1("problem-too-long", "most", most),
            Self::SlugMissing => page.t("problem-slug-missing"),
            Self::SlugInvalid => page.t("problem-slug-invalid"),
            Self::SlugTaken => page.t("problem-slug-taken"),
            Self::BankMissing => page.t("problem-bank-missing"),
            Self::NotBetween(least, most) => page.t2("problem-not-between", "least", least, "most", most),
            Self::TooFewQuestions(found) => page.t1("problem-too-few-questions", "found", found),
            Self::FileMissing => page.t("problem-file-missing"),
            Self::FileTooLarge(megabytes) => page.t1("problem-file-too-large", "megabytes", megabytes),
            Self::FileUnreadable => page.t("problem-file-unreadable"),
            Self::NotOffered => page.t("problem-not-offered"),
            Self::TimeLimitMissing => page.t("problem-time-limit-missing"),
            Self::NotATime => page.t("problem-not-a-time"),
            Self::CloseBeforeOpen => page.t("problem-close-before-open"),
            Self::LastAdmin => page.t("problem-last-admin"),
            Self::LinkOfDisabled => page.t("problem-link-of-disabled"),
            Self::BeyondDemo => page.t("problem-beyond-demo"),
            Self::Unpublishable(flaw) => page.t1("problem-unpublishable", "flaw", flaw),
        }
    }
}

/// One problem at one field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    /// The name of the field, which is also its element's id.
    pub field: &'static str,
    /// What is wrong.
    pub problem: Problem,
}

/// The problems of a form, in the order of its fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Adds a problem.
    pub fn add(&mut self, field: &'static str, problem: Problem) {
        self.0.push(FieldError { field, problem });
    }

    /// A form with one problem.
    #[must_use]
    pub fn one(field: &'static str, problem: Problem) -> Self {
        Self(vec![FieldError { field, problem }])
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, for the summary.
    pub fn iter(&self) -> std::slice::Iter<'_, FieldError> {
        self.0.iter()
    }

    /// The attributes that tie a field to its hint and its error, as far as there are any.
    pub(super) fn ties(&self, field: &str, has_hint: bool) -> Html {
        let field = escape(field);
        let hint = if has_hint { format!("{field}-hint ") } else { String::new() };
        Html::trusted(match (self.at(&field), has_hint) {
            (Some(_), _) => format!(" aria-describedby=\"{hint}{field}-error\" aria-invalid=\"true\""),
            (None, true) => format!(" aria-describedby=\"{field}-hint\""),
            (None, false) => String::new(),
        })
    }

    /// The first problem at a field.
    #[must_use]
    pub fn at(&self, field: &str) -> Option<&Problem> {
        self.0.iter().find(|error| error.field == field).map(|error| &error.problem)
    }
}
