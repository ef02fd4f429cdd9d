//! The key that a client of this project makes of a cookie.

use super::format::Id;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The key of the new session: `<prefix>t` and 32 hex digits of the hash of the ID, as the clients compute it
/// from a cookie. In a cluster the first four of these digits are the hash tag.
pub fn key_of(prefix: &str, id: &Id, cluster: bool) -> String {
    let hash: [u8; 32] = match id {
        Id::Cookie(text) => Sha256::digest(text).into(),
        Id::Sha256(hash) => *hash,
    };
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    key_of_hash(prefix, &half, cluster)
}

/// The same, from the first half of the hash, which is all that the key has of it.
pub fn key_of_hash(prefix: &str, hash: &[u8; 16], cluster: bool) -> String {
    let id = HEXLOWER.encode(hash);
    let tag = &id[..4];
    if cluster {
        format!("{prefix}{{{tag}}}:t{id}")
    } else {
        format!("{prefix}t{id}")
    }
}

#[cfg(test)]
mod tests {
    use super::{key_of, Id};

    #[test]
    fn the_key_is_that_of_the_clients() {
        let id = Id::Cookie(b"abc".to_vec());
        assert_eq!(
            key_of("session:", &id, false),
            "session:tba7816bf8f01cfea414140de5dae2223"
        );
        assert_eq!(
            key_of("session:", &id, true),
            "session:{ba78}:tba7816bf8f01cfea414140de5dae2223"
        );
    }
}
