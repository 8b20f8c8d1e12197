//! Bad networks: between candidates and the server ([`Web`], which knows HTTP), and between the server and its database
//! ([`Wire`], which moves bytes).

mod fault;
mod web;
mod wire;

pub use fault::{Fault, Rates};
pub use web::Web;
pub use wire::{Flow, Weather, Wire};
