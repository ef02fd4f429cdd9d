//! Session IDs: random UUIDs, bearer tokens, and the key patterns that ask for them.
//!
//! Everything random comes from the operating system's generator (`getrandom`), read ahead into a
//! small pool so that an ID does not cost a system call of its own.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Length in characters of an ID, of either form but for the `t` that marks a token's.
pub const ID_LEN: usize = 32;
/// Length in characters of a bearer token: 32 bytes in base64url without padding.
pub const TOKEN_LEN: usize = 43;

const POOL: usize = 1024;

/// Random bytes from the operating system, handed out once each.
pub struct Pool {
    bytes: [u8; POOL],
    used: usize,
}

/// The operating system's generator did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRandomness;

impl Pool {
    /// An empty pool: the first ID fills it.
    pub const fn new() -> Self {
        Self {
            bytes: [0; POOL],
            used: POOL,
        }
    }

    /// The next `N` (at most 1024) random bytes. They are wiped from the pool as they leave it, so
    /// that no later reader of this memory finds the IDs that were made.
    fn take<const N: usize>(&mut self) -> Result<[u8; N], NoRandomness> {
        if POOL - self.used < N {
            // Nothing of a half-filled pool may ever be handed out.
            self.used = POOL;
            getrandom::fill(&mut self.bytes).map_err(|_| NoRandomness)?;
            self.used = 0;
        }
        let mut taken = [0; N];
        let place = &mut self.bytes[self.used..self.used + N];
        taken.copy_from_slice(place);
        place.fill(0);
        self.used += N;
        Ok(taken)
    }

    /// A random UUID (RFC 9562, version 4) as 32 lowercase hex digits: 122 random bits.
    pub fn uuid(&mut self) -> Result<[u8; ID_LEN], NoRandomness> {
        let uuid = uuid::Builder::from_random_bytes(self.take()?).into_uuid();
        let mut text = [0; ID_LEN];
        uuid.as_simple().encode_lower(&mut text);
        Ok(text)
    }

    /// A bearer token of 256 random bits in base64url: more than OWASP ASVS 5.0 7.2.3 asks (128).
    pub fn token(&mut self) -> Result<[u8; TOKEN_LEN], NoRandomness> {
        let mut text = [0; TOKEN_LEN];
        BASE64URL_NOPAD.encode_mut(&self.take::<32>()?, &mut text);
        Ok(text)
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

/// The ID under which a token's session is kept: `t` and the first 32 hex digits of the SHA-256 of
/// the token's text. Whoever reads the ID cannot make the token from it.
pub fn token_id(token: &[u8]) -> [u8; ID_LEN + 1] {
    let mut id = [b't'; ID_LEN + 1];
    HEXLOWER.encode_mut(&Sha256::digest(token)[..ID_LEN / 2], &mut id[1..]);
    id
}

/// What stands before the ID, if the key asks the server to make one: `session:` of `session:*`.
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
        let tokens: HashSet<_> = (0..10_000).map(|_| pool.token().unwrap()).collect();
        assert_eq!((ids.len(), tokens.len()), (10_000, 10_000));
    }

    #[test]
    fn the_pool_keeps_nothing_that_it_handed_out() {
        let mut pool = Pool::new();
        pool.token().unwrap();
        assert_eq!(pool.bytes[..32], [0; 32]);
        assert_ne!(pool.bytes[32..64], [0; 32]);
    }

    #[test]
    fn a_token_is_43_characters_of_base64url() {
        let token = Pool::new().token().unwrap();
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
