//! The parser: RFC 8259 into nodes, without recursion.

use super::arena::{Arena, Node, Tag};
use super::names::{self, NameFilter};

/// How deep arrays and objects may nest. The 128th level is allowed, the 129th is not.
pub const MAX_DEPTH: usize = 128;

/// A container that is being read.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) node: u32,
    pub(super) count: u32,
    pub(super) object: bool,
    pub(super) names: NameFilter,
}

/// Where and why parsing stopped.
#[derive(Debug)]
pub(super) struct Stop {
    pub(super) offset: usize,
    pub(super) reason: &'static str,
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) position: usize,
    pub(super) arena: &'a mut Arena,
}

/// Fills `arena`, and returns the text as the UTF-8 that it is.
pub(super) fn parse<'a>(arena: &mut Arena, bytes: &'a [u8]) -> Result<&'a str, Stop> {
    // Offsets and node numbers are 32 bits wide.
    if u32::try_from(bytes.len()).is_err() {
        return Err(Stop {
            offset: 0,
            reason: "text longer than 4 GiB",
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| Stop {
        offset: error.valid_up_to(),
        reason: "invalid UTF-8",
    })?;
    if text.starts_with('\u{FEFF}') {
        return Err(Stop {
            offset: 0,
            reason: "byte order mark",
        });
    }
    let mut parser = Parser {
        text,
        bytes,
        position: 0,
        arena,
    };
    parser.document()?;
    Ok(text)
}

impl Parser<'_> {
    fn document(&mut self) -> Result<(), Stop> {
        self.skip_whitespace();
        'value: loop {
            match self.peek() {
                b'"' => self.string()?,
                b'{' => {
                    self.open(Tag::Object)?;
                    if self.peek() == b'}' {
                        self.close()?;
                    } else {
                        self.name()?;
                        continue 'value;
                    }
                }
                b'[' => {
                    self.open(Tag::Array)?;
                    if self.peek() == b']' {
                        self.close()?;
                    } else {
                        continue 'value;
                    }
                }
                b'-' | b'0'..=b'9' => self.number()?,
                b't' => self.literal(b"true", Tag::True)?,
                b'f' => self.literal(b"false", Tag::False)?,
                b'n' => self.literal(b"null", Tag::Null)?,
                _ => return Err(self.stop("expected a value")),
            }
            // A value is complete; as long as it also completes its container, so is that.
            loop {
                self.skip_whitespace();
                let Some(frame) = self.arena.frames.last_mut() else {
                    break 'value;
                };
                frame.count += 1;
                match (self.bytes.get(self.position), frame.object) {
                    (Some(b','), object) => {
                        self.position += 1;
                        self.skip_whitespace();
                        if object {
                            self.name()?;
                        }
                        continue 'value;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => self.close()?,
                    (_, true) => return Err(self.stop("expected ',' or '}'")),
                    (_, false) => return Err(self.stop("expected ',' or ']'")),
                }
            }
        }
        if self.position == self.bytes.len() {
            Ok(())
        } else {
            Err(self.stop("text after the value"))
        }
    }

    /// Reads a member's name and colon, up to its value.
    #[inline]
    fn name(&mut self) -> Result<(), Stop> {
        if self.peek() != b'"' {
            return Err(self.stop("expected a member name"));
        }
        let node = self.next_node();
        self.string()?;
        names::check_new(self.arena, self.text, node)?;
        self.skip_whitespace();
        if self.peek() != b':' {
            return Err(self.stop("expected ':'"));
        }
        self.position += 1;
        self.skip_whitespace();
        Ok(())
    }

    #[inline]
    fn open(&mut self, tag: Tag) -> Result<(), Stop> {
        if self.arena.frames.len() == MAX_DEPTH {
            return Err(self.stop("nested deeper than 128 levels"));
        }
        self.arena.frames.push(Frame {
            node: self.next_node(),
            count: 0,
            object: tag == Tag::Object,
            names: NameFilter::default(),
        });
        self.push(tag, self.position, 0, 0);
        self.position += 1;
        self.skip_whitespace();
        Ok(())
    }

    #[inline]
    fn close(&mut self) -> Result<(), Stop> {
        self.position += 1;
        let end = self.next_node();
        if let Some(frame) = self.arena.frames.pop() {
            let node = &mut self.arena.nodes[frame.node as usize];
            node.end = offset(self.position);
            node.a = end;
            node.b = frame.count;
            if frame.object && frame.count as usize > names::UNINDEXED_MEMBERS {
                names::build_index(self.arena, self.text, &frame)?;
            }
        }
        Ok(())
    }

    fn literal(&mut self, word: &[u8], tag: Tag) -> Result<(), Stop> {
        if !self.bytes[self.position..].starts_with(word) {
            return Err(self.stop("expected a value"));
        }
        let start = self.position;
        self.position += word.len();
        self.push(tag, start, 0, 0);
        Ok(())
    }

    /// Adds the node for the bytes from `start` to here.
    #[inline]
    pub(super) fn push(&mut self, tag: Tag, start: usize, a: u32, b: u32) {
        self.arena.nodes.push(Node {
            tag,
            start: offset(start),
            end: offset(self.position),
            a,
            b,
        });
    }

    /// The next byte, or NUL (which may stand nowhere) at the end.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.position).copied().unwrap_or(0)
    }

    #[inline]
    fn skip_whitespace(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.position += 1;
        }
    }

    #[inline]
    fn next_node(&self) -> u32 {
        // Each node is at least one byte of the text, whose length fits.
        self.arena.nodes.len() as u32
    }

    #[cold]
    pub(super) fn stop(&self, reason: &'static str) -> Stop {
        let reason = if self.position >= self.bytes.len() {
            "unexpected end of text"
        } else {
            reason
        };
        Stop {
            offset: self.position,
            reason,
        }
    }
}

/// `position` as a node stores it: the text's length was checked to fit.
#[inline]
pub(super) fn offset(position: usize) -> u32 {
    position as u32
}
