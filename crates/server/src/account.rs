//! Signing up, in (by password or access code) and out, other passwords, the first admin's set-up and the demo's entrance.

pub mod access_code;
pub mod api;
pub mod demo_entrance;
mod guessing;
pub mod pages;
pub mod password;
pub mod register;
