//! Session IDs: random UUIDs, bearer tokens, and the key patterns that ask for a new ID.
//!
//! All random bytes come from the operating system's generator (`getrandom`). Those of IDs are read
//! ahead into a small pool, so that an ID does not need a system call of its own. Those of a token are
//! read when it is made, so that no future token can be read in this process's memory.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Length of an ID in characters, without the `t` in front of a token's ID.
pub const ID_LEN: usize = 32;
/// Length of a bearer token in characters: 32 bytes in base64url without padding.
pub const TOKEN_LEN: usize = 43;

/// Bytes in the pool, a multiple of [`UUID_BYTES`].
const POOL: usize = 1024;
/// Bytes of a UUID.
const UUID_BYTES: usize = 16;

/// Random bytes from the operating system, each given out once.
pub struct Pool {
    bytes: [u8; POOL],
    used: usize,
}

/// The operating system's generator failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

impl Pool {
    /// An empty pool; the first ID fills it.
    pub const fn new() -> Self {
        Self {
            bytes: [0; POOL],
            used: POOL,
        }
    }

    /// The next 16 random bytes. They are wiped from the pool, so that nobody who reads this memory
    /// later finds the IDs that were made.
    fn take(&mut self) -> Result<[u8; UUID_BYTES], NoRandomness> {
        if POOL - self.used < UUID_BYTES {
            // If `fill` fails, the pool stays used up: a half-filled pool must never be given out.
            self.used = POOL;
            getrandom::fill(&mut self.bytes).map_err(|_| NoRandomness)?;
            self.used = 0;
        }
        let mut taken = [0; UUID_BYTES];
        let place = &mut self.bytes[self.used..self.used + UUID_BYTES];
        taken.copy_from_slice(place);
        place.fill(0);
        self.used += UUID_BYTES;
        Ok(taken)
    }

    /// A random UUID (RFC 9562, version 4) as 32 lowercase hex digits, with 122 random bits.
    ///
    /// # Errors
    /// [`NoRandomness`]; then no ID is made.
    pub fn uuid(&mut self) -> Result<[u8; ID_LEN], NoRandomness> {
        let uuid = uuid::Builder::from_random_bytes(self.take()?).into_uuid();
        let mut text = [0; ID_LEN];
        uuid.as_simple().encode_lower(&mut text);
        Ok(text)
    }
}

/// A bearer token in base64url, with 256 random bits: OWASP ASVS 5.0, 7.2.3 demands 128.
///
/// # Errors
/// [`NoRandomness`]; then no token is made.
pub fn token() -> Result<[u8; TOKEN_LEN], NoRandomness> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(|_| NoRandomness)?;
    let mut text = [0; TOKEN_LEN];
    BASE64URL_NOPAD.encode_mut(&bits, &mut text);
    Ok(text)
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

/// The ID of a token's session: `t` and the first 32 hex digits of the SHA-256 of the token's text.
/// The token cannot be computed from it.
pub fn token_id(token: &[u8]) -> [u8; ID_LEN + 1] {
    let mut id = [b't'; ID_LEN + 1];
    HEXLOWER.encode_mut(&Sha256::digest(token)[..ID_LEN / 2], &mut id[1..]);
    id
}

/// The part before `*` of a key that asks the server to make an ID: `session:` for `session:*`.
/// `None` for any other key.
pub fn stem(key: &[u8]) -> Option<&[u8]> {
    key.strip_suffix(b"*")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn an_id_is_a_version_4_uuid_in_lowercase_hex() {
        let mut pool = Pool::new();
        for _ in 0..1000 {
            let id = pool.uuid().unwrap();
            assert!(id.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
            assert_eq!(id[12], b'4');
            assert!(matches!(id[16], b'8' | b'9' | b'a' | b'b'));
        }
    }

    #[test]
    fn ids_and_tokens_do_not_repeat() {
        let mut pool = Pool::new();
        let ids: HashSet<_> = (0..10_000).map(|_| pool.uuid().unwrap()).collect();
        let tokens: HashSet<_> = (0..10_000).map(|_| token().unwrap()).collect();
        assert_eq!((ids.len(), tokens.len()), (10_000, 10_000));
    }

    #[test]
    fn the_pool_wipes_the_bytes_that_it_gave_out() {
        let mut pool = Pool::new();
        pool.uuid().unwrap();
        assert_eq!(pool.bytes[..16], [0; 16]);
        assert_ne!(pool.bytes[16..32], [0; 16]);
    }

    #[test]
    fn a_token_is_43_characters_of_base64url() {
        let token = token().unwrap();
        assert!(token
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')));
        assert_eq!(BASE64URL_NOPAD.decode(&token).unwrap().len(), 32);
    }

    #[test]
    fn a_token_id_is_t_and_half_of_the_sha_256() {
        // SHA-256("abc") begins ba7816bf 8f01cfea 414140de 5dae2223 (FIPS 180-2, B.1).
        assert_eq!(&token_id(b"abc"), b"tba7816bf8f01cfea414140de5dae2223");
    }

    #[test]
    fn only_a_key_that_ends_in_a_star_is_a_pattern() {
        assert_eq!(stem(b"session:*"), Some(&b"session:"[..]));
        assert_eq!(stem(b"*"), Some(&b""[..]));
        assert_eq!(stem(b"a*b"), None);
        assert_eq!(stem(b""), None);
    }
}
