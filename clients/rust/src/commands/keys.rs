//! Patterns of new keys, and the hash tags that a cluster needs.

use super::sessions::Sessions;
use crate::Error;

impl<C> Sessions<C> {
    /// The pattern as it is sent: in a cluster with a hash tag.
    pub(super) fn pattern(&self, pattern: &[u8], beside: Option<&[u8]>) -> Result<Vec<u8>, Error> {
        match pattern {
            [.., b'*'] if self.cluster => Ok(tagged(pattern, beside)),
            [.., b'*'] => Ok(pattern.to_vec()),
            _ => Err(Error::Usage {
                message:
                    "the pattern must end in '*'; create_as and rotate_as take a key of your own",
            }),
        }
    }
}

/// The hash tag of a key, which decides its slot; none if the whole key does.
fn hash_tag(key: &[u8]) -> Option<&[u8]> {
    let rest = &key[key.iter().position(|byte| *byte == b'{')? + 1..];
    let tag = &rest[..rest.iter().position(|byte| *byte == b'}')?];
    (!tag.is_empty()).then_some(tag)
}

/// A pattern with a hash tag before its `*`, if it has none: that of the key `beside`, or four random hex digits.
///
/// A key without a tag gives none: the pattern stays, and the server says that the keys lie in two slots.
fn tagged(pattern: &[u8], beside: Option<&[u8]>) -> Vec<u8> {
    let random;
    let tag = match beside {
        Some(key) => hash_tag(key),
        None => {
            random = random_tag();
            Some(random.as_bytes())
        }
    };
    match (pattern.split_last(), tag) {
        (Some((b'*', prefix)), Some(tag)) if hash_tag(pattern).is_none() => {
            [prefix, b"{", tag, b"}:*"].concat()
        }
        _ => pattern.to_vec(),
    }
}

/// Spreads new keys over the slots; it protects nothing.
fn random_tag() -> String {
    let mut bytes = [0; 2];
    // Without randomness all keys would lie in one slot, which works too.
    let _ = getrandom::fill(&mut bytes);
    format!("{:04x}", u16::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str, beside: Option<&str>) -> String {
        let tagged = tagged(pattern.as_bytes(), beside.map(str::as_bytes));
        String::from_utf8(tagged).expect("text")
    }

    #[test]
    fn a_pattern_without_a_tag_gets_one() {
        let made = of("session:*", None);
        assert_eq!(made.len(), "session:{3f9a}:*".len());
        assert!(made.starts_with("session:{") && made.ends_with("}:*"));
        assert_eq!(of("s:*", Some("session:{3f9a}:t1")), "s:{3f9a}:*");
    }

    #[test]
    fn a_pattern_with_a_tag_stays() {
        assert_eq!(of("{a}:*", None), "{a}:*");
        assert_eq!(of("{a}:*", Some("{b}:x")), "{a}:*");
        assert_eq!(of("{}:*", Some("{b}:x")), "{}:{b}:*");
        assert_eq!(of("s:*", Some("whole")), "s:*");
        assert_eq!(of("s:1", None), "s:1");
    }
}
