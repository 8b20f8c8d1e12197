//! What a text may hold to be kept.

use crate::{Error, Result};

/// Refuses a NUL character. PostgreSQL keeps none in a text; SQLite would, and what it kept could never move there.
pub(crate) fn check<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<()> {
    if texts.into_iter().any(|text| text.contains('\0')) { Err(Error::Nul) } else { Ok(()) }
}
