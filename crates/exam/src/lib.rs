//! The rules of an exam: what a question is, how a paper is drawn, what an attempt may do, how it is graded and what a
//! candidate may see of it, and when.
//!
//! Nothing here does I/O, waits, or looks at a clock: time and chance are arguments. The store and the server build on
//! these types and may not restate their rules.

pub mod answer;
pub mod attempt;
pub mod blueprint;
pub mod flaw;
pub mod grade;
pub mod id;
pub mod paper;
pub mod practice;
pub mod question;
pub mod record;
pub mod release;
pub mod sealed;
pub mod settings;
pub mod time;
