//! The staff area.
