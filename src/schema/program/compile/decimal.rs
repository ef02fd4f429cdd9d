//! Bounds of numbers as decimals.

use std::cmp::Ordering;

use serde_json::Number;

use super::super::rule::Bound;

/// The most digits of a bound.
const MAX_DIGITS: usize = 18;

impl Bound {
    /// The bound at a number; `None` if it has too many digits, or digits too far behind the point.
    pub fn new(number: &Number, is_exclusive: bool) -> Option<Self> {
        let text = number.to_string();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text.as_str(), 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let mut digits: i64 = format!("{whole}{fraction}").parse().ok()?;
        let mut scale = i32::try_from(fraction.len()).ok()? - exponent;
        while scale < 0 {
            digits = digits.checked_mul(10)?;
            scale += 1;
        }
        let bound = Self {
            digits,
            scale: u8::try_from(scale).ok()?,
            is_exclusive,
        };
        (bound.has_at_most(MAX_DIGITS) && usize::from(bound.scale) <= MAX_DIGITS).then_some(bound)
    }

    /// The bound at an integer, which is allowed itself.
    pub fn of_integer(digits: i64) -> Self {
        Self {
            digits,
            scale: 0,
            is_exclusive: false,
        }
    }

    /// Whether it has no more than `count` digits.
    pub fn has_at_most(self, count: usize) -> bool {
        self.digits.unsigned_abs() < 10u64.pow(count as u32) && usize::from(self.scale) <= count
    }

    /// Whether it is the stricter of two lower bounds.
    pub fn is_above(self, other: Self) -> bool {
        match self.order(other) {
            Ordering::Greater => true,
            Ordering::Equal => self.is_exclusive && !other.is_exclusive,
            Ordering::Less => false,
        }
    }

    /// Whether it is the stricter of two upper bounds.
    pub fn is_below(self, other: Self) -> bool {
        match self.order(other) {
            Ordering::Less => true,
            Ordering::Equal => self.is_exclusive && !other.is_exclusive,
            Ordering::Greater => false,
        }
    }

    fn order(self, other: Self) -> Ordering {
        // At most 36 digits.
        let scaled = |bound: Self, scale: u8| i128::from(bound.digits) * 10i128.pow(scale.into());
        scaled(self, other.scale).cmp(&scaled(other, self.scale))
    }

    /// The least integer that is not below it.
    pub fn least_integer(self) -> i64 {
        let unit = 10i64.pow(self.scale.into());
        let whole = self.digits.div_euclid(unit);
        let is_whole = self.digits % unit == 0;
        whole + i64::from(!is_whole || self.is_exclusive)
    }

    /// The greatest integer that is not above it.
    pub fn greatest_integer(self) -> i64 {
        let unit = 10i64.pow(self.scale.into());
        let whole = self.digits.div_euclid(unit);
        let is_whole = self.digits % unit == 0;
        whole - i64::from(is_whole && self.is_exclusive)
    }
}

/// A number as an integer, if it is one of at most 18 digits.
pub fn integer(number: &Number) -> Option<i64> {
    let bound = Bound::new(number, false)?;
    (bound.scale == 0).then_some(bound.digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(text: &str, is_exclusive: bool) -> Option<Bound> {
        Bound::new(&serde_json::from_str(text).unwrap(), is_exclusive)
    }

    #[test]
    fn bounds_are_decimals_without_zeros_at_the_end() {
        for (text, digits, scale) in [
            ("0", 0, 0),
            ("-0.0", 0, 0),
            ("1.0", 1, 0),
            ("12.50", 125, 1),
            ("-0.001", -1, 3),
            ("1e-9", 1, 9),
            ("1.5e3", 1500, 0),
            ("999999999999999999", 999_999_999_999_999_999, 0),
        ] {
            let expected = Bound {
                digits,
                scale,
                is_exclusive: false,
            };
            assert_eq!(bound(text, false), Some(expected), "{text}");
        }
        for text in [
            "1000000000000000000",
            "1e300",
            "1e-30",
            "18446744073709551615",
        ] {
            assert_eq!(bound(text, false), None, "{text}");
        }
    }

    #[test]
    fn the_integers_within_bounds() {
        for (text, is_exclusive, least, greatest) in [
            ("2", false, 2, 2),
            ("2", true, 3, 1),
            ("0.5", false, 1, 0),
            ("0.5", true, 1, 0),
            ("-0.5", true, 0, -1),
            ("-2", true, -1, -3),
        ] {
            let bound = bound(text, is_exclusive).unwrap();
            assert_eq!(bound.least_integer(), least, "{text}");
            assert_eq!(bound.greatest_integer(), greatest, "{text}");
        }
    }

    #[test]
    fn the_stricter_bound_is_known() {
        let strict = |text| bound(text, true).unwrap();
        let loose = |text| bound(text, false).unwrap();
        assert!(loose("0.3").is_above(loose("0.25")) && !loose("0.25").is_above(loose("0.3")));
        assert!(strict("1").is_above(loose("1.0")) && !loose("1").is_above(strict("1")));
        assert!(strict("1").is_below(loose("1")) && loose("-1").is_below(strict("1")));
    }
}
