//! JSON Patch (RFC 6902).

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
use tree::Tree;
use write::Writer;

use super::arena::Document;
use super::parse::MAX_DEPTH;
use super::value::{Kind, Value};

/// Writes to `out` what the operations of `patch` make of `document`, one after the other
/// ([RFC 6902](https://www.rfc-editor.org/rfc/rfc6902)), and says whether that text is another one.
/// What `out` held is overwritten.
///
/// What no operation addresses keeps its bytes, numbers and escapes as they are written. More
/// precisely:
///
/// - A value that is replaced, or added where a member of that name is, takes the old one's place
///   behind the name as it stands; but one that equals the old one (numbers by mathematical value,
///   objects without order) is left as it is written, so that asking for what is there already is
///   no change.
/// - A new member goes to the end of its object, its name escaped no more than JSON demands; a new
///   element where the operation says. Both come without whitespace around, and a value from the
///   patch has the bytes that it has there.
/// - What is removed goes with the comma and whitespace before it, or, at the front of an object or
///   array, with those after it. What loses all its children is `{}` or `[]`.
/// - `test` compares as RFC 6902, section 4.6 says, and numbers exactly, whatever their size.
/// - The whole document can be added, replaced, tested and copied, but neither removed nor moved
///   away.
/// - Members of an operation that RFC 6902 does not know are ignored.
///
/// The result may have `max_bytes`, and 128 levels. On the way there the document may be larger,
/// which costs nothing: copies share the text that they copy. All work is bounded by the texts'
/// lengths and `max_bytes`: a patch that copies and changes large values again and again, only to
/// remove them, or tests a number of many thousand digits hundreds of times, is refused. The
/// slowest patches found, of 1 MiB on 1 MiB, took 0.2 s before they were; tens of thousands of
/// operations at the front of an array of half a million elements, 30 ms.
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
    let mut tree = Tree::new(document, patch, max_bytes);
    // Adding and replacing only nests deeper as far as can be seen from the patch.
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
    debug_assert!(super::Arena::new().parse(out).is_ok());
    Ok(out != document.text.as_bytes())
}

fn run<'s>(tree: &mut Tree<'s>, operation: &Operation<'s>, deep: &mut bool) -> Result<(), Reason> {
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
            tree.replace(path, Child::Given(Source::Patch, value.index))
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

fn write(tree: &Tree<'_>, max_bytes: usize, deep: bool, out: &mut Vec<u8>) -> Result<(), Reason> {
    let text = tree.document.text;
    // What surrounds the document's outermost value stays, unless that is another one.
    let around = match tree.root {
        Child::Given(Source::Patch, _) => "".."",
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

/// How many levels of arrays and objects a value is.
fn nesting(value: Value<'_>) -> usize {
    let document = value.document();
    let (mut ends, mut deepest) = (Vec::new(), 0);
    for node in value.index..document.after(value.index) {
        while ends.last().is_some_and(|&end| end <= node) {
            ends.pop();
        }
        if matches!(value.at(node).kind(), Kind::Array | Kind::Object) {
            ends.push(document.after(node));
            deepest = deepest.max(ends.len());
        }
    }
    deepest
}
