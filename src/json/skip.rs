//! Finds its way in a text that is known to be JSON, without a parse: what is not asked for is passed
//! over.
//!
//! Strings are passed by windows of 16 bytes and containers by blocks of 64, in which only quotes and
//! the container's own kind of bracket count. Nothing is allocated, except for names with escapes.
//!
//! A text that is not JSON leads to [`NotJson`] or to wrong places in it, but never to a panic or an
//! endless loop.

use super::blocks::{contains, matches, BLOCK};
use super::escape::unescape;
use super::search::{find_special, first_special, whitespace_end, WIDTH};

/// A text that should be JSON is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotJson;

/// The children of an object or array, one after the other.
pub(super) struct Children<'t> {
    text: &'t [u8],
    /// The head of the next child (its name, in an object), or the closing bracket.
    at: usize,
    open: u8,
    /// Where the name of the last child is, between its quotes.
    name: &'t [u8],
    /// The same name, if it has escapes.
    unescaped: Option<String>,
}

/// Where a child begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child {
    /// Where its name begins, in an object; its value, in an array.
    pub(super) head: usize,
    /// Where its value begins.
    pub(super) start: usize,
}

impl<'t> Children<'t> {
    /// The children of the object or array that begins at `at`; none for any other value.
    #[inline(always)]
    pub(super) fn of(text: &'t [u8], at: usize) -> Option<Self> {
        let open = *text.get(at)?;
        matches!(open, b'{' | b'[').then(|| Self {
            text,
            at: space_end(text, at + 1),
            open,
            name: &[],
            unescaped: None,
        })
    }

    /// Whether the children have names.
    #[inline(always)]
    pub(super) fn is_object(&self) -> bool {
        self.open == b'{'
    }

    /// Reads up to the value of the next child; none behind the last. The caller finds the end of that
    /// value, and then calls [`Children::pass`].
    #[inline(always)]
    pub(super) fn next(&mut self) -> Result<Option<Child>, NotJson> {
        let head = self.at;
        match self.text.get(head) {
            Some(&byte) if byte == self.open + 2 => return Ok(None),
            Some(b'"') if self.is_object() => {}
            Some(_) if !self.is_object() => return Ok(Some(Child { head, start: head })),
            _ => return Err(NotJson),
        }
        let special = special_at(self.text, head + 1);
        self.unescaped = None;
        let end = match self.text.get(special) {
            Some(b'"') => special,
            _ => self.unescape(head + 1)?,
        };
        self.name = &self.text[head + 1..end];
        let colon = space_end(self.text, end + 1);
        if self.text.get(colon) != Some(&b':') {
            return Err(NotJson);
        }
        let start = space_end(self.text, colon + 1);
        Ok(Some(Child { head, start }))
    }

    /// The name of the last child, unescaped.
    #[inline(always)]
    pub(super) fn name(&self) -> &[u8] {
        self.unescaped
            .as_ref()
            .map_or(self.name, |name| name.as_bytes())
    }

    /// Goes on behind the last child, whose value ends at `end`.
    #[inline(always)]
    pub(super) fn pass(&mut self, end: usize) -> Result<(), NotJson> {
        let at = space_end(self.text, end);
        self.at = match self.text.get(at) {
            Some(b',') => space_end(self.text, at + 1),
            Some(&byte) if byte == self.open + 2 => at,
            _ => return Err(NotJson),
        };
        Ok(())
    }

    /// The end of the container, whose remaining children are passed over.
    pub(super) fn end(&self) -> Result<usize, NotJson> {
        container_end(self.text, self.at, self.open)
    }

    /// Reads a name with escapes, which begins at `from`. Returns where its closing quote is.
    #[cold]
    fn unescape(&mut self, from: usize) -> Result<usize, NotJson> {
        let end = string_end(self.text, from)?;
        let name = std::str::from_utf8(&self.text[from..end]).map_err(|_| NotJson)?;
        let mut unescaped = String::new();
        let special = find_special(name.as_bytes(), 0);
        unescape(name, 0, special, &mut unescaped).map_err(|_| NotJson)?;
        self.unescaped = Some(unescaped);
        Ok(end - 1)
    }
}

/// The end of the value that begins at `at`.
#[inline(always)]
pub(super) fn value_end(text: &[u8], at: usize) -> Result<usize, NotJson> {
    match text.get(at) {
        Some(b'"') => string_end(text, at + 1),
        Some(&open @ (b'{' | b'[')) => container_end(text, at + 1, open),
        Some(b'-' | b'0'..=b'9' | b'a'..=b'z') => {
            let ends =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
            let rest = text[at..].iter();
            Ok(rest.clone().position(ends).map_or(text.len(), |n| at + n))
        }
        _ => Err(NotJson),
    }
}

/// The offset of the first byte at or after `at` that is not whitespace.
#[inline(always)]
pub(super) fn space_end(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(b'!'..) => at,
        _ => whitespace_end(text, at),
    }
}

/// The offset of the first special byte at or after `at`; the length of the text if there is none.
#[inline(always)]
fn special_at(text: &[u8], at: usize) -> usize {
    // Most strings are short. A search takes as many steps as a call of it.
    match text.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(chunk) if first_special(chunk) < WIDTH => at + first_special(chunk),
        _ => find_special(text, at.min(text.len())),
    }
}

/// The offset behind the closing quote of the string whose characters continue at `at`.
#[inline(always)]
fn string_end(text: &[u8], mut at: usize) -> Result<usize, NotJson> {
    loop {
        let special = special_at(text, at);
        match text.get(special) {
            Some(b'"') => return Ok(special + 1),
            Some(b'\\') if special + 2 <= text.len() => at = special + 2,
            _ => return Err(NotJson),
        }
    }
}

/// The end of the container whose opening bracket is `open`. `at` is inside of it, and neither in a
/// string nor in a container of the same kind.
///
/// In JSON brackets match. So those of one kind, outside strings, show where the container ends.
#[inline(never)]
fn container_end(text: &[u8], mut at: usize, open: u8) -> Result<usize, NotJson> {
    let mut depth = 1_usize;
    let mut strings = Strings::default();
    while at < text.len() {
        let rest = &text[at..];
        let last;
        let block = match rest.first_chunk() {
            Some(block) => block,
            None => {
                last = padded(rest);
                &last
            }
        };
        let mut brackets = matches(block, BRACKET, open | BRACKET) & !strings.within(block);
        while brackets != 0 {
            let first = brackets.trailing_zeros() as usize;
            if block[first] == open {
                depth += 1;
            } else {
                depth -= 1;
                if depth == 0 {
                    return Ok(at + first + 1);
                }
            }
            brackets &= brackets - 1;
        }
        at += BLOCK;
    }
    Err(NotJson)
}

/// A block of the last bytes, which are fewer, and NULs.
#[cold]
#[inline(never)]
fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..rest.len()].copy_from_slice(rest);
    block
}

/// The bits in which an opening and a closing bracket of one kind differ. The two other bytes that
/// differ from them in no other bit, such as `Y` and `_`, do not occur outside strings.
const BRACKET: u8 = 0b110;

/// What is known of strings at the beginning of a block.
#[derive(Default)]
struct Strings {
    /// All bits set within a string.
    inside: u64,
    /// 1 if the first byte is escaped.
    escaped: u64,
}

impl Strings {
    /// A bit for each byte of the next block that is within a string, its opening quote included.
    #[inline(always)]
    fn within(&mut self, block: &[u8; BLOCK]) -> u64 {
        let mut quotes = matches(block, 0, b'"');
        if self.escaped != 0 || contains(block, b'\\') {
            quotes &= !self.escaped_bytes(matches(block, 0, b'\\'));
        }
        // Each bit becomes the parity of the quotes up to it.
        let mut within = quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            within ^= within << shift;
        }
        within ^= self.inside;
        self.inside = 0_u64.wrapping_sub(within >> 63);
        within
    }

    /// A bit for each byte behind a backslash that is not itself escaped.
    fn escaped_bytes(&mut self, backslashes: u64) -> u64 {
        let mut escaped = self.escaped;
        self.escaped = 0;
        let mut left = backslashes & !escaped;
        while left != 0 {
            let at = left.trailing_zeros();
            let behind = 2_u64.checked_shl(at).unwrap_or(0);
            if at == 63 {
                self.escaped = 1;
            }
            escaped |= behind;
            left &= !(1 << at | behind);
        }
        escaped
    }
}
