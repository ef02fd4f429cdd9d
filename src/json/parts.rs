//! Finds the values that JSON Pointers point at, in a text that is known to be JSON, and cuts them out.
//!
//! One pointer is followed on its own. Several are followed in one pass (`walk`).

use std::fmt;
use std::ops::Range;

use super::edits::Edits;
use super::pointer::{array_index, Pointer};
use super::skip::{space_end, value_end, Child, Children, NotJson};
use super::walk::{walk, Places};

/// The reason why values are not removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopError {
    /// A pointer was the root, but the whole text cannot be removed.
    Whole,
    /// The text is found not to be JSON.
    NotJson,
}

impl fmt::Display for PopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whole => "the whole document cannot be removed",
            Self::NotJson => "the document is not JSON",
        })
    }
}

impl std::error::Error for PopError {}

impl From<NotJson> for PopError {
    fn from(_: NotJson) -> Self {
        Self::NotJson
    }
}

/// Finds the values that `pointers` point at. `text` must be strict JSON.
///
/// # Errors
///
/// When `text` is found not to be JSON.
///
/// ```
/// use redis_session::json::{find, Pointer};
///
/// let text = br#"{"n": 1, "list": ["a", "b"]}"#;
/// let pointers = ["/list/1", "/x"].map(|text| Pointer::parse(text).unwrap());
/// let places = find(text, &pointers).unwrap();
/// assert_eq!(&text[places[0].clone().unwrap()], br#""b""#);
/// assert_eq!(places[1], None);
/// ```
pub fn find(text: &[u8], pointers: &[Pointer]) -> Result<Places, NotJson> {
    match pointers {
        [pointer] => Ok(vec![find_one(text, pointer)?]),
        _ => walk(text, pointers, None),
    }
}

/// Finds one value, as [`find`] does. It has nothing to sort and to keep.
fn find_one(text: &[u8], pointer: &Pointer) -> Result<Option<Range<usize>>, NotJson> {
    let mut at = space_end(text, 0);
    for step in pointer.tokens() {
        let Some(mut children) = Children::of(text, at) else {
            return Ok(None);
        };
        let index = if children.is_object() {
            None
        } else {
            let Some(index) = array_index(step) else {
                return Ok(None);
            };
            Some(index)
        };
        let mut passed = 0;
        at = loop {
            let Some(Child { start, .. }) = children.next()? else {
                return Ok(None);
            };
            let is_wanted = match index {
                None => children.name() == step.as_bytes(),
                Some(index) => index == passed,
            };
            if is_wanted {
                break start;
            }
            children.pass(value_end(text, start)?)?;
            passed += 1;
        };
    }
    Ok(Some(at..value_end(text, at)?))
}

/// Finds the values that `pointers` point at, and replaces `edits` by those that remove them. `text`
/// must be strict JSON.
///
/// All pointers are resolved in the text as it is, so array indices do not shift from one to the
/// next; then all values found are removed. The same pointer twice finds its value twice, and a
/// pointer into another's value finds its own part of it.
///
/// Everything that stays keeps its bytes. A removed value goes with its name, and the comma and
/// whitespace before it (behind it, for a first one). A container that loses all its children becomes
/// `{}` or `[]`. If nothing is found, there are no edits.
///
/// # Errors
///
/// When a pointer is the root, or `text` is found not to be JSON.
///
/// ```
/// use redis_session::json::{pop, Edits, Pointer};
///
/// let (mut edits, mut rest) = (Edits::new(), Vec::new());
/// let text = br#"{"n": 1, "flash": ["a", "b", "c"]}"#;
/// let pointers = ["/flash/0", "/flash/1", "/x"].map(|text| Pointer::parse(text).unwrap());
/// let places = pop(text, &pointers, &mut edits).unwrap();
/// assert_eq!(places, [Some(19..22), Some(24..27), None]);
/// edits.apply(text, &mut rest);
/// assert_eq!(rest, br#"{"n": 1, "flash": ["c"]}"#);
/// ```
pub fn pop(text: &[u8], pointers: &[Pointer], edits: &mut Edits) -> Result<Places, PopError> {
    edits.clear();
    if pointers.iter().any(Pointer::is_root) {
        return Err(PopError::Whole);
    }
    let places = walk(text, pointers, Some(edits))?;
    if places.iter().all(Option::is_none) {
        edits.clear();
    }
    Ok(places)
}
