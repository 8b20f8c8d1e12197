//! Faults on purpose, for tests only: what Examhall promises, held against kills, restarts, full disks, bad networks and a
//! wrong clock. docs/chaos.md describes the scenarios.

mod chance;
mod child;
mod disk;
mod error;
pub mod hall;
mod http;
mod keeper;
mod outcome;
pub mod person;
mod port;
pub mod postgres;
mod process;
pub mod proxy;
pub mod scenario;
mod shim;

pub use chance::Chance;
pub use child::Child;
pub use disk::Disk;
pub use error::{Doing, Error, Result};
pub use http::{Line, Message, ask};
pub use keeper::Keeper;
pub use outcome::{Outcome, Times};
pub use person::{Paper, Person};
pub use process::{Server, binary};
pub use shim::Shim;
