//! Finds the values that JSON Pointers point at, in a text that is known to be JSON, and cuts them out.
//!
//! All pointers are followed in one pass over the text, which enters only containers on their way. So
//! the cost is that of the text and of sorting the pointers, however many point into one container.

use std::fmt;
use std::ops::Range;

use super::edits::{Edits, Output};
use super::parse::MAX_DEPTH;
use super::pointer::{array_index, Pointer};
use super::rewrite::Rewrite;
use super::skip::{space_end, value_end, Child, Children, NotJson};

/// Where the value of each pointer is in the text, in the order of the pointers; none for a pointer
/// without a value.
pub type Places = Vec<Option<Range<usize>>>;

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

fn walk(text: &[u8], pointers: &[Pointer], edits: Option<&mut Edits>) -> Result<Places, NotJson> {
    let mut sorted: Vec<usize> = (0..pointers.len()).collect();
    // Pointers with a common beginning become neighbours, the shortest first.
    sorted.sort_unstable_by(|&a, &b| pointers[a].tokens().cmp(pointers[b].tokens()));
    let mut walk = Walk {
        text,
        pointers,
        sorted: &sorted,
        places: vec![None; pointers.len()],
        edits,
    };
    let at = space_end(text, 0);
    if let Some(edits) = &mut walk.edits {
        edits.copy(text, 0..at);
    }
    let end = walk.value(at, 0..sorted.len(), 0, true)?;
    if let Some(edits) = walk.edits {
        let from = end.unwrap_or(edits.copied());
        edits.finish(text, from);
    }
    Ok(walk.places)
}

struct Walk<'w> {
    text: &'w [u8],
    pointers: &'w [Pointer],
    /// The indexes of the pointers, sorted.
    sorted: &'w [usize],
    places: Places,
    /// The edits that remove the values found, if they are to be removed.
    edits: Option<&'w mut Edits>,
}

impl<'w> Walk<'w> {
    /// Follows the pointers at `which` in the sorted list, whose first `depth` steps lead to the value
    /// at `at`. Returns where the value ends; none where that is not known, as there is nothing more to
    /// find in it. `may_stop` allows that.
    ///
    /// Recurses, as deep as the text nests.
    fn value(
        &mut self,
        at: usize,
        which: Range<usize>,
        depth: usize,
        may_stop: bool,
    ) -> Result<Option<usize>, NotJson> {
        let text = self.text;
        let ends = |&&pointer: &&usize| self.pointers[pointer].tokens().len() == depth;
        let here = self.sorted[which.clone()].iter().take_while(ends).count();
        if here == 0 {
            if let Some(children) = Children::of(text, at) {
                return self.container(at, children, which, depth, may_stop);
            }
            let end = value_end(text, at)?;
            if let Some(edits) = &mut self.edits {
                edits.copy(text, at..end);
            }
            return Ok(Some(end));
        }
        let end = value_end(text, at)?;
        let (here, inner) = (
            which.start..which.start + here,
            which.start + here..which.end,
        );
        for &pointer in &self.sorted[here] {
            self.places[pointer] = Some(at..end);
        }
        if !inner.is_empty() {
            // What is inside goes with the value.
            let edits = self.edits.take();
            self.value(at, inner, depth, true)?;
            self.edits = edits;
        }
        Ok(Some(end))
    }

    /// Follows pointers into the object or array at `at`, as [`Walk::value`] does.
    fn container(
        &mut self,
        at: usize,
        mut children: Children<'w>,
        which: Range<usize>,
        depth: usize,
        may_stop: bool,
    ) -> Result<Option<usize>, NotJson> {
        if depth > MAX_DEPTH {
            return Err(NotJson);
        }
        let text = self.text;
        let mut steps = if children.is_object() {
            Steps::Names(which.len())
        } else {
            Steps::elements(self.indexes(which.clone(), depth))
        };
        let mut rewrite = (self.edits.as_deref_mut()).map(|edits| Rewrite::open(text, at, edits));
        while !steps.are_done() {
            let Some(Child { head, start }) = children.next()? else {
                break;
            };
            let found = match &mut steps {
                Steps::Names(left) => {
                    let found = self.named(children.name(), which.clone(), depth);
                    *left = left.saturating_sub(found.len()); // A name twice is not JSON.
                    found
                }
                Steps::Elements { at, wanted } => {
                    let found = wanted.next_if(|(index, _)| index == at);
                    *at += 1;
                    found.map_or(0..0, |(_, found)| found)
                }
            };
            if found.is_empty() {
                children.pass(value_end(text, start)?)?;
                continue;
            }
            let goes = self.pointers[self.sorted[found.start]].tokens().len() == depth + 1;
            if let (Some(rewrite), Some(edits), false) = (&mut rewrite, &mut self.edits, goes) {
                rewrite.replace(head, start, *edits);
            }
            let may_stop = may_stop && steps.are_done();
            let Some(end) = self.value(start, found, depth + 1, may_stop)? else {
                return Ok(None);
            };
            match (&mut rewrite, &mut self.edits) {
                (Some(rewrite), Some(edits)) if goes => rewrite.remove(head, end, *edits),
                (Some(rewrite), _) => rewrite.replaced(end),
                _ => {}
            }
            children.pass(end)?;
        }
        if may_stop {
            if let (Some(rewrite), Some(edits)) = (rewrite, &mut self.edits) {
                rewrite.stop(*edits);
            }
            return Ok(None);
        }
        let end = children.end()?;
        if let (Some(mut rewrite), Some(edits)) = (rewrite, &mut self.edits) {
            rewrite.finish_children(end - 1, *edits);
            rewrite.close(end - 1, *edits);
        }
        Ok(Some(end))
    }

    /// The pointers among `which` whose step at `depth` is `name`.
    fn named(&self, name: &[u8], which: Range<usize>, depth: usize) -> Range<usize> {
        let step = |&pointer: &usize| self.step(pointer, depth).as_bytes().cmp(name);
        let sorted = &self.sorted[which.clone()];
        let from = sorted.partition_point(|pointer| step(pointer).is_lt());
        let same = sorted[from..].partition_point(|pointer| step(pointer).is_eq());
        let from = which.start + from;
        from..from + same
    }

    /// The elements that the pointers among `which` name at `depth`, each with those that do.
    fn indexes(&self, which: Range<usize>, depth: usize) -> Vec<(usize, Range<usize>)> {
        let mut indexes = Vec::new();
        let mut from = which.start;
        let same = |a: &usize, b: &usize| self.step(*a, depth) == self.step(*b, depth);
        for group in self.sorted[which].chunk_by(same) {
            let to = from + group.len();
            indexes.extend(array_index(self.step(group[0], depth)).map(|index| (index, from..to)));
            from = to;
        }
        indexes.sort_unstable_by_key(|(index, _)| *index);
        indexes
    }

    fn step(&self, pointer: usize, depth: usize) -> &'w str {
        &self.pointers[pointer].tokens()[depth]
    }
}

/// What is still to be found in a container.
enum Steps {
    /// The number of pointers whose members are missing.
    Names(usize),
    /// The elements, sorted, and the index of the next element.
    Elements {
        at: usize,
        wanted: std::iter::Peekable<std::vec::IntoIter<(usize, Range<usize>)>>,
    },
}

impl Steps {
    fn elements(indexes: Vec<(usize, Range<usize>)>) -> Self {
        Self::Elements {
            at: 0,
            wanted: indexes.into_iter().peekable(),
        }
    }

    fn are_done(&mut self) -> bool {
        match self {
            Self::Names(left) => *left == 0,
            Self::Elements { wanted, .. } => wanted.peek().is_none(),
        }
    }
}
