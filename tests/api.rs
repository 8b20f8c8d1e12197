//! `/api/v1`.

mod journey;
