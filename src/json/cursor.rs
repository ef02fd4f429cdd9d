//! The parser's place in the text, and the small things that it finds there.

use super::arena::{Node, Tag};
use super::keep::Keep;
use super::parse::Stop;
use super::special::WIDTH;

/// A byte of 1 each: to look at eight bytes together.
pub(super) const ONES: u64 = u64::MAX / 255;
/// The highest bit of each.
pub(super) const HIGHS: u64 = ONES * 0x80;
const SPACES: u64 = ONES * b' ' as u64;

/// How many bytes behind a quote are looked at together: those that are searched, and what comes
/// behind the last of them that may be a quote.
pub(super) const WINDOW: usize = WIDTH + 2;

/// The last bytes of a text, and NULs, so that there is a window on all of them.
///
/// Empty for a text that is shorter than a window.
pub(super) struct Tail([u8; 2 * WINDOW]);

impl Tail {
    #[inline(always)]
    pub(super) fn of(text: &str) -> Self {
        let mut tail = [0; 2 * WINDOW];
        if let Some(last) = text.as_bytes().last_chunk::<WINDOW>() {
            tail[..WINDOW].copy_from_slice(last);
        }
        Self(tail)
    }
}

/// A place in the text.
///
/// Its methods are all inlined so that it stays in registers: what is not takes its parts.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) tail: &'a Tail,
    pub(super) at: usize,
    /// The byte here, or NUL (which may stand nowhere) at the end.
    pub(super) next: u8,
}

impl<'a> Cursor<'a> {
    #[inline(always)]
    pub(super) fn new(text: &'a str, tail: &'a Tail, at: usize) -> Self {
        let mut cursor = Self {
            text,
            tail,
            at,
            next: 0,
        };
        cursor.go(at);
        cursor
    }

    #[inline(always)]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    #[inline(always)]
    pub(super) fn go(&mut self, at: usize) {
        self.at = at;
        self.next = byte(self.text, at);
    }

    #[inline(always)]
    pub(super) fn step(&mut self) {
        self.go(self.at + 1);
    }

    #[inline(always)]
    pub(super) fn skip_whitespace(&mut self) {
        if self.next <= b' ' {
            self.go(whitespace_end(self.bytes(), self.at));
        }
    }

    /// The offset behind the whitespace that is here, if there is any.
    #[inline(always)]
    pub(super) fn after_whitespace(self) -> Option<usize> {
        let at = whitespace_end(self.bytes(), self.at);
        (at != self.at).then_some(at)
    }

    /// The bytes behind the one that is here.
    #[inline(always)]
    pub(super) fn window(&self) -> Option<&'a [u8; WINDOW]> {
        let from = self.at + 1;
        match self.bytes()[from..].first_chunk() {
            Some(window) => Some(window),
            None => tail_window(self.tail, self.text.len(), from),
        }
    }

    /// The node for the bytes from `start` to here.
    #[inline(always)]
    pub(super) fn node(&self, tag: Tag, start: usize, a: u32, b: u32) -> Node {
        Node {
            tag,
            start: offset(start),
            end: offset(self.at),
            a,
            b,
        }
    }

    /// Reads the literal that begins here.
    #[inline(always)]
    pub(super) fn literal(
        &mut self,
        keep: &mut impl Keep,
        word: &[u8],
        tag: Tag,
    ) -> Result<(), Stop> {
        let start = self.at;
        if !self.bytes()[start..].starts_with(word) {
            return Err(self.stop("expected a value"));
        }
        self.go(start + word.len());
        keep.node(self.node(tag, start, 0, 0));
        Ok(())
    }

    #[inline(always)]
    pub(super) fn stop(self, reason: &'static str) -> Stop {
        stop(self.text, self.at, reason)
    }
}

#[cold]
#[inline(never)]
pub(super) fn stop(text: &str, offset: usize, reason: &'static str) -> Stop {
    let reason = if offset >= text.len() {
        "unexpected end of text"
    } else {
        reason
    };
    Stop { offset, reason }
}

/// The byte at `at`, or NUL at the end.
#[inline(always)]
pub(super) fn byte(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

#[cold]
#[inline(never)]
fn tail_window(tail: &Tail, length: usize, from: usize) -> Option<&[u8; WINDOW]> {
    if length < WINDOW {
        return None;
    }
    tail.0.get(WINDOW - (length - from)..)?.first_chunk()
}

#[inline(never)]
fn whitespace_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
        // Most of it is indentation.
        while let Some(chunk) = bytes[at..].first_chunk() {
            let others = u64::from_le_bytes(*chunk) ^ SPACES;
            if others != 0 {
                at += others.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
    }
    at
}

/// `position` as a node stores it: the text's length was checked to fit.
#[inline(always)]
pub(super) fn offset(position: usize) -> u32 {
    position as u32
}
