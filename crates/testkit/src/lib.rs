//! What tests share: a fresh database per test on both engines, a clock that can be set, and builders that arrange a story in
//! a few words. For tests only; it panics where a test should stop. The feature `app` adds the whole application over HTTP.
//!
//! ```no_run
//! use testkit::{NOON, arrange, both_engines, choose};
//!
//! both_engines!(an_answer_is_acknowledged, async |t| {
//!     let exam = arrange::exam("cloud").publish(&t).await;
//!     let ada = arrange::candidate(&t, "Ada").await;
//!     let attempt = arrange::start(&t, &exam, &ada, NOON).await;
//!     let saved = t.save_operations(attempt.id, ada.id, vec![choose(1, 1, "a")], NOON).await;
//!     assert!(saved.unwrap().is_some());
//! });
//! ```

#[cfg(feature = "app")]
mod app;
pub mod arrange;
#[cfg(feature = "certificates")]
mod certificate;
mod clock;
mod database;
mod engine;
mod operation;
pub mod question;
mod race;
mod raw;

#[cfg(feature = "app")]
pub use app::{TestApp, Visitor};
#[cfg(feature = "certificates")]
pub use certificate::{Certificate, certificate};
pub use clock::{NOON, TestClock, minutes_after_noon};
pub use database::{Folder, TestStore, fresh_store, patient, postgres_url};
pub use engine::{Engine, run};
pub use operation::{by_writer, choose, take_back};
pub use race::{race, wait_for};
pub use raw::Raw;
