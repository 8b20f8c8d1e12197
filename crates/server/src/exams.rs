//! The catalogue: which exams there are and what one should know before starting.

pub mod api;
pub mod pages;
pub mod trial;
