//! A pattern as a table of states: a string matches or not after one step for each byte.
//!
//! The regex-automata crate makes the automaton. Here it is written down anew: bytes that no state
//! distinguishes share a column, and all states that have matched are one. Most tables take less than a
//! kilobyte. A pattern that needs too large a table has none, and the program is then not sure.

use std::collections::HashMap;

use jsonschema_regex::to_rust_regex;
use regex_automata::dfa::{dense, Automaton as _, StartKind};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start::Config;
use regex_automata::Anchored;

/// The memory in bytes for the automaton that regex-automata makes. To minimize one of that size takes some
/// milliseconds.
const MAX_DFA: usize = 128 << 10;

/// The most entries of a table, of two bytes each. A row begins at a multiple of the number of classes.
const MAX_TABLE: usize = 1 << 14;

/// The longest pattern in bytes. Tables of longer ones are mostly too large.
const MAX_PATTERN: usize = 2048;

/// A pattern that strings are searched for.
#[derive(Debug, Clone)]
pub struct Automaton {
    /// The column of each byte.
    classes: [u8; 256],
    /// The next state for each state and class. A state is the place of its row.
    next: Box<[u16]>,
    /// How many classes there are, rounded up to a power of two.
    shift: u32,
    /// Whether the string matches if it ends in a state, by the number of the row.
    accepts: Box<[bool]>,
}

impl Automaton {
    /// The automaton of a pattern in the form in which jsonschema takes it (see `patterns`). `None` if it
    /// would be too large, or if no automaton can tell without looking further.
    pub fn new(pattern: &str) -> Option<Self> {
        if pattern.len() > MAX_PATTERN {
            return None;
        }
        let pattern = to_rust_regex(pattern).ok()?;
        let config = dense::Config::new()
            .minimize(true)
            .start_kind(StartKind::Unanchored)
            .dfa_size_limit(Some(MAX_DFA))
            .determinize_size_limit(Some(MAX_DFA));
        let mut builder = dense::Builder::new();
        let dfa = builder.configure(config).build(&pattern).ok()?;
        Self::of(&dfa)
    }

    /// Writes down the states that can be reached.
    fn of(dfa: &dense::DFA<Vec<u32>>) -> Option<Self> {
        let config = Config::new().anchored(Anchored::No);
        let start = dfa.start_state(&config).ok()?;
        let mut states = States {
            found: vec![start],
            numbers: HashMap::from([(start, 0)]),
        };
        let mut rows: Vec<[u16; 256]> = Vec::new();
        let mut accepts = Vec::new();
        while let Some(&state) = states.found.get(rows.len()) {
            let mut row = [0; 256];
            // regex-automata enters a match state one byte late: what came before that byte has matched.
            let has_matched = dfa.is_match_state(state);
            for byte in 0..=255 {
                let next = match has_matched {
                    true => state,
                    false => dfa.next_state(state, byte),
                };
                if dfa.is_quit_state(next) {
                    return None;
                }
                row[usize::from(byte)] = states.number(dfa, next);
            }
            rows.push(row);
            accepts.push(has_matched || dfa.is_match_state(dfa.next_eoi_state(state)));
            if rows.len() > MAX_TABLE {
                return None;
            }
        }
        Self::compressed(&rows, accepts)
    }

    /// Gives bytes with equal columns one column.
    fn compressed(rows: &[[u16; 256]], accepts: Vec<bool>) -> Option<Self> {
        let mut columns: HashMap<Vec<u16>, u8> = HashMap::new();
        let mut classes = [0; 256];
        let mut examples = Vec::new();
        for (byte, class) in classes.iter_mut().enumerate() {
            let column = rows.iter().map(|row| row[byte]).collect();
            *class = *columns.entry(column).or_insert_with(|| {
                examples.push(byte);
                (examples.len() - 1) as u8
            });
        }
        let width = examples.len().next_power_of_two();
        if rows.len() * width > MAX_TABLE {
            return None;
        }
        let mut next = vec![0; rows.len() * width];
        for (row, places) in rows.iter().zip(next.chunks_exact_mut(width)) {
            for (&byte, place) in examples.iter().zip(places) {
                *place = row[byte] * width as u16;
            }
        }
        Some(Self {
            classes,
            next: next.into(),
            shift: width.trailing_zeros(),
            accepts: accepts.into(),
        })
    }

    /// Whether the pattern matches anywhere in a text, which is UTF-8.
    #[inline]
    pub fn matches(&self, text: &[u8]) -> bool {
        let mut state = 0;
        for &byte in text {
            state = usize::from(self.next[state + usize::from(self.classes[usize::from(byte)])]);
        }
        self.accepts[state >> self.shift]
    }

    /// How many bytes the tables take.
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + 2 * self.next.len() + self.accepts.len()
    }
}

/// The states of a DFA, numbered as they are found. All match states are one.
struct States {
    found: Vec<StateID>,
    numbers: HashMap<StateID, u16>,
}

impl States {
    fn number(&mut self, dfa: &dense::DFA<Vec<u32>>, state: StateID) -> u16 {
        if let Some(&number) = self.numbers.get(&state) {
            return number;
        }
        let same = match dfa.is_match_state(state) {
            true => (self.found.iter()).position(|&other| dfa.is_match_state(other)),
            false => None,
        };
        let number = same.unwrap_or(self.found.len()) as u16;
        if same.is_none() {
            self.found.push(state);
        }
        self.numbers.insert(state, number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::Automaton;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_is_found_anywhere_unless_it_is_anchored() {
        for (pattern, good, bad) in [
            (
                "^[^@ ]+@[^@ ]+$",
                &["a@b", "\u{e9}@\u{f6}"][..],
                &["a@", "@b", "a b@c", ""][..],
            ),
            ("foo|ba+r", &["xxfoox", "bar", "xbaaar"], &["br", "", "fo"]),
            ("^a", &["a", "ab"], &["ba", ""]),
            ("a$", &["a", "ba"], &["ab", "a\n", ""]),
            ("^$", &[""], &["a", "\n"]),
            ("", &["", "a"], &[]),
            ("^\\S+$", &["a", "\u{e9}"], &["", "a b", "a\u{a0}"]),
            ("^.{2,3}$", &["\u{1f600}\u{1f600}", "abc"], &["a", "abcd"]),
            ("^(?-u:\\b)?a", &["a"], &["b"]),
        ] {
            let automaton = Automaton::new(pattern).unwrap();
            for text in good {
                assert!(automaton.matches(text.as_bytes()), "{pattern} {text:?}");
            }
            for text in bad {
                assert!(!automaton.matches(text.as_bytes()), "{pattern} {text:?}");
            }
        }
    }

    #[test]
    fn usual_patterns_take_little_memory() {
        for pattern in [
            "^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$",
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "^(?:[0-9a-f]{8})-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$",
        ] {
            let bytes = Automaton::new(pattern).unwrap().bytes();
            assert!(bytes < 1200, "{pattern}: {bytes}");
        }
    }

    #[test]
    fn a_large_pattern_has_no_automaton() {
        for pattern in [
            "^\\p{L}{1,200}$",
            "[ab]*a[ab]{20}c",
            "^.{1,5000}$",
            &"ab".repeat(2000),
        ] {
            assert!(Automaton::new(pattern).is_none(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn it_matches_what_the_regex_engine_matches(
            pattern in "\\^?([a-c.]|\\[[a-c]{1,2}\\]|\\[\\^a\\]|\\(a\\|bc?\\)|\\\\w)([*+?]|\\{1,3\\})?[a-c]{0,2}(\\$|\\|b)?",
            texts in prop::collection::vec("[a-d\u{e9}\n]{0,8}", 12),
        ) {
            let automaton = Automaton::new(&pattern).unwrap();
            let schema = serde_json::json!({ "pattern": pattern });
            let validator = jsonschema::validator_for(&schema).unwrap();
            for text in texts {
                prop_assert_eq!(
                    automaton.matches(text.as_bytes()),
                    validator.is_valid(&serde_json::json!(text)),
                    "{} {:?}", pattern, text
                );
            }
        }
    }
}
