//! Hash slots of a cluster: the slot of a key, and the slots that a node serves.
//!
//! Source: Redis Cluster specification, "Key distribution model" and "Hash tags".

use crc::{Crc, CRC_16_XMODEM};
use std::ops::RangeInclusive;

/// The number of slots in a cluster.
pub const SLOTS: usize = 16_384;

const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);

/// The slot of a key, by the CRC of its hash tag, or of the whole key without one.
#[must_use]
pub fn slot_of(key: &[u8]) -> usize {
    usize::from(CRC.checksum(tag(key).unwrap_or(key))) % SLOTS
}

/// The hash tag of a key: the text between the first `{` and the first `}` after it, if not empty.
#[must_use]
pub fn tag(key: &[u8]) -> Option<&[u8]> {
    let open = key.iter().position(|&b| b == b'{')?;
    let rest = &key[open + 1..];
    let close = rest.iter().position(|&b| b == b'}')?;
    (close > 0).then(|| &rest[..close])
}

/// A set of slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots(Box<[u64; SLOTS / 64]>);

impl Slots {
    fn none() -> Self {
        Self(Box::new([0; SLOTS / 64]))
    }

    fn add(&mut self, slot: usize) {
        if slot < SLOTS {
            self.0[slot / 64] |= 1 << (slot % 64);
        }
    }

    /// Whether the slot is in the set.
    #[must_use]
    pub fn has(&self, slot: usize) -> bool {
        slot < SLOTS && self.0[slot / 64] >> (slot % 64) & 1 == 1
    }

    /// The slots of the set as ranges, in ascending order, as few as possible.
    #[must_use]
    pub fn ranges(&self) -> Vec<RangeInclusive<u16>> {
        let mut ranges: Vec<RangeInclusive<u16>> = Vec::new();
        // There are 16,384 slots, so each fits.
        for slot in (0..SLOTS as u16).filter(|&slot| self.has(slot.into())) {
            match ranges.last_mut() {
                Some(last) if last.end() + 1 == slot => *last = *last.start()..=slot,
                _ => ranges.push(slot..=slot),
            }
        }
        ranges
    }

    /// The slots that a node serves: its own and those that it is importing. A replica serves those
    /// of its primary. `nodes` is the node's reply to CLUSTER NODES; `None` if the text has another
    /// form.
    #[must_use]
    pub fn of_myself(nodes: &str) -> Option<Self> {
        let lines = || {
            nodes
                .lines()
                .map(|line| line.split(' ').collect::<Vec<_>>())
        };
        let is_myself = |flags: &str| flags.split(',').any(|flag| flag == "myself");
        let myself = lines().find(|line| line.get(2).is_some_and(|flags| is_myself(flags)))?;
        let mut slots = Self::none();
        slots.add_all(&myself);
        let primary = *myself.get(3)?;
        if let Some(primary) = lines().find(|line| line[0] == primary) {
            slots.add_all(&primary);
        }
        Some(slots)
    }

    /// Adds the slots on a line of CLUSTER NODES: `7`, `0-5460`, and `[93-<-id]` for a slot that is
    /// being imported. A slot that is being migrated away, `[93->-id]`, is in a range as well.
    fn add_all(&mut self, line: &[&str]) {
        for word in line.iter().skip(8) {
            if let Some((slot, _)) = word.strip_prefix('[').and_then(|w| w.split_once("-<-")) {
                self.add(slot.parse().unwrap_or(SLOTS));
                continue;
            }
            let (first, last) = word.split_once('-').unwrap_or((word, word));
            if let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) {
                (first..=last.min(SLOTS - 1)).for_each(|slot| self.add(slot));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_agree_with_the_specification() {
        // The specification's check value for the CRC, and slots from CLUSTER KEYSLOT.
        assert_eq!(CRC.checksum(b"123456789"), 0x31c3);
        for (key, slot) in [
            (&b"foo"[..], 12182),
            (b"somekey", 11058),
            (b"foo{hash_tag}", 2515),
            (b"bar{hash_tag}", 2515),
            (b"", 0),
        ] {
            assert_eq!(slot_of(key), slot, "{}", key.escape_ascii());
        }
    }

    #[test]
    fn the_first_tag_counts_and_an_empty_one_does_not() {
        assert_eq!(tag(b"{user1000}.following"), Some(&b"user1000"[..]));
        assert_eq!(tag(b"foo{}{bar}"), None);
        assert_eq!(tag(b"foo{{bar}}zap"), Some(&b"{bar"[..]));
        assert_eq!(tag(b"foo{bar}{zap}"), Some(&b"bar"[..]));
        assert_eq!(tag(b"foo{bar"), None);
    }

    const NODES: &str = "\
aaa 127.0.0.1:30001@31001,host myself,master - 0 0 1 connected 0-5460 [5000->-bbb] [9000-<-bbb] 16383
bbb 127.0.0.1:30002@31002 master - 0 1426238316232 2 connected 5461-10922
ccc 127.0.0.1:30003@31003 slave bbb 0 1426238316232 2 connected
";

    fn served(nodes: &str) -> Vec<usize> {
        let slots = Slots::of_myself(nodes).unwrap();
        (0..SLOTS + 5).filter(|&slot| slots.has(slot)).collect()
    }

    #[test]
    fn a_primary_serves_its_ranges_and_the_slots_that_it_imports() {
        let wanted: Vec<_> = (0..=5460).chain([9000, 16383]).collect();
        assert_eq!(served(NODES), wanted);
    }

    #[test]
    fn ranges_have_the_slots_of_the_set_and_no_others() {
        let ranges = Slots::of_myself(NODES).unwrap().ranges();
        assert_eq!(ranges, [0..=5460, 9000..=9000, 16383..=16383]);
        assert!(Slots::none().ranges().is_empty());
    }

    #[test]
    fn a_replica_serves_the_slots_of_its_primary() {
        let nodes = NODES
            .replace("myself,", "")
            .replace("slave", "myself,slave");
        assert_eq!(served(&nodes), (5461..=10922).collect::<Vec<_>>());
    }

    #[test]
    fn any_other_text_is_ignored() {
        assert_eq!(Slots::of_myself(""), None);
        assert_eq!(Slots::of_myself("\n \n"), None);
        assert_eq!(Slots::of_myself("a b myself"), None);
        let odd = "a b myself - 0 0 0 c 5-99999999 7-3 x 1- [-<-a] [a-<-b] [99999-<-b]";
        assert_eq!(served(odd).len(), SLOTS - 5);
    }
}
