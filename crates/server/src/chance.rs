//! The one source of chance: a generator seeded by the operating system, or by a test.

use crate::token::hex;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::sync::{Mutex, PoisonError};

/// A cryptographically strong generator shared by all requests.
pub struct Chance(Mutex<ChaCha20Rng>);

impl Chance {
    /// Seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn from_os() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }

    /// Seeded by a test.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // A panic while the lock is held cannot leave the generator half-changed in a way that matters.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(&mut bytes);
        bytes
    }

    /// 64 random bits: a seed for drawing one paper, or what an access code is made of.
    pub fn seed(&self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    /// A secret of 256 bits to sign with.
    pub fn key(&self) -> [u8; 32] {
        self.bytes()
    }

    /// A secret of 256 bits as 43 URL-safe characters: session and set-up tokens.
    pub fn token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// An opaque id of 128 bits as 32 hexadecimal digits: attempts, idempotency keys.
    pub fn public_id(&self) -> String {
        hex(&self.bytes::<16>())
    }

    /// A short code for a person to read out: request ids.
    pub fn code(&self) -> String {
        let mut code = hex(&self.bytes::<4>());
        code.insert(4, '-');
        code
    }
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance")
    }
}
