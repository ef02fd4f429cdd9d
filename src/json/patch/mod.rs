//! JSON Patch (RFC 6902).
//!
//! All operations are read first (`operation`). Each then changes a [`PatchedTree`], which keeps
//! unchanged values as spans of the texts, and at the end the result is written once (`write`).
//!
//! Each file uses only files before it in this list: `error`, `sequence`, `container`, `operation`,
//! `tree`, `compare`, `write`.

mod compare;
mod container;
mod error;
mod operation;
mod sequence;
mod tree;
mod write;

pub use error::{PatchError, PatchErrorKind};

use container::{Child, Source};
use error::{Reason, NOTHING, NOTHING_AT_FROM, TOO_DEEP};
use operation::{Action, Operation};
use tree::PatchedTree;
use write::Writer;

use crate::json::arena::{Arena, Document};
use crate::json::parse::MAX_DEPTH;
use crate::json::value::{Value, ValueKind};

/// Applies the operations of `patch` to `document`, one after the other
/// ([RFC 6902](https://www.rfc-editor.org/rfc/rfc6902)), and writes the result to `out`. Returns
/// whether the result differs from the document's text. The content of `out` is overwritten.
///
/// Values that no operation addresses keep their bytes, with numbers and escapes as they are
/// written. More precisely:
///
/// - A value that is replaced, or added where a member of that name exists, takes the place of the
///   old one; the name stays as it is written. If the new value equals the old one (numbers by
///   mathematical value, objects without order), the old one stays, so that a patch that asks for
///   nothing new is no change.
/// - A new member goes to the end of its object, its name escaped no more than JSON demands. A new
///   element goes where the operation says. Both come without whitespace around, and a value from
///   the patch keeps the bytes that it has there.
/// - A removed value goes with the comma and whitespace before it, or, at the front of an object or
///   array, behind it. A container that loses all its children becomes `{}` or `[]`.
/// - `test` compares as RFC 6902, section 4.6 demands, and numbers exactly, whatever their size.
/// - The whole document can be added, replaced, tested and copied, but neither removed nor moved
///   away.
/// - Members of an operation that RFC 6902 does not define are ignored.
///
/// The result may have `max_bytes` bytes and 128 levels. Between operations the document may be
/// larger, at no cost: copies share the text that they copy. All work is bounded by the lengths of
/// the texts and `max_bytes`. A patch is refused, for example, if it copies and changes large values
/// again and again only to remove them, or if it tests a number of many thousand digits hundreds of
/// times. With 1 MiB of patch and of document, the slowest refusals found took 0.2 s; tens of
/// thousands of operations at the front of an array of half a million elements took 30 ms.
///
/// # Errors
///
/// When an operation is malformed or cannot be applied, or the result would be too large or too
/// deep; `out` is then empty.
///
/// ```
/// use redis_session::json::{apply, Arena};
///
/// let (mut old, mut new, mut out) = (Arena::new(), Arena::new(), Vec::new());
/// let document = old.parse(br#"{"n": 1.50, "list": [1, 2]}"#).unwrap();
/// let patch = new.parse(br#"[{"op": "add", "path": "/list/-", "value": 3}]"#).unwrap();
/// assert_eq!(apply(document, patch, 1 << 20, &mut out), Ok(true));
/// assert_eq!(out, br#"{"n": 1.50, "list": [1, 2,3]}"#);
/// ```
pub fn apply(
    document: Document<'_>,
    patch: Document<'_>,
    max_bytes: usize,
    out: &mut Vec<u8>,
) -> Result<bool, PatchError> {
    out.clear();
    let operations = operation::parse(patch)?;
    let mut tree = PatchedTree::new(document, patch, max_bytes);
    // Whether the result may be too deep, by the depths of the patch's paths and values. Most results
    // then need no check.
    let mut deep = false;
    for (at, operation) in operations.iter().enumerate() {
        run(&mut tree, operation, &mut deep).map_err(|reason| {
            let name = operation.action.name();
            PatchError::cannot_apply(at, name, operation.path_text, reason)
        })?;
    }
    let written = write(&tree, max_bytes, deep, out);
    if let Err(reason) = written {
        out.clear();
        return Err(PatchError::result(reason));
    }
    debug_assert!(Arena::new().parse(out).is_ok());
    Ok(out != document.text.as_bytes())
}

/// Applies one operation. Sets `deep` if the document may nest too deep after it.
fn run<'s>(
    tree: &mut PatchedTree<'s>,
    operation: &Operation<'s>,
    deep: &mut bool,
) -> Result<(), Reason> {
    let path = &operation.path;
    match &operation.action {
        Action::Add(value) => {
            *deep |= path.tokens().len() + nesting(*value) > MAX_DEPTH;
            tree.add_new(path, *value)
        }
        Action::Replace(value) => {
            let child = tree.find(path).ok_or(NOTHING)?;
            if tree.equals(child, *value)? {
                return Ok(());
            }
            *deep |= path.tokens().len() + nesting(*value) > MAX_DEPTH;
            tree.replace(path, Child::Parsed(Source::Patch, value.index))
        }
        Action::Remove => tree.remove(path).map(drop),
        Action::Test(value) => {
            let child = tree.find(path).ok_or(NOTHING)?;
            match tree.equals(child, *value)? {
                true => Ok(()),
                false => Err(Reason::Text("the value differs")),
            }
        }
        Action::Copy(from) => {
            let child = tree.find(from).ok_or(NOTHING_AT_FROM)?;
            *deep |= path.tokens().len() > from.tokens().len();
            let copy = tree.copy(child, 0)?;
            tree.add(path, copy)
        }
        Action::Move(from) => {
            tree.find(from).ok_or(NOTHING_AT_FROM)?;
            if from == path {
                return Ok(());
            }
            *deep |= path.tokens().len() > from.tokens().len();
            let child = tree.remove(from)?;
            tree.add(path, child)
        }
    }
}

/// Writes the whole result, and checks its length and depth.
fn write(
    tree: &PatchedTree<'_>,
    max_bytes: usize,
    deep: bool,
    out: &mut Vec<u8>,
) -> Result<(), Reason> {
    let text = tree.document.text;
    // The whitespace around the outermost value stays, unless a value of the patch took its place.
    let around = match tree.root {
        Child::Parsed(Source::Patch, _) => "".."",
        _ => {
            let span = tree.document.root().span();
            &text[..span.start]..&text[span.end..]
        }
    };
    out.reserve(text.len().min(max_bytes));
    out.extend_from_slice(around.start.as_bytes());
    Writer { tree, max_bytes }.write(tree.root, 0, out)?;
    out.extend_from_slice(around.end.as_bytes());
    if out.len() > max_bytes {
        return Err(Reason::TooLarge(max_bytes));
    }
    if deep && write::depth(out) > MAX_DEPTH {
        return Err(TOO_DEEP);
    }
    Ok(())
}

/// How many levels of arrays and objects a value has.
fn nesting(value: Value<'_>) -> usize {
    let document = value.document();
    let (mut ends, mut deepest) = (Vec::new(), 0);
    for node in value.index..document.after(value.index) {
        while ends.last().is_some_and(|&end| end <= node) {
            ends.pop();
        }
        if matches!(value.at(node).kind(), ValueKind::Array | ValueKind::Object) {
            ends.push(document.after(node));
            deepest = deepest.max(ends.len());
        }
    }
    deepest
}
