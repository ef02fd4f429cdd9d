//! The changes that make one text of another: what is cut out of it, and what takes that place.
//!
//! A change is written as if it were the whole new text, by copies of the old text and new bytes
//! between them ([`Output`]). [`Edits`] keeps only what the copies leave out.

use std::ops::Range;

use crate::leb128::{put_number, Buffer, Reader, MAX_LEN};

/// Receives a changed text, from its beginning to its end.
pub(super) trait Output {
    /// Copies a span of the text that is changed. Spans come in their order in the text.
    fn copy(&mut self, text: &[u8], span: Range<usize>);
    /// Appends new bytes.
    fn push(&mut self, bytes: &[u8]);
}

impl Output for Vec<u8> {
    fn copy(&mut self, text: &[u8], span: Range<usize>) {
        self.extend_from_slice(&text[span]);
    }

    fn push(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Memory for so many edits, and for so many new bytes, is kept.
const KEPT_EDITS: usize = 64;
const KEPT_BYTES: usize = 1 << 14;

/// One edit of a text.
#[derive(Clone, Copy)]
struct Edit<'e> {
    /// Where the bytes begin that are cut out.
    start: usize,
    /// Where they end. It is `start` if bytes are only added.
    end: usize,
    /// The bytes that take their place.
    bytes: &'e [u8],
}

/// A list of edits of one text, in their order in it. No two overlap.
#[derive(Default, Clone)]
pub struct Edits {
    /// For each edit: its start and end, and where its bytes begin in `bytes`.
    list: Vec<(usize, usize, usize)>,
    bytes: Vec<u8>,
    /// The end of the text that was copied last.
    copied: usize,
    /// How many of `bytes` belong to the edits in `list`.
    used: usize,
}

impl Edits {
    /// No edits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The one edit that makes `new` of `old`: of what is between their common beginning and end.
    #[must_use]
    pub fn between(old: &[u8], new: &[u8]) -> Self {
        let same = |(a, b): &(&u8, &u8)| a == b;
        let start = old.iter().zip(new).take_while(same).count();
        let (old_rest, new_rest) = (&old[start..], &new[start..]);
        let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
        let tail = pairs.take_while(same).count();
        let mut edits = Self::new();
        edits.copy(old, 0..start);
        edits.push(&new_rest[..new_rest.len() - tail]);
        edits.finish(old, old.len() - tail);
        edits
    }

    /// Whether the text stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// At most how many bytes [`Edits::encode`] appends.
    #[must_use]
    pub fn max_encoded_len(&self) -> usize {
        // A length within 4 GiB takes up to five bytes.
        5 + self.list.len() * 15 + self.bytes.len()
    }

    /// Appends the edits to `out`, in a form that [`EncodedEdits`] reads: the length of the text, and
    /// for each edit how many bytes lie between it and the one before, how many it cuts out, and the
    /// string that takes their place. Numbers are LEB128.
    pub fn encode(&self, text_len: usize, out: &mut Vec<u8>) {
        out.reserve(self.max_encoded_len());
        put_number(text_len as u64, out);
        let mut copied = 0;
        for edit in self.iter() {
            let mut numbers = Buffer::<{ 3 * MAX_LEN }>::new();
            numbers.number((edit.start - copied) as u64);
            numbers.number((edit.end - edit.start) as u64);
            numbers.number(edit.bytes.len() as u64);
            out.extend_from_slice(numbers.bytes());
            out.extend_from_slice(edit.bytes);
            copied = edit.end;
        }
    }

    /// The edits, in their order in the text.
    fn iter(&self) -> impl Iterator<Item = Edit<'_>> {
        let next = self.list.iter().skip(1).map(|edit| edit.2);
        let ends = next.chain([self.bytes.len()]);
        self.list
            .iter()
            .zip(ends)
            .map(|(&(start, end, from), to)| Edit {
                start,
                end,
                bytes: &self.bytes[from..to],
            })
    }

    /// Appends the changed text to `out`. `text` is the text that the edits were made for.
    pub fn apply(&self, text: &[u8], out: &mut Vec<u8>) {
        out.reserve(text.len() + self.bytes.len());
        let mut copied = 0;
        for edit in self.iter() {
            out.extend_from_slice(&text[copied..edit.start]);
            out.extend_from_slice(edit.bytes);
            copied = edit.end;
        }
        out.extend_from_slice(&text[copied..]);
    }

    /// Forgets all edits, and keeps the memory for others up to a limit.
    pub fn clear(&mut self) {
        self.list.clear();
        self.list.shrink_to(KEPT_EDITS);
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        (self.copied, self.used) = (0, 0);
    }

    /// Copies the rest of the text, from `from` on.
    pub(super) fn finish(&mut self, text: &[u8], from: usize) {
        if from == text.len() {
            self.record(from);
        }
        self.copy(text, from..text.len());
    }

    /// The new bytes so far, to append others.
    pub(super) fn new_bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Where the text was copied up to.
    pub(super) fn copied(&self) -> usize {
        self.copied
    }

    /// Lists the edit that ends at `end`, if something was cut out or added since the last copy.
    fn record(&mut self, end: usize) {
        if self.copied != end || self.used != self.bytes.len() {
            self.list.push((self.copied, end, self.used));
            self.used = self.bytes.len();
            self.copied = end;
        }
    }
}

impl Output for Edits {
    #[inline]
    fn copy(&mut self, _text: &[u8], span: Range<usize>) {
        // An empty span would part two edits that are one.
        if !span.is_empty() {
            self.record(span.start);
            self.copied = span.end;
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

/// Edits in their encoded form.
#[derive(Debug, Clone)]
pub struct EncodedEdits<'a> {
    text_len: usize,
    edits: Reader<'a>,
}

impl<'a> EncodedEdits<'a> {
    /// Reads edits. None for bytes that [`Edits::encode`] does not write.
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let text_len = length(&mut reader)?;
        let edits = reader.clone();
        while !reader.is_at_end() {
            for _ in 0..2 {
                length(&mut reader)?;
            }
            reader.string().ok()?;
        }
        Some(Self { text_len, edits })
    }

    /// Whether the text stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_at_end()
    }

    /// Appends the changed text to `out`. Returns whether the edits are those of a text of this length;
    /// otherwise the content of `out` is not specified.
    #[must_use]
    pub fn apply(&self, text: &[u8], out: &mut Vec<u8>) -> bool {
        text.len() == self.text_len && self.try_apply(text, out).is_some()
    }

    fn try_apply(&self, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (mut rest, mut reader) = (text, self.edits.clone());
        while !reader.is_at_end() {
            let (copied, after) = rest.split_at_checked(length(&mut reader)?)?;
            out.extend_from_slice(copied);
            (_, rest) = after.split_at_checked(length(&mut reader)?)?;
            out.extend_from_slice(reader.string().ok()?);
        }
        out.extend_from_slice(rest);
        Some(())
    }
}

fn length(reader: &mut Reader<'_>) -> Option<usize> {
    usize::try_from(reader.number().ok()?).ok()
}

/// Shows how many there are and not what they hold: session data stays out of logs.
impl std::fmt::Debug for Edits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} edits", self.list.len())
    }
}
