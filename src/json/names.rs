//! Member names of one object: the search for a name, and for duplicates.
//!
//! Objects of up to [`UNINDEXED_MEMBERS`] members are searched one by one. Larger ones get an index
//! of their names in sorted order, so that no choice of names makes lookups or the duplicate check
//! quadratic.

use std::cmp::Ordering;

use super::error::Stop;
use super::node::{Node, Strings, Tag};

/// The most members that an object without an index has.
pub(super) const UNINDEXED_MEMBERS: usize = 12;

const DUPLICATE: &str = "duplicate member name";

/// The order of names in an index: by length, which mostly settles it, then by bytes.
#[inline]
fn order(left: &[u8], right: &[u8]) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Checks that the name in the last node differs from the names of the `count` members before it in
/// the object at `object`.
#[cold]
pub(super) fn check_new(strings: Strings<'_>, object: u32, count: u32) -> Result<(), Stop> {
    // For an object with more members, `build_index` finds duplicates.
    if count as usize >= UNINDEXED_MEMBERS {
        return Ok(());
    }
    // There are fewer nodes than bytes of text, whose number fits.
    let last = strings.nodes.len() as u32 - 1;
    if search(strings, object + 1, count, strings.bytes_at(last)).is_some() {
        return Err(Stop {
            offset: strings.nodes[last as usize].start as usize,
            reason: DUPLICATE,
        });
    }
    Ok(())
}

/// Appends the index of the object at `object` to `index`: the number of its members, then the
/// nodes of their names, sorted. Checks that all names differ.
#[cold]
pub(super) fn build_index(
    strings: Strings<'_>,
    object: u32,
    count: u32,
    index: &mut Vec<u32>,
) -> Result<(), Stop> {
    let at = index.len();
    index.push(count);
    let mut name = object + 1;
    for _ in 0..count {
        index.push(name);
        name = strings.after(name + 1);
    }
    let names = &mut index[at + 1..];
    // Equal names stay in document order, so that the error is at the second of them.
    names.sort_unstable_by(|&left, &right| {
        order(strings.bytes_at(left), strings.bytes_at(right)).then(left.cmp(&right))
    });
    let second = names
        .windows(2)
        .filter(|pair| strings.bytes_at(pair[0]) == strings.bytes_at(pair[1]))
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

/// The node of the value of the member `name`, in the object at `object`. None if the object lacks
/// the member, or if the node is no object. `index` holds the indexes of all objects.
#[inline]
pub(super) fn find(strings: Strings<'_>, index: &[u32], object: u32, name: &[u8]) -> Option<u32> {
    let node = &strings.nodes[object as usize];
    match node.tag {
        Tag::Object => search(strings, object + 1, node.b, name),
        Tag::Indexed => {
            let names = sorted(index, node);
            let found = names.binary_search_by(|&node| order(strings.bytes_at(node), name));
            found.ok().map(|at| names[at] + 1)
        }
        _ => None,
    }
}

/// The nodes of the names of an indexed object, in the index's order.
fn sorted<'s>(index: &'s [u32], object: &Node) -> &'s [u32] {
    let index = &index[object.b as usize..];
    &index[1..=index[0] as usize]
}

/// The node of the value of the member `name` among `count` members, which begin at the node
/// `member`.
#[inline]
fn search(strings: Strings<'_>, mut member: u32, count: u32, name: &[u8]) -> Option<u32> {
    for _ in 0..count {
        let node = &strings.nodes[member as usize];
        if node.b as usize == name.len() && strings.bytes_at(member) == name {
            return Some(member + 1);
        }
        member = strings.after(member + 1);
    }
    None
}
