//! Rehearsals against the whole application, and ledgers held against its database.

mod hall;
mod outages;
mod promises;
mod sittings;
mod starts;
