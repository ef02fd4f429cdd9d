//! The rule for the names of users.

/// The longest name of a user, in bytes. An application's prefix and a subject of OpenID Connect, of
/// up to 255 characters of ASCII (OpenID Connect Core 1.0, section 2), fit.
pub const MAX: usize = 512;

/// The name of a user as a string: 1 to 512 bytes of UTF-8. None for anything else.
#[must_use]
pub fn valid(name: &[u8]) -> Option<&str> {
    if (1..=MAX).contains(&name.len()) {
        std::str::from_utf8(name).ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_up_to_512_bytes_of_utf_8() {
        assert_eq!(valid("\u{e9}".as_bytes()), Some("\u{e9}"));
        assert!(valid(&[b'x'; 512]).is_some());
        for bad in [&b""[..], b"\xff", &[b'x'; 513]] {
            assert_eq!(valid(bad), None);
        }
    }
}
