//! The part of the parser that reads numbers.
//!
//! Integers of up to 19 digits without a sign, the most common numbers, are read in the parser's loop
//! and keep their value in the node. All other numbers are read out of line.

use super::builder::NodeBuilder;
use super::error::Stop;
use super::node::{offset, Node, Tag};
use super::position::{byte, stop, Position};
use super::search::{HIGHS, ONES};

impl Position<'_> {
    /// Reads the number whose first digit is at the cursor. Integers of up to 19 digits are read
    /// here, all other numbers by [`Position::number`].
    #[inline(always)]
    pub(super) fn integer(&mut self, builder: &mut NodeBuilder<'_>) -> Result<(), Stop> {
        let (start, first) = (self.at, self.next);
        let digits = Digits::at(self.text, start);
        let zero = digits.count > 1 && first == b'0';
        if digits.count > 19 || zero || matches!(digits.next, b'.' | b'e' | b'E') {
            return self.number(builder);
        }
        (self.at, self.next) = (start + digits.count, digits.next);
        let (low, high) = halves(digits.value);
        builder.node(self.node(Tag::Positive, start, low, high));
        Ok(())
    }

    /// Reads any number that begins at the cursor.
    #[inline(always)]
    pub(super) fn number(&mut self, builder: &mut NodeBuilder<'_>) -> Result<(), Stop> {
        let node = number(self.text, self.at)?;
        self.go(node.end as usize);
        builder.node(node);
        Ok(())
    }
}

/// A run of digits.
struct Digits {
    count: usize,
    /// Their value; meaningless for more than 19 digits, which can overflow.
    value: u64,
    /// The byte behind them, or NUL at the end of the text.
    next: u8,
}

impl Digits {
    #[inline(always)]
    fn at(text: &str, start: usize) -> Self {
        let (mut at, mut value) = (start, 0_u64);
        loop {
            let next = byte(text, at);
            let digit = next.wrapping_sub(b'0');
            if digit > 9 {
                let count = at - start;
                return Self { count, value, next };
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
    }
}

/// The node of the number at `start`, or the reason why there is none. Out of line, to keep the
/// parser's loop small.
#[inline(never)]
fn number(text: &str, start: usize) -> Result<Node, Stop> {
    let negative = byte(text, start) == b'-';
    let first = start + usize::from(negative);
    let digits = Digits::at(text, first);
    let end = first + digits.count;
    if digits.count == 0 {
        return Err(stop(text, first, "expected a digit"));
    }
    if digits.count > 1 && byte(text, first) == b'0' {
        return Err(stop(text, first, "number with a leading zero"));
    }
    if matches!(digits.next, b'.' | b'e' | b'E') {
        let end = decimal_end(text, end)?;
        return Ok(node(Tag::Decimal, start, end, 0));
    }
    let exact = match digits.count {
        ..=19 => Some(digits.value),
        20 => text[first..end].parse().ok(),
        _ => None,
    };
    let (tag, wide) = match exact {
        Some(value) if !negative => (Tag::Positive, value),
        Some(value) if value <= i64::MIN.unsigned_abs() => (Tag::Negative, value),
        _ => (Tag::Big, 0),
    };
    Ok(node(tag, start, end, wide))
}

fn node(tag: Tag, start: usize, end: usize, wide: u64) -> Node {
    let (a, b) = halves(wide);
    Node {
        tag,
        start: offset(start),
        end: offset(end),
        a,
        b,
    }
}

#[inline(always)]
fn halves(wide: u64) -> (u32, u32) {
    (wide as u32, (wide >> 32) as u32)
}

/// The end of the fraction, the exponent or both, which begin at `at`.
fn decimal_end(text: &str, mut at: usize) -> Result<usize, Stop> {
    if byte(text, at) == b'.' {
        at = digits_end(text, at + 1)?;
    }
    if matches!(byte(text, at), b'e' | b'E') {
        let signed = matches!(byte(text, at + 1), b'+' | b'-');
        at = digits_end(text, at + 1 + usize::from(signed))?;
    }
    Ok(at)
}

/// The end of the digits at `start`, of which there must be at least one.
#[inline(always)]
fn digits_end(text: &str, start: usize) -> Result<usize, Stop> {
    let bytes = text.as_bytes();
    let mut at = start;
    let end = loop {
        let Some(chunk) = bytes[at..].first_chunk() else {
            let rest = bytes[at..].iter();
            break at + rest.take_while(|byte| byte.is_ascii_digit()).count();
        };
        // XOR with '0' turns digits into 0 to 9, and adding 0x76 to those leaves the highest bit
        // clear. A carry only disturbs bytes behind one that is not a digit.
        let digits = u64::from_le_bytes(*chunk) ^ (ONES * b'0' as u64);
        let others = (digits.wrapping_add(ONES * 0x76) | digits) & HIGHS;
        if others != 0 {
            break at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    };
    if end == start {
        return Err(stop(text, start, "expected a digit"));
    }
    Ok(end)
}
