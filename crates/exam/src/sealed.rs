//! Keys and explanations are sealed: a type that no response can serialise and no log can print.
//!
//! A [`Sealed`] value is opened by a [`Permit`] for the same kind of secret. Permits are made in two places only:
//! [`crate::release`], when the release policy of an exam lets a candidate see that part (or a question of a practice has been
//! checked), and [`Permit::for_staff`]. The
//! compiler therefore refuses a page or API answer that shows a key without having asked the policy.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;

/// A value that can be stored and graded but not shown; see the module.
///
/// The value itself can be serialised; sealed, it cannot:
///
/// ```
/// # use exam::{question::Explanations, sealed::Sealed};
/// let explanations = Explanations::default();
/// let page = serde_json::to_string(&explanations);
/// ```
///
/// ```compile_fail,E0277
/// # use exam::{question::Explanations, sealed::Sealed};
/// let explanations = Sealed::new(Explanations::default());
/// let page = serde_json::to_string(&explanations); // the trait `Serialize` is not implemented
/// ```
///
/// Nor can it be printed, or opened with the permit for another secret:
///
/// ```compile_fail,E0277
/// # use exam::{question::Explanations, sealed::Sealed};
/// let explanations = Sealed::new(Explanations::default());
/// let page = format!("{explanations}"); // it does not implement `Display`
/// ```
///
/// ```compile_fail,E0308
/// # use exam::{question::{Explanations, Key}, sealed::{Permit, Sealed}};
/// let explanations = Sealed::new(Explanations::default());
/// let permit: Permit<Key> = Permit::for_staff();
/// let open = explanations.open(&permit); // mismatched types
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed<T>(T);

/// The right to open a [`Sealed`] value of type `T`.
pub struct Permit<T>(PhantomData<fn() -> T>);

impl<T> Permit<T> {
    /// A permit for people who write or administer questions. The caller has checked the role.
    #[must_use]
    pub fn for_staff() -> Self {
        Self(PhantomData)
    }

    pub(crate) fn granted() -> Self {
        Self(PhantomData)
    }
}

impl<T> fmt::Debug for Permit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit")
    }
}

impl<T> Sealed<T> {
    /// Seals a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Opens it for somebody who may see it.
    pub fn open(&self, _permit: &Permit<T>) -> &T {
        &self.0
    }

    /// Grading, drawing and linting need the value and show nothing of it.
    pub(crate) fn inside(&self) -> &T {
        &self.0
    }
}

impl<T: Serialize> Sealed<T> {
    /// The text the store keeps. For the database and backups only.
    ///
    /// # Panics
    /// Never for the types of this crate: they have string keys only.
    #[must_use]
    pub fn to_stored(&self) -> String {
        serde_json::to_string(&self.0).expect("sealed types serialise to JSON")
    }
}

impl<T: DeserializeOwned> Sealed<T> {
    /// Reads what [`Sealed::to_stored`] wrote.
    ///
    /// # Errors
    /// When the text was not written by this or an earlier version of this type. The message never quotes the text.
    pub fn from_stored(text: &str) -> Result<Self, BadStoredValue> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| BadStoredValue { line: error.line(), column: error.column() })
    }
}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

/// A stored secret that cannot be read back; says where, never what.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored key or explanation cannot be read at line {line}, column {column}")]
pub struct BadStoredValue {
    line: usize,
    column: usize,
}
