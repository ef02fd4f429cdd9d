//! From the session ID in a visitor's cookie to the key on the server.
//!
//! The key holds a hash of the ID, never the ID: a key that shows up in MONITOR, a backup or a list of devices is
//! no cookie, and an ID of any length and content names exactly one key under the prefix. All clients of the
//! module make the same key of the same ID.

use sha2::{Digest, Sha256};

/// The keys of one store.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
    cluster: bool,
}

impl Keys {
    /// `cluster` adds a hash tag to each key, which spreads the sessions over all slots.
    pub(crate) fn new(prefix: &str, cluster: bool) -> Keys {
        Keys {
            prefix: prefix.to_owned(),
            cluster,
        }
    }

    /// The key of the session with this ID.
    pub(crate) fn of(&self, id: &str) -> String {
        let prefix = &self.prefix;
        if !self.cluster {
            return format!("{prefix}t{}", digest(id));
        }
        match tagged(id) {
            Some((tag, rest)) => format!("{prefix}{{{tag}}}:t{}", digest(rest)),
            None => {
                let hash = digest(id);
                format!("{prefix}{{{}}}:t{hash}", &hash[..TAG])
            }
        }
    }

    /// An ID whose key lies in the slot of this key: in a cluster the hash tag of the key, a dot, and `generated`.
    #[cfg(feature = "actix-session")]
    pub(crate) fn id_beside(&self, key: &str, generated: &str) -> String {
        match self.cluster {
            true => format!("{}.{generated}", &self.handle(key)[1..=TAG]),
            false => generated.to_owned(),
        }
    }

    /// The slot of the key of this ID, which carries no tag; ROTATE stays in it. 0 without a cluster.
    ///
    /// It is asked for many IDs in a row, so it makes no key.
    #[cfg(feature = "tower-sessions")]
    pub(crate) fn slot_of(&self, id: &str) -> u16 {
        match (self.cluster, tag_in(&self.prefix)) {
            (false, _) => 0,
            (true, Some(tag)) => slot(tag.bytes()),
            (true, None) => slot(hex(&Sha256::digest(id)[..TAG / 2])),
        }
    }

    /// The name of a session that may be shown to its user: the key without the prefix.
    pub(crate) fn handle<'k>(&self, key: &'k str) -> &'k str {
        key.strip_prefix(&self.prefix).unwrap_or(key)
    }

    /// The key that a handle names; `None` for a text that is no handle.
    pub(crate) fn of_handle(&self, handle: &str) -> Option<String> {
        is_handle(handle).then(|| format!("{}{handle}", self.prefix))
    }

    /// Whether the key is one of this store. Another store can have a prefix that begins with this one's.
    pub(crate) fn are(&self, key: &str) -> bool {
        key.strip_prefix(&self.prefix).is_some_and(is_handle)
    }
}

/// So many hex digits of the hash are the hash tag.
const TAG: usize = 4;

/// The first 32 hex digits of the SHA-256 of the ID, as in the keys of the module's own tokens.
fn digest(id: &str) -> String {
    hex(&Sha256::digest(id)[..16]).map(char::from).collect()
}

fn hex(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.map(|half| DIGITS[usize::from(half)])
}

/// The parts of an ID that carries the hash tag of its slot.
fn tagged(id: &str) -> Option<(&str, &str)> {
    let (tag, rest) = id.split_once('.')?;
    (tag.len() == TAG && is_hex(tag) && !rest.is_empty()).then_some((tag, rest))
}

fn is_handle(text: &str) -> bool {
    let hash = match text.strip_prefix('{') {
        Some(rest) => match rest.split_once("}:") {
            Some((tag, hash)) if tag.len() == TAG && is_hex(tag) => hash,
            _ => return false,
        },
        None => text,
    };
    hash.strip_prefix('t')
        .is_some_and(|hash| hash.len() == 32 && is_hex(hash))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The hash tag of a key that begins with this.
#[cfg(feature = "tower-sessions")]
fn tag_in(key: &str) -> Option<&str> {
    let (tag, _) = key.split_once('{')?.1.split_once('}')?;
    (!tag.is_empty()).then_some(tag)
}

/// The slot of a hash tag in a cluster: its CRC16 (XMODEM).
#[cfg(feature = "tower-sessions")]
fn slot(tag: impl Iterator<Item = u8>) -> u16 {
    let crc = tag.fold(0_u16, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(byte) << 8), |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    });
    crc % 16_384
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "ba7816bf8f01cfea414140de5dae2223"; // of "abc", as in FIPS 180-2

    #[test]
    fn a_key_is_the_prefix_and_a_hash_of_the_id() {
        assert_eq!(
            Keys::new("session:", false).of("abc"),
            format!("session:t{HASH}")
        );
        assert_eq!(
            Keys::new("shop:", true).of("abc"),
            format!("shop:{{ba78}}:t{HASH}")
        );
    }

    #[test]
    fn an_id_that_carries_a_tag_lies_in_that_slot_of_a_cluster() {
        let keys = Keys::new("session:", true);
        assert_eq!(keys.of("3f9a.abc"), format!("session:{{3f9a}}:t{HASH}"));
        for untagged in ["3f9.abc", "3f9A.abc", "3f9g.abc", "3f9a.", "3f9a"] {
            let hash = digest(untagged);
            let key = format!("session:{{{}}}:t{hash}", &hash[..4]);
            assert_eq!(keys.of(untagged), key);
        }
    }

    #[test]
    #[cfg(feature = "actix-session")]
    fn an_id_beside_a_key_has_the_slot_of_that_key() {
        let keys = Keys::new("session:", true);
        let old = keys.of("old");
        let new = keys.id_beside(&old, "new");
        assert_eq!(keys.of(&new)[..15], old[..15]);
        assert_eq!(
            Keys::new("session:", false).id_beside("session:tx", "new"),
            "new"
        );
    }

    #[test]
    fn only_handles_name_keys() {
        let keys = Keys::new("session:", false);
        for handle in [format!("t{HASH}"), format!("{{3f9a}}:t{HASH}")] {
            let key = format!("session:{handle}");
            assert_eq!(keys.of_handle(&handle), Some(key.clone()));
            assert_eq!(keys.handle(&key), handle);
            assert!(keys.are(&key));
        }
        for text in [
            "",
            "t",
            HASH,
            &format!("T{HASH}"),
            &format!("t{HASH}0"),
            &format!("{{3f9}}:t{HASH}"),
        ] {
            assert_eq!(keys.of_handle(text), None, "{text}");
        }
        assert!(!keys.are(&format!("other:t{HASH}")));
    }

    #[test]
    #[cfg(feature = "tower-sessions")]
    fn the_slot_of_an_id_is_that_of_its_key() {
        // From CLUSTER KEYSLOT.
        assert_eq!(Keys::new("session:", true).slot_of("abc"), 13240);
        assert_eq!(Keys::new("{foo}:", true).slot_of("abc"), 12_182);
        assert_eq!(Keys::new("session:", false).slot_of("abc"), 0);
        assert_eq!(slot("123456789".bytes()), 12_739);
    }
}
