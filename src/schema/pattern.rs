//! What a regular expression costs, before it is compiled and when it runs.

use jsonschema_regex::{analyze_pattern, search_form, to_rust_regex, PatternAnalysis};
use jsonschema_regex::{RepeatedClass, Search};
use regex_automata::dfa::dense;
use regex_automata::nfa::thompson;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition};

/// Largest pattern, in states of the compiled automaton (roughly its characters with every
/// repetition written out).
pub(super) const MAX_STATES: u64 = 50_000;

/// Most states in all patterns of a schema together; compiling them takes about a second.
pub(super) const MAX_ALL_STATES: u64 = 1_000_000;

/// Longest pattern, in bytes, that is weighed at all: translating and parsing one takes some
/// microseconds a byte. Plain words and alternations of words may be longer.
const MAX_BYTES: usize = 128 * 1024;

/// Memory that a deterministic automaton may take to count as small, in bytes. The engine's own
/// cache holds four times as much, so that one which fits here never gets thrown out there.
const SMALL: usize = 512 * 1024;

/// The same where every character counts as one step, for patterns with classes such as `\p{L}`.
const SMALL_IN_CHARACTERS: usize = 32 * 1024;

/// How many states may be tried as a deterministic automaton over one whole schema. Each takes
/// some microseconds.
pub(super) const CREDIT: u64 = 20_000;

/// The cost of one pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pattern {
    /// States to compile.
    pub states: u64,
    /// Units of fuel (about 2.5 ns) that each match takes however short the string.
    pub base: u64,
    /// Further units for every 16 bytes of the string.
    pub per_16_bytes: u64,
}

const LITERAL: Pattern = Pattern {
    states: 1,
    base: 4,
    per_16_bytes: 4,
};

/// Weighs a pattern as the validator compiles it. One that it will refuse anyway weighs nothing.
///
/// `credit` is what is left of [`CREDIT`].
pub(super) fn weigh(pattern: &str, credit: &mut u64) -> Pattern {
    match analyze_pattern(pattern) {
        Some(PatternAnalysis::Alternation(alternatives)) => {
            return Pattern {
                base: 4 + alternatives.len() as u64,
                ..LITERAL
            }
        }
        Some(_) => return LITERAL,
        None => {}
    }
    if pattern.len() > MAX_BYTES {
        return Pattern {
            states: u64::MAX,
            ..LITERAL
        };
    }
    let Ok(translated) = to_rust_regex(pattern) else {
        return LITERAL;
    };
    if RepeatedClass::from_translated(&translated).is_some() {
        return Pattern {
            base: 8,
            per_16_bytes: 16,
            ..LITERAL
        };
    }
    let text = match search_form(pattern, &translated) {
        Some(Search::Collapsed(text)) => text,
        _ => translated.into_owned(),
    };
    let Ok(hir) = regex_syntax::parse(&text) else {
        return LITERAL;
    };
    let states = states(&hir, true);
    let mut cost = Pattern {
        states,
        base: 16,
        // Each byte may advance every place of the pattern, at some 10 ns.
        per_16_bytes: states_bound(&hir).saturating_mul(16 * 4),
    };
    if states <= (*credit).min(MAX_STATES) {
        *credit -= states;
        if is_deterministically_small(&hir, SMALL) {
            cost.per_16_bytes = 16;
        } else if is_deterministically_small(&ascii(&hir), SMALL_IN_CHARACTERS) {
            // Few places are active at a time, but the engine may have to follow them one by one,
            // through the bytes of each character.
            cost.per_16_bytes = cost.per_16_bytes.min(16 * 32);
        }
    }
    cost
}

/// Whether the pattern has a small deterministic automaton: then a byte costs a few nanoseconds,
/// whatever the pattern. Otherwise the engine may have to advance all of its places one by one.
fn is_deterministically_small(hir: &Hir, size: usize) -> bool {
    let config = dense::Config::new()
        .dfa_size_limit(Some(size))
        .determinize_size_limit(Some(size));
    let limits = thompson::Config::new().nfa_size_limit(Some(8 << 20));
    thompson::Compiler::new()
        .configure(limits)
        .build_from_hir(hir)
        .is_ok_and(|nfa| {
            dense::Builder::new()
                .configure(config)
                .build_from_nfa(&nfa)
                .is_ok()
        })
}

/// The pattern with one character, DEL, in place of all beyond ASCII. Whatever places a text makes
/// active in the pattern, its translation makes active here, and perhaps more.
fn ascii(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges().iter().map(|range| {
                let narrow = |character: char| character.min('\u{7f}');
                ClassUnicodeRange::new(narrow(range.start()), narrow(range.end()))
            });
            Hir::class(Class::Unicode(ClassUnicode::new(ranges)))
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => hir.clone(),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
            sub: Box::new(ascii(&repetition.sub)),
        }),
        HirKind::Capture(capture) => ascii(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(ascii).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(ascii).collect()),
    }
}

/// Places that can be active at one time.
fn states_bound(hir: &Hir) -> u64 {
    states(hir, false)
}

/// States of the automaton: with `ranges`, a character class counts as many as it has ranges,
/// otherwise as one.
fn states(hir: &Hir, ranges: bool) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(class) if ranges => match class {
            Class::Unicode(class) => 1 + class.ranges().len() as u64,
            Class::Bytes(class) => 1 + class.ranges().len() as u64,
        },
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => {
            let times = u64::from(repetition.max.unwrap_or(repetition.min).max(1));
            states(&repetition.sub, ranges).saturating_mul(times)
        }
        HirKind::Capture(capture) => states(&capture.sub, ranges).saturating_add(1),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts
            .iter()
            .fold(1, |sum: u64, part| sum.saturating_add(states(part, ranges))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(pattern: &str) -> Pattern {
        weigh(pattern, &mut CREDIT.clone())
    }

    #[test]
    fn ordinary_patterns_are_cheap() {
        for pattern in [
            "^[a-z0-9._%+-]+@[a-z0-9.-]+\\.[a-z]{2,}$",
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "^.{1,1000}$",
            "^\\p{L}+$",
            "^(?:[a-f0-9]{8}-){3}[a-f0-9]{4}$",
            "foo|bar|^baz\\w+",
            "(a+)+$",
        ] {
            let weight = weight(pattern);
            assert!(weight.per_16_bytes <= 16, "{pattern}: {weight:?}");
            assert!(weight.states < 2000, "{pattern}: {weight:?}");
        }
    }

    #[test]
    fn classes_beyond_ascii_are_not_taken_for_many_places() {
        let weight = weight("^(\\p{L}+\\s){2,10}\\p{L}+$");
        assert!(weight.per_16_bytes <= 16 * 32, "{weight:?}");
    }

    #[test]
    fn patterns_that_keep_many_places_active_are_dear() {
        let weight = weight("[ab]*a[ab]{500}[xy]");
        assert!(weight.per_16_bytes > 16 * 500, "{weight:?}");
    }

    #[test]
    fn nested_repetitions_do_not_overflow() {
        assert!(weight("((a{1000}){1000}){1000}b|c{1000}").states > MAX_STATES);
        assert!(weight("(?:\\p{L}x){1000}|z").states > MAX_STATES);
    }

    #[test]
    fn long_alternations_cost_by_their_length() {
        let names: Vec<String> = (0..1000).map(|n| format!("name{n}")).collect();
        assert!(weight(&format!("^({})$", names.join("|"))).base > 200);
    }
}
