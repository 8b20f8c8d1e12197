//! Sitting an exam: starting, answering, handing in. [`sitting`] holds what API and pages share, [`practice`]
//! what only a practice has.

pub mod api;
pub mod form;
pub mod pages;
pub mod practice;
pub mod shown;
pub mod sitting;
pub mod sweep;
