//! One hash, in memory that is used again: fresh pages from the operating system are a part of what a hash costs.

use super::PasswordError;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

/// The memory of a thread that hashes.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

fn failed(error: impl std::fmt::Display) -> PasswordError {
    PasswordError::Failed(error.to_string())
}

/// Of OWASP's equally strong settings the cheapest: 7 MiB, 5 passes, 1 lane.
fn settings() -> Result<Params, PasswordError> {
    Params::new(7 * 1024, 5, 1, None).map_err(failed)
}

pub(super) fn salt() -> Result<[u8; 16], PasswordError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(failed)?;
    Ok(salt)
}

fn output(
    memory: &mut Memory,
    algorithm: Algorithm,
    version: Version,
    params: &Params,
    password: &str,
    salt: &[u8],
) -> Result<Output, PasswordError> {
    if memory.0.len() < params.block_count() {
        memory.0.resize(params.block_count(), Block::default());
    }
    let hasher = Argon2::new(algorithm, version, params.clone());
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let mut bytes = vec![0; length];
    hasher
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut bytes, memory.0.as_mut_slice())
        .map_err(failed)?;
    Output::new(&bytes).map_err(failed)
}

/// Hashes a password into a PHC string.
pub(super) fn make(memory: &mut Memory, password: &str, salt: &[u8]) -> Result<String, PasswordError> {
    let (algorithm, version, params) = (Algorithm::Argon2id, Version::V0x13, settings()?);
    let hash = PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params).map_err(failed)?,
        salt: Some(Salt::new(salt).map_err(failed)?),
        hash: Some(output(memory, algorithm, version, &params, password, salt)?),
    };
    Ok(hash.to_string())
}

/// Checks a password against a PHC string, by the settings that it names. Takes the same time whichever byte differs.
pub(super) fn matches(memory: &mut Memory, password: &str, stored: &str) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(failed)?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Err(failed("the stored hash is not whole"));
    };
    let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(failed)?;
    let version = stored.version.map_or(Ok(Version::default()), Version::try_from).map_err(failed)?;
    let params = Params::try_from(&stored).map_err(failed)?;
    let made = output(memory, algorithm, version, &params, password, salt.as_ref())?;
    Ok(made == *expected)
}
