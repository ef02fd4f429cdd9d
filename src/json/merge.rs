//! JSON Merge Patch (RFC 7396).
//!
//! The result is written as splices of the old text and of the patch, so values that the patch does
//! not change keep their bytes.

use super::arena::{Arena, Document};
use super::edit::Rewrite;
use super::equal::equal;
use super::value::{Value, ValueKind};

/// A member of the patch: the node of its value in the target, and in the patch.
type MemberChange = (u32, u32);

/// The target's node for members that the target does not have. It sorts behind all nodes.
const NEW: u32 = u32::MAX;

/// Writes to `out` the result of merging `patch` into `document`
/// ([RFC 7396, section 2](https://www.rfc-editor.org/rfc/rfc7396#section-2)). Returns whether it
/// changes the document. The content of `out` is overwritten.
///
/// A member whose value equals the patch's already (numbers by mathematical value, objects without
/// order) keeps its bytes. So if a patch asks for nothing new, the result is exactly the text of the
/// document, and is no change.
///
/// Everything else keeps its bytes. A replaced member keeps its place and name. A new member comes
/// last, with name and value as the patch has them, in the patch's order and with a bare comma
/// before it. A removed member goes with the comma and whitespace before it (behind it, for the
/// first). Where the target has no object, an object of the patch is written without its null
/// members; within arrays those stay.
///
/// The result nests no deeper than the deeper of the two, and is no longer than both together and a
/// comma.
///
/// ```
/// use redis_session::json::{merge, Arena};
///
/// let (mut old, mut new, mut out) = (Arena::new(), Arena::new(), Vec::new());
/// let document = old.parse(br#"{"a": 1.50, "b": [2], "c": 3}"#).unwrap();
/// let patch = new.parse(br#"{"b": null, "c": "x", "d": {"e": null}}"#).unwrap();
/// assert!(merge(document, patch, &mut out));
/// assert_eq!(out, br#"{"a": 1.50, "c": "x","d":{}}"#);
/// ```
pub fn merge(document: Document<'_>, patch: Document<'_>, out: &mut Vec<u8>) -> bool {
    out.clear();
    out.reserve(document.text.len() + patch.text.len() + 1);
    let (target, patch) = (document.root(), patch.root());
    let changed = match (target.kind(), patch.kind()) {
        (ValueKind::Object, ValueKind::Object) => {
            let (text, span) = (document.text.as_bytes(), target.span());
            out.extend_from_slice(&text[..span.start]);
            let changed = merge_object(target, patch, &mut Vec::new(), out);
            out.extend_from_slice(&text[span.end..]);
            changed
        }
        (_, kind) if kind != ValueKind::Object && equal(target, patch) => {
            out.extend_from_slice(document.text.as_bytes());
            false
        }
        _ => {
            write_without_nulls(patch, out);
            true
        }
    };
    debug_assert!(Arena::new().parse(out).is_ok());
    changed
}

/// Writes `target` with the members of `patch`. Returns whether that changes it.
///
/// Recurses, which [`MAX_DEPTH`](super::MAX_DEPTH) bounds. `changes` is a stack that all levels
/// share.
fn merge_object(
    target: Value<'_>,
    patch: Value<'_>,
    changes: &mut Vec<MemberChange>,
    out: &mut Vec<u8>,
) -> bool {
    let first = changes.len();
    for (name, value) in patch.members().into_iter().flatten() {
        match target.get(name) {
            Some(member) => changes.push((member.index, value.index)),
            None if value.is_null() => {}
            None => changes.push((NEW, value.index)),
        }
    }
    // In document order; new members come last, in the patch's order.
    changes[first..].sort_unstable();
    let last = changes.len();
    let mut changed = false;
    let mut rewrite = Rewrite::open(target, out);
    let mut at = first;
    while at < last && changes[at].0 != NEW {
        let (old, new) = (target.at(changes[at].0), patch.at(changes[at].1));
        at += 1;
        match (old.kind(), new.kind()) {
            (_, ValueKind::Null) => {
                rewrite.remove(old, out);
                changed = true;
            }
            (ValueKind::Object, ValueKind::Object) => {
                rewrite.replace(old, out);
                changed |= merge_object(old, new, changes, out);
            }
            (_, kind) if kind != ValueKind::Object && equal(old, new) => {}
            _ => {
                rewrite.replace(old, out);
                write_without_nulls(new, out);
                changed = true;
            }
        }
    }
    rewrite.finish_children(out);
    for &(_, new) in &changes[at..last] {
        rewrite.append(out);
        out.extend_from_slice(patch.at(new - 1).text().as_bytes());
        out.push(b':');
        write_without_nulls(patch.at(new), out);
        changed = true;
    }
    rewrite.close(out);
    changes.truncate(first);
    changed
}

/// Writes a value without the null members of its objects. Recurses, as deep as the value nests.
fn write_without_nulls(value: Value<'_>, out: &mut Vec<u8>) {
    let Some(members) = value.members() else {
        out.extend_from_slice(value.text().as_bytes());
        return;
    };
    let mut rewrite = Rewrite::open(value, out);
    for (_, member) in members {
        match member.kind() {
            ValueKind::Null => rewrite.remove(member, out),
            ValueKind::Object => {
                rewrite.replace(member, out);
                write_without_nulls(member, out);
            }
            _ => {}
        }
    }
    rewrite.finish_children(out);
    rewrite.close(out);
}
