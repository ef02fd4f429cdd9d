//! JSON Pointer (RFC 6901): parsing, and resolving in a document.

use std::fmt;

use super::value::{Value, ValueKind};

/// A parsed JSON Pointer: the path from a document's root to one of its values.
///
/// The empty pointer is the root itself. Any other begins with `/` and names a member or an
/// element at each step. Within a name, `~1` means `/` and `~0` means `~`.
///
/// ```
/// use redis_session::json::{Arena, Pointer};
///
/// let mut arena = Arena::new();
/// let document = arena.parse(br#"{"a/b": [1, 2]}"#).unwrap();
/// let second = Pointer::parse("/a~1b/1").unwrap();
/// assert_eq!(second.resolve(document.root()).unwrap().text(), "2");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pointer {
    tokens: Vec<Box<str>>,
}

/// The reason why a text is not a JSON Pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointerError {
    /// It is not empty and does not begin with `/`.
    Start,
    /// A `~` is not followed by `0` or `1`.
    Escape,
}

impl fmt::Display for PointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "a JSON pointer must be empty or begin with '/'",
            Self::Escape => "in a JSON pointer '~' must be followed by '0' or '1'",
        })
    }
}

impl std::error::Error for PointerError {}

impl Pointer {
    /// Reads a pointer in its string form.
    ///
    /// # Errors
    ///
    /// When `text` is neither empty nor begins with `/`, or a `~` in it is not an escape.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let steps = text.strip_prefix('/').ok_or(PointerError::Start)?;
        let tokens = steps.split('/').map(unescape).collect::<Result<_, _>>()?;
        Ok(Self { tokens })
    }

    /// The steps from the root on, unescaped (RFC 6901 calls them reference tokens).
    #[must_use]
    pub fn tokens(&self) -> &[Box<str>] {
        &self.tokens
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether `self` points at the same value as `other`, or into that value.
    #[must_use]
    pub fn starts_with(&self, other: &Pointer) -> bool {
        self.tokens.starts_with(&other.tokens)
    }

    /// The value that this points at from `root`, if it exists. In a text that is not
    /// parsed, [`find`](super::find) finds it for less.
    #[must_use]
    pub fn resolve<'s>(&self, root: Value<'s>) -> Option<Value<'s>> {
        self.tokens
            .iter()
            .try_fold(root, |value, token| match value.kind() {
                ValueKind::Object => value.get(token),
                // Arrays have no index, so this walks the elements before it.
                ValueKind::Array => value.elements()?.nth(array_index(token)?),
                _ => None,
            })
    }
}

/// The number of the element that `token` names: decimal, without leading zeros.
///
/// None for `-`, which means the place after the last element and so never an element.
#[must_use]
pub fn array_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with('0');
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    (canonical && digits).then(|| token.parse().ok()).flatten()
}

fn unescape(token: &str) -> Result<Box<str>, PointerError> {
    let mut parts = token.split('~');
    let mut unescaped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (character, rest) = match part.as_bytes().first() {
            Some(b'0') => ('~', &part[1..]),
            Some(b'1') => ('/', &part[1..]),
            _ => return Err(PointerError::Escape),
        };
        unescaped.push(character);
        unescaped.push_str(rest);
    }
    Ok(unescaped.into())
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in &self.tokens {
            write!(f, "/{}", token.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{array_index, Pointer, PointerError};
    use crate::json::Arena;

    fn resolve(text: &str, pointer: &str) -> Option<String> {
        let mut arena = Arena::new();
        let document = arena.parse(text.as_bytes()).unwrap();
        let found = Pointer::parse(pointer).unwrap().resolve(document.root());
        found.map(|value| value.text().to_owned())
    }

    #[test]
    fn the_examples_of_rfc_6901_section_5_resolve() {
        let text = r#"{"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
            "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}"#;
        assert_eq!(resolve(text, "").as_deref(), Some(text));
        for (pointer, value) in [
            ("/foo", r#"["bar", "baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ] {
            assert_eq!(resolve(text, pointer).as_deref(), Some(value), "{pointer}");
        }
    }

    #[test]
    fn a_pointer_to_a_missing_value_resolves_to_nothing() {
        let text = r#"{"a": [10, 20], "b": 1, "01": 2}"#;
        for pointer in [
            "/c",
            "/a/2",
            "/a/-",
            "/a/00",
            "/a/01",
            "/a/+1",
            "/a/-1",
            "/a/",
            "/a/1e0",
            "/a/ 1",
            "/a/99999999999999999999999",
            "/b/0",
            "/b/",
            "//a",
        ] {
            assert_eq!(resolve(text, pointer), None, "{pointer}");
        }
        assert_eq!(resolve(text, "/01").as_deref(), Some("2"));
    }

    #[test]
    fn a_pointer_that_is_not_empty_must_begin_with_a_slash() {
        assert_eq!(Pointer::parse("a"), Err(PointerError::Start));
        assert_eq!(Pointer::parse(" /a"), Err(PointerError::Start));
        assert_eq!(Pointer::parse("#/a"), Err(PointerError::Start));
    }

    #[test]
    fn a_tilde_must_be_followed_by_0_or_1() {
        for text in ["/~", "/a~", "/~2", "/~a", "/~~0", "/~/0"] {
            assert_eq!(Pointer::parse(text), Err(PointerError::Escape), "{text}");
        }
    }

    #[test]
    fn escapes_are_undone_once() {
        let pointer = Pointer::parse("/~01/~10/é~1").unwrap();
        let tokens: Vec<&str> = pointer.tokens().iter().map(AsRef::as_ref).collect();
        assert_eq!(tokens, ["~1", "/0", "é/"]);
    }

    #[test]
    fn a_pointer_is_shown_as_it_was_written() {
        for text in ["", "/", "//", "/a~1b/m~0n/0", "/~01"] {
            assert_eq!(Pointer::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_pointer_starts_with_its_parents_and_itself() {
        let pointer = Pointer::parse("/a/b").unwrap();
        let parent = Pointer::parse("/a").unwrap();
        assert!(pointer.starts_with(&parent) && pointer.starts_with(&pointer));
        assert!(!parent.starts_with(&pointer));
        assert!(!Pointer::parse("/ab").unwrap().starts_with(&parent));
        assert!(Pointer::default().is_root() && !parent.is_root());
    }

    #[test]
    fn an_array_index_has_no_sign_and_no_leading_zero() {
        assert_eq!(array_index("0"), Some(0));
        assert_eq!(array_index("10"), Some(10));
        for token in ["", "00", "01", "-", "+1", "1.0", "١"] {
            assert_eq!(array_index(token), None, "{token}");
        }
    }
}
