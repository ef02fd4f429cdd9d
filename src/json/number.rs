//! Numbers of any size, kept as they were written.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use jsonschema::json::JsonNumber;

use super::arena::Tag;

/// A number of a parsed text.
///
/// Two are equal when they have the same mathematical value, exactly: `1`, `1.0` and `10e-1`
/// are, `1e400` and `1e401` are not.
#[derive(Debug, Clone, Copy)]
pub struct Number<'s> {
    tag: Tag,
    magnitude: u64,
    text: &'s str,
}

impl<'s> Number<'s> {
    #[inline]
    pub(super) fn new(tag: Tag, magnitude: u64, text: &'s str) -> Self {
        Self {
            tag,
            magnitude,
            text,
        }
    }

    /// The number as it is written.
    #[must_use]
    pub fn text(self) -> &'s str {
        self.text
    }

    /// The number as serde_json's type holds it: a finite `f64` where no integer does.
    pub(super) fn to_serde(self) -> serde_json::Number {
        match self.tag {
            Tag::Positive => self.magnitude.into(),
            Tag::Negative if self.magnitude != 0 => negate(self.magnitude).into(),
            _ => {
                // Without arbitrary precision serde_json has no number beyond an f64: the
                // nearest is the best that can be said, since this cannot fail.
                let nearest = self.nearest().clamp(f64::MIN, f64::MAX);
                serde_json::Number::from_f64(nearest).unwrap_or_else(|| 0.into())
            }
        }
    }

    /// The nearest `f64`, perhaps infinite.
    fn nearest(self) -> f64 {
        // RFC 8259's numbers are all in Rust's grammar for floats.
        self.text.parse().unwrap_or(f64::NAN)
    }

    fn canonical(self) -> Canonical<'s> {
        match self.tag {
            Tag::Positive | Tag::Negative if self.magnitude < SMALL => {
                // Smaller than 10^18, so it fits with either sign.
                let value = self.magnitude as i64;
                Canonical::Small(if self.tag == Tag::Negative {
                    -value
                } else {
                    value
                })
            }
            _ => Canonical::of(self.text),
        }
    }
}

/// The negative number of this magnitude, which is at most 2^63.
fn negate(magnitude: u64) -> i64 {
    0i64.wrapping_sub_unsigned(magnitude)
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }
}

impl Eq for Number<'_> {}

impl Hash for Number<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl JsonNumber for Number<'_> {
    #[inline]
    fn as_u64(&self) -> Option<u64> {
        (self.tag == Tag::Positive).then_some(self.magnitude)
    }

    #[inline]
    fn as_i64(&self) -> Option<i64> {
        match self.tag {
            Tag::Positive => i64::try_from(self.magnitude).ok(),
            Tag::Negative => Some(negate(self.magnitude)),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self.tag {
            Tag::Positive => Some(self.magnitude as f64),
            Tag::Negative => Some(-(self.magnitude as f64)),
            _ => Some(self.nearest()).filter(|value| value.is_finite()),
        }
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.text)
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(self.to_serde())
    }

    #[inline]
    fn is_integer(&self) -> bool {
        self.is_written_as_integer() || self.canonical().is_integer()
    }

    #[inline]
    fn is_written_as_integer(&self) -> bool {
        self.tag != Tag::Decimal
    }
}

/// All integers below 10^18 are kept as such; it is a power of ten to be seen from the digits.
const SMALL: u64 = 10u64.pow(SMALL_DIGITS as u32);
const SMALL_DIGITS: usize = 18;

/// A number's value in the one form that all ways of writing it share.
///
/// Exact, unlike an `f64`: a chain of numbers of which each rounds to the next would otherwise
/// all be equal or not by where one starts, and could all be made to hash alike.
#[derive(Debug, Clone, Copy)]
enum Canonical<'s> {
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
    fn of(text: &'s str) -> Self {
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

    fn is_integer(&self) -> bool {
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
