//! The scan: whether a text is strict JSON, in one pass over the bytes.
//!
//! It says "yes", or nothing. Where it says yes, [`Arena::parse`](super::Arena::parse) takes the text. It
//! says nothing of a text that is not JSON, and of some that the parser must decide: texts with escapes in
//! names, and with different names that have one key. The parser words all errors.
//!
//! Recursion is as deep as the nesting, which is limited. No part of a text is read more than a few times,
//! and only keys of names are sorted.

use super::cursor::Cursor;
use super::padded::Padded;
use super::parse::MAX_DEPTH;
use super::rows::Row;
use super::scalar;
use super::seen::Seen;

/// The capacity in keys with which the memory is kept.
const KEPT: usize = (1 << 20) / size_of::<u64>();

/// The least text that a key stands for: a name is at least its quotes, a colon, a value and a comma.
const TEXT_OF_KEY: usize = 5;

/// How many elements of an array are passed before it is worth while to look for [rows](Row).
const BEFORE_ROWS: u32 = 3;

/// Memory for one scan at a time, kept from one to the next. It has no form for logs: keys show names.
#[derive(Default)]
pub struct ScanMemory {
    /// See [`Seen`].
    stack: Vec<u64>,
}

impl ScanMemory {
    /// Memory that has not been allocated yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { stack: Vec::new() }
    }

    /// The stack of keys for a text of `length` bytes: enough for all names in it.
    #[inline(always)]
    pub fn stack_for(&mut self, length: usize) -> &mut [u64] {
        let count = length / TEXT_OF_KEY + 1;
        if self.stack.len() < count || self.stack.len() > KEPT {
            self.resize(count);
        }
        &mut self.stack
    }

    #[cold]
    #[inline(never)]
    fn resize(&mut self, count: usize) {
        self.stack.resize(count, 0);
        self.stack.shrink_to(KEPT);
    }
}

/// Whether a text certainly is strict JSON, as [`Arena::parse`](super::Arena::parse) takes it. "No" means
/// that the parser must decide.
pub fn is_strict(padded: Padded<'_>, memory: &mut ScanMemory) -> bool {
    let text = padded.text();
    // As long as the parser takes it.
    if u32::try_from(text.len()).is_err() {
        return false;
    }
    if !padded.is_ascii() && !is_utf8(text) {
        return false;
    }
    let stack = memory.stack_for(text.len());
    let end = value(padded.start().space_end(), stack, MAX_DEPTH);
    end.is_some_and(|end| padded.is_end(end.space_end()))
}

/// Whether a text is UTF-8. [`Padded::is_ascii`] takes less time where that is enough.
#[inline(always)]
pub fn is_utf8(text: &[u8]) -> bool {
    simdutf8::basic::from_utf8(text).is_ok()
}

/// Passes the value here, which may have whitespace before it. `stack` is the free part of the
/// [stack of keys](ScanMemory::stack_for), and `depth` how many containers may be around each other.
#[inline(never)]
pub fn value<'t>(at: Cursor<'t>, stack: &mut [u64], depth: usize) -> Option<Cursor<'t>> {
    any(at, stack, depth)
}

#[inline(always)]
fn any<'t>(at: Cursor<'t>, stack: &mut [u64], depth: usize) -> Option<Cursor<'t>> {
    match at.byte() {
        b'"' => scalar::string(at.step()),
        b'1'..=b'9' => scalar::number(at),
        b'{' => object(at, stack, depth),
        b'[' => array(at, stack, depth),
        _ => other(at, stack, depth),
    }
}

#[inline(never)]
fn other<'t>(at: Cursor<'t>, stack: &mut [u64], depth: usize) -> Option<Cursor<'t>> {
    let behind = at.space_end();
    match behind == at {
        true => scalar::other(at),
        false => value(behind, stack, depth),
    }
}

/// Passes an object.
#[inline(never)]
fn object<'t>(at: Cursor<'t>, stack: &mut [u64], depth: usize) -> Option<Cursor<'t>> {
    let depth = depth.checked_sub(1)?;
    let mut seen = Seen::NONE;
    let mut at = at.step();
    if at.byte() != b'"' {
        at = at.space_end();
        if at.byte() == b'}' {
            return Some(at.step());
        }
    }
    loop {
        let (key, end) = scalar::name(at.eat(b'"')?)?;
        seen.add(stack, key)?;
        at = match end.eat_all(b"\":") {
            Some(value) => value,
            None => end.step().space_end().eat(b':')?,
        };
        at = any(at, stack.get_mut(seen.count()..)?, depth)?;
        if at.pair() == u16::from_le_bytes(*b",\"") {
            at = at.step();
            continue;
        }
        at = at.space_end();
        match at.byte() {
            b',' => at = at.step().space_end(),
            b'}' if seen.differ(stack) => return Some(at.step()),
            _ => return None,
        }
    }
}

/// Passes an array.
#[inline(never)]
fn array<'t>(at: Cursor<'t>, stack: &mut [u64], depth: usize) -> Option<Cursor<'t>> {
    let depth = depth.checked_sub(1)?;
    let first = at.step().space_end();
    if let Some(end) = first.eat(b']') {
        return Some(end);
    }
    let mut item = first;
    let mut before_rows = BEFORE_ROWS;
    loop {
        let at = any(item, stack, depth)?;
        item = match next(at)? {
            Next::Item(item) => item,
            Next::End(end) => return Some(end),
        };
        before_rows = before_rows.wrapping_sub(1);
        if before_rows == 0 && item.byte() == b'{' {
            return rows(item, first, stack, depth);
        }
    }
}

/// Passes the rest of an array, from an object on. Most objects in it probably are like the first.
#[inline(never)]
fn rows<'t>(
    mut item: Cursor<'t>,
    first: Cursor<'t>,
    stack: &mut [u64],
    depth: usize,
) -> Option<Cursor<'t>> {
    let mut row = Row::NONE;
    if first.byte() == b'{' {
        let _ = row.learn(first);
    }
    loop {
        let at = match row.pass(item) {
            Some(end) => end,
            None => any(item, stack, depth)?,
        };
        item = match next(at)? {
            Next::Item(item) => item,
            Next::End(end) => return Some(end),
        };
    }
}

/// What is behind an element.
enum Next<'t> {
    /// The next element.
    Item(Cursor<'t>),
    /// The end of the array.
    End(Cursor<'t>),
}

#[inline(always)]
fn next(mut at: Cursor<'_>) -> Option<Next<'_>> {
    if at.byte() != b',' {
        at = at.space_end();
    }
    match at.byte() {
        b',' => Some(Next::Item(at.step().space_end())),
        b']' => Some(Next::End(at.step())),
        _ => None,
    }
}
