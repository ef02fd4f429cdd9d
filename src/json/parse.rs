//! The parser: RFC 8259 into nodes, without recursion.

use super::arena::{Arena, Tag};
use super::cursor::{Cursor, Tail};
use super::keep::{Keep, Names, Tree};
use super::names::NameFilter;
use super::strings::any_name;

/// How deep arrays and objects may nest. The 128th level is allowed, the 129th is not.
pub const MAX_DEPTH: usize = 128;

/// A container that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub(super) names: NameFilter,
    /// Where what is kept of it begins: its node, or its first name's key.
    pub(super) node: u32,
    /// How many items are complete, where that is kept.
    pub(super) count: u32,
    /// What stands between two items, and what behind the last.
    comma: u8,
    close: u8,
}

impl Frame {
    /// The outside of all containers. Its one item ends with the text: this byte is not in UTF-8.
    pub(super) const OUTSIDE: Self = Self::new(0, 0xFF, 0xFF);

    #[inline(always)]
    const fn new(node: u32, comma: u8, close: u8) -> Self {
        Self {
            names: NameFilter::NEW,
            node,
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

/// Where and why parsing stopped.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) offset: usize,
    pub(super) reason: &'static str,
}

/// Fills `arena`, and returns the text as the UTF-8 that it is.
pub(super) fn parse<'a>(arena: &mut Arena, bytes: &'a [u8]) -> Result<&'a str, Stop> {
    let text = decode(bytes)?;
    let mut tree = Tree {
        text,
        nodes: &mut arena.nodes,
        unescaped: &mut arena.unescaped,
        index: &mut arena.index,
    };
    document(text, &mut arena.frames, &mut tree)?;
    Ok(text)
}

/// Whether [`parse`] takes the text; no answer where it may or may not.
pub(super) fn check(arena: &mut Arena, bytes: &[u8]) -> Result<(), Stop> {
    let mut names = Names {
        keys: &mut arena.keys,
        unescaped: &mut arena.unescaped,
    };
    document(decode(bytes)?, &mut arena.frames, &mut names)
}

fn decode(bytes: &[u8]) -> Result<&str, Stop> {
    // Offsets and node numbers are 32 bits wide.
    if u32::try_from(bytes.len()).is_err() {
        return Err(Stop {
            offset: 0,
            reason: "text longer than 4 GiB",
        });
    }
    let text = simdutf8::compat::from_utf8(bytes).map_err(|error| Stop {
        offset: error.valid_up_to(),
        reason: "invalid UTF-8",
    })?;
    if text.starts_with('\u{FEFF}') {
        return Err(Stop {
            offset: 0,
            reason: "byte order mark",
        });
    }
    Ok(text)
}

/// Reads the one value that `text` is, and tells `keep` what it is.
///
/// It is long because its state is in locals, which the compiler keeps in registers.
#[inline(always)]
fn document(text: &str, frames: &mut Vec<Frame>, keep: &mut impl Keep) -> Result<(), Stop> {
    // They stay from one parse to the next, the first as it is but for its count.
    frames.resize(1 + MAX_DEPTH, Frame::OUTSIDE);
    let frames = frames.as_mut_slice();
    let (mut frame, mut depth) = (&mut frames[0], 0);
    frame.count = 0;
    let tail = Tail::of(text);
    let mut cursor = Cursor::new(text, &tail, 0);
    'item: loop {
        if frame.is_object() {
            if cursor.next != b'"' {
                cursor.skip_whitespace();
                if cursor.next != b'"' {
                    return Err(cursor.stop("expected a member name"));
                }
            }
            // With the colon behind it, or up to this end.
            let (key, end) = match cursor.short_name(keep) {
                Some(key) => (key, None),
                None => any_name(cursor, keep).map(|(end, key)| (key, Some(end)))?,
            };
            keep.name(frame, key)?;
            if let Some(end) = end {
                cursor.go(end);
                cursor.skip_whitespace();
                if cursor.next != b':' {
                    return Err(cursor.stop("expected ':'"));
                }
                cursor.step();
            }
        }
        'value: loop {
            match cursor.next {
                b'"' => cursor.string(keep)?,
                b'{' => {
                    depth += 1;
                    frame = open(frames, depth, keep, &mut cursor, Tag::Object, b'}')?;
                    if cursor.next != b'}' {
                        continue 'item;
                    }
                    break 'value;
                }
                b'[' => {
                    depth += 1;
                    frame = open(frames, depth, keep, &mut cursor, Tag::Array, b']')?;
                    if cursor.next != b']' {
                        continue 'item;
                    }
                    break 'value;
                }
                b'0'..=b'9' => cursor.integer(keep)?,
                b'-' => cursor.number(keep)?,
                b't' => cursor.literal(keep, b"true", Tag::True)?,
                b'f' => cursor.literal(keep, b"false", Tag::False)?,
                b'n' => cursor.literal(keep, b"null", Tag::Null)?,
                // Behind the rest, and so for free where there is none.
                _ => match cursor.after_whitespace() {
                    Some(at) => {
                        cursor.go(at);
                        continue 'value;
                    }
                    None => return Err(cursor.stop("expected a value")),
                },
            }
            keep.item(frame);
            break 'value;
        }
        // An item is complete, or a container is that will have none. As long as what is next
        // completes a container, the container is an item that is complete.
        loop {
            if cursor.next == frame.comma {
                cursor.step();
                continue 'item;
            } else if cursor.next == frame.close {
                cursor.step();
                keep.close(frame, cursor.at)?;
                depth -= 1;
                frame = &mut frames[depth];
                keep.item(frame);
            } else if let Some(at) = cursor.after_whitespace() {
                cursor.go(at);
            } else {
                return match frame.close {
                    b'}' => Err(cursor.stop("expected ',' or '}'")),
                    b']' => Err(cursor.stop("expected ',' or ']'")),
                    _ if cursor.at == text.len() => Ok(()),
                    _ => Err(cursor.stop("text after the value")),
                };
            }
        }
    }
}

/// Begins the container that begins at the cursor, up to its first item or its end.
#[inline(always)]
fn open<'a>(
    frames: &'a mut [Frame],
    depth: usize,
    keep: &mut impl Keep,
    cursor: &mut Cursor<'_>,
    tag: Tag,
    close: u8,
) -> Result<&'a mut Frame, Stop> {
    let Some(frame) = frames.get_mut(depth) else {
        return Err(cursor.stop("nested deeper than 128 levels"));
    };
    *frame = Frame::new(keep.open(cursor.node(tag, cursor.at, 0, 0)), b',', close);
    cursor.step();
    cursor.skip_whitespace();
    Ok(frame)
}
