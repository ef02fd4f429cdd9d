//! Writes the text of the changed document: copies the spans that operations have not changed, and
//! writes the rest between them.

use super::container::{ArrayEdits, Child, Container, ObjectEdits};
use super::error::{Reason, TOO_DEEP};
use super::tree::PatchedTree;
use crate::json::parse::MAX_DEPTH;
use crate::json::rewrite::{before_comma, before_space, Rewrite};
use crate::json::value::Value;

/// Writes a changed document of at most `max_bytes` bytes.
pub(super) struct Writer<'t, 's> {
    pub(super) tree: &'t PatchedTree<'s>,
    pub(super) max_bytes: usize,
}

impl<'s> Writer<'_, 's> {
    /// Writes `child`, which is `depth` levels below the root. Recurses through edited containers
    /// only.
    pub(super) fn write(
        &self,
        child: Child,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Reason> {
        let at = match child {
            Child::Original(_) => return Ok(()), // `array` writes these.
            Child::Parsed(source, node) => {
                let text = self.tree.value(source, node).text();
                return self.push(text, out);
            }
            Child::Edited(at) => at as usize,
        };
        if depth == MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        let container = &self.tree.containers[at];
        let base = self.tree.base(container);
        match container {
            Container::Object(members) => self.object(base, members, depth + 1, out),
            Container::Array(elements) => self.array(base, elements, depth + 1, out),
        }
    }

    fn object(
        &self,
        base: Value<'s>,
        members: &ObjectEdits,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Reason> {
        let changes = members.changes.iter().map(|(&node, &child)| (node, child));
        let mut changes: Vec<(u32, Option<Child>)> = changes.collect();
        changes.sort_unstable_by_key(|change| change.0);
        let close = base.span().end - 1;
        let mut rewrite = Rewrite::open(base.document.text.as_bytes(), base.span().start, out);
        for (node, child) in changes {
            let old = base.at(node);
            let span = old.span();
            match child {
                None => rewrite.remove(old.head(), span.end, out),
                Some(child) => {
                    rewrite.replace(old.head(), span.start, out);
                    self.write(child, depth, out)?;
                    rewrite.replaced(span.end);
                }
            }
        }
        rewrite.finish_children(close, out);
        for (name, child) in members.added.iter().flatten() {
            rewrite.append(close, out);
            write_string(name, out);
            out.push(b':');
            self.write(*child, depth, out)?;
        }
        rewrite.close(close, out);
        self.check(out.len())
    }

    fn array(
        &self,
        base: Value<'s>,
        elements: &ArrayEdits,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Reason> {
        let (text, span) = (base.document.text, base.span());
        let first = base.elements().and_then(|mut elements| elements.next());
        if elements.items.len() == 0 && first.is_some() {
            return self.push("[]", out);
        }
        // The whitespace inside the brackets stays, unless the array was empty.
        let (start, end) = match (first, elements.items.len()) {
            (Some(first), _) => (
                first.span().start,
                before_space(text.as_bytes(), span.end - 1),
            ),
            (None, 0) => (span.end - 1, span.end - 1),
            (None, _) => (span.start + 1, span.end - 1),
        };
        self.push(&text[span.start..start], out)?;
        // Original elements that were neighbours are copied in one run.
        let mut run = start..start;
        for (at, &child) in elements.items.iter().enumerate() {
            if let Child::Original(node) = child {
                let element = base.at(node).span();
                let lead = before_comma(text.as_bytes(), element.start);
                if at > 0 && lead == run.end && lead < element.start {
                    run.end = element.end;
                    continue;
                }
                self.push(&text[run], out)?;
                if at > 0 && lead == element.start {
                    out.push(b',');
                }
                run = if at > 0 { lead } else { element.start }..element.end;
            } else {
                self.push(&text[run], out)?;
                run = start..start;
                if at > 0 {
                    out.push(b',');
                }
                self.write(child, depth, out)?;
            }
        }
        self.push(&text[run], out)?;
        self.push(&text[end..span.end], out)
    }

    fn push(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Reason> {
        self.check(out.len() + text.len())?;
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn check(&self, bytes: usize) -> Result<(), Reason> {
        if bytes > self.max_bytes {
            return Err(Reason::TooLarge(self.max_bytes));
        }
        Ok(())
    }
}

/// Writes a JSON string. Escapes only the characters that RFC 8259 demands.
fn write_string(string: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    for &byte in string.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            b'\n' => out.extend(*b"\\n"),
            b'\r' => out.extend(*b"\\r"),
            b'\t' => out.extend(*b"\\t"),
            0..0x20 => {
                out.extend(*b"\\u00");
                out.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// How deep the arrays and objects of a JSON text nest. The text must be valid.
pub(super) fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut at) = (0_usize, 0, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                at += 1;
                while text.get(at).is_some_and(|&byte| byte != b'"') {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
            }
            _ => {}
        }
        at += 1;
    }
    deepest
}
