//! JSON Merge Patch (RFC 7396).
//!
//! Only the patch is parsed. Its members are looked for in the text of the target, and the result is a
//! list of edits, so values that the patch does not change keep their bytes and cost nothing.

use super::arena::{Arena, Document};
use super::edits::{Edits, Output};
use super::equal::equal;
use super::node::Tag;
use super::rewrite::Rewrite;
use super::skip::{space_end, value_end, Child, Children, NotJson};
use super::value::{Value, ValueKind};

/// Replaces `edits` by those that merge `patch` into `text`
/// ([RFC 7396, section 2](https://www.rfc-editor.org/rfc/rfc7396#section-2)). There are none if the
/// patch asks for nothing new. `text` must be strict JSON. `values` is used for single values of it.
///
/// A member whose value equals the patch's already (numbers by mathematical value, objects without
/// order) keeps its bytes. So if a patch asks for nothing new, the result is exactly the text.
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
/// # Errors
///
/// When `text` is found not to be JSON.
///
/// ```
/// use redis_session::json::{merge, Arena, Edits};
///
/// let (mut arena, mut values, mut edits) = (Arena::new(), Arena::new(), Edits::new());
/// let text = br#"{"a": 1.50, "b": [2], "c": 3}"#;
/// let patch = arena.parse(br#"{"b": null, "c": "x", "d": {"e": null}}"#).unwrap();
/// merge(text, patch, &mut values, &mut edits).unwrap();
/// let mut result = Vec::new();
/// edits.apply(text, &mut result);
/// assert_eq!(result, br#"{"a": 1.50, "c": "x","d":{}}"#);
/// ```
pub fn merge(
    text: &[u8],
    patch: Document<'_>,
    values: &mut Arena,
    edits: &mut Edits,
) -> Result<(), NotJson> {
    edits.clear();
    let at = space_end(text, 0);
    let patch = patch.root();
    let mut merge = Merge {
        text,
        values,
        edits,
        found: Vec::new(),
    };
    if patch.kind() == ValueKind::Object && text.get(at) == Some(&b'{') {
        merge.edits.copy(text, 0..at);
        let from = match merge.object(at, patch, true)? {
            Some(end) => end,
            None => merge.edits.copied(),
        };
        edits.finish(text, from);
    } else if patch.kind() == ValueKind::Object
        || !merge.is_equal(at, value_end(text, at)?, patch)?
    {
        write_without_nulls(patch, edits.new_bytes());
        edits.finish(text, text.len());
    }
    debug_assert!({
        let mut result = Vec::new();
        edits.apply(text, &mut result);
        Arena::new().parse(&result).is_ok() || Arena::new().parse(text).is_err()
    });
    Ok(())
}

struct Merge<'m> {
    text: &'m [u8],
    values: &'m mut Arena,
    edits: &'m mut Edits,
    /// The nodes of the members of the patch that the target has: a stack that all levels share.
    found: Vec<u32>,
}

impl Merge<'_> {
    /// Merges `patch` into the object at `at`. Returns where the object ends; none where that is not
    /// known, as nothing changes behind the last member that was looked for. `may_stop` allows that.
    ///
    /// Recurses, as deep as the patch nests.
    fn object(
        &mut self,
        at: usize,
        patch: Value<'_>,
        may_stop: bool,
    ) -> Result<Option<usize>, NotJson> {
        let text = self.text;
        let mut members = Children::of(text, at).ok_or(NotJson)?;
        let mut rewrite = Rewrite::open(text, at, self.edits);
        let first = self.found.len();
        let mut left = patch.len();
        // Most patches have one member, which is compared without a search.
        let only = patch
            .members()
            .filter(|_| left == 1)
            .and_then(|mut all| all.next());
        while left > 0 {
            let Some(member) = members.next()? else { break };
            let name = members.name();
            let found = match only {
                Some((only, new)) => (only.as_bytes() == name).then_some(new),
                None => patch.get_bytes(name),
            };
            let Some(new) = found else {
                members.pass(value_end(text, member.start)?)?;
                continue;
            };
            left -= 1;
            // If all are found, nobody asks which are.
            if left > 0 {
                self.found.push(new.index);
            }
            match self.member(&mut rewrite, member, new, may_stop && left == 0)? {
                Some(end) => members.pass(end)?,
                None => return Ok(None),
            }
        }
        if left == 0 && may_stop {
            self.found.truncate(first);
            rewrite.stop(self.edits);
            return Ok(None);
        }
        let end = members.end()?;
        rewrite.finish_children(end - 1, self.edits);
        if left > 0 {
            self.append(&mut rewrite, first, patch, end - 1);
        }
        rewrite.close(end - 1, self.edits);
        self.found.truncate(first);
        Ok(Some(end))
    }

    /// Merges `new` into one member. Returns where its value ends, as [`Merge::object`] does.
    fn member(
        &mut self,
        rewrite: &mut Rewrite<'_>,
        Child { head, start }: Child,
        new: Value<'_>,
        may_stop: bool,
    ) -> Result<Option<usize>, NotJson> {
        if new.kind() == ValueKind::Object && self.text.get(start) == Some(&b'{') {
            rewrite.replace(head, start, self.edits);
            let end = self.object(start, new, may_stop)?;
            end.into_iter().for_each(|end| rewrite.replaced(end));
            return Ok(end);
        }
        let end = value_end(self.text, start)?;
        if new.is_null() {
            rewrite.remove(head, end, self.edits);
        } else if new.kind() == ValueKind::Object || !self.is_equal(start, end, new)? {
            rewrite.replace(head, start, self.edits);
            write_without_nulls(new, self.edits.new_bytes());
            rewrite.replaced(end);
        }
        Ok(Some(end))
    }

    /// Adds the members of `patch` that were not found, in its order. The found ones are those from
    /// `first` on.
    fn append(&mut self, rewrite: &mut Rewrite<'_>, first: usize, patch: Value<'_>, close: usize) {
        let found = &mut self.found[first..];
        found.sort_unstable();
        let mut found = found.iter().peekable();
        for (_, new) in patch.members().into_iter().flatten() {
            if found.next_if_eq(&&new.index).is_some() || new.is_null() {
                continue;
            }
            rewrite.append(close, self.edits);
            self.edits.push(patch.at(new.index - 1).text().as_bytes());
            self.edits.push(b":");
            write_without_nulls(new, self.edits.new_bytes());
        }
    }

    /// Whether the value of the text from `start` to `end` equals `new`.
    fn is_equal(&mut self, start: usize, end: usize, new: Value<'_>) -> Result<bool, NotJson> {
        let old = &self.text[start..end];
        if old == new.text().as_bytes() {
            return Ok(true);
        }
        let same_kind = match new.kind() {
            ValueKind::String if new.node.tag == Tag::Plain => {
                old[0] == b'"' && old.contains(&b'\\')
            }
            ValueKind::String => old[0] == b'"',
            ValueKind::Number => old[0] == b'-' || old[0].is_ascii_digit(),
            ValueKind::Array => old[0] == b'[',
            ValueKind::Object => old[0] == b'{',
            // These are equal only as the same bytes.
            ValueKind::Null | ValueKind::Boolean => false,
        };
        if !same_kind {
            return Ok(false);
        }
        let old = self.values.parse(old).map_err(|_| NotJson)?;
        Ok(equal(old.root(), new))
    }
}

/// Writes a value without the null members of its objects. Recurses, as deep as the value nests.
fn write_without_nulls(value: Value<'_>, out: &mut Vec<u8>) {
    let document = value.document;
    let mut nodes = value.index..document.after(value.index);
    if !nodes.any(|node| document.node(node).tag == Tag::Null) {
        out.extend_from_slice(value.text().as_bytes());
        return;
    }
    without_nulls(value, out);
}

fn without_nulls(value: Value<'_>, out: &mut Vec<u8>) {
    let Some(members) = value.members() else {
        out.extend_from_slice(value.text().as_bytes());
        return;
    };
    let (text, span) = (value.document.text.as_bytes(), value.span());
    let mut rewrite = Rewrite::open(text, span.start, out);
    for (_, member) in members {
        let (head, span) = (member.head(), member.span());
        match member.kind() {
            ValueKind::Null => rewrite.remove(head, span.end, out),
            ValueKind::Object => {
                rewrite.replace(head, span.start, out);
                without_nulls(member, out);
                rewrite.replaced(span.end);
            }
            _ => {}
        }
    }
    rewrite.finish_children(span.end - 1, out);
    rewrite.close(span.end - 1, out);
}
