//! Passwords hashed one after another by one thread that does nothing else, as Examhall hashes them: beside what its own threads make of
//! them during a storm of sign-ins.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;

/// The loop.
#[derive(Debug, clap::Args)]
pub(crate) struct Hash {
    /// For how long.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
}

impl Hash {
    pub(crate) fn run(&self) -> Result<serde_json::Value, String> {
        // As in the server's `password/hash.rs`: 7 MiB, 5 passes, 1 lane, in memory that is used again.
        let settings = Params::new(7 * 1024, 5, 1, None).map_err(|error| error.to_string())?;
        let mut memory = vec![Block::default(); settings.block_count()];
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, settings);
        let (begun, mut hashes, mut output) = (Instant::now(), 0_u32, [0; 32]);
        while begun.elapsed() < Duration::from_secs(self.seconds) {
            hasher
                .hash_password_into_with_memory(
                    b"correct horse battery",
                    &hashes.to_le_bytes().repeat(4),
                    &mut output,
                    &mut memory,
                )
                .map_err(|error| error.to_string())?;
            hashes += 1;
        }
        Ok(json!({"hashes": hashes, "hashes_per_s": f64::from(hashes) / begun.elapsed().as_secs_f64()}))
    }
}
