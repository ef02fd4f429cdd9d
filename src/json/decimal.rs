//! The value of a number, exactly, from its text.

use std::hash::{Hash, Hasher};

/// All integers below 10^18 are kept as such; it is a power of ten to be seen from the digits.
pub(super) const SMALL: u64 = 10u64.pow(SMALL_DIGITS as u32);
const SMALL_DIGITS: usize = 18;

/// A number's value in the one form that all ways of writing it share.
///
/// Exact, unlike an `f64`: a chain of numbers of which each rounds to the next would otherwise
/// all be equal or not by where one starts, and could all be made to hash alike.
pub(super) enum Canonical<'s> {
    Small(i64),
    /// Digits (which neither begin nor end with a zero), times ten to the exponent.
    Digits {
        negative: bool,
        digits: [&'s str; 2],
        exponent: i64,
    },
    /// An exponent of more digits than any computer could write out: only equal to its like.
    Beyond {
        text: &'s str,
        integer: bool,
    },
}

impl<'s> Canonical<'s> {
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
        // Shifts are shorter than the text, so they cannot carry an exponent that fits over.
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

    pub(super) fn is_integer(&self) -> bool {
        match self {
            Self::Small(_) => true,
            Self::Digits { exponent, .. } => *exponent >= 0,
            Self::Beyond { integer, .. } => *integer,
        }
    }
}

/// An exponent that leaves room for adding the length of a text to it.
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
                // In blocks that do not depend on where the point was written.
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
