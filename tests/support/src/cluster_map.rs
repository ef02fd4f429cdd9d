//! Slots and nodes: the slot of a key, the owner of each slot, and how nodes see each other.

use super::{Server, Value};
use std::collections::BTreeMap;

pub const SLOTS: u16 = 16384;

/// The slot of a key as the cluster specification defines it: CRC-16/XMODEM of the hashed part.
pub fn slot_of(key: impl AsRef<[u8]>) -> u16 {
    let crc = hashed(key.as_ref()).iter().fold(0u16, |crc, &byte| {
        let crc = crc ^ u16::from(byte) << 8;
        (0..8).fold(crc, |crc, _| match crc & 0x8000 {
            0 => crc << 1,
            _ => (crc << 1) ^ 0x1021,
        })
    });
    crc % SLOTS
}

/// The hashed part of a key: what is between the first `{` and the first `}` after it, unless that is
/// empty; else the whole key.
fn hashed(key: &[u8]) -> &[u8] {
    let find = |bytes: &[u8], wanted| bytes.iter().position(|&byte| byte == wanted);
    match find(key, b'{') {
        Some(open) => match find(&key[open + 1..], b'}') {
            Some(len) if len > 0 => &key[open + 1..][..len],
            _ => key,
        },
        None => key,
    }
}

/// The ranges of slots by the port of the primary that owns them, as one node sees it.
pub fn slot_map(node: &Server) -> BTreeMap<u16, Vec<(u16, u16)>> {
    let mut map: BTreeMap<u16, Vec<(u16, u16)>> = BTreeMap::new();
    for range in node.ok(&["CLUSTER", "SLOTS"]).items() {
        let number = |value: &Value| u16::try_from(value.int()).expect("a slot or port");
        let [first, last, primary, ..] = range.items() else {
            panic!("not a range of slots: {range}");
        };
        let port = number(&primary.items()[1]);
        map.entry(port)
            .or_default()
            .push((number(first), number(last)));
    }
    map
}

/// The number of slots that have an owner.
pub fn covered(map: &BTreeMap<u16, Vec<(u16, u16)>>) -> u16 {
    map.values()
        .flatten()
        .map(|range| range.1 - range.0 + 1)
        .sum()
}

/// A line of CLUSTER NODES: how a node sees another, or itself.
pub struct Peer {
    pub id: String,
    flags: Vec<String>,
    /// The ID of the primary that it follows; `-` of a primary, and of a replica as long as the node
    /// does not know whom it follows.
    pub follows: String,
    pub epoch: String,
    pub link: bool,
}

impl Peer {
    /// All lines of CLUSTER NODES of this node.
    pub fn by(node: &Server) -> Vec<Peer> {
        let of_line = |line: &str| {
            let words: Vec<_> = line.split(' ').collect();
            Peer {
                id: words[0].into(),
                flags: words[2].split(',').map(String::from).collect(),
                follows: words[3].into(),
                epoch: words[6].into(),
                link: words[7] == "connected",
            }
        };
        let nodes = node.ok(&["CLUSTER", "NODES"]).text();
        nodes.lines().map(of_line).collect()
    }

    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }
}
