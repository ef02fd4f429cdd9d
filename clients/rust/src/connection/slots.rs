//! Which slots the nodes of a cluster serve, by their own lines of CLUSTER NODES. Pure functions.

use redis::cluster_routing::Slot;

const SLOTS: usize = 16384;

/// A node's own slots. Its lines about other nodes may be out of date.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Slots {
    pub id: String,
    pub primary: bool,
    /// As CLUSTER NODES writes them: `0-5460`, `7`, and in brackets those that are being moved key by key.
    pub ranges: Vec<String>,
    /// Whether a slot is being moved key by key.
    pub open: bool,
}

pub(super) fn own_slots(cluster_nodes: &str) -> Slots {
    for line in cluster_nodes.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let flags: Vec<_> = words.get(2).unwrap_or(&"").split(',').collect();
        if !flags.contains(&"myself") {
            continue;
        }
        let ranges: Vec<_> = words.iter().skip(8).map(|range| (*range).into()).collect();
        return Slots {
            id: words[0].into(),
            primary: flags.contains(&"master"),
            open: ranges.iter().any(|range: &String| range.starts_with('[')),
            ranges,
        };
    }
    Slots::default()
}

/// The first slot that no node, or more than one, serves; none if each has exactly one.
pub(super) fn missing_slot<'a>(nodes: impl Iterator<Item = &'a Slots>) -> Option<u16> {
    let mut owners = vec![0u8; SLOTS];
    for range in nodes.flat_map(|node| &node.ranges) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<usize>(), last.parse::<usize>()) {
            for owner in owners.iter_mut().take(last + 1).skip(first) {
                *owner = owner.saturating_add(1);
            }
        }
    }
    let slot = owners.iter().position(|count| *count != 1)?;
    u16::try_from(slot).ok()
}

/// A key in this slot.
pub(super) fn covering(slot: u16) -> String {
    let wanted = Slot::new(slot);
    (0u32..)
        .map(|n| format!("session:{{{n:x}}}"))
        .find(|key| wanted == Some(Slot::for_key(key)))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: &str = "\
        07c3 127.0.0.1:7001@17001 master - 0 1 1 connected 0-99\n\
        67ed 127.0.0.1:7002@17002 myself,master - 0 0 2 connected 5461-10922 7 [93->-292f]\n";

    #[test]
    fn a_nodes_own_line_names_its_slots() {
        let slots = own_slots(NODES);
        assert_eq!(slots.id, "67ed");
        assert_eq!(slots.ranges, ["5461-10922", "7", "[93->-292f]"]);
        assert!(slots.primary && slots.open);
        assert_eq!(own_slots(""), Slots::default());
        assert!(!own_slots("a b myself,slave c 0 0 1 connected").primary);
    }

    #[test]
    fn a_slot_that_two_nodes_or_none_serve_is_missing() {
        let of = |ranges: &[&str]| Slots {
            ranges: ranges.iter().map(|range| (*range).into()).collect(),
            ..Slots::default()
        };
        let missing = |nodes: &[Slots]| missing_slot(nodes.iter());
        assert_eq!(missing(&[of(&["0-16383"])]), None);
        assert_eq!(
            missing(&[of(&["0-7", "9-16383", "[8->-a]"]), of(&["8"])]),
            None
        );
        assert_eq!(missing(&[of(&["0-7"]), of(&["9-16383"])]), Some(8));
        assert_eq!(missing(&[of(&["0-8"]), of(&["8-16383"])]), Some(8));
        assert_eq!(missing(&[]), Some(0));
    }

    #[test]
    fn every_slot_has_a_covering_key() {
        for slot in [0, 1, 866, 12_182, 16_383] {
            assert_eq!(
                Slot::for_key(covering(slot)),
                Slot::new(slot).expect("a slot")
            );
        }
    }
}
