//! Member names: found fast, and never twice in one object.

use std::cmp::Ordering;

use super::arena::{Document, Node, Tag};
use super::parse::{Frame, Stop};
use super::special::WIDTH;

/// Objects of up to this many members are searched one by one. Larger ones get an index, so that
/// neither lookups nor the search for duplicates are quadratic, whatever the names.
pub(super) const UNINDEXED_MEMBERS: usize = 12;

const DUPLICATE: &str = "duplicate member name";

/// The golden ratio: a product with it depends, in its highest bits, on all bits of what it is of.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Tells most new names of an object from those before it without looking at any of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameFilter([u64; 4]);

impl NameFilter {
    pub(super) const NEW: Self = Self([0; 4]);

    /// Adds the name of this [`key`], and whether an equal one may have been added before.
    #[inline(always)]
    pub(super) fn add(&mut self, key: u64) -> bool {
        let hash = key.wrapping_mul(SPREAD);
        let word = &mut self.0[(hash >> 62) as usize];
        let bit = 1 << (hash >> 56 & 63);
        let seen = *word & bit != 0;
        *word |= bit;
        seen
    }
}

/// What a name is known by: equal names have equal keys, and others do not unless they are made to.
pub(super) fn key(name: &[u8]) -> u64 {
    let (words, _) = name.as_chunks();
    match (words, name.last_chunk()) {
        ([start, more @ ..], Some(end)) => {
            let start = more.iter().fold(u64::from_le_bytes(*start), |hash, word| {
                hash.wrapping_mul(SPREAD).rotate_left(29) ^ u64::from_le_bytes(*word)
            });
            long_key(start, *end, name.len())
        }
        _ => (name.iter().rev()).fold(0, |word, &byte| word << 8 | u64::from(byte)),
    }
}

/// The [`key`] of the first `length` bytes of `chunk`.
#[inline(always)]
pub(super) fn short_key(chunk: &[u8; WIDTH], length: usize) -> u64 {
    let [start @ .., _, _, _, _, _, _, _, _] = chunk;
    let start = u64::from_le_bytes(*start);
    match FIRST.get(length) {
        Some(mask) => start & mask,
        None => match chunk[..length].last_chunk() {
            Some(end) => long_key(start, *end, length),
            None => 0,
        },
    }
}

#[inline(always)]
fn long_key(start: u64, end: [u8; 8], length: usize) -> u64 {
    start.wrapping_mul(SPREAD).rotate_left(29) ^ u64::from_le_bytes(end) ^ length as u64
}

/// What to keep of a word whose first `n` bytes count.
const FIRST: [u64; 8] = {
    let mut masks = [0; 8];
    let mut n = 1;
    while n < 8 {
        masks[n] = masks[n - 1] << 8 | 0xFF;
        n += 1;
    }
    masks
};

/// What strings are read from.
#[derive(Clone, Copy)]
pub(super) struct Strings<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) text: &'a str,
    pub(super) unescaped: &'a str,
}

impl<'a> Strings<'a> {
    #[inline]
    fn of(document: Document<'a>) -> Self {
        Self {
            nodes: &document.arena.nodes,
            text: document.text,
            unescaped: &document.arena.unescaped,
        }
    }

    /// The node after the one at `index` and all its descendants.
    #[inline]
    fn after(self, index: u32) -> u32 {
        self.nodes[index as usize].after(index)
    }

    /// The bytes of the string that the node at `index` is, unescaped.
    #[inline]
    fn bytes(self, index: u32) -> &'a [u8] {
        self.bytes_of(&self.nodes[index as usize])
    }

    #[inline(always)] // As `string`.
    fn bytes_of(self, node: &Node) -> &'a [u8] {
        &self.buffer(node).as_bytes()[node.a as usize..][..node.b as usize]
    }

    /// What a string's node says where in this it is.
    #[inline(always)] // As `string`.
    fn buffer(self, node: &Node) -> &'a str {
        match node.tag {
            Tag::Escaped => self.unescaped,
            _ => self.text,
        }
    }
}

/// The order of the index: lengths first, since they mostly settle it, then bytes.
#[inline]
fn order(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Checks that no member before has the name that is the last node, in the object of `frame`.
#[cold]
pub(super) fn check_new(strings: Strings<'_>, frame: &Frame) -> Result<(), Stop> {
    // An object that will get an index is checked when that is built.
    if frame.count as usize >= UNINDEXED_MEMBERS {
        return Ok(());
    }
    // There are fewer nodes than bytes of text, whose number fits.
    let last = strings.nodes.len() as u32 - 1;
    if search(strings, frame.node + 1, frame.count, strings.bytes(last)).is_some() {
        return Err(Stop {
            offset: strings.nodes[last as usize].start as usize,
            reason: DUPLICATE,
        });
    }
    Ok(())
}

/// Checks that `key` is not among those of the members before, `keys`.
#[cold]
pub(super) fn check_new_key(keys: &[u64], key: u64) -> Result<(), Stop> {
    // As above.
    if keys.len() >= UNINDEXED_MEMBERS || !keys.contains(&key) {
        return Ok(());
    }
    Err(DOUBTFUL)
}

/// Checks that the keys of all members of an object differ.
#[cold]
pub(super) fn check_keys(keys: &mut [u64]) -> Result<(), Stop> {
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(DOUBTFUL);
    }
    Ok(())
}

/// Keys do not tell where the name is, nor whether there is a second.
const DOUBTFUL: Stop = Stop {
    offset: 0,
    reason: DUPLICATE,
};

/// Sorts the names of the object that `frame` was, and checks that they all differ.
#[cold]
pub(super) fn build_index(
    strings: Strings<'_>,
    frame: &Frame,
    index: &mut Vec<u32>,
) -> Result<(), Stop> {
    let at = index.len();
    index.push(frame.count);
    let mut name = frame.node + 1;
    for _ in 0..frame.count {
        index.push(name);
        name = strings.after(name + 1);
    }
    let names = &mut index[at + 1..];
    // Equal names in document order, so that the second of them is the one reported.
    names.sort_unstable_by(|&left, &right| {
        order(strings.bytes(left), strings.bytes(right)).then(left.cmp(&right))
    });
    let second = names
        .windows(2)
        .filter(|pair| strings.bytes(pair[0]) == strings.bytes(pair[1]))
        .map(|pair| pair[1])
        .min();
    match second {
        Some(second) => Err(Stop {
            offset: strings.nodes[second as usize].start as usize,
            reason: DUPLICATE,
        }),
        None => Ok(()),
    }
}

/// The value of the member `name` of the object at `index`.
#[inline]
pub(super) fn find(document: Document<'_>, index: u32, name: &str) -> Option<u32> {
    let object = document.node(index);
    match object.tag {
        Tag::Object => search(Strings::of(document), index + 1, object.b, name.as_bytes()),
        Tag::Indexed => {
            let (names, strings) = (sorted(document, object), Strings::of(document));
            let found = names.binary_search_by(|&node| order(strings.bytes(node), name.as_bytes()));
            found.ok().map(|at| names[at] + 1)
        }
        _ => None,
    }
}

/// The name nodes of an indexed object, in the index's order.
pub(super) fn sorted<'s>(document: Document<'s>, object: &Node) -> &'s [u32] {
    let index = &document.arena.index[object.b as usize..];
    &index[1..=index[0] as usize]
}

/// The text of a string's node.
#[inline(always)] // A validator reads one for a few instructions' work.
pub(super) fn string<'s>(document: Document<'s>, node: &Node) -> &'s str {
    // Cut in two steps, each of which looks at one end: that compiles to less than a range.
    let (_, tail) = Strings::of(document).buffer(node).split_at(node.a as usize);
    tail.split_at(node.b as usize).0
}

/// The bytes of [`string`].
#[inline(always)] // As that.
pub(super) fn bytes<'s>(document: Document<'s>, node: &Node) -> &'s [u8] {
    Strings::of(document).bytes_of(node)
}

/// The value of the member `name` among `count` members, the first of which is at `member`.
#[inline]
fn search(strings: Strings<'_>, mut member: u32, count: u32, name: &[u8]) -> Option<u32> {
    for _ in 0..count {
        let node = &strings.nodes[member as usize];
        if node.b as usize == name.len() && strings.bytes(member) == name {
            return Some(member + 1);
        }
        member = strings.after(member + 1);
    }
    None
}
