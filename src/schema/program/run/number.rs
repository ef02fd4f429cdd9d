//! Numbers: reading them, and what a rule says of them.
//!
//! [`integer`] is short enough to be inlined where values are read. It says yes or nothing. [`Numeral`] and
//! [`judge`] know all.

use std::cmp::Ordering;

use super::super::rule::{Bound, Number, Types};
use super::answer::Answer;
use crate::json::Cursor;

/// So many digits fit into an `i64` with either sign.
const MAX_DIGITS: u32 = 18;
/// Decimal numbers of up to 15 digits have the order of their doubles, which jsonschema compares.
const EXACT: u64 = 10u64.pow(15);
/// Greater scales of bounds are not multiplied with: the product of 18 digits would not fit.
const MAX_SCALE: u32 = 20;

/// The cursor behind an integer from `min` to `max` that is written with up to 18 digits and no sign.
#[inline(always)]
pub fn integer(at: Cursor<'_>, min: i64, max: i64) -> Option<Cursor<'_>> {
    let digit = at.byte().wrapping_sub(b'0');
    if digit > 9 {
        return None;
    }
    let (value, end) = if ends_number(at.peek::<1>()) {
        (i64::from(digit), at.step())
    } else {
        several_digits(at)?
    };
    if min <= value && value <= max {
        Some(end)
    } else {
        None
    }
}

/// Whether an integer, and nothing else, can end before this byte in JSON.
#[inline(always)]
fn ends_number(byte: u8) -> bool {
    // A comma or less, which includes whitespace; `]` or `}`.
    byte <= b',' || byte | 0x20 == b'}'
}

/// An integer of 2 to 18 digits, and the cursor behind it.
#[inline(never)]
fn several_digits(at: Cursor<'_>) -> Option<(i64, Cursor<'_>)> {
    let digits = Digits::at(at);
    let fits = digits.count <= MAX_DIGITS && at.byte() != b'0';
    (fits && ends_number(digits.end.byte())).then_some((digits.value, digits.end))
}

/// A run of digits.
struct Digits<'t> {
    /// Their value. Means nothing for more than 18 digits.
    value: i64,
    count: u32,
    is_zero: bool,
    end: Cursor<'t>,
}

impl<'t> Digits<'t> {
    #[inline(always)]
    fn at(mut at: Cursor<'t>) -> Self {
        let (mut value, mut count, mut rest) = (0_i64, 0, 0);
        loop {
            let (digits, few, end) = at.eight_digits();
            at = end;
            if few < 8 {
                if few > 0 {
                    let digits = digits << (64 - 8 * few);
                    rest |= digits;
                    value = value.wrapping_mul(TENS[few as usize & 7]);
                    value = value.wrapping_add(of_eight(digits));
                }
                return Self {
                    value,
                    count: few.saturating_add(count),
                    is_zero: rest == 0,
                    end,
                };
            }
            rest |= digits;
            value = value
                .wrapping_mul(100_000_000)
                .wrapping_add(of_eight(digits));
            count = count.saturating_add(8);
        }
    }
}

const TENS: [i64; 8] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

/// The value of eight digits, given by their values, the first in the lowest byte.
#[inline(always)]
fn of_eight(digits: u64) -> i64 {
    // Pairs, then fours, then all: each step adds neighbours, the first of them times 10, 100, 10,000.
    const PAIRS: u64 = 0x0000_00FF_0000_00FF;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & PAIRS).wrapping_mul(1_000_000 << 32 | 100);
    let second = (pairs >> 16 & PAIRS).wrapping_mul(10_000 << 32 | 1);
    (first.wrapping_add(second) >> 32) as i64
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// With neither fraction nor exponent.
    Integer,
    /// With a fraction of zeros.
    Whole,
    /// With a fraction that is not zero.
    Fraction,
    Exponent,
}

/// A number as it is written.
pub struct Numeral<'t> {
    pub end: Cursor<'t>,
    /// All digits before the exponent as one integer with the sign, if they are at most 18.
    digits: Option<i64>,
    /// How many of them are behind the point.
    scale: u32,
    form: Form,
}

impl<'t> Numeral<'t> {
    /// Reads the number that begins at the cursor.
    #[inline(never)]
    pub fn at(at: Cursor<'t>) -> Option<Self> {
        let sign = at.eat(b'-');
        let first = sign.unwrap_or(at);
        let whole = Digits::at(first);
        if whole.count == 0 || (whole.count > 1 && first.byte() == b'0') {
            return None;
        }
        let (mut value, mut count, mut end) = (whole.value, whole.count, whole.end);
        let (mut scale, mut form) = (0, Form::Integer);
        if let Some(point) = end.eat(b'.') {
            let fraction = Digits::at(point);
            if fraction.count == 0 {
                return None;
            }
            scale = fraction.count;
            count = count.saturating_add(scale);
            if count <= MAX_DIGITS {
                value = value * 10_i64.pow(scale) + fraction.value;
            }
            end = fraction.end;
            form = if fraction.is_zero {
                Form::Whole
            } else {
                Form::Fraction
            };
        }
        if end.byte() | 0x20 == b'e' {
            end = end.step();
            if let b'+' | b'-' = end.byte() {
                end = end.step();
            }
            let exponent = end;
            end = exponent.digits_end();
            if end == exponent {
                return None;
            }
            form = Form::Exponent;
        }
        // Of more than 18 digits it means nothing, and may be the least `i64`.
        let value = if sign.is_some() {
            value.wrapping_neg()
        } else {
            value
        };
        Some(Self {
            end,
            digits: (count <= MAX_DIGITS).then_some(value),
            scale,
            form,
        })
    }

    /// Its value if it is an integer of up to 18 digits, written without fraction and exponent.
    pub fn integer(&self) -> Option<i64> {
        match self.form {
            Form::Integer => self.digits,
            _ => None,
        }
    }

    /// Whether it is of one of these types.
    pub fn is_of(&self, types: Types) -> Answer {
        match (types.meet(Types::INTEGER), types.meet(Types::FRACTION)) {
            (true, true) => Answer::Yes(()),
            (false, false) => Answer::No,
            (integers, fractions) => match self.form {
                Form::Integer => Answer::of(integers),
                Form::Fraction => Answer::of(fractions),
                // Whether 1.0 is an integer depends on the draft.
                Form::Whole | Form::Exponent => Answer::NotSure,
            },
        }
    }

    /// Whether it is an integer from `min` to `max`; any, if these are the least and the greatest `i64`.
    pub fn is_integer_within(&self, min: i64, max: i64) -> Answer {
        if (min, max) == (i64::MIN, i64::MAX) {
            return self.is_of(Types::INTEGER);
        }
        let fits = match self.integer() {
            Some(value) => Answer::of(min <= value && value <= max),
            None => Answer::NotSure,
        };
        self.is_of(Types::INTEGER).and(fits)
    }

    /// Its order to a bound. None if that is not clear.
    fn order(&self, bound: &Bound) -> Option<Ordering> {
        let digits = self.digits?;
        let is_exact = match self.form {
            Form::Integer => true,
            Form::Whole | Form::Fraction => digits.unsigned_abs() < EXACT,
            Form::Exponent => false,
        };
        let scale = u32::from(bound.scale);
        if !is_exact || scale > MAX_SCALE {
            return None;
        }
        let number = i128::from(digits) * 10_i128.pow(scale);
        let bound = i128::from(bound.digits).checked_mul(10_i128.pow(self.scale))?;
        Some(number.cmp(&bound))
    }
}

/// What a rule says of a number.
pub fn judge(numeral: &Numeral<'_>, rule: &Number) -> Answer {
    let mut answer = numeral.is_of(rule.types);
    for (bound, beyond) in [(&rule.min, Ordering::Less), (&rule.max, Ordering::Greater)] {
        let Some(bound) = bound else { continue };
        answer = answer.and(match numeral.order(bound) {
            None => Answer::NotSure,
            Some(Ordering::Equal) => Answer::of(!bound.is_exclusive),
            Some(order) => Answer::of(order != beyond),
        });
    }
    if let Some(integers) = &rule.one_of {
        answer = answer.and(match numeral.integer() {
            None => Answer::NotSure,
            Some(integer) => Answer::of(integers.binary_search(&integer).is_ok()),
        });
    }
    if let Some(divisor) = rule.multiple_of {
        answer = answer.and(match numeral.integer() {
            Some(integer) if divisor > 0 => Answer::of(integer % divisor == 0),
            _ => Answer::NotSure,
        });
    }
    match answer {
        Answer::Yes(()) if rule.is_unsure => Answer::NotSure,
        answer => answer,
    }
}
