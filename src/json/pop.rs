//! Reads values and removes them from the document, in one step.

use std::fmt;

use super::arena::{Arena, Document};
use super::edit::Rewrite;
use super::find::Finder;
use super::pointer::Pointer;
use super::value::Value;

/// A pointer was the root, but the whole document cannot be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PopError;

impl fmt::Display for PopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the whole document cannot be removed")
    }
}

impl std::error::Error for PopError {}

/// Writes `document` to `out` without the values that `pointers` point at. Returns the text of each
/// of those values, or `None` for a pointer without a value. The content of `out` is overwritten.
///
/// All pointers are resolved in the original document, so array indices do not shift from one to
/// the next; then all values found are removed. The same pointer twice returns its value twice, and
/// a pointer into another's value returns its own part of it.
///
/// Values are returned as they are written. Everything that stays keeps its bytes. A removed value
/// goes with its name, and the comma and whitespace before it (behind it, for a first one). A
/// container that loses all its children becomes `{}` or `[]`. If nothing is found, `out` is the
/// text of the document.
///
/// # Errors
///
/// When a pointer is the root; `out` is then empty.
///
/// ```
/// use redis_session::json::{pop, Arena, Pointer};
///
/// let (mut arena, mut out) = (Arena::new(), Vec::new());
/// let document = arena.parse(br#"{"n": 1, "flash": ["a", "b", "c"]}"#).unwrap();
/// let pointers = ["/flash/0", "/flash/1", "/x"].map(|text| Pointer::parse(text).unwrap());
/// let values = pop(document, &pointers, &mut out).unwrap();
/// assert_eq!(values, [Some(r#""a""#), Some(r#""b""#), None]);
/// assert_eq!(out, br#"{"n": 1, "flash": ["c"]}"#);
/// ```
pub fn pop<'s>(
    document: Document<'s>,
    pointers: &[Pointer],
    out: &mut Vec<u8>,
) -> Result<Vec<Option<&'s str>>, PopError> {
    out.clear();
    if pointers.iter().any(Pointer::is_root) {
        return Err(PopError);
    }
    let root = document.root();
    let mut finder = Finder::new();
    let found: Vec<_> = pointers
        .iter()
        .map(|pointer| finder.resolve(pointer, root))
        .collect();
    let mut nodes: Vec<u32> = found.iter().flatten().map(|value| value.index).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let (text, span) = (document.text.as_bytes(), root.span());
    out.reserve(text.len());
    out.extend_from_slice(&text[..span.start]);
    if nodes.is_empty() {
        out.extend_from_slice(&text[span.clone()]);
    } else {
        cut(root, &nodes, out);
    }
    out.extend_from_slice(&text[span.end..]);
    debug_assert!(Arena::new().parse(out).is_ok());
    Ok(found
        .into_iter()
        .map(|value| value.map(Value::text))
        .collect())
}

/// Writes `container` without the values at `nodes`, which are inside it and sorted. Recurses, which
/// [`MAX_DEPTH`](super::MAX_DEPTH) bounds.
fn cut(container: Value<'_>, mut nodes: &[u32], out: &mut Vec<u8>) {
    let mut rewrite = Rewrite::open(container, out);
    let members = container.members().into_iter().flatten();
    let elements = container.elements().into_iter().flatten();
    for child in members.map(|(_, value)| value).chain(elements) {
        let after = container.document.after(child.index);
        let within = nodes.partition_point(|&node| node < after);
        let (inside, rest) = nodes.split_at(within);
        match inside.first() {
            None => continue,
            // The other nodes in `inside` are its descendants, which go with it.
            Some(&node) if node == child.index => rewrite.remove(child, out),
            Some(_) => {
                rewrite.replace(child, out);
                cut(child, inside, out);
            }
        }
        nodes = rest;
        if nodes.is_empty() {
            break;
        }
    }
    rewrite.finish_children(out);
    rewrite.close(out);
}
