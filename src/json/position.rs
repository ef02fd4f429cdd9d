//! The position of the parser in the text, with the byte there and the window behind it.
//!
//! All methods are inlined and the cursor is passed by value or stays in the caller, so that the
//! compiler keeps it in registers. Functions that are not inlined take the text and an offset.

use super::error::Stop;
use super::node::{offset, Node, Tag};
use super::search::{whitespace_end, WIDTH};

/// How many bytes a window has: a searched part of [`WIDTH`] bytes, and the two bytes behind a quote
/// that is the last of those.
pub(super) const WINDOW: usize = WIDTH + 2;

/// The last [`WINDOW`] bytes of a text, followed by as many NULs, so that there is a window at every
/// position near the end. All NUL for a text shorter than a window.
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

/// A position in the text.
#[derive(Clone, Copy)]
pub(super) struct Position<'a> {
    pub(super) text: &'a str,
    pub(super) tail: &'a Tail,
    pub(super) at: usize,
    /// The byte at `at`. NUL at the end: no grammar rule of JSON accepts one.
    pub(super) next: u8,
}

impl<'a> Position<'a> {
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

    /// The offset behind the whitespace at the cursor; nothing if there is no whitespace.
    #[inline(always)]
    pub(super) fn after_whitespace(self) -> Option<usize> {
        let at = whitespace_end(self.bytes(), self.at);
        (at != self.at).then_some(at)
    }

    /// The bytes behind the one at the cursor, with NULs behind the end of the text. Nothing if the
    /// text is shorter than a window.
    #[inline(always)]
    pub(super) fn window(&self) -> Option<&'a [u8; WINDOW]> {
        let from = self.at + 1;
        match self.bytes()[from..].first_chunk() {
            Some(window) => Some(window),
            None => tail_window(self.tail, self.text.len(), from),
        }
    }

    /// The node for the bytes from `start` to the cursor.
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

    #[inline(always)]
    pub(super) fn stop(self, reason: &'static str) -> Stop {
        stop(self.text, self.at, reason)
    }
}

/// The failure at `offset`. At the end of the text its reason is that the text ends.
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
