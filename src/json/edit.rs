//! Rewriting a container: splices of its old text and new parts, never a printed tree.
//!
//! What is not touched keeps its bytes. Around what is:
//!
//! - a replaced value stands where the old one stood: name, colon and the whitespace around stay;
//! - a removed child goes with the comma and whitespace before it, or after it if no sibling is
//!   left before it, so what stays keeps the layout that it had;
//! - an added child stands directly behind the last one, with a bare comma between;
//! - a container that loses its last child is `{}` or `[]`.

use super::value::{Kind, Value};

/// One object or array on its way to the output. Its children are passed in document order; those
/// that are not mentioned are copied.
pub(super) struct Rewrite<'s> {
    container: Value<'s>,
    /// The text before this offset is in the output, or left out.
    done: usize,
    /// The node where the first child that was not passed yet begins.
    next: u32,
    /// The length of the output just behind the opening bracket.
    inside: usize,
    /// A child stands in the output, or surely will.
    filled: bool,
    removed: bool,
}

impl<'s> Rewrite<'s> {
    pub(super) fn open(container: Value<'s>, out: &mut Vec<u8>) -> Self {
        let start = container.span().start;
        out.push(container.document.text.as_bytes()[start]);
        Self {
            container,
            done: start + 1,
            next: container.index + 1,
            inside: out.len(),
            filled: false,
            removed: false,
        }
    }

    /// Leaves the place for a new value of `child`, which the caller writes next.
    pub(super) fn replace(&mut self, child: Value<'s>, out: &mut Vec<u8>) {
        self.pass(child);
        self.filled = true;
        let span = child.span();
        self.copy_to(span.start, out);
        self.done = span.end;
    }

    /// Leaves `child` out.
    pub(super) fn remove(&mut self, child: Value<'s>, out: &mut Vec<u8>) {
        let head = self.pass(child);
        self.removed = true;
        let document = self.container.document;
        let start = document.node(head).start as usize;
        if self.filled {
            self.copy_to(before_comma(document.text, start), out);
            self.done = child.span().end;
        } else {
            self.copy_to(start, out);
            self.done = if self.is_past_last() {
                child.span().end
            } else {
                document.node(self.next).start as usize
            };
        }
    }

    /// Copies the remaining children. After this, only [`Rewrite::append`] and [`Rewrite::close`].
    pub(super) fn finish_children(&mut self, out: &mut Vec<u8>) {
        self.filled |= !self.is_past_last();
        let text = self.container.document.text;
        let end = before_space(text, self.container.span().end - 1);
        self.copy_to(end.max(self.done), out);
    }

    /// Leaves the place for one more child, name included, which the caller writes next.
    pub(super) fn append(&mut self, out: &mut Vec<u8>) {
        if self.filled {
            out.push(b',');
        }
        self.filled = true;
    }

    /// Writes the end.
    pub(super) fn close(self, out: &mut Vec<u8>) {
        let end = self.container.span().end;
        let emptied = self.removed && !self.filled;
        if emptied {
            out.truncate(self.inside);
        }
        let was_empty = self.container.len() == 0;
        let start = if emptied || (was_empty && self.filled) {
            end - 1
        } else {
            self.done
        };
        out.extend_from_slice(&self.container.document.text.as_bytes()[start..end]);
    }

    /// The node where `child` begins: its name, if it has one.
    fn pass(&mut self, child: Value<'s>) -> u32 {
        let named = self.container.kind() == Kind::Object;
        let head = child.index - u32::from(named);
        self.filled |= head != self.next;
        self.next = child.document.after(child.index);
        head
    }

    fn is_past_last(&self) -> bool {
        self.next == self.container.document.after(self.container.index)
    }

    fn copy_to(&mut self, end: usize, out: &mut Vec<u8>) {
        let text = self.container.document.text.as_bytes();
        out.extend_from_slice(&text[self.done..end]);
        self.done = end;
    }
}

/// Where the whitespace that ends at `end` begins.
pub(super) fn before_space(text: &str, end: usize) -> usize {
    let space = text.as_bytes()[..end].iter().rev();
    end - space
        .take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
        .count()
}

/// Where the comma that leads to the child at `start` begins, with the whitespace around it;
/// `start` if there is none.
pub(super) fn before_comma(text: &str, start: usize) -> usize {
    let comma = before_space(text, start);
    match text.as_bytes()[..comma].last() {
        Some(b',') => before_space(text, comma - 1),
        _ => start,
    }
}
