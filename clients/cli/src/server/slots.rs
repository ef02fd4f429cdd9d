//! Slots of a cluster.

use super::info::text;
use super::Address;
use redis::Value;
use std::ops::RangeInclusive;

pub const COUNT: usize = 16_384;

/// Slots, and the primary that owns them.
pub struct Range {
    pub slots: RangeInclusive<u16>,
    pub primary: Address,
}

/// Reads the reply of CLUSTER SLOTS, which `asked` gave.
pub fn ranges(reply: &Value, asked: &Address) -> Option<Vec<Range>> {
    let Value::Array(entries) = reply else {
        return None;
    };
    entries
        .iter()
        .map(|entry| match entry {
            Value::Array(parts) => match parts.as_slice() {
                [Value::Int(first), Value::Int(last), Value::Array(primary), ..] => {
                    let [host, Value::Int(port), ..] = primary.as_slice() else {
                        return None;
                    };
                    Some(Range {
                        slots: u16::try_from(*first).ok()?..=u16::try_from(*last).ok()?,
                        primary: asked.beside(&text(host), u16::try_from(*port).ok()?),
                    })
                }
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// The slot of a key: CRC-16/XMODEM of its hash tag, or of all of it.
/// Source: <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>.
pub fn slot_of(key: &[u8]) -> u16 {
    const CRC: crc::Crc<u16> = crc::Crc::<u16>::new(&crc::CRC_16_XMODEM);
    CRC.checksum(tag_of(key)) % 16_384
}

fn tag_of(key: &[u8]) -> &[u8] {
    let Some(open) = key.iter().position(|&byte| byte == b'{') else {
        return key;
    };
    let after = &key[open + 1..];
    match after.iter().position(|&byte| byte == b'}') {
        None | Some(0) => key,
        Some(close) => &after[..close],
    }
}

#[cfg(test)]
mod tests {
    use super::slot_of;

    #[test]
    fn a_slot_is_that_of_the_hash_tag() {
        assert_eq!(slot_of(b"123456789"), 12_739);
        assert_eq!(slot_of(b"a{user}b"), slot_of(b"user"));
        assert_eq!(slot_of(b"{}x"), slot_of(b"{}x"));
        assert_ne!(slot_of(b"{}x"), slot_of(b"{}y"));
    }
}
