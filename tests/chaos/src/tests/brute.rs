//! The definition itself, without any short cut: tries every order of the operations. For histories of a
//! few operations, to compare the search with.

use crate::history::{Head, Op, Outcome};
use crate::model::state::State;
use crate::model::Model;

/// Whether some order of the operations explains their replies.
pub fn is_explained(head: &Head, ops: &[&Op]) -> bool {
    let model = Model::new(head, ops.iter().copied());
    let left: Vec<usize> = (0..ops.len()).collect();
    goes_on(&model, ops, &left, &State::default())
}

fn goes_on(model: &Model, ops: &[&Op], left: &[usize], state: &State) -> bool {
    // An operation without a reply need not take effect.
    if left.iter().all(|at| ops[*at].outcome == Outcome::Unknown) {
        return true;
    }
    // What is next happens before the first of those that are left has ended.
    let now = left.iter().map(|at| ops[*at].effect_by()).min();
    let now = now.expect("some are left");
    left.iter().enumerate().any(|(place, next)| {
        let may_be_next = left
            .iter()
            .all(|other| other == next || ops[*other].effect_by() >= ops[*next].start);
        let mut rest = left.to_vec();
        rest.remove(place);
        may_be_next
            && model
                .steps(*next, ops[*next], state, now)
                .iter()
                .any(|after| goes_on(model, ops, &rest, after))
    })
}
