//! The way from containers to the values in them.

use std::ops::DerefMut;

use super::super::rule::Rule;
use super::answer::Answer;
use super::state::State;
use crate::json::Cursor;

/// What reads values. `walk` has the only one: so `objects` and `arrays` need not use it.
///
/// `stack` has room for the keys of all names in the value, and `depth` is how many containers may be around
/// each other. The methods return the cursor behind the value. None means that the value is no JSON, or does
/// not satisfy the rule. If they cannot tell, they set a flag too, see [`State::not_sure`].
pub trait Values<'p, 't>: DerefMut<Target = State<'p, 't>> {
    /// Reads the value at the cursor, where there is no whitespace.
    fn any(
        &mut self,
        rule: &'p Rule,
        at: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Option<Cursor<'t>>;

    /// Reads the value at the cursor, which may have whitespace before it.
    #[inline(always)]
    fn value(
        &mut self,
        rule: &'p Rule,
        at: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Option<Cursor<'t>> {
        let at = at.space_end();
        match self.quick.scalar(rule, at) {
            None => self.any(rule, at, stack, depth),
            end => end,
        }
    }

    /// What one more rule says of a value that was read before and ends at `end`.
    fn again(
        &mut self,
        rule: &'p Rule,
        at: Cursor<'t>,
        end: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Answer;
}
