//! Translates patterns of ECMA-262 into the syntax of the regex crate.
//!
//! JSON Schema's patterns are those of ECMA-262 with the flag u. The regex crate reads much of that
//! syntax in another way, and some not at all: its `\b` is Unicode's, its `[]]` one class, and a
//! surrogate pair is no character to it. [`translate`] writes a pattern so that both agree.
//!
//! What does not run in linear time (look-around and back-references) is refused. Some syntax that
//! ECMA-262 refuses is accepted where schemas use it: see [`lenient`].

mod class;
mod fault;
mod groups;
mod lenient;
mod reader;

pub(super) use fault::{Fault, FaultKind};
pub(super) use lenient::lenient;

use groups::Groups;
use reader::Reader;

/// A pattern in the syntax of the regex crate.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Translation {
    pub text: String,
    /// The first fault that was forgiven.
    pub forgiven: Option<Fault>,
}

/// What comes before a quantifier.
#[derive(Clone, Copy, PartialEq)]
enum Previous {
    /// The beginning of the pattern, a group or an alternative.
    Nothing,
    Atom,
    Assertion,
    Quantifier,
}

/// Translates a pattern. A bracket or brace that closes nothing is forgiven.
///
/// # Errors
///
/// The pattern is not ECMA-262, or does not run in linear time.
pub(super) fn translate(pattern: &str) -> Result<Translation, Fault> {
    let mut reader = Reader::new(pattern);
    let mut groups = Groups::default();
    let mut text = String::with_capacity(pattern.len());
    let mut forgiven = None;
    let mut previous = Previous::Nothing;
    loop {
        let start = reader.at();
        let Some(next) = reader.next() else {
            break;
        };
        previous = match next {
            '^' | '$' => {
                text.push(next);
                Previous::Assertion
            }
            '|' => {
                text.push('|');
                Previous::Nothing
            }
            '(' => {
                groups.open(&mut reader, start, &mut text)?;
                Previous::Nothing
            }
            ')' => {
                groups.close(&reader, start)?;
                text.push(')');
                Previous::Atom
            }
            '*' | '+' | '?' | '{' => {
                quantifier(&mut reader, start, next, previous, &mut text)?;
                Previous::Quantifier
            }
            '.' => {
                text.push_str(&class::dot(groups.dot_all()));
                Previous::Atom
            }
            '[' => {
                let class = class::in_brackets(&mut reader, start, groups.ignore_case())?;
                text.push_str(&class);
                Previous::Atom
            }
            '\\' => escape(&mut reader, start, &groups, &mut text)?,
            ']' | '}' => {
                let what = "a bracket or brace that closes nothing (write \\] or \\})";
                forgiven.get_or_insert(reader.syntax(what, start));
                class::push_character(&mut text, next.into());
                Previous::Atom
            }
            plain => {
                class::push_character(&mut text, plain.into());
                Previous::Atom
            }
        };
    }
    groups.finish(&reader, pattern)?;
    Ok(Translation { text, forgiven })
}

/// An escape outside brackets; the backslash, at `start`, was read.
fn escape(
    reader: &mut Reader<'_>,
    start: usize,
    groups: &Groups<'_>,
    text: &mut String,
) -> Result<Previous, Fault> {
    let Some(kind) = reader.next() else {
        return Err(reader.syntax("a backslash that escapes nothing", start));
    };
    match kind {
        // ASCII's: without the flag i a letter is one of A to Z.
        'b' => {
            text.push_str("(?-u:\\b)");
            return Ok(Previous::Assertion);
        }
        'B' => {
            text.push_str("(?-u:\\B)");
            return Ok(Previous::Assertion);
        }
        'k' | '1'..='9' => return Err(reader.not_linear("back-reference", start)),
        _ => {}
    }
    if let Some(class) = class::escape(kind, start, reader, groups.ignore_case())? {
        text.push_str(&class);
        return Ok(Previous::Atom);
    }
    let character = reader.escape(kind, start)?;
    if (0xD800..0xE000).contains(&character) {
        // Half a surrogate pair is not in any string.
        text.push_str(class::NEVER);
    } else {
        class::push_character(text, character);
    }
    Ok(Previous::Atom)
}

/// A quantifier that begins with `first`, at `start`.
fn quantifier(
    reader: &mut Reader<'_>,
    start: usize,
    first: char,
    previous: Previous,
    text: &mut String,
) -> Result<(), Fault> {
    if first == '{' {
        let counts = counts(reader)
            .ok_or_else(|| reader.syntax("a { that begins no quantifier (write \\{)", start))?;
        let (min, max) = counts;
        if max.is_some_and(|max| max < min) {
            return Err(reader.syntax("a quantifier from high to low", start));
        }
        text.push_str(&match max {
            Some(max) if max == min => format!("{{{min}}}"),
            Some(max) => format!("{{{min},{max}}}"),
            None => format!("{{{min},}}"),
        });
    } else {
        text.push(first);
    }
    match previous {
        Previous::Atom => {}
        Previous::Quantifier => {
            return Err(reader.syntax("a quantifier after a quantifier", start));
        }
        Previous::Nothing | Previous::Assertion => {
            return Err(reader.syntax("a quantifier after nothing", start));
        }
    }
    if reader.eat("?") {
        text.push('?');
    }
    Ok(())
}

/// The least and the greatest count of a quantifier whose `{` was read. A count beyond 32 bits is
/// far beyond the limit on the size of patterns, so its exact value does not matter.
fn counts(reader: &mut Reader<'_>) -> Option<(u32, Option<u32>)> {
    let count = |reader: &mut Reader<'_>| {
        let digits = reader.take(|c| c.is_ascii_digit());
        (!digits.is_empty()).then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let min = count(reader)?;
    let max = if !reader.eat(",") {
        Some(min)
    } else if reader.rest().starts_with('}') {
        None
    } else {
        Some(count(reader)?)
    };
    reader.eat("}").then_some((min, max))
}
