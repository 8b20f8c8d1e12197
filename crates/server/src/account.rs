//! Signing up, in and out, the first admin's set-up and the demo's entrance.

pub mod api;
pub mod demo_entrance;
pub mod pages;
pub mod register;
