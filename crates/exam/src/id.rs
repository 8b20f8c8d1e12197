//! Typed ids. The store numbers rows; a type per table keeps an account from being passed as an attempt.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(value: i64) -> Self {
                Self(value)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

id! {
    /// A person who can sign in.
    AccountId;
    /// A bank of questions.
    BankId;
    /// A question through all its versions.
    QuestionId;
    /// One immutable version of a question: what a paper refers to.
    QuestionVersionId;
    /// An exam through all its versions.
    ExamId;
    /// One immutable published version of an exam: what an attempt refers to.
    ExamVersionId;
    /// One candidate sitting one paper. Candidates see the attempt's opaque public id instead.
    AttemptId;
}
