//! What the parser keeps of a text: all of it in nodes, or what duplicate names are found by.

use super::arena::{Node, Tag};
use super::cursor::offset;
use super::names::{self, Strings};
use super::parse::{Frame, Stop};
use super::strings::unescape;

/// What is kept, told of each thing in the text's order.
pub(super) trait Keep {
    /// A name or a value that is no container, and no string with escapes.
    fn node(&mut self, node: Node);

    /// The string with escapes that begins at `start`, and whose first special byte is at
    /// `special`. Returns its end, and what it says.
    fn escaped(&mut self, text: &str, start: usize, special: usize) -> Result<(usize, &str), Stop>;

    /// The name that was the last thing is one of the object of `frame`.
    fn name(&mut self, frame: &mut Frame, key: u64) -> Result<(), Stop>;

    /// A container begins. Returns where what is kept of it begins.
    fn open(&mut self, node: Node) -> u32;

    /// An item of the container of `frame` is complete.
    fn item(&mut self, frame: &mut Frame);

    /// The container of `frame` ends.
    fn close(&mut self, frame: &Frame, end: usize) -> Result<(), Stop>;
}

/// All that is said in a text.
pub(super) struct Tree<'a> {
    pub(super) text: &'a str,
    pub(super) nodes: &'a mut Vec<Node>,
    pub(super) unescaped: &'a mut String,
    pub(super) index: &'a mut Vec<u32>,
}

impl Tree<'_> {
    /// Gives an object with many members its index.
    #[cold]
    fn build_index(&mut self, frame: &Frame) -> Result<(), Stop> {
        let strings = strings(self.nodes, self.text, self.unescaped);
        let at = self.index.len();
        names::build_index(strings, frame, self.index)?;
        let object = &mut self.nodes[frame.node as usize];
        object.tag = Tag::Indexed;
        // At most one entry and a count for each member, which is five bytes of text: it fits.
        object.b = offset(at);
        Ok(())
    }
}

#[inline(always)]
fn strings<'a>(nodes: &'a [Node], text: &'a str, unescaped: &'a str) -> Strings<'a> {
    Strings {
        nodes,
        text,
        unescaped,
    }
}

impl Keep for Tree<'_> {
    #[inline(always)]
    fn node(&mut self, node: Node) {
        self.nodes.push(node);
    }

    #[cold]
    #[inline(never)]
    fn escaped(&mut self, text: &str, start: usize, special: usize) -> Result<(usize, &str), Stop> {
        let begin = self.unescaped.len();
        let end = unescape(text, start + 1, special, self.unescaped)?;
        self.node(Node {
            tag: Tag::Escaped,
            start: offset(start),
            end: offset(end),
            // Unescaping only shortens, so these fit as the text's offsets do.
            a: offset(begin),
            b: offset(self.unescaped.len() - begin),
        });
        Ok((end, &self.unescaped[begin..]))
    }

    #[inline(always)]
    fn name(&mut self, frame: &mut Frame, key: u64) -> Result<(), Stop> {
        if frame.names.add(key) {
            names::check_new(strings(self.nodes, self.text, self.unescaped), frame)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn open(&mut self, node: Node) -> u32 {
        // Each node is at least one byte of the text, whose length fits.
        let index = self.nodes.len() as u32;
        self.node(node);
        index
    }

    #[inline(always)]
    fn item(&mut self, frame: &mut Frame) {
        frame.count += 1;
    }

    #[inline(always)]
    fn close(&mut self, frame: &Frame, end: usize) -> Result<(), Stop> {
        let after = self.nodes.len() as u32;
        let node = &mut self.nodes[frame.node as usize];
        node.end = offset(end);
        node.a = after;
        node.b = frame.count;
        if frame.is_object() && frame.count as usize > names::UNINDEXED_MEMBERS {
            self.build_index(frame)?;
        }
        Ok(())
    }
}

/// A key for each name of the objects that are being read, the innermost object's last. Names with
/// equal keys are taken for equal, which they need not be.
pub(super) struct Names<'a> {
    pub(super) keys: &'a mut Vec<u64>,
    /// The last string with escapes.
    pub(super) unescaped: &'a mut String,
}

impl Keep for Names<'_> {
    #[inline(always)]
    fn node(&mut self, _: Node) {}

    #[cold]
    #[inline(never)]
    fn escaped(&mut self, text: &str, start: usize, special: usize) -> Result<(usize, &str), Stop> {
        self.unescaped.clear();
        let end = unescape(text, start + 1, special, self.unescaped)?;
        Ok((end, self.unescaped))
    }

    #[inline(always)]
    fn name(&mut self, frame: &mut Frame, key: u64) -> Result<(), Stop> {
        if frame.names.add(key) {
            names::check_new_key(&self.keys[frame.node as usize..], key)?;
        }
        self.keys.push(key);
        Ok(())
    }

    #[inline(always)]
    fn open(&mut self, _: Node) -> u32 {
        // There are fewer keys than bytes of text, whose number fits.
        self.keys.len() as u32
    }

    #[inline(always)]
    fn item(&mut self, _: &mut Frame) {}

    #[inline(always)]
    fn close(&mut self, frame: &Frame, _: usize) -> Result<(), Stop> {
        if frame.is_object() {
            let first = frame.node as usize;
            if self.keys.len() - first > names::UNINDEXED_MEMBERS {
                names::check_keys(&mut self.keys[first..])?;
            }
            self.keys.truncate(first);
        }
        Ok(())
    }
}
