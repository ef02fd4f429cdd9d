//! Integers in arguments, read as Redis itself reads them.

/// Reads a signed 64-bit integer: digits without leading zeros, with an optional `-` in front.
///
/// Returns `None` for `+`, spaces, `-0` and anything out of range, as `string2ll` of Redis does.
pub fn integer(bytes: &[u8]) -> Option<i64> {
    let (digits, sign) = match bytes.strip_prefix(b"-") {
        Some(digits) => (digits, -1),
        None => (bytes, 1),
    };
    match digits {
        [b'0'] if sign == 1 => Some(0),
        [b'1'..=b'9', ..] => digits.iter().try_fold(0_i64, |number, &byte| {
            let digit = char::from(byte).to_digit(10)?;
            number.checked_mul(10)?.checked_add(sign * i64::from(digit))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_as_core_reads_them() {
        for (text, number) in [
            ("0", 0),
            ("7", 7),
            ("-1", -1),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(integer(text.as_bytes()), Some(number), "{text}");
        }
        for text in [
            "",
            "-",
            "-0",
            "00",
            "01",
            "+1",
            " 1",
            "1 ",
            "1.0",
            "1e3",
            "0x1",
            "\u{661}",
            "9223372036854775808",
            "-9223372036854775809",
        ] {
            assert_eq!(integer(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(integer(b"\xff"), None);
    }
}
