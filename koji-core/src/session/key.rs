//! Session keys: made from the system's random source, compared in constant time.

use subtle::ConstantTimeEq;

use crate::{Error, Result};

/// Letters and digits of a key; 32 of them hold 190 bits.
const LENGTH: usize = 32;
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A new key for a user: `<user id>-<letters and digits>`, the form that Koji's tools know.
pub(super) fn new_key(user_id: i32) -> Result<String> {
    let mut text = format!("{user_id}-");
    let want = text.len() + LENGTH;
    let mut bytes = [0_u8; 2 * LENGTH];
    while text.len() < want {
        getrandom::fill(&mut bytes)
            .map_err(|source| Error::unforeseen(format!("no randomness: {source}")))?;
        // Bytes beyond a multiple of 62 would favour the first letters.
        let fair =
            bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        text.extend(fair.take(want - text.len()));
    }
    Ok(text)
}

/// Compares two keys without telling by the time it takes where they differ.
pub fn same_key(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_and_differ() {
        let (one, other) = (new_key(7).unwrap(), new_key(7).unwrap());
        assert_eq!(one.len(), 2 + LENGTH);
        assert!(one.starts_with("7-") && one != other);
        assert!(same_key(&one, &one.clone()) && !same_key(&one, &other));
    }
}
