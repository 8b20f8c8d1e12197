//! The scenarios, a file each.

pub mod kill;
