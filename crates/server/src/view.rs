//! What pages show: one struct per page, filled by the handlers and rendered by the template of the same name.
//!
//! Handlers give plain values; wording, plurals, times and percentages are made here and in the templates, from
//! `messages/`. Nothing in here asks the store, the clock or the request.

pub mod account;
pub mod admin;
pub mod error;
pub mod exams;
pub mod flaw;
pub mod form;
pub mod home;
pub mod page;
pub mod results;
pub mod take;
pub mod trial;
pub mod waiting;

pub use error::{ErrorKind, ErrorPage};
pub use form::{Errors, FieldError, Problem};
pub use page::{Moment, Page, Person, Role, Shell};

#[cfg(test)]
mod tests;
