//! A number of a parsed text. Its text is kept, so that numbers of any size are exact.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

use jsonschema::json::JsonNumber;

use super::arena::Document;
use super::decimal::{Canonical, SMALL};
use super::node::{Node, Tag};

/// A number of a parsed text.
///
/// Two are equal when they have the same mathematical value, exactly: `1`, `1.0` and `10e-1`
/// are, `1e400` and `1e401` are not.
#[derive(Clone, Copy)]
pub struct Number<'s> {
    document: Document<'s>,
    node: &'s Node,
}

impl<'s> Number<'s> {
    #[inline]
    pub(super) fn new(document: Document<'s>, node: &'s Node) -> Self {
        Self { document, node }
    }

    /// The number as it is written.
    #[must_use]
    pub fn text(self) -> &'s str {
        &self.document.text[self.node.start as usize..self.node.end as usize]
    }

    /// The length of [`Number::text`] in bytes.
    #[inline]
    pub(super) fn text_len(self) -> usize {
        (self.node.end - self.node.start) as usize
    }

    /// The absolute value. Only for `Tag::Positive` and `Tag::Negative`.
    #[inline]
    fn magnitude(self) -> u64 {
        self.node.wide()
    }

    /// The number as serde_json's type: an integer if it is one of at most 64 bits, otherwise the
    /// nearest finite `f64`.
    pub(super) fn to_serde(self) -> serde_json::Number {
        match self.node.tag {
            Tag::Positive => self.magnitude().into(),
            Tag::Negative if self.magnitude() != 0 => negate(self.magnitude()).into(),
            _ => {
                // Without arbitrary precision serde_json has no number beyond an f64. This function
                // cannot fail, so it clamps.
                let nearest = self.nearest().clamp(f64::MIN, f64::MAX);
                serde_json::Number::from_f64(nearest).unwrap_or_else(|| 0.into())
            }
        }
    }

    /// The nearest `f64`, which is infinite for large numbers.
    fn nearest(self) -> f64 {
        // Rust's grammar for floats includes all numbers of RFC 8259.
        self.text().parse().unwrap_or(f64::NAN)
    }

    fn canonical(self) -> Canonical<'s> {
        match self.node.tag {
            Tag::Positive | Tag::Negative if self.magnitude() < SMALL => {
                // Below 10^18, so it fits in an i64 with either sign.
                let value = self.magnitude() as i64;
                Canonical::Small(if self.node.tag == Tag::Negative {
                    -value
                } else {
                    value
                })
            }
            _ => Canonical::of(self.text()),
        }
    }
}

/// Minus `magnitude`, which is at most 2^63.
fn negate(magnitude: u64) -> i64 {
    0i64.wrapping_sub_unsigned(magnitude)
}

/// Shows the number's length but not its value: session data stays out of logs.
impl fmt::Debug for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number of {} bytes", self.text_len())
    }
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
        (self.node.tag == Tag::Positive).then(|| self.magnitude())
    }

    #[inline]
    fn as_i64(&self) -> Option<i64> {
        match self.node.tag {
            Tag::Positive => i64::try_from(self.magnitude()).ok(),
            Tag::Negative => Some(negate(self.magnitude())),
            _ => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        match self.node.tag {
            Tag::Positive => Some(self.magnitude() as f64),
            Tag::Negative => Some(-(self.magnitude() as f64)),
            _ => Some(self.nearest()).filter(|value| value.is_finite()),
        }
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.text())
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
        self.node.tag != Tag::Decimal
    }
}
