//! What all requests share: who is asking, how errors are told, what every response carries.

pub mod around;
mod arrival;
pub mod assets;
pub mod at_hand;
mod door;
pub mod errors;
pub mod extract;
pub mod gate;
pub mod health;
pub mod language;
mod lean;
pub mod listener;
mod misfit;
pub mod packed;
mod packing;
pub mod page;
pub mod peer;
pub mod policy;
pub mod rates;
pub mod security;
pub mod session;
pub mod trace;
pub mod unsent;
pub mod upload;
