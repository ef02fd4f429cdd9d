//! Patterns of SCAN.

/// The pattern that matches the keys that begin with `prefix`, whatever characters that has.
pub fn keys_with(prefix: &[u8]) -> Vec<u8> {
    let mut pattern = Vec::with_capacity(prefix.len() + 1);
    for &byte in prefix {
        if matches!(byte, b'*' | b'?' | b'[' | b']' | b'\\' | b'^' | b'-') {
            pattern.push(b'\\');
        }
        pattern.push(byte);
    }
    pattern.push(b'*');
    pattern
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(super::keys_with(b"a*[b]?\\:"), b"a\\*\\[b\\]\\?\\\\:*");
    }
}
