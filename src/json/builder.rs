//! What the parser builds: the nodes of the text, the unescaped strings, and the indexes of names.
//!
//! The parser reports to the [`NodeBuilder`] what it reads, in the order of the text.

use super::error::Stop;
use super::escape::unescape;
use super::name_key::NameFilter;
use super::names;
use super::node::{offset, Node, Strings, Tag};

/// A container that the parser is inside of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) names: NameFilter,
    /// The index of the container's node, as [`NodeBuilder::open`] returned it.
    pub(super) first: u32,
    /// How many items are complete.
    pub(super) count: u32,
    /// The byte between two items.
    pub(super) comma: u8,
    /// The byte behind the last item.
    pub(super) close: u8,
}

impl Frame {
    /// The frame around the outermost value. 0xFF is never in UTF-8, so neither a comma nor a
    /// bracket can match: only the end of the text completes this frame.
    pub(super) const OUTSIDE: Self = Self::new(0, 0xFF, 0xFF);

    #[inline(always)]
    pub(super) const fn new(first: u32, comma: u8, close: u8) -> Self {
        Self {
            names: NameFilter::NEW,
            first,
            count: 0,
            comma,
            close,
        }
    }

    #[inline(always)]
    pub(super) fn is_object(&self) -> bool {
        self.close == b'}'
    }
}

/// Keeps all nodes.
pub(super) struct NodeBuilder<'a> {
    pub(super) text: &'a str,
    pub(super) nodes: &'a mut Vec<Node>,
    pub(super) unescaped: &'a mut String,
    pub(super) index: &'a mut Vec<u32>,
}

impl NodeBuilder<'_> {
    /// Keeps the node of a scalar or a member name.
    #[inline(always)]
    pub(super) fn node(&mut self, node: Node) {
        self.nodes.push(node);
    }

    /// Keeps a string with escapes, or finds an error in it: its quote is at `start`, its first special
    /// byte at `special`. Returns the offset behind it, and its characters.
    #[cold]
    #[inline(never)]
    pub(super) fn escaped(&mut self, start: usize, special: usize) -> Result<(usize, &str), Stop> {
        let begin = self.unescaped.len();
        let end = unescape(self.text, start + 1, special, self.unescaped)?;
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

    /// Checks that the last string, a member name with this [`key`](super::name_key::key), is new in
    /// `frame`'s object.
    #[inline(always)]
    pub(super) fn name(&mut self, frame: &mut Frame, key: u64) -> Result<(), Stop> {
        if frame.names.add(key) {
            names::check_new(self.strings(), frame.first, frame.count)?;
        }
        Ok(())
    }

    /// Keeps the node of a container that begins. Returns the [`Frame::first`] for it.
    #[inline(always)]
    pub(super) fn open(&mut self, node: Node) -> u32 {
        // Each node is at least one byte of the text, so their number fits as its length does.
        let index = self.nodes.len() as u32;
        self.node(node);
        index
    }

    /// Completes the node of `frame`'s container, which ends at `end`.
    #[inline(always)]
    pub(super) fn close(&mut self, frame: &Frame, end: usize) -> Result<(), Stop> {
        let after = self.nodes.len() as u32;
        let node = &mut self.nodes[frame.first as usize];
        node.end = offset(end);
        node.a = after;
        node.b = frame.count;
        if frame.is_object() && frame.count as usize > names::UNINDEXED_MEMBERS {
            self.build_index(frame)?;
        }
        Ok(())
    }

    /// Builds the name index of an object with many members.
    #[cold]
    fn build_index(&mut self, frame: &Frame) -> Result<(), Stop> {
        let at = self.index.len();
        let strings = Strings {
            nodes: self.nodes,
            text: self.text,
            unescaped: self.unescaped,
        };
        names::build_index(strings, frame.first, frame.count, self.index)?;
        let object = &mut self.nodes[frame.first as usize];
        object.tag = Tag::Indexed;
        // The index has at most two entries for each member, which is at least five bytes of text:
        // its offsets fit as the text's do.
        object.b = offset(at);
        Ok(())
    }

    fn strings(&self) -> Strings<'_> {
        Strings {
            nodes: self.nodes,
            text: self.text,
            unescaped: self.unescaped,
        }
    }
}
