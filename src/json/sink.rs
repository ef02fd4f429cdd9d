//! The consumers of the parser's events.
//!
//! [`NodeBuilder`] keeps every node, for [`Arena::parse`](super::Arena::parse).
//! [`DuplicateCheck`] keeps a key for each member name, for [`Arena::check`](super::Arena::check):
//! less work, but it can report a false duplicate.

use super::error::Stop;
use super::escape::unescape;
use super::name_key::NameFilter;
use super::names;
use super::node::{offset, Node, Strings, Tag};

/// A container that the parser is inside of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) names: NameFilter,
    /// Where the sink's data for this container begins, as [`Sink::open`] returned it.
    pub(super) first: u32,
    /// How many items are complete. Only [`NodeBuilder`] counts.
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

/// A consumer of the parser's events, which come in the order of the text.
pub(super) trait Sink {
    /// A scalar or a member name, except strings with escapes.
    fn node(&mut self, node: Node);

    /// A string with escapes, or with an error: its quote is at `start`, its first special byte at
    /// `special`. Returns the offset behind it, and its characters.
    fn escaped(&mut self, text: &str, start: usize, special: usize) -> Result<(usize, &str), Stop>;

    /// The last string was a member name of `frame`'s object, with this
    /// [`key`](super::name_key::key).
    fn name(&mut self, frame: &mut Frame, key: u64) -> Result<(), Stop>;

    /// A container begins. Returns the [`Frame::first`] for it.
    fn open(&mut self, node: Node) -> u32;

    /// An item of `frame`'s container is complete.
    fn item(&mut self, frame: &mut Frame);

    /// `frame`'s container ends at `end`.
    fn close(&mut self, frame: &Frame, end: usize) -> Result<(), Stop>;
}

/// Keeps all nodes. A frame's `first` is the index of its container's node.
pub(super) struct NodeBuilder<'a> {
    pub(super) text: &'a str,
    pub(super) nodes: &'a mut Vec<Node>,
    pub(super) unescaped: &'a mut String,
    pub(super) index: &'a mut Vec<u32>,
}

impl NodeBuilder<'_> {
    /// Builds the name index of an object with many members.
    #[cold]
    fn build_index(&mut self, frame: &Frame) -> Result<(), Stop> {
        let strings = strings(self.nodes, self.text, self.unescaped);
        let at = self.index.len();
        names::build_index(strings, frame.first, frame.count, self.index)?;
        let object = &mut self.nodes[frame.first as usize];
        object.tag = Tag::Indexed;
        // The index has at most two entries for each member, which is at least five bytes of text:
        // its offsets fit as the text's do.
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

impl Sink for NodeBuilder<'_> {
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
            let strings = strings(self.nodes, self.text, self.unescaped);
            names::check_new(strings, frame.first, frame.count)?;
        }
        Ok(())
    }

    #[inline(always)]
    fn open(&mut self, node: Node) -> u32 {
        // Each node is at least one byte of the text, so their number fits as its length does.
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
        let node = &mut self.nodes[frame.first as usize];
        node.end = offset(end);
        node.a = after;
        node.b = frame.count;
        if frame.is_object() && frame.count as usize > names::UNINDEXED_MEMBERS {
            self.build_index(frame)?;
        }
        Ok(())
    }
}

/// Keeps the keys of the member names of all open objects, the innermost object's last. A frame's
/// `first` is the index of its object's first key.
///
/// Different names can have one key. So an error from [`Sink::name`] or [`Sink::close`] only says
/// that a duplicate is possible.
pub(super) struct DuplicateCheck<'a> {
    pub(super) keys: &'a mut Vec<u64>,
    /// The last string with escapes.
    pub(super) unescaped: &'a mut String,
}

impl Sink for DuplicateCheck<'_> {
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
            names::check_new_key(&self.keys[frame.first as usize..], key)?;
        }
        self.keys.push(key);
        Ok(())
    }

    #[inline(always)]
    fn open(&mut self, _: Node) -> u32 {
        // Each key is at least two bytes of the text, so their number fits as its length does.
        self.keys.len() as u32
    }

    #[inline(always)]
    fn item(&mut self, _: &mut Frame) {}

    #[inline(always)]
    fn close(&mut self, frame: &Frame, _: usize) -> Result<(), Stop> {
        if frame.is_object() {
            let first = frame.first as usize;
            if self.keys.len() - first > names::UNINDEXED_MEMBERS {
                names::check_keys(&mut self.keys[first..])?;
            }
            self.keys.truncate(first);
        }
        Ok(())
    }
}
