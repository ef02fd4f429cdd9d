//! Makes one shape of the alternatives of `anyOf` or `oneOf`, if that is exact.

use std::collections::BTreeSet;

use super::super::rule::Types;
use super::shape::{NumberShape, Shape, TextShape};

/// What is asked of how many alternatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// One or more: `anyOf`.
    Any,
    /// Exactly one: `oneOf`.
    One,
}

/// The shape of the values that satisfy one of two shapes, or one or both, as `among` says. `None` if no
/// shape says exactly that.
pub fn union<'r>(left: &Shape<'r>, right: &Shape<'r>, among: Among) -> Option<Shape<'r>> {
    if !left.choices.is_empty() || !right.choices.is_empty() {
        return None;
    }
    let common = left.types.and(right.types);
    if common.meet(left.unsure.or(right.unsure)) {
        return None;
    }
    let plain = Types::NULL.or(Types::BOOLEAN);
    if among == Among::One && common.meet(plain) {
        return None;
    }
    let mut shape = Shape::of(left.types.or(right.types));
    shape.unsure = (left.unsure.and(left.types)).or(right.unsure.and(right.types));
    let sides = |types: Types| Sides {
        left: left.types.and(types),
        right: right.types.and(types),
        among,
    };
    let strings = sides(Types::STRING);
    shape.text = strings.join(&left.text, &right.text, |left, right| {
        Some(TextShape {
            one_of: Some(all(&left.one_of, &right.one_of, among)?),
            ..left.clone()
        })
        .filter(|_| {
            let one_of = left.one_of.clone();
            *left
                == TextShape {
                    one_of,
                    ..right.clone()
                }
        })
    })?;
    let numbers = sides(Types::NUMBER);
    shape.number = numbers.join(&left.number, &right.number, |left, right| {
        Some(NumberShape {
            one_of: Some(all(&left.one_of, &right.one_of, among)?),
            ..left.clone()
        })
        .filter(|_| {
            let one_of = left.one_of.clone();
            *left
                == NumberShape {
                    one_of,
                    ..right.clone()
                }
        })
    })?;
    shape.array = sides(Types::ARRAY).join(&left.array, &right.array, |_, _| None)?;
    shape.object = sides(Types::OBJECT).join(&left.object, &right.object, |_, _| None)?;
    Some(shape)
}

/// The values of two lists. `None` if there are no lists, or if one value is to be in one of them only.
fn all<T: Ord + Copy>(
    left: &Option<BTreeSet<T>>,
    right: &Option<BTreeSet<T>>,
    among: Among,
) -> Option<BTreeSet<T>> {
    let (left, right) = (left.as_ref()?, right.as_ref()?);
    (among == Among::Any || left.is_disjoint(right)).then(|| left | right)
}

/// The types of a kind on both sides.
struct Sides {
    left: Types,
    right: Types,
    among: Among,
}

impl Sides {
    /// Joins what both sides ask of values of these types. `lists` joins two lists of values.
    fn join<P: Clone + Default + PartialEq>(
        &self,
        left: &P,
        right: &P,
        lists: impl FnOnce(&P, &P) -> Option<P>,
    ) -> Option<P> {
        match (self.left == Types::NONE, self.right == Types::NONE) {
            (true, true) => return Some(P::default()),
            (false, true) => return Some(left.clone()),
            (true, false) => return Some(right.clone()),
            (false, false) => {}
        }
        let same_types = self.left == self.right;
        if same_types && left != right {
            if let Some(joined) = lists(left, right) {
                return Some(joined);
            }
        }
        if self.among == Among::One {
            return None;
        }
        let within = |inner: Types, outer: Types| inner.and(outer) == inner;
        let (all_left, all_right) = (*left == P::default(), *right == P::default());
        match () {
            () if same_types && left == right => Some(left.clone()),
            () if all_left && within(self.right, self.left) => Some(P::default()),
            () if all_right && within(self.left, self.right) => Some(P::default()),
            () => None,
        }
    }
}
