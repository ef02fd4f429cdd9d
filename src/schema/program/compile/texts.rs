//! Makes rules for strings: sets of words, and tables of lengths, patterns and formats.

use std::collections::HashMap;
use std::sync::Arc;

use referencing::Draft;

use super::super::super::formats;
use super::super::super::patterns::Replacements;
use super::super::automaton::Automaton;
use super::super::rule::Text;
use super::shape::TextShape;

/// The most patterns and formats of one string: each reads it once more.
const MAX_READS: usize = 8;

/// The most memory for automata, in bytes.
const MAX_BYTES: usize = 1 << 20;

/// Formats whose checks take more than a few steps for each byte.
const SLOW: [&str; 3] = ["regex", "idn-hostname", "idn-email"];

/// Makes what rules for strings refer to, each pattern and each format once.
pub struct Texts<'g, 'r> {
    replacements: &'g Replacements,
    draft: Draft,
    assert_format: bool,
    pub automata: Vec<Automaton>,
    /// The numbers of the automata, by their patterns; `None` for a pattern that has none.
    numbers: HashMap<&'r str, Option<u32>>,
    bytes: usize,
}

impl<'g, 'r> Texts<'g, 'r> {
    pub fn new(replacements: &'g Replacements, draft: Draft, assert_format: bool) -> Self {
        Self {
            replacements,
            draft,
            assert_format,
            automata: Vec::new(),
            numbers: HashMap::new(),
            bytes: 0,
        }
    }

    /// The number of the automaton of a pattern.
    pub fn automaton(&mut self, pattern: &'r str) -> Option<u32> {
        if let Some(&known) = self.numbers.get(pattern) {
            return known;
        }
        let number = self.new_automaton(pattern);
        self.numbers.insert(pattern, number);
        number
    }

    fn new_automaton(&mut self, pattern: &str) -> Option<u32> {
        // One with a matcher has too many states.
        if self.bytes > MAX_BYTES || self.replacements.matchers.contains_key(pattern) {
            return None;
        }
        let text = self.replacements.texts.get(pattern);
        let automaton = Automaton::new(text.map_or(pattern, String::as_str))?;
        self.bytes += automaton.bytes();
        self.automata.push(automaton);
        Some(self.automata.len() as u32 - 1)
    }

    /// Whether the pattern of an automaton matches a name.
    pub fn matches(&self, automaton: u32, name: &str) -> bool {
        self.automata[automaton as usize].matches(name.as_bytes())
    }

    /// What a string must be, with a list of strings cut down to those that satisfy the rest.
    pub fn text(&mut self, shape: &TextShape<'r>) -> Text {
        let mut text = Text {
            min: shape.min,
            max: shape.max.unwrap_or(u32::MAX),
            one_of: None,
            is_unsure: shape.is_unsure,
            ..Text::default()
        };
        let mut patterns = Vec::new();
        for pattern in &shape.patterns {
            match self.automaton(pattern) {
                Some(number) => patterns.push(number),
                None => text.is_unsure = true,
            }
        }
        let mut checks: Vec<Arc<jsonschema::Validator>> = Vec::new();
        for format in &shape.formats {
            match formats::check(format, self.draft, self.assert_format) {
                Some(_) if SLOW.contains(format) => text.is_unsure = true,
                Some(check) => checks.push(check),
                None => {}
            }
        }
        if patterns.len() + checks.len() > MAX_READS {
            patterns.clear();
            checks.clear();
            text.is_unsure = true;
        }
        text.patterns = patterns.into();
        text.formats = checks.into();
        if let Some(one_of) = &shape.one_of {
            let left = one_of.iter().filter(|string| self.allows(&text, string));
            let left = left.map(|string| string.as_bytes().into()).collect();
            text = Text {
                max: u32::MAX,
                one_of: Some(left),
                is_unsure: text.is_unsure,
                ..Text::default()
            };
        }
        text
    }

    /// Whether a string is what a text must be, apart from what is not sure.
    pub fn allows(&self, text: &Text, string: &str) -> bool {
        let length = string.chars().count();
        let bytes = string.as_bytes();
        let is_listed = |list: &[Box<[u8]>]| list.iter().any(|other| **other == *bytes);
        length >= text.min as usize
            && (length <= text.max as usize || text.max == u32::MAX)
            && text.one_of.as_ref().is_none_or(|list| is_listed(list))
            && (text.patterns.iter()).all(|&pattern| self.matches(pattern, string))
            && (text.formats.iter()).all(|check| check.is_valid(&string.into()))
    }
}

/// A string of at most eight bytes as a word; `None` if it is longer or has a NUL.
pub fn word(string: &[u8]) -> Option<u64> {
    let fits = string.len() <= 8 && !string.contains(&0);
    fits.then(|| (string.iter().rev()).fold(0, |word, &byte| word << 8 | u64::from(byte)))
}
