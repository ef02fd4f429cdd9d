//! The exact value of a number, from its text.
//!
//! Equality and hashes must agree for numbers of any size that are written in different ways, so
//! both use one [`Canonical`] form.

use std::hash::{Hash, Hasher};

/// The bound of [`Canonical::Small`]: 10^18, the largest power of ten whose values fit in an `i64`
/// with either sign. As a power of ten it can be compared by counting digits.
pub(super) const SMALL: u64 = 10u64.pow(SMALL_DIGITS as u32);
const SMALL_DIGITS: usize = 18;

/// A number's value: all ways to write one number have the same form.
///
/// It is exact, unlike an `f64`. Equality by rounding would not be transitive, and an attacker could
/// write many different numbers that round to one `f64` and so share a hash.
pub(super) enum Canonical<'s> {
    /// An integer between -10^18 and 10^18.
    Small(i64),
    /// Any other number: its digits as one integer, which neither begins nor ends with a zero, times
    /// ten to the exponent.
    Digits {
        negative: bool,
        /// The digits in two pieces, since the decimal point was between them.
        digits: [&'s str; 2],
        exponent: i64,
    },
    /// A number whose exponent does not fit in 63 bits. Equal only to the same text.
    Beyond { text: &'s str, integer: bool },
}

impl<'s> Canonical<'s> {
    /// The value of a number of JSON, by its text.
    pub(super) fn of(text: &'s str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (mut whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut fraction = fraction.trim_end_matches('0');
        let mut shift = -(fraction.len() as i64);
        if fraction.is_empty() {
            let digits = whole.len();
            whole = whole.trim_end_matches('0');
            shift = (digits - whole.len()) as i64;
        }
        whole = whole.trim_start_matches('0');
        if whole.is_empty() {
            fraction = fraction.trim_start_matches('0');
        }
        let digits = [whole, fraction];
        let count = whole.len() + fraction.len();
        if count == 0 {
            return Self::Small(0);
        }
        // The shift is at most the length of the text. `parse_exponent` leaves room for it.
        let Some(exponent) = parse_exponent(exponent) else {
            return Self::Beyond {
                text,
                integer: !exponent.starts_with('-'),
            };
        };
        let exponent = exponent + shift;
        if exponent >= 0 && exponent as u64 + count as u64 <= SMALL_DIGITS as u64 {
            let digits = whole.bytes().chain(fraction.bytes());
            let value = digits.fold(0, |value, digit| value * 10 + i64::from(digit - b'0'))
                * 10i64.pow(exponent as u32);
            return Self::Small(if negative { -value } else { value });
        }
        Self::Digits {
            negative,
            digits,
            exponent,
        }
    }

    /// Whether the value has no fraction, exactly.
    pub(super) fn is_integer(&self) -> bool {
        match self {
            Self::Small(_) => true,
            Self::Digits { exponent, .. } => *exponent >= 0,
            Self::Beyond { integer, .. } => *integer,
        }
    }
}

/// The exponent, if the length of a text can be added to it without overflow.
fn parse_exponent(text: &str) -> Option<i64> {
    text.parse()
        .ok()
        .filter(|exponent| (i64::MIN / 2..i64::MAX / 2).contains(exponent))
}

impl PartialEq for Canonical<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Small(left), Self::Small(right)) => left == right,
            (
                Self::Digits {
                    negative,
                    digits: [whole, fraction],
                    exponent,
                },
                Self::Digits {
                    negative: other_negative,
                    digits: [other_whole, other_fraction],
                    exponent: other_exponent,
                },
            ) => {
                let left = whole.bytes().chain(fraction.bytes());
                let right = other_whole.bytes().chain(other_fraction.bytes());
                negative == other_negative && exponent == other_exponent && left.eq(right)
            }
            (Self::Beyond { text: left, .. }, Self::Beyond { text: right, .. }) => left == right,
            _ => false,
        }
    }
}

impl Hash for Canonical<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Small(value) => value.hash(state),
            Self::Digits {
                negative,
                digits: [whole, fraction],
                exponent,
            } => {
                (negative, exponent).hash(state);
                // In blocks of 18 digits, which do not depend on where the point was.
                let mut block: u64 = 1;
                for digit in whole.bytes().chain(fraction.bytes()) {
                    block = block * 10 + u64::from(digit - b'0');
                    if block >= SMALL {
                        block.hash(state);
                        block = 1;
                    }
                }
                block.hash(state);
            }
            Self::Beyond { text, .. } => text.hash(state),
        }
    }
}
