//! Where a parsed text is kept.

use std::fmt;

use super::error::Error;
use super::fuel::{Fuel, ReadingCost};
use super::parse::{self, Frame};
use super::value::Value;

/// What a node is, and so what its `a` and `b` mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)] // As wide as what stands beside it, so that a node is written in whole words.
pub(super) enum Tag {
    Null,
    False,
    True,
    /// An integer of at most `u64::MAX`: its low and high half.
    Positive,
    /// An integer written with a minus, of at least `i64::MIN`: the halves of its magnitude.
    Negative,
    /// An integer of any other size: only its text has the value.
    Big,
    /// A number with a fraction or an exponent.
    Decimal,
    /// A string without escapes: offset in the text and length of what its quotes enclose.
    Plain,
    /// A string with escapes: offset in the buffer of unescaped strings, and length there.
    Escaped,
    /// The node after its last descendant; the number of elements.
    Array,
    /// The node after its last descendant; the number of members. Names and values take turns.
    Object,
    /// The node after its last descendant; offset in the index, where the number of members
    /// stands, followed by the nodes of all names in the index's order.
    Indexed,
}

/// One value, or one member name. Nodes stand in document order, parents before children.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) tag: Tag,
    /// The bytes of the text that are this value, quotes and brackets included.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) a: u32,
    pub(super) b: u32,
}

const _: () = assert!(std::mem::size_of::<Node>() == 20);

impl Node {
    /// The 64 bits that `a` and `b` make up.
    #[inline]
    pub(super) fn wide(&self) -> u64 {
        u64::from(self.a) | u64::from(self.b) << 32
    }

    /// The node after this, which is at `index`, and all its descendants.
    #[inline]
    pub(super) fn after(&self, index: u32) -> u32 {
        match self.tag {
            Tag::Array | Tag::Object | Tag::Indexed => self.a,
            _ => index + 1,
        }
    }
}

/// Buffers larger than this are given back before the next parse.
const KEPT_BYTES: usize = 1 << 20;

/// Memory for one parsed text at a time, kept from one parse to the next.
///
/// A parse into a warm arena allocates nothing, unless the text outgrows all before it.
#[derive(Default)]
pub struct Arena {
    pub(super) nodes: Vec<Node>,
    pub(super) unescaped: String,
    pub(super) index: Vec<u32>,
    pub(super) keys: Vec<u64>,
    pub(super) frames: Vec<Frame>,
    pub(super) fuel: Fuel,
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
    pub fn parse<'s>(&'s mut self, text: &'s [u8]) -> Result<Document<'s>, Error> {
        self.clear();
        match parse::parse(self, text) {
            Ok(text) => Ok(Document { arena: self, text }),
            Err(stop) => Err(Error::at(text, stop.offset, stop.reason)),
        }
    }

    /// Whether [`Arena::parse`] takes `text`, for less: nothing is left to be read.
    ///
    /// # Errors
    ///
    /// The same as those of [`Arena::parse`].
    pub fn check(&mut self, text: &[u8]) -> Result<(), Error> {
        self.clear();
        match parse::check(self, text) {
            Ok(()) => Ok(()),
            // Or perhaps nothing is: the parse can tell, and where it is.
            Err(_) => self.parse(text).map(drop),
        }
    }

    /// Forgets the last text, and gives back what an unusually large one took.
    ///
    /// [`Arena::parse`] does this by itself before it starts.
    pub fn clear(&mut self) {
        let node = std::mem::size_of::<Node>();
        self.nodes.clear();
        self.nodes.shrink_to(KEPT_BYTES / node);
        self.unescaped.clear();
        self.unescaped.shrink_to(KEPT_BYTES);
        self.index.clear();
        self.index.shrink_to(KEPT_BYTES / 4);
        self.keys.clear();
        self.keys.shrink_to(KEPT_BYTES / 8);
        self.fuel = Fuel::default();
    }

    /// Holds `string` as the arena's only value, for validators that must see a bare string.
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

    /// How many bytes the arena holds on to.
    #[must_use]
    pub fn allocated(&self) -> usize {
        self.nodes.capacity() * std::mem::size_of::<Node>()
            + self.unescaped.capacity()
            + self.index.capacity() * 4
            + self.keys.capacity() * 8
            + self.frames.capacity() * std::mem::size_of::<Frame>()
    }
}

/// Shows how large it is but nothing of what it holds: session data stays out of logs.
impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Arena of {} nodes", self.nodes.len())
    }
}

/// A parsed text: its nodes and the text that they point into.
#[derive(Clone, Copy)]
pub struct Document<'s> {
    pub(super) arena: &'s Arena,
    pub(super) text: &'s str,
}

impl<'s> Document<'s> {
    /// The outermost value.
    #[inline]
    #[must_use]
    pub fn root(self) -> Value<'s> {
        Value::new(self, 0)
    }

    /// The whole text, as it was given.
    #[must_use]
    pub fn text(self) -> &'s str {
        self.text
    }

    /// Bounds the work of validations from here on: about one unit an accessor call, node
    /// compared or 16 bytes of string read. Each parse starts with [`u64::MAX`].
    ///
    /// When it runs out, the validation unwinds with [`OutOfFuel`](super::OutOfFuel). Only what
    /// the validator calls burns fuel, the methods of [`Value`] do not.
    pub fn set_fuel(self, amount: u64) {
        self.arena.fuel.set(amount);
    }

    /// What is left of the fuel.
    #[must_use]
    pub fn fuel_left(self) -> u64 {
        self.arena.fuel.left()
    }

    /// What each violation that the validator reports burns, since making one clones what its
    /// rule holds. Each parse starts with 1.
    pub fn set_error_cost(self, amount: u64) {
        self.arena.fuel.set_error_cost(amount);
    }

    /// What the validator burns beyond one unit an accessor: for each string that it reads, and
    /// for each member that it passes. Each parse starts with nothing.
    pub fn set_reading_costs(self, strings: ReadingCost, members: ReadingCost) {
        self.arena.fuel.set_reading_costs(strings, members);
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
}

/// Shows how long it is but not what it says: session data stays out of logs.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document of {} bytes", self.text.len())
    }
}
