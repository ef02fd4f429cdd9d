//! Writes a changed container: its old text, with new parts between.
//!
//! Nothing is printed from a tree, so unchanged children keep their bytes. Around a change:
//!
//! - a new value takes the place of the old one: name, colon and the whitespace around stay;
//! - a child is removed together with the comma and whitespace before it, or behind it if no sibling
//!   is left before it, so that the remaining children keep their layout;
//! - an added child follows directly behind the last one, with a bare comma between;
//! - a container that loses its last child becomes `{}` or `[]`.
//!
//! Only the text and the places of changed children are read, so that a container can be changed
//! whether it was parsed or not.

use super::edits::Output;
use super::skip::space_end;

/// One object or array that is being written. The caller names changed children in document order;
/// the children between them are copied.
///
/// A child begins at its *head*: at its name, in an object.
pub(super) struct Rewrite<'t> {
    text: &'t [u8],
    /// The offset behind the opening bracket.
    inside: usize,
    /// The head of the first child; the closing bracket if there is none.
    first: usize,
    /// The offset up to which the children are done: written, or left out.
    done: usize,
    /// The head of the child behind the last one that is done; the closing bracket if it was the last.
    next: usize,
    /// Whether the output holds a child, or will hold one when the pending text is copied.
    filled: bool,
}

impl<'t> Rewrite<'t> {
    /// Begins the container whose opening bracket is at `at`.
    pub(super) fn open(text: &'t [u8], at: usize, out: &mut impl Output) -> Self {
        out.copy(text, at..at + 1);
        let first = space_end(text, at + 1);
        Self {
            text,
            inside: at + 1,
            first,
            done: first,
            next: first,
            filled: false,
        }
    }

    /// Writes up to the value of the child at `head`, which begins at `start`. The caller writes the
    /// new value next, and then calls [`Rewrite::replaced`].
    pub(super) fn replace(&mut self, head: usize, start: usize, out: &mut impl Output) {
        debug_assert!(self.next <= head);
        self.keep(out);
        out.copy(self.text, self.done..start);
    }

    /// Goes on behind the old value that was replaced, which ends at `end`.
    pub(super) fn replaced(&mut self, end: usize) {
        self.done = end;
        self.next = behind(self.text, end);
    }

    /// Leaves out the child at `head`, whose value ends at `end`.
    pub(super) fn remove(&mut self, head: usize, end: usize, out: &mut impl Output) {
        if head != self.next {
            self.keep(out);
        }
        self.next = behind(self.text, end);
        if self.filled {
            let comma = before_comma(self.text, head);
            out.copy(self.text, self.done..comma);
        }
        self.done = if self.filled || self.is_past_last() {
            end
        } else {
            self.next
        };
    }

    /// Copies the remaining children. `close` is where the closing bracket is. Only
    /// [`Rewrite::append`] and [`Rewrite::close`] may follow.
    pub(super) fn finish_children(&mut self, close: usize, out: &mut impl Output) {
        if self.next != close {
            self.keep(out);
        }
        if self.filled {
            let end = before_space(self.text, close).max(self.done);
            out.copy(self.text, self.done..end);
            self.done = end;
        }
    }

    /// Begins a new child. The caller writes it next, with its name and colon.
    pub(super) fn append(&mut self, close: usize, out: &mut impl Output) {
        if self.filled {
            out.push(b",");
        } else if self.first != close {
            self.keep(out);
        }
        self.filled = true;
    }

    /// Writes the end of the container.
    pub(super) fn close(self, close: usize, out: &mut impl Output) {
        let was_empty = self.first == close;
        let start = match (was_empty, self.filled) {
            (true, false) => self.inside,
            (false, true) => self.done,
            // Emptied now, or empty before: the whitespace inside goes.
            _ => close,
        };
        out.copy(self.text, start..close + 1);
    }

    /// Ends the changes here, where the closing bracket is not known and the remaining text will be
    /// copied.
    pub(super) fn stop(mut self, out: &mut impl Output) {
        let next = self.next;
        if self.is_past_last() {
            self.finish_children(next, out);
            self.close(next, out);
        } else {
            self.keep(out);
            out.copy(self.text, self.done..next + 1);
        }
    }

    /// Copies the whitespace before the first child, once it is known that a child stays.
    fn keep(&mut self, out: &mut impl Output) {
        if !self.filled {
            self.filled = true;
            out.copy(self.text, self.inside..self.first);
        }
    }

    fn is_past_last(&self) -> bool {
        matches!(self.text.get(self.next), Some(b'}' | b']') | None)
    }
}

/// The offset of the child behind the one that ends at `end`, or of the closing bracket.
fn behind(text: &[u8], end: usize) -> usize {
    let at = space_end(text, end);
    match text.get(at) {
        Some(b',') => space_end(text, at + 1),
        _ => at,
    }
}

/// The offset where the whitespace begins that ends at `end`.
pub(super) fn before_space(text: &[u8], end: usize) -> usize {
    let space = text[..end].iter().rev();
    end - space
        .take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
        .count()
}

/// The offset where the comma before the child at `start` begins, with the whitespace around it;
/// `start` if there is no comma.
pub(super) fn before_comma(text: &[u8], start: usize) -> usize {
    let comma = before_space(text, start);
    match text[..comma].last() {
        Some(b',') => before_space(text, comma - 1),
        _ => start,
    }
}
