//! A rehearsal: virtual candidates sit an exam over HTTP, and a ledger checks afterwards what the server promised them.
//!
//! [`find_exam`] looks whether the server has the exam; [`run`] carries out a [`plan::Plan`] and measures; what was sent and what was acknowledged goes to a
//! [`ledger::Writer`]; [`verify::verify`] holds the ledger against the database. The figures and the go or no-go are a
//! [`report::Report`].
//!
//! The candidates behave as our page does: an operation is kept until it is answered, sent again under the same (writer, seq)
//! after a lost connection or a refusal, and answering goes on meanwhile. So a rehearsal survives a server that is killed and
//! started again in the middle of it.

pub mod accounts;
mod asked;
mod candidate;
pub mod connection;
mod dice;
mod exam_there;
pub mod ledger;
mod measure;
pub mod plan;
pub mod probe;
pub mod progress;
pub mod report;
mod run;
pub mod sessions;
pub mod verify;

pub use exam_there::{NotThere, find_exam};
pub use run::run;
