//! Ports that stay ours while nobody listens on them.

use crate::{Error, Result};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the ports that the system gives to outgoing connections. A client that tries to reach a port of those while its
/// server is down may be given that very port for its own end, and then the server cannot have it back.
const FIRST: u32 = 18_000;
const COUNT: u32 = 14_000;

/// A free port of this machine.
///
/// # Errors
/// When there is none.
pub(crate) fn free() -> Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..COUNT {
        let number = std::process::id().wrapping_mul(61).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(FIRST + number % COUNT).unwrap_or(u16::MAX);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Error::new("no port is free"))
}
