//! Member names: found fast, and never twice in one object.

use std::cmp::Ordering;

use super::arena::{Arena, Document, Node, Tag};
use super::parse::{Frame, Stop};

/// Objects of up to this many members are searched one by one. Larger ones get an index, so that
/// neither lookups nor the search for duplicates are quadratic, whatever the names.
pub(super) const UNINDEXED_MEMBERS: usize = 12;

const DUPLICATE: &str = "duplicate member name";

/// Tells most new names of an object from those before it without looking at any of them.
#[derive(Debug, Default)]
pub(super) struct NameFilter(u64);

impl NameFilter {
    /// Adds `name`, and whether an equal one may have been added before.
    #[inline]
    fn add(&mut self, name: &[u8]) -> bool {
        let ends = match name {
            [first, .., last] => u32::from(*first) ^ u32::from(*last).rotate_left(3),
            [only] => u32::from(*only),
            [] => 0,
        };
        let bit = 1 << (ends.wrapping_add(name.len() as u32 * 11) % 64);
        let seen = self.0 & bit != 0;
        self.0 |= bit;
        seen
    }
}

/// A string's bytes, unescaped.
#[inline]
pub(super) fn bytes<'a>(node: &Node, text: &'a [u8], unescaped: &'a [u8]) -> &'a [u8] {
    match node.tag {
        Tag::Escaped => &unescaped[node.a as usize..][..node.b as usize],
        _ => &text[node.a as usize..][..node.b as usize],
    }
}

/// The order of the index: lengths first, since they mostly settle it, then bytes.
#[inline]
fn order(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Checks that the object being read has no member of this name yet.
#[inline]
pub(super) fn check_new(arena: &mut Arena, text: &str, node: u32) -> Result<(), Stop> {
    let Some(frame) = arena.frames.last_mut() else {
        return Ok(());
    };
    // An object that will get an index is checked when that is built.
    if frame.count as usize >= UNINDEXED_MEMBERS {
        return Ok(());
    }
    let unescaped = arena.unescaped.as_bytes();
    let name = bytes(&arena.nodes[node as usize], text.as_bytes(), unescaped);
    if !frame.names.add(name) {
        return Ok(());
    }
    let (object, count) = (frame.node, frame.count);
    let document = Document { arena, text };
    if search(document, object + 1, count, name).is_some() {
        return Err(Stop {
            offset: document.node(node).start as usize,
            reason: DUPLICATE,
        });
    }
    Ok(())
}

/// Sorts the names of the object that `frame` was, and checks that they all differ.
#[cold]
pub(super) fn build_index(arena: &mut Arena, text: &str, frame: &Frame) -> Result<(), Stop> {
    let at = arena.index.len();
    arena.index.push(frame.count);
    let mut name = frame.node + 1;
    for _ in 0..frame.count {
        arena.index.push(name);
        name = Document { arena, text }.after(name + 1);
    }
    let Arena {
        nodes,
        unescaped,
        index,
        ..
    } = arena;
    let name = |node: &u32| {
        bytes(
            &nodes[*node as usize],
            text.as_bytes(),
            unescaped.as_bytes(),
        )
    };
    let names = &mut index[at + 1..];
    // Equal names in document order, so that the second of them is the one reported.
    names.sort_unstable_by(|left, right| order(name(left), name(right)).then(left.cmp(right)));
    let second = names
        .windows(2)
        .filter(|pair| name(&pair[0]) == name(&pair[1]))
        .map(|pair| pair[1])
        .min();
    if let Some(second) = second {
        return Err(Stop {
            offset: nodes[second as usize].start as usize,
            reason: DUPLICATE,
        });
    }
    let object = &mut nodes[frame.node as usize];
    object.tag = Tag::Indexed;
    // At most one entry and a count for each member, which is five bytes of text: it fits.
    object.b = at as u32;
    Ok(())
}

/// The value of the member `name` of the object at `index`.
#[inline]
pub(super) fn find(document: Document<'_>, index: u32, name: &str) -> Option<u32> {
    let object = document.node(index);
    match object.tag {
        Tag::Object => search(document, index + 1, object.b, name.as_bytes()),
        Tag::Indexed => {
            let names = sorted(document, object);
            let found = names.binary_search_by(|&node| {
                order(name_at(document, node).as_bytes(), name.as_bytes())
            });
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

/// The text of the string node at `index`.
#[inline]
pub(super) fn name_at(document: Document<'_>, index: u32) -> &str {
    string(document, document.node(index))
}

/// The text of a string's node.
#[inline(always)] // A validator reads one for a few instructions' work.
pub(super) fn string<'s>(document: Document<'s>, node: &Node) -> &'s str {
    let text = match node.tag {
        Tag::Escaped => &document.arena.unescaped,
        _ => document.text,
    };
    let start = node.a as usize;
    &text[start..start + node.b as usize]
}

/// The value of the member `name` among `count` members, the first of which is at `member`.
#[inline]
fn search(document: Document<'_>, mut member: u32, count: u32, name: &[u8]) -> Option<u32> {
    let (text, unescaped) = (
        document.text.as_bytes(),
        document.arena.unescaped.as_bytes(),
    );
    for _ in 0..count {
        let node = document.node(member);
        if node.b as usize == name.len() && bytes(node, text, unescaped) == name {
            return Some(member + 1);
        }
        member = document.after(member + 1);
    }
    None
}
