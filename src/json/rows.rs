//! Rows: objects in an array that all have the same members, in the same order, as in a table.
//!
//! What stands around the values of one row, which is known to be JSON, is what stands around those of
//! the next. So the next is compared with it, and its names need not be looked at. This is for values
//! that are no containers, so that no part of a text is read again more than once.

use super::cursor::Cursor;
use super::predicted::Predicted;
use super::scalar;

/// The most members of a row.
const MOST: usize = 12;

/// What stands around the values of a row.
pub(super) struct Row {
    /// How many values there are. With none, `end` is found nowhere.
    count: usize,
    /// The bytes before each value.
    before: [Predicted; MOST],
    /// The bytes behind the last.
    end: Predicted,
}

impl Row {
    /// What no object is like.
    pub(super) const NONE: Self = Self {
        count: 0,
        before: [Predicted::NOWHERE; MOST],
        end: Predicted::NOWHERE,
    };

    /// Learns from the object here, which is JSON. None if it is not fit to be a row.
    #[inline(never)]
    pub(super) fn learn(&mut self, mut at: Cursor<'_>) -> Option<()> {
        for (count, before) in self.before.iter_mut().enumerate() {
            let name = at.step().space_end().eat(b'"')?;
            let colon = name.special().eat(b'"')?.space_end();
            let value = colon.eat(b':')?.space_end();
            *before = Predicted::of(at.chunk(), value.bytes_from(at))?;
            at = scalar(value)?;
            let next = at.space_end();
            if let Some(end) = next.eat(b'}') {
                self.end = Predicted::of(at.chunk(), end.bytes_from(at))?;
                self.count = count + 1;
                break;
            }
        }
        Some(())
    }

    /// Passes an object that is like the row. None if it is not, or is no JSON.
    #[inline(always)]
    pub(super) fn pass<'t>(&self, mut at: Cursor<'t>) -> Option<Cursor<'t>> {
        for before in &self.before[..self.count] {
            at = scalar(at.eat_predicted(before)?)?;
        }
        at.eat_predicted(&self.end)
    }
}

#[inline(always)]
fn scalar(at: Cursor<'_>) -> Option<Cursor<'_>> {
    match at.byte() {
        b'"' => scalar::string(at.step()),
        b'1'..=b'9' => scalar::number(at),
        _ => scalar::other(at),
    }
}
