//! Rows: objects in an array that all have the same members, in the same order, as in a table.
//!
//! What stands around the values of one row, which is known to be JSON, is what stands around those of
//! the next. So the next is compared with it, and its names need not be looked at. This is for values
//! that are no containers, so that no part of a text is read again more than once.

use super::cursor::Cursor;
use super::predicted::Predicted;
use super::scalar;

/// The most members of a row behind the first.
const MOST: usize = 11;

/// What stands around the values of a row.
pub(super) struct Row {
    /// The bytes before the first value. With no row, these and `between` and `end` are found nowhere.
    first: Predicted,
    /// The bytes before each other value.
    others: [Predicted; MOST],
    /// How many others there are.
    count: usize,
    /// The bytes behind the last value, to the first value of the next row.
    between: Predicted,
    /// The bytes behind the last value, to the end of the row.
    end: Predicted,
}

impl Row {
    /// What no object is like.
    pub(super) const NONE: Self = Self {
        first: Predicted::NOWHERE,
        others: [Predicted::NOWHERE; MOST],
        count: 0,
        between: Predicted::NOWHERE,
        end: Predicted::NOWHERE,
    };

    /// Learns from the object here and what is behind it, which are JSON. Learns nothing from an object
    /// that is not fit to be a row, and then may return None.
    #[inline(never)]
    pub(super) fn learn(&mut self, at: Cursor<'_>) -> Option<()> {
        let value = first_value(at)?;
        let first = predicted(at, value)?;
        let mut at = scalar(value)?;
        for before in &mut self.others {
            let next = at.space_end();
            if next.byte() != b',' {
                break;
            }
            let value = first_value(next)?;
            *before = predicted(at, value)?;
            self.count += 1;
            at = scalar(value)?;
        }
        let end = at.space_end().eat(b'}')?;
        self.end = predicted(at, end)?;
        self.first = first;
        let next = end.space_end().eat(b',')?.space_end();
        self.between = predicted(at, next.eat_predicted(&first)?)?;
        Some(())
    }

    /// Passes an object that is like the row, and all behind it that are too. None if it is not, or is no
    /// JSON.
    #[inline(always)]
    pub(super) fn pass<'t>(&self, at: Cursor<'t>) -> Option<Cursor<'t>> {
        let mut at = self.values(at.eat_predicted(&self.first)?)?;
        while let Some(value) = at.eat_predicted(&self.between) {
            match self.values(value) {
                Some(end) => at = end,
                None => break,
            }
        }
        at.eat_predicted(&self.end)
    }

    /// Passes from the first value of a row to behind the last.
    #[inline(always)]
    fn values<'t>(&self, first: Cursor<'t>) -> Option<Cursor<'t>> {
        let mut at = scalar(first)?;
        for before in &self.others[..self.count] {
            at = scalar(at.eat_predicted(before)?)?;
        }
        Some(at)
    }
}

/// The value of the member that is behind the byte here.
fn first_value(at: Cursor<'_>) -> Option<Cursor<'_>> {
    let name = at.step().space_end().eat(b'"')?;
    let colon = name.special().eat(b'"')?.space_end();
    Some(colon.eat(b':')?.space_end())
}

/// The bytes between two cursors, if they are not too many.
fn predicted(start: Cursor<'_>, end: Cursor<'_>) -> Option<Predicted> {
    Predicted::of(start.chunk(), end.bytes_from(start))
}

#[inline(always)]
fn scalar(at: Cursor<'_>) -> Option<Cursor<'_>> {
    match at.byte() {
        b'"' => scalar::string(at.step()),
        b'1'..=b'9' => scalar::number(at),
        _ => scalar::other(at),
    }
}
