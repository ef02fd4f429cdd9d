//! Numbers: any size, with their text kept, and compared exactly.

use jsonschema::json::JsonNumber;
use serde_json::json;

use super::read;
use crate::json::{Arena, Number};

fn with_number<T>(text: &str, f: impl FnOnce(Number<'_>) -> T) -> T {
    let mut arena = Arena::new();
    let document = arena.parse(text.as_bytes()).unwrap();
    f(document.root().as_number().unwrap())
}

fn equal(left: &str, right: &str) -> bool {
    with_number(left, |left| with_number(right, |right| left == right))
}

#[test]
fn the_text_of_a_number_is_kept() {
    for text in [
        "0",
        "-0",
        "1.50",
        "1E+2",
        "123456789012345678901234567890",
        "1e400",
    ] {
        with_number(text, |number| {
            assert_eq!(number.text(), text);
            assert_eq!(number.as_str(), text);
        });
    }
}

#[test]
fn integers_are_exact_up_to_64_bits() {
    for (text, unsigned, signed) in [
        ("0", Some(0), Some(0)),
        ("-0", None, Some(0)),
        ("-1", None, Some(-1)),
        ("9223372036854775807", Some(i64::MAX as u64), Some(i64::MAX)),
        ("9223372036854775808", Some(1 << 63), None),
        ("-9223372036854775808", None, Some(i64::MIN)),
        ("-9223372036854775809", None, None),
        ("9999999999999999999", Some(9_999_999_999_999_999_999), None),
        ("18446744073709551615", Some(u64::MAX), None),
        ("18446744073709551616", None, None),
        ("1.0", None, None),
    ] {
        with_number(text, |number| {
            assert_eq!(
                (number.as_u64(), number.as_i64()),
                (unsigned, signed),
                "{text}"
            );
        });
    }
}

#[test]
fn a_float_is_the_nearest_one_or_none_beyond_the_range() {
    for (text, float) in [
        ("1.5", Some(1.5)),
        ("-2", Some(-2.0)),
        ("18446744073709551616", Some(18_446_744_073_709_551_616.0)),
        ("1e-400", Some(0.0)),
        ("1.7976931348623157e308", Some(f64::MAX)),
        ("1e309", None),
        ("-1e400", None),
    ] {
        assert_eq!(with_number(text, |number| number.as_f64()), float, "{text}");
    }
    let many_digits = format!("{}.{}", "9".repeat(400), "9".repeat(400));
    assert_eq!(with_number(&many_digits, |number| number.as_f64()), None);
}

#[test]
fn a_number_becomes_the_nearest_one_of_serde_json() {
    assert_eq!(read("-0"), json!(-0.0));
    assert_eq!(read("18446744073709551615"), json!(u64::MAX));
    assert_eq!(read("-9223372036854775808"), json!(i64::MIN));
    assert_eq!(read("1e400"), json!(f64::MAX));
    assert_eq!(read("-1e400"), json!(f64::MIN));
}

#[test]
fn whether_a_number_is_an_integer_is_exact() {
    for (text, integer) in [
        ("1", true),
        ("-0", true),
        ("1.0", true),
        ("1e2", true),
        ("1.5e1", true),
        ("1.50e1", true),
        ("100e-2", true),
        ("1e400", true),
        ("123456789012345678901234567890", true),
        ("0e-5", true),
        ("0.000", true),
        ("1e999999999999999999999999", true),
        ("0e-999999999999999999999999", true),
        ("1e-1", false),
        ("1.5", false),
        ("1.55e1", false),
        ("100e-3", false),
        ("1e-400", false),
        ("1e-999999999999999999999999", false),
        ("9007199254740993.5", false),
        (
            "123456789012345678901234567890.000000000000000000001",
            false,
        ),
    ] {
        assert_eq!(
            with_number(text, |number| number.is_integer()),
            integer,
            "{text}"
        );
    }
}

#[test]
fn only_digits_are_written_as_an_integer() {
    for (text, integer) in [
        ("1", true),
        ("-123456789012345678901", true),
        ("1.0", false),
        ("1e2", false),
    ] {
        assert_eq!(
            with_number(text, |number| number.is_written_as_integer()),
            integer,
            "{text}"
        );
    }
}

#[test]
fn numbers_are_equal_by_value_however_they_are_written() {
    for group in [
        &["0", "-0", "0.0", "-0.00e7", "0e99999999999999999999"][..],
        &[
            "1",
            "1.0",
            "10e-1",
            "0.1e1",
            "0.001E+3",
            "1e0",
            "1e00000000000000000000000",
        ],
        &["-15", "-1.5e1", "-150e-1", "-15.000"],
        &["1e400", "10e399", "0.1e401", "1000.0e397"],
        &["1e18", "1000000000000000000", "1000000000000000000.0"],
        &[
            "18446744073709551616",
            "18446744073709551616.0",
            "1844674407370955161.6e1",
        ],
        &[
            "1.23456789012345678901234567890",
            "123456789012345678901234567.89e-26",
        ],
    ] {
        for left in group {
            for right in group {
                assert!(equal(left, right), "{left} {right}");
            }
        }
    }
}

#[test]
fn numbers_that_differ_anywhere_are_not_equal() {
    for (left, right) in [
        ("1", "-1"),
        ("1", "10"),
        ("1e400", "1e401"),
        ("1e400", "-1e400"),
        ("9007199254740992", "9007199254740993"),
        ("9007199254740993.0", "9007199254740992"),
        ("18446744073709551616", "18446744073709551617"),
        ("1180591620717411303424", "1180591620717411303425"),
        ("1e99999999999999999999", "1e99999999999999999998"),
        ("1e-400", "0"),
    ] {
        assert!(!equal(left, right), "{left} {right}");
    }
}

#[test]
fn a_megabyte_of_digits_is_a_number() {
    let digits = "7".repeat(1 << 20);
    for text in [
        digits.clone(),
        format!("0.{digits}"),
        format!("1e{digits}"),
        format!("-1e-{digits}"),
    ] {
        with_number(&text, |number| {
            number.as_f64();
            number.is_integer();
            number.to_number();
            assert!(number == number);
        });
    }
}
