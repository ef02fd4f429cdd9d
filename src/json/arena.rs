//! The memory that texts are parsed into, and the parsed text itself.
//!
//! An [`Arena`] holds one text's nodes at a time and is reused for the next: a parse into a warm
//! arena does not allocate. A [`Document`] borrows the arena and the text together.

use std::fmt;

use super::builder::{Frame, NodeBuilder};
use super::error::{ParseError, Stop};
use super::fuel::{Fuel, Grace, ReadingCost};
use super::node::{Node, Strings, Tag};
use super::parse;

/// Buffers larger than this are shrunk to it before the next parse.
const KEPT_BYTES: usize = 1 << 20;

/// Memory for one parsed text at a time, kept from one parse to the next.
///
/// A parse into a warm arena allocates nothing, unless the text needs more room than all before it.
#[derive(Default)]
pub struct Arena {
    nodes: Vec<Node>,
    /// The characters of all strings that have escapes.
    unescaped: String,
    /// The name indexes of large objects, see [`Tag::Indexed`].
    index: Vec<u32>,
    frames: Vec<Frame>,
    fuel: Fuel,
}

impl Arena {
    /// An arena that has not allocated yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks that `text` is one JSON value, and makes it readable.
    ///
    /// # Errors
    ///
    /// When `text` is not JSON by RFC 8259; when it is not UTF-8, begins with a byte order mark or
    /// escapes a lone surrogate; when two members of an object have the same name (after
    /// unescaping); when it nests deeper than [`MAX_DEPTH`](super::MAX_DEPTH) or is longer than
    /// `u32::MAX` bytes.
    pub fn parse<'s>(&'s mut self, text: &'s [u8]) -> Result<Document<'s>, ParseError> {
        self.clear();
        match self.build_nodes(text) {
            Ok(text) => Ok(Document { arena: self, text }),
            Err(stop) => Err(ParseError::at(text, &stop)),
        }
    }

    /// Not inlined: without `clear` in the same function the compiler has more registers for the
    /// parser's loop.
    #[inline(never)]
    fn build_nodes<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a str, Stop> {
        let text = parse::decode(bytes)?;
        let mut builder = NodeBuilder {
            text,
            nodes: &mut self.nodes,
            unescaped: &mut self.unescaped,
            index: &mut self.index,
        };
        parse::document(&mut self.frames, &mut builder)?;
        Ok(text)
    }

    /// Forgets the last text, and frees memory that an unusually large one took.
    ///
    /// [`Arena::parse`] calls this before it starts.
    pub fn clear(&mut self) {
        let node = std::mem::size_of::<Node>();
        self.nodes.clear();
        self.nodes.shrink_to(KEPT_BYTES / node);
        self.unescaped.clear();
        self.unescaped.shrink_to(KEPT_BYTES);
        self.index.clear();
        self.index.shrink_to(KEPT_BYTES / 4);
        self.fuel = Fuel::default();
    }

    /// Holds `string` as the only value, for validators that must see a bare string as a node.
    pub(super) fn hold_string(&mut self, string: &str) -> Document<'_> {
        self.clear();
        self.unescaped.push_str(string);
        self.nodes.push(Node {
            tag: Tag::Escaped,
            start: 0,
            end: 0,
            a: 0,
            b: u32::try_from(string.len()).expect("a member name of a text below 4 GiB"),
        });
        Document {
            arena: self,
            text: "",
        }
    }

    /// The bytes of memory that the arena holds.
    #[cfg(test)]
    pub(super) fn allocated(&self) -> usize {
        self.nodes.capacity() * std::mem::size_of::<Node>()
            + self.unescaped.capacity()
            + self.index.capacity() * 4
            + self.frames.capacity() * std::mem::size_of::<Frame>()
    }
}

/// Shows the arena's size but nothing that it holds: session data stays out of logs.
impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arena of {} nodes", self.nodes.len())
    }
}

/// A parsed text: its nodes, and the text that they point into.
#[derive(Clone, Copy)]
pub struct Document<'s> {
    arena: &'s Arena,
    pub(super) text: &'s str,
}

impl<'s> Document<'s> {
    /// The whole text, as it was given.
    #[must_use]
    pub fn text(self) -> &'s str {
        self.text
    }

    /// Bounds the work of validations from here on: about one unit an accessor call, node
    /// compared or 16 bytes of string read. Each parse starts with [`u64::MAX`].
    ///
    /// When it runs out, the validation unwinds with [`OutOfFuel`](super::OutOfFuel). Only accessors
    /// that the validator calls burn fuel; the methods of [`Value`](super::Value) do not.
    pub fn set_fuel(self, amount: u64) {
        self.arena.fuel.set(amount, None);
    }

    /// Does the same, but where the fuel is gone a validation goes on by grace.
    pub fn set_fuel_with_grace(self, amount: u64, grace: Grace) {
        self.arena.fuel.set(amount, Some(grace));
    }

    /// How much fuel is left.
    #[must_use]
    pub fn fuel_left(self) -> u64 {
        self.arena.fuel.left()
    }

    /// Whether the fuel was gone, and the validation went on by grace.
    #[must_use]
    pub fn is_on_grace(self) -> bool {
        self.arena.fuel.is_on_grace()
    }

    /// Sets the fuel that each violation burns which the validator reports: to report one it clones
    /// the value of the schema's keyword. Each parse starts with 1.
    pub fn set_error_cost(self, amount: u64) {
        self.arena.fuel.set_error_cost(amount);
    }

    /// Sets the fuel that the validator burns beyond one unit an accessor: for each string that it
    /// reads, and for each member that it passes. Each parse starts with nothing.
    pub fn set_reading_costs(self, strings: ReadingCost, members: ReadingCost) {
        self.arena.fuel.set_reading_costs(strings, members);
    }

    #[inline]
    pub(super) fn fuel(self) -> &'s Fuel {
        &self.arena.fuel
    }

    /// The arena's address, which identifies the document among all that exist at one time.
    #[inline]
    pub(super) fn address(self) -> usize {
        std::ptr::from_ref(self.arena) as usize
    }

    #[inline]
    pub(super) fn nodes(self) -> &'s [Node] {
        &self.arena.nodes
    }

    #[inline]
    pub(super) fn node(self, index: u32) -> &'s Node {
        &self.arena.nodes[index as usize]
    }

    /// The node after `index` and all its descendants.
    #[inline]
    pub(super) fn after(self, index: u32) -> u32 {
        self.node(index).after(index)
    }

    #[inline]
    pub(super) fn strings(self) -> Strings<'s> {
        Strings {
            nodes: &self.arena.nodes,
            text: self.text,
            unescaped: &self.arena.unescaped,
        }
    }

    /// The name indexes of all its large objects.
    #[inline]
    pub(super) fn index(self) -> &'s [u32] {
        &self.arena.index
    }
}

/// Shows the text's length but not its content: session data stays out of logs.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document of {} bytes", self.text.len())
    }
}
