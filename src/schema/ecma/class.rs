//! Character classes: `[...]`, and the escapes that mean a class.

use std::fmt::Write;

use regex_syntax::hir::{Class, HirKind};

use super::fault::Fault;
use super::reader::{CodePoint, Reader};

/// A class that every character is in, and one that none is in.
pub(super) const ANY: &str = "[\\u{0}-\\u{10ffff}]";
pub(super) const NEVER: &str = "[^\\u{0}-\\u{10ffff}]";

/// The characters that `.` does not match.
const LINE_TERMINATORS: [(u32, u32); 3] = [(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)];
const DIGITS: [(u32, u32); 1] = [(0x30, 0x39)];
const WORD: [(u32, u32); 4] = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)];
/// The letters that differ only in case from a letter of `WORD` (s and k).
const WORD_IN_ANY_CASE: [(u32, u32); 6] = [
    (0x30, 0x39),
    (0x41, 0x5A),
    (0x5F, 0x5F),
    (0x61, 0x7A),
    (0x17F, 0x17F),
    (0x212A, 0x212A),
];
/// WhiteSpace and LineTerminator of ECMA-262.
const SPACE: [(u32, u32); 10] = [
    (0x09, 0x0D),
    (0x20, 0x20),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
];

const LAST: u32 = 0x10_FFFF;

/// The characters of a class in the making.
#[derive(Default)]
pub(super) struct ClassText {
    items: String,
}

impl ClassText {
    /// Adds the characters of a range of code points. Surrogates are not characters.
    fn add(&mut self, start: CodePoint, end: CodePoint) {
        let start = if (0xD800..0xE000).contains(&start) {
            0xE000
        } else {
            start
        };
        let end = if (0xD800..0xE000).contains(&end) {
            0xD7FF
        } else {
            end
        };
        if start > end {
            return;
        }
        push_character(&mut self.items, start);
        if start < end {
            self.items.push('-');
            push_character(&mut self.items, end);
        }
    }

    fn add_all(&mut self, ranges: &[(u32, u32)], negated: bool) {
        if !negated {
            ranges.iter().for_each(|&(start, end)| self.add(start, end));
            return;
        }
        let mut next = 0;
        for &(start, end) in ranges {
            if next < start {
                self.add(next, start - 1);
            }
            next = end + 1;
        }
        if next <= LAST {
            self.add(next, LAST);
        }
    }

    /// The class as the regex crate reads it.
    fn finish(self, negated: bool) -> String {
        match (self.items.as_str(), negated) {
            ("", false) => NEVER.to_owned(),
            ("", true) => ANY.to_owned(),
            (items, false) => format!("[{items}]"),
            (items, true) => format!("[^{items}]"),
        }
    }
}

/// Appends a character, escaped unless it can have no special meaning.
pub(super) fn push_character(text: &mut String, character: CodePoint) {
    match char::from_u32(character) {
        Some(plain) if plain.is_ascii_alphanumeric() => text.push(plain),
        // Writing to a String cannot fail.
        _ => drop(write!(text, "\\u{{{character:x}}}")),
    }
}

/// `.`: by `dot_all` any character.
pub(super) fn dot(dot_all: bool) -> String {
    if dot_all {
        return ANY.to_owned();
    }
    let mut class = ClassText::default();
    class.add_all(&LINE_TERMINATORS, false);
    class.finish(true)
}

/// Adds the class of an escape (`\d`, `\p{L}` and so on) whose first character after the backslash,
/// `kind`, was read. False if it is no class.
///
/// `ignore_case` says that the class will be folded, which must not add to a complement the
/// characters that it was made to leave out.
fn add_escape(
    class: &mut ClassText,
    kind: char,
    start: usize,
    reader: &mut Reader<'_>,
    ignore_case: bool,
) -> Result<bool, Fault> {
    match kind {
        'd' | 'D' => class.add_all(&DIGITS, kind == 'D'),
        's' | 'S' => class.add_all(&SPACE, kind == 'S'),
        'w' => class.add_all(&WORD, false),
        'W' if ignore_case => class.add_all(&WORD_IN_ANY_CASE, true),
        'W' => class.add_all(&WORD, true),
        'p' | 'P' => {
            let name = property(reader, start)?;
            let text = format!("\\{kind}{{{name}}}");
            let Ok(parsed) = regex_syntax::parse(&text) else {
                return Err(reader.syntax("an unknown Unicode property", start));
            };
            match parsed.kind() {
                // By its characters: the regex crate folds before it negates, ECMA-262 after.
                HirKind::Class(Class::Unicode(set)) if ignore_case && kind == 'P' => {
                    for range in set.ranges() {
                        class.add(range.start().into(), range.end().into());
                    }
                }
                _ => class.items.push_str(&text),
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The text in the braces after `\p`.
fn property<'p>(reader: &mut Reader<'p>, start: usize) -> Result<&'p str, Fault> {
    let wrong = "\\p without a property in braces";
    if !reader.eat("{") {
        return Err(reader.syntax(wrong, start));
    }
    let name = reader.take(|c| c.is_ascii_alphanumeric() || c == '_' || c == '=');
    if name.is_empty() || !reader.eat("}") {
        return Err(reader.syntax(wrong, start));
    }
    Ok(name)
}

/// The class that an escape outside brackets means; `None` if it means none.
pub(super) fn escape(
    kind: char,
    start: usize,
    reader: &mut Reader<'_>,
    ignore_case: bool,
) -> Result<Option<String>, Fault> {
    let mut class = ClassText::default();
    let found = add_escape(&mut class, kind, start, reader, ignore_case)?;
    Ok(found.then(|| class.finish(false)))
}

/// A class in brackets; the opening bracket, at `start`, was read.
pub(super) fn in_brackets(
    reader: &mut Reader<'_>,
    start: usize,
    ignore_case: bool,
) -> Result<String, Fault> {
    let mut class = ClassText::default();
    let negated = reader.eat("^");
    while !reader.eat("]") {
        let first_at = reader.at();
        let first = atom(&mut class, reader, start, ignore_case)?;
        let is_range = reader.rest().starts_with('-') && !reader.rest().starts_with("-]");
        if !is_range {
            if let Some(first) = first {
                class.add(first, first);
            }
            continue;
        }
        reader.next();
        let last = atom(&mut class, reader, start, ignore_case)?;
        match (first, last) {
            (Some(first), Some(last)) if first <= last => class.add(first, last),
            (Some(_), Some(_)) => {
                return Err(reader.syntax("a range from high to low", first_at));
            }
            _ => {
                let what = "a range from or to a class such as \\w (write \\- for the hyphen)";
                return Err(reader.syntax(what, first_at));
            }
        }
    }
    Ok(class.finish(negated))
}

/// Reads one character of a class, or adds the class that an escape means and returns `None`.
fn atom(
    class: &mut ClassText,
    reader: &mut Reader<'_>,
    start: usize,
    ignore_case: bool,
) -> Result<Option<CodePoint>, Fault> {
    let at = reader.at();
    let unclosed = "a class without its ]";
    match reader.next() {
        None => Err(reader.syntax(unclosed, start)),
        Some('\\') => match reader.next() {
            None => Err(reader.syntax(unclosed, start)),
            Some('b') => Ok(Some(0x08)),
            Some(kind) if add_escape(class, kind, at, reader, ignore_case)? => Ok(None),
            Some(first) => reader.escape(first, at).map(Some),
        },
        Some(plain) => Ok(Some(plain.into())),
    }
}
