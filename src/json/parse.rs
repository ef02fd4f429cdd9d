//! The parser: RFC 8259, without recursion.
//!
//! It reports each value, name and container to a [`NodeBuilder`].

use super::builder::{Frame, NodeBuilder};
use super::error::Stop;
use super::node::Tag;
use super::position::{Position, Tail};
use super::strings::any_name;

/// How deep arrays and objects may nest. The 128th level is allowed, the 129th is not.
pub const MAX_DEPTH: usize = 128;

/// Checks that `bytes` are UTF-8 without a byte order mark, and not too long.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Stop> {
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

/// Reads the builder's text as one value.
///
/// This is one long function because its state is in locals, which the compiler keeps in registers.
#[inline(always)]
pub(super) fn document(frames: &mut Vec<Frame>, builder: &mut NodeBuilder<'_>) -> Result<(), Stop> {
    let text = builder.text;
    // The frames stay allocated from one parse to the next. `open` resets each before it is used;
    // of the outermost only the count changes.
    frames.resize(1 + MAX_DEPTH, Frame::OUTSIDE);
    let frames = frames.as_mut_slice();
    let (mut frame, mut depth) = (&mut frames[0], 0);
    frame.count = 0;
    let tail = Tail::of(text);
    let mut cursor = Position::new(text, &tail, 0);
    'item: loop {
        if frame.is_object() {
            if cursor.next != b'"' {
                cursor.skip_whitespace();
                if cursor.next != b'"' {
                    return Err(cursor.stop("expected a member name"));
                }
            }
            // `short_name` passes the colon too; `any_name` only returns where the name ends.
            let (key, end) = match cursor.short_name(builder) {
                Some(key) => (key, None),
                None => any_name(cursor, builder).map(|(end, key)| (key, Some(end)))?,
            };
            builder.name(frame, key)?;
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
                b'"' => cursor.string(builder)?,
                b'{' => {
                    depth += 1;
                    frame = open(frames, depth, builder, &mut cursor, Tag::Object, b'}')?;
                    if cursor.next != b'}' {
                        continue 'item;
                    }
                    break 'value;
                }
                b'[' => {
                    depth += 1;
                    frame = open(frames, depth, builder, &mut cursor, Tag::Array, b']')?;
                    if cursor.next != b']' {
                        continue 'item;
                    }
                    break 'value;
                }
                b'0'..=b'9' => cursor.integer(builder)?,
                b'-' => cursor.number(builder)?,
                b't' => cursor.literal(builder, b"true", Tag::True)?,
                b'f' => cursor.literal(builder, b"false", Tag::False)?,
                b'n' => cursor.literal(builder, b"null", Tag::Null)?,
                // Whitespace is tried last, so it costs nothing where there is none.
                _ => match cursor.after_whitespace() {
                    Some(at) => {
                        cursor.go(at);
                        continue 'value;
                    }
                    None => return Err(cursor.stop("expected a value")),
                },
            }
            frame.count += 1;
            break 'value;
        }
        // Here an item is complete, or an empty container is about to close. Each container that
        // closes completes an item of the container around it.
        loop {
            if cursor.next == frame.comma {
                cursor.step();
                continue 'item;
            } else if cursor.next == frame.close {
                cursor.step();
                builder.close(frame, cursor.at)?;
                depth -= 1;
                frame = &mut frames[depth];
                frame.count += 1;
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

/// Enters the container whose bracket is at the cursor, and moves to its first item or its end.
#[inline(always)]
fn open<'a>(
    frames: &'a mut [Frame],
    depth: usize,
    builder: &mut NodeBuilder<'_>,
    cursor: &mut Position<'_>,
    tag: Tag,
    close: u8,
) -> Result<&'a mut Frame, Stop> {
    let Some(frame) = frames.get_mut(depth) else {
        return Err(cursor.stop("nested deeper than 128 levels"));
    };
    *frame = Frame::new(builder.open(cursor.node(tag, cursor.at, 0, 0)), b',', close);
    cursor.step();
    cursor.skip_whitespace();
    Ok(frame)
}

impl Position<'_> {
    /// Reads the literal `word`, whose first byte is at the cursor.
    #[inline(always)]
    fn literal(
        &mut self,
        builder: &mut NodeBuilder<'_>,
        word: &[u8],
        tag: Tag,
    ) -> Result<(), Stop> {
        let start = self.at;
        if !self.bytes()[start..].starts_with(word) {
            return Err(self.stop("expected a value"));
        }
        self.go(start + word.len());
        builder.node(self.node(tag, start, 0, 0));
        Ok(())
    }
}
