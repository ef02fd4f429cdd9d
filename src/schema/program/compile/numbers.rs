//! Makes rules for numbers.

use super::super::rule::{Bound, Number, Rule, Types};
use super::shape::NumberShape;

/// The most digits of a bound of numbers that may have a fraction.
const MAX_DIGITS: usize = 15;

/// What a number of these types must be. A rule if it needs no table.
pub fn number(shape: &NumberShape, types: Types) -> Result<Rule, Number> {
    let mut number = Number {
        types,
        min: shape.min,
        max: shape.max,
        one_of: None,
        multiple_of: shape.multiple_of,
        is_unsure: shape.is_unsure,
    };
    if let Some(one_of) = &shape.one_of {
        let allows = |&&integer: &&i64| {
            shape.min.is_none_or(|min| min.least_integer() <= integer)
                && shape
                    .max
                    .is_none_or(|max| max.greatest_integer() >= integer)
                && shape.multiple_of.is_none_or(|factor| integer % factor == 0)
        };
        number.one_of = Some(one_of.iter().filter(allows).copied().collect());
        (number.min, number.max, number.multiple_of) = (None, None, None);
        return Err(number);
    }
    if types != Types::INTEGER {
        for bound in [&mut number.min, &mut number.max] {
            if bound.is_some_and(|bound| !bound.has_at_most(MAX_DIGITS)) {
                *bound = None;
                number.is_unsure = true;
            }
        }
        return Err(number);
    }
    let min = shape.min.map(Bound::least_integer);
    let max = shape.max.map(Bound::greatest_integer);
    if number.multiple_of.is_none() && !number.is_unsure {
        return Ok(Rule::Integer {
            min: min.unwrap_or(i64::MIN),
            max: max.unwrap_or(i64::MAX),
        });
    }
    number.min = min.map(Bound::of_integer);
    number.max = max.map(Bound::of_integer);
    Err(number)
}

/// The same as an entry of the table.
pub fn without_rule(number: Result<Rule, Number>) -> Number {
    let (min, max) = match number {
        Err(number) => return number,
        Ok(Rule::Integer { min, max }) => (min, max),
        Ok(_) => (i64::MIN, i64::MAX),
    };
    let bound = |value| (value != i64::MIN && value != i64::MAX).then(|| Bound::of_integer(value));
    Number {
        types: Types::INTEGER,
        min: bound(min),
        max: bound(max),
        one_of: None,
        multiple_of: None,
        is_unsure: false,
    }
}
