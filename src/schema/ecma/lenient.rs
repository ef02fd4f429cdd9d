//! Patterns that are not ECMA-262 but that the regex crate understands.

use jsonschema_regex::to_rust_regex;

/// The pattern as jsonschema will read it, if it can: in the syntax of the regex crate. Schemas use
/// some of it, such as `(?i)` and `(?P<name>...)`. `None` if jsonschema would refuse it too.
///
/// Word boundaries become those of ASCII, as in ECMA-262.
pub(in crate::schema) fn lenient(pattern: &str) -> Option<String> {
    let compiles = |text: &String| {
        to_rust_regex(text).is_ok_and(|translated| regex_syntax::parse(&translated).is_ok())
    };
    Some(with_ascii_boundaries(pattern)).filter(compiles)
}

/// Writes `\b` and `\B` outside classes as `(?-u:\b)` and `(?-u:\B)`.
fn with_ascii_boundaries(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut in_class = false;
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        let mut piece = &rest[..next.len_utf8()];
        match next {
            '[' => in_class = true,
            ']' => in_class = false,
            '\\' => {
                let escaped = rest[1..].chars().next().map_or(0, char::len_utf8);
                piece = &rest[..1 + escaped];
            }
            _ => {}
        }
        rest = &rest[piece.len()..];
        if matches!(piece, "\\b" | "\\B") && !in_class {
            // Kinds of boundaries of the regex crate, such as `\b{start}`.
            let kind = rest.starts_with('{').then(|| rest.find('}')).flatten();
            let (kind, after) = rest.split_at(kind.map_or(0, |end| end + 1));
            rest = after;
            text.push_str("(?-u:");
            text.push_str(piece);
            text.push_str(kind);
            text.push(')');
        } else {
            text.push_str(piece);
        }
    }
    text
}
