//! Which member of an object comes, and whether there are all that must be.

use super::super::rule::{Hint, Member, Object};
use super::answer::Answer;
use crate::json::Cursor;

/// The member that the hint says, and the cursor at its value, if it is here and was not before.
#[inline(always)]
pub fn predicted<'p, 't>(
    rule: &'p Object,
    hint: &Hint,
    at: Cursor<'t>,
    seen: u64,
) -> Option<(&'p Member, Cursor<'t>)> {
    let member = rule.members.get(hint.get())?;
    let value = at.eat_predicted(&member.predicted)?;
    if member.bit & !seen == 0 {
        return None;
    }
    Some((member, value))
}

impl Object {
    /// Whether more is asked than which members there must be, and what each must be.
    #[inline(always)]
    pub(super) fn counts(&self) -> bool {
        self.min > 0 || self.max < u32::MAX || !self.needs.is_empty()
    }

    /// What the rule says of an object with the members that these bits stand for, and `others` more.
    pub(super) fn judge(&self, seen: u64, others: usize) -> Answer {
        let count = seen.count_ones() as usize + others;
        let count_fits = self.min as usize <= count && count <= self.max as usize;
        let has_needed = |&(one, needed): &(u64, u64)| seen & one == 0 || needed & !seen == 0;
        let is_complete = self.required & !seen == 0 && self.needs.iter().all(has_needed);
        Answer::of(count_fits && is_complete)
    }
}
