//! Writes a changed container as splices of its old text and of new parts.
//!
//! Nothing is printed from a tree, so unchanged children keep their bytes. Around a change:
//!
//! - a new value takes the place of the old one: name, colon and the whitespace around stay;
//! - a child is removed together with the comma and whitespace before it, or behind it if no sibling
//!   is left before it, so that the remaining children keep their layout;
//! - an added child follows directly behind the last one, with a bare comma between;
//! - a container that loses its last child becomes `{}` or `[]`.

use super::value::{Value, ValueKind};

/// One object or array that is being written. The caller names changed children in document order;
/// the children between them are copied.
pub(super) struct Rewrite<'s> {
    container: Value<'s>,
    /// The offset up to which the text is done: written, or left out.
    done: usize,
    /// The first node (a name's, in an object) of the child behind the last one that is done.
    next: u32,
    /// The length of the output just behind the opening bracket.
    inside: usize,
    /// Whether the output holds a child, or will hold one when the pending text is copied.
    filled: bool,
    /// Whether a child was left out.
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

    /// Writes up to the value of `child`. The caller writes the new value next.
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

    /// Copies the remaining children. Only [`Rewrite::append`] and [`Rewrite::close`] may follow.
    pub(super) fn finish_children(&mut self, out: &mut Vec<u8>) {
        self.filled |= !self.is_past_last();
        let text = self.container.document.text;
        let end = before_space(text, self.container.span().end - 1);
        self.copy_to(end.max(self.done), out);
    }

    /// Begins a new child. The caller writes it next, with its name and colon.
    pub(super) fn append(&mut self, out: &mut Vec<u8>) {
        if self.filled {
            out.push(b',');
        }
        self.filled = true;
    }

    /// Writes the end of the container.
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

    /// Marks `child` as done. Returns its first node: its name's, in an object.
    fn pass(&mut self, child: Value<'s>) -> u32 {
        let named = self.container.kind() == ValueKind::Object;
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

/// The offset where the whitespace begins that ends at `end`.
pub(super) fn before_space(text: &str, end: usize) -> usize {
    let space = text.as_bytes()[..end].iter().rev();
    end - space
        .take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t'))
        .count()
}

/// The offset where the comma before the child at `start` begins, with the whitespace around it;
/// `start` if there is no comma.
pub(super) fn before_comma(text: &str, start: usize) -> usize {
    let comma = before_space(text, start);
    match text.as_bytes()[..comma].last() {
        Some(b',') => before_space(text, comma - 1),
        _ => start,
    }
}
