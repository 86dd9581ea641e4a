//! Passwords: as Koji stores them (plainly) they are accepted; new ones are stored as Argon2 hashes.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::session::same_key;
use crate::{Error, Result};

/// Memory in KiB, passes, lanes: the least that OWASP's password storage cheat sheet recommends for Argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(COST.0, COST.1, COST.2, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(source: impl std::fmt::Display) -> Error {
    Error::unforeseen(format!("cannot hash a password: {source}"))
}

/// The form in which a new password is stored.
pub fn hash(password: &str) -> Result<String> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(failed)?;
    let salt = SaltString::encode_b64(&salt).map_err(failed)?;
    Ok(argon2()?.hash_password(password.as_bytes(), &salt).map_err(failed)?.to_string())
}

/// Whether a password is the one that is stored.
pub fn matches(password: &str, stored: &str) -> Result<bool> {
    if !stored.starts_with("$argon2") {
        return Ok(same_key(password, stored));
    }
    let parsed = PasswordHash::new(stored).map_err(failed)?;
    Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_and_plain_passwords_are_recognised() {
        let stored = hash("secret").unwrap();
        assert!(stored.starts_with("$argon2id$") && !stored.contains("secret"));
        assert!(matches("secret", &stored).unwrap() && !matches("other", &stored).unwrap());
        assert!(matches("plain", "plain").unwrap() && !matches("plain", "plane").unwrap());
    }
}
