//! Results: of one attempt, as far as the release policy allows, and a person's progress over all of them.

pub mod api;
pub mod dashboard;
pub mod list;
pub mod pages;
pub mod released;
pub mod reviewed;
