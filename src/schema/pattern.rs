//! The cost of a regular expression: to compile it, and to match it with a string.
//!
//! At worst jsonschema's linear engine takes time in proportion to the length of the string times
//! the size of the pattern. Most patterns are far cheaper: a pattern counts as cheap if a small
//! deterministic automaton (DFA) can be built for it. For the others, see `matcher`.

use jsonschema_regex::{analyze_pattern, search_form, to_rust_regex, PatternAnalysis};
use jsonschema_regex::{RepeatedClass, Search};
use regex_automata::dfa::{dense, StartKind};
use regex_automata::nfa::thompson;
use regex_automata::MatchKind;
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};
use regex_syntax::utf8::Utf8Sequences;

use crate::json::ReadingCost;

/// The largest pattern, in states of the compiled automaton (roughly its characters with every
/// repetition written out). Compiling it takes about a tenth of a second.
pub(super) const MAX_STATES: u64 = 250_000;

/// The most states in all patterns of a schema together. Compiling them takes half a second, and at
/// most 75 bytes a state.
pub(super) const MAX_ALL_STATES: u64 = 1_000_000;

/// The longest pattern, in bytes, that is weighed at all: translating and parsing one takes some
/// microseconds a byte. Plain words and alternations of words may be longer.
pub(super) const MAX_BYTES: usize = 128 * 1024;

/// The memory in bytes in which a DFA must fit to count as small. The engine builds the same DFA
/// lazily in a cache of four times the size, so it never has to drop states of a small one.
const SMALL: usize = 512 * 1024;

/// The same limit for a DFA over characters in place of bytes, for patterns with classes such as
/// `\p{L}`.
const SMALL_IN_CHARACTERS: usize = 32 * 1024;

/// The most states of one schema's patterns that are tried as a DFA. Each takes some microseconds.
pub(super) const CREDIT: u64 = 20_000;

/// The cost of one pattern.
#[derive(Debug, Clone)]
pub(super) struct PatternCost {
    /// The number of states to compile.
    pub states: u64,
    /// The fuel that a match burns at worst.
    pub reading: ReadingCost,
    pub way: Way,
}

/// How to match a pattern in the time that it costs.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// As jsonschema does.
    Plain,
    /// As jsonschema does with this pattern, which begins with [`ANYWHERE`].
    FromTheStart(String),
    /// Step by step, because the worst case is far above the usual one. This is the pattern.
    Stepwise(Box<Hir>),
}

/// Begins a pattern that matches anywhere in a string.
///
/// The regex crate searches backwards for some patterns that are not anchored at the start. Their
/// automata can be exponential in that direction only.
const ANYWHERE: &str = "^[\\u{0}-\\u{10ffff}]*?";

impl PatternCost {
    const fn plain(states: u64, base: u64, per_16_bytes: u64) -> Self {
        Self {
            states,
            reading: ReadingCost { base, per_16_bytes },
            way: Way::Plain,
        }
    }
}

/// A pattern that is matched as a plain string.
const LITERAL: PatternCost = PatternCost::plain(1, 4, 4);

/// Weighs a pattern in the form in which jsonschema compiles it. A pattern that jsonschema will
/// refuse counts as a plain string.
///
/// `credit` is the rest of [`CREDIT`], which this function draws on.
pub(super) fn weigh(pattern: &str, credit: &mut u64) -> PatternCost {
    match analyze_pattern(pattern) {
        Some(PatternAnalysis::Alternation(alternatives)) => {
            return PatternCost::plain(1, 4 + alternatives.len() as u64, 4);
        }
        Some(_) => return LITERAL,
        None => {}
    }
    let Ok(translated) = to_rust_regex(pattern) else {
        return LITERAL;
    };
    if RepeatedClass::from_translated(&translated).is_some() {
        return PatternCost::plain(1, 8, 16);
    }
    let text = match search_form(pattern, &translated) {
        Some(Search::Collapsed(text)) => text,
        _ => translated.into_owned(),
    };
    let Ok(hir) = regex_syntax::parse(&text) else {
        return LITERAL;
    };
    let compiled = states(&hir, Classes::Written);
    // Without a DFA each byte may advance every active state of the automaton, at some 10 ns.
    let active = states(&hir, Classes::AsOne);
    let mut cost = PatternCost {
        states: compiled,
        reading: ReadingCost {
            base: 16,
            per_16_bytes: active.saturating_mul(16 * 4),
        },
        way: Way::Plain,
    };
    if compiled > MAX_STATES {
        return cost;
    }
    let anchored = hir.properties().look_set_prefix().contains(Look::Start);
    let tried = compiled * if anchored { 1 } else { 2 };
    if tried <= *credit {
        *credit -= tried;
        if is_deterministically_small(&hir, Direction::Forwards, SMALL) {
            if anchored || is_deterministically_small(&hir, Direction::Backwards, SMALL) {
                cost.reading.per_16_bytes = 16;
                return cost;
            }
            if let Some(text) = from_the_start(pattern) {
                cost.reading.per_16_bytes = 16;
                cost.way = Way::FromTheStart(text);
                return cost;
            }
        } else if is_deterministically_small(&ascii(&hir), Direction::Forwards, SMALL_IN_CHARACTERS)
        {
            // Few states are active at a time, but the engine may have to advance them one by one,
            // through the bytes of each character.
            cost.reading.per_16_bytes = cost.reading.per_16_bytes.min(16 * 32);
        }
    }
    cost.way = Way::Stepwise(Box::new(hir));
    cost
}

/// The pattern anchored at the start; `None` where it cannot be put into a group, as one that ends in
/// a comment.
fn from_the_start(pattern: &str) -> Option<String> {
    let text = format!("{ANYWHERE}(?:{pattern})");
    let compiles = to_rust_regex(&text).is_ok_and(|text| regex_syntax::parse(&text).is_ok());
    compiles.then_some(text)
}

/// The direction in which a string is read.
#[derive(Clone, Copy, PartialEq)]
enum Direction {
    Forwards,
    /// From the end of the string on.
    Backwards,
}

/// Whether the DFA of the pattern fits into `size` bytes. Each byte of the string then costs a few
/// nanoseconds; otherwise the engine may have to advance many states one by one.
fn is_deterministically_small(hir: &Hir, direction: Direction, size: usize) -> bool {
    let mut config = dense::Config::new()
        .dfa_size_limit(Some(size))
        .determinize_size_limit(Some(size));
    let mut automaton = thompson::Config::new()
        .nfa_size_limit(Some(8 << 20))
        .which_captures(thompson::WhichCaptures::None);
    if direction == Direction::Backwards {
        automaton = automaton.reverse(true);
        config = config
            .match_kind(MatchKind::All)
            .start_kind(StartKind::Anchored);
    }
    thompson::Compiler::new()
        .configure(automaton)
        .build_from_hir(hir)
        .is_ok_and(|nfa| {
            dense::Builder::new()
                .configure(config)
                .build_from_nfa(&nfa)
                .is_ok()
        })
}

/// The pattern with DEL in place of every character beyond ASCII. With a text translated in the
/// same way, at least those states are active that are active in the pattern with the text itself.
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

/// How [`states`] counts a character class.
#[derive(Clone, Copy, PartialEq)]
enum Classes {
    /// By the bytes of its ranges, since each is compiled to a state or two.
    Written,
    /// As one, since at most one of its ranges is active at a time.
    AsOne,
}

/// The number of states of the automaton for a pattern.
fn states(hir: &Hir, classes: Classes) -> u64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(Class::Unicode(class)) if classes == Classes::Written => {
            let bytes: usize = (class.ranges().iter())
                .flat_map(|range| Utf8Sequences::new(range.start(), range.end()))
                .map(|sequence| sequence.len())
                .sum();
            // A state for each byte; but those of one class share some, and take less memory than
            // others: about half of it.
            (bytes as u64 / 2).max(1)
        }
        HirKind::Class(_) => 1,
        HirKind::Repetition(repetition) => {
            let times = u64::from(repetition.max.unwrap_or(repetition.min).max(1));
            states(&repetition.sub, classes).saturating_mul(times)
        }
        HirKind::Capture(capture) => states(&capture.sub, classes).saturating_add(1),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => (parts.iter())
            .fold(1, |sum: u64, part| {
                sum.saturating_add(states(part, classes))
            }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(pattern: &str) -> PatternCost {
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
            assert!(weight.reading.per_16_bytes <= 16, "{pattern}: {weight:?}");
            assert!(weight.states < 2000, "{pattern}: {weight:?}");
            assert!(matches!(weight.way, Way::Plain), "{pattern}: {weight:?}");
        }
    }

    #[test]
    fn classes_beyond_ascii_do_not_count_by_their_ranges() {
        let weight = weight("^(\\p{L}+\\s){2,10}\\p{L}+$");
        assert!(weight.reading.per_16_bytes <= 16 * 32, "{weight:?}");
    }

    #[test]
    fn patterns_that_keep_many_states_active_are_expensive() {
        let weight = weight("[ab]*a[ab]{500}[xy]");
        assert!(weight.reading.per_16_bytes > 16 * 500, "{weight:?}");
        assert!(matches!(weight.way, Way::Stepwise(_)), "{weight:?}");
    }

    #[test]
    fn patterns_that_are_expensive_backwards_only_are_matched_from_the_start() {
        for pattern in ["[ab]{300}a.*$", "[ab]{300}a.*xyz"] {
            let weight = weight(pattern);
            assert!(weight.reading.per_16_bytes <= 16, "{pattern}: {weight:?}");
            assert!(
                matches!(weight.way, Way::FromTheStart(_)),
                "{pattern}: {weight:?}"
            );
        }
    }

    #[test]
    fn nested_repetitions_do_not_overflow() {
        assert!(weight("((a{1000}){1000}){1000}b|c{1000}").states > MAX_STATES);
        assert!(weight("(?:\\p{L}x){1000}|z").states > MAX_STATES);
    }

    #[test]
    fn long_alternations_cost_by_their_length() {
        let names: Vec<String> = (0..1000).map(|n| format!("name{n}")).collect();
        assert!(weight(&format!("^({})$", names.join("|"))).reading.base > 200);
    }
}
