//! The nodes that a parse leaves: one for each value and each member name, in document order.
//!
//! Nodes form a flat list without pointers. Parents come before their children, and the node of a
//! container has the index of the node after its last descendant, so a walk skips it in one step. A
//! node holds offsets into the text instead of copies; [`Strings`] reads the strings that it points
//! at.

/// The kind of a node, which decides the meaning of its `a` and `b`. The comments name both, in this
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)] // As wide as the fields beside it, so that a node is written in whole words.
pub(super) enum Tag {
    Null,
    False,
    True,
    /// An integer of at most `u64::MAX`: its low and high half.
    Positive,
    /// An integer written with a minus, of at least `i64::MIN`: the halves of its magnitude.
    Negative,
    /// An integer of any other size. Its value is only in the text.
    Big,
    /// A number with a fraction or an exponent.
    Decimal,
    /// A string without escapes: offset in the text, and length, of the bytes between its quotes.
    Plain,
    /// A string with escapes: offset and length in the buffer of unescaped strings.
    Escaped,
    /// The node after its last descendant; the number of elements.
    Array,
    /// The node after its last descendant; the number of members. Names and values take turns.
    Object,
    /// An object with a name index: the node after its last descendant; an offset in
    /// `Arena::index`, where the number of members is, followed by the nodes of all names, sorted.
    Indexed,
}

/// One value, or one member name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) tag: Tag,
    /// Where the value begins and ends in the text, quotes and brackets included.
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) a: u32,
    pub(super) b: u32,
}

const _: () = assert!(std::mem::size_of::<Node>() == 20);

impl Node {
    /// The 64 bits that `a` (low) and `b` (high) make up.
    #[inline]
    pub(super) fn wide(&self) -> u64 {
        u64::from(self.a) | u64::from(self.b) << 32
    }

    /// The node after this one, which is at `index`, and all its descendants.
    #[inline]
    pub(super) fn after(&self, index: u32) -> u32 {
        match self.tag {
            Tag::Array | Tag::Object | Tag::Indexed => self.a,
            _ => index + 1,
        }
    }
}

/// A position in the text, as a node stores it. The parser refuses texts whose offsets do not fit.
#[inline(always)]
pub(super) fn offset(position: usize) -> u32 {
    position as u32
}

/// A list of nodes, with the two buffers that its strings are read from.
#[derive(Clone, Copy)]
pub(super) struct Strings<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) text: &'a str,
    pub(super) unescaped: &'a str,
}

impl<'a> Strings<'a> {
    /// The node after the one at `index` and all its descendants.
    #[inline]
    pub(super) fn after(self, index: u32) -> u32 {
        self.nodes[index as usize].after(index)
    }

    /// The bytes of the string whose node is at `index`, unescaped.
    #[inline]
    pub(super) fn bytes_at(self, index: u32) -> &'a [u8] {
        self.bytes(&self.nodes[index as usize])
    }

    /// The bytes of a string's node, unescaped.
    #[inline(always)] // As for `string`.
    pub(super) fn bytes(self, node: &Node) -> &'a [u8] {
        &self.buffer(node).as_bytes()[node.a as usize..][..node.b as usize]
    }

    /// The string of a string's node, unescaped.
    #[inline(always)] // A validator does only a few instructions' work with each string.
    pub(super) fn string(self, node: &Node) -> &'a str {
        // Two splits check one end each, which compiles to less than slicing by a range.
        let (_, tail) = self.buffer(node).split_at(node.a as usize);
        tail.split_at(node.b as usize).0
    }

    /// The buffer that a string's node has its offset in.
    #[inline(always)] // As for `string`.
    fn buffer(self, node: &Node) -> &'a str {
        match node.tag {
            Tag::Escaped => self.unescaped,
            _ => self.text,
        }
    }
}
