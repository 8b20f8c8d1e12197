//! Why an answer, or a blank of it, is sure to be wrong, in words.

/// As `exam::flaw::Flaw`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// More options are chosen than the question asks for.
    TooMany,
    /// What should be a number cannot be read as one.
    NoNumber,
    /// That of one blank at least cannot.
    BlankNoNumber,
}

impl Flaw {
    /// The message for a list of answers, in a word or two.
    pub(super) fn short(self) -> &'static str {
        match self {
            Self::TooMany => "flaw-too-many",
            Self::NoNumber => "flaw-no-number",
            Self::BlankNoNumber => "flaw-blank-no-number",
        }
    }

    /// The message beside the answer, once it is graded.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::TooMany => "flaw-too-many-reason",
            Self::NoNumber => "flaw-no-number-reason",
            Self::BlankNoNumber => "flaw-blank-no-number-reason",
        }
    }
}
