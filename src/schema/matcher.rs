//! Matches a pattern step by step, for patterns whose worst case is far above the usual one.
//!
//! The regex crate cannot be stopped during a match, so the worst case of a match has to be paid for
//! before it: for some patterns and long strings that is a thousand times what it really takes. A
//! [`Matcher`] pays as it goes along. It builds the same lazy DFA as the regex crate does.

use std::sync::{Mutex, PoisonError};

use jsonschema::{Keyword, ValidationError};
use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::hybrid::LazyStateID;
use regex_automata::nfa::thompson;
use regex_automata::Input;
use regex_syntax::hir::{Hir, Look};

use crate::json::{ReadingCost, Representation, Value};

/// The most memory for the automaton, and for the states of the DFA that are kept, in bytes.
const AUTOMATON_BYTES: usize = 8 << 20;
const CACHE_BYTES: usize = 1 << 20;

/// The most fuel that is paid for at a time: a millisecond if a unit is 2.5 ns.
const PART: u64 = 400_000;

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Matcher {
    dfa: DFA,
    /// Made for the first match.
    cache: Mutex<Option<Box<Cache>>>,
    /// The fuel that a match costs at worst.
    cost: ReadingCost,
}

impl Matcher {
    /// Compiles a pattern, which costs `cost` at worst. `None` if it is too large, or of a kind that
    /// only the regex crate can match.
    pub fn new(pattern: &Hir, cost: ReadingCost) -> Option<Self> {
        // An empty match between the bytes of a character is none, which the DFA does not know.
        // Only `\B` holds there.
        let looks = pattern.properties();
        if looks.look_set().contains(Look::WordAsciiNegate)
            && looks.minimum_len() == Some(0)
            && !looks.look_set_prefix().contains(Look::Start)
        {
            return None;
        }
        let automaton = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .nfa_size_limit(Some(AUTOMATON_BYTES))
                    .which_captures(thompson::WhichCaptures::None),
            )
            .build_from_hir(pattern)
            .ok()?;
        // Without a least number of bytes for each state, a search never gives up.
        let config = Config::new()
            .cache_capacity(CACHE_BYTES)
            .skip_cache_capacity_check(true)
            .minimum_cache_clear_count(None);
        let dfa = DFA::builder()
            .configure(config)
            .build_from_nfa(automaton)
            .ok()?;
        Some(Self {
            dfa,
            cache: Mutex::new(None),
            cost,
        })
    }

    /// Whether the pattern matches anywhere in `text`. `burn` is called with the fuel of each part
    /// before it is read, and may unwind.
    ///
    /// `None` if the engine fails, which it does only for patterns that [`Matcher::new`] refuses.
    pub(super) fn is_match(&self, text: &str, burn: impl Fn(u64)) -> Option<bool> {
        burn(self.cost.base);
        // A state of the DFA is complete between two steps, so the cache of a match that was
        // unwound is sound.
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = cache.get_or_insert_with(|| Box::new(self.dfa.create_cache()));
        let input = Input::new(text).earliest(true);
        let mut state = self.dfa.start_state_forward(cache, &input).ok()?;
        let part = (PART * 16 / self.cost.per_16_bytes.max(1)).clamp(1, 4096) as usize;
        for bytes in text.as_bytes().chunks(part) {
            burn(self.cost.per_16_bytes.saturating_mul(bytes.len() as u64) / 16);
            for &byte in bytes {
                state = self.dfa.next_state(cache, state, byte).ok()?;
                if let Some(verdict) = verdict(state) {
                    return verdict;
                }
            }
        }
        let last = self.dfa.next_eoi_state(cache, state).ok()?;
        verdict(last).unwrap_or(Some(false))
    }
}

/// The verdict that a state settles: `None` if it settles none, and `Some(None)` if the DFA fails.
#[inline]
#[allow(clippy::option_option)]
fn verdict(state: LazyStateID) -> Option<Option<bool>> {
    if !state.is_tagged() {
        None
    } else if state.is_match() {
        Some(Some(true))
    } else if state.is_dead() {
        Some(Some(false))
    } else if state.is_quit() {
        Some(None)
    } else {
        None
    }
}

/// The keyword that takes the place of `pattern` for such patterns.
#[derive(Debug, Clone)]
pub(super) struct StepwisePattern(pub std::sync::Arc<Matcher>);

impl<'i> Keyword<'i, Representation> for StepwisePattern {
    fn validate(&self, instance: Value<'i>) -> Result<(), ValidationError<'i>> {
        if Keyword::<Representation>::is_valid(self, instance) {
            return Ok(());
        }
        Err(ValidationError::custom("pattern"))
    }

    fn is_valid(&self, instance: Value<'i>) -> bool {
        let Some(text) = jsonschema::json::Node::as_string(&instance) else {
            return true;
        };
        let burn = |fuel| instance.burn_work(fuel);
        // Fails closed, if the engine ever fails.
        self.0.is_match(&text, burn).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::Cell;

    const COST: ReadingCost = ReadingCost {
        base: 16,
        per_16_bytes: 160,
    };

    fn matcher(pattern: &str) -> Matcher {
        Matcher::new(&regex_syntax::parse(pattern).unwrap(), COST).unwrap()
    }

    #[test]
    fn a_match_pays_for_the_part_that_it_reads() {
        let burnt = Cell::new(0);
        let burn = |fuel| burnt.set(burnt.get() + fuel);
        let text = "a".repeat(100_000);
        assert_eq!(matcher("^a+$").is_match(&text, burn), Some(true));
        assert_eq!(burnt.replace(0), 16 + 10 * 100_000);
        assert_eq!(matcher("^b").is_match(&text, burn), Some(false));
        assert!(burnt.get() < 16 + 10 * 5000, "{}", burnt.get());
    }

    #[test]
    fn a_match_that_was_unwound_leaves_a_sound_matcher() {
        let matcher = matcher("[ab]*a[ab]{12}x");
        let text = "abaabbabababbbbabbabababbbbbbabba".repeat(500);
        for limit in 0..20u64 {
            let left = Cell::new(limit);
            let burn = |_| match left.get().checked_sub(1) {
                Some(rest) => left.set(rest),
                None => std::panic::resume_unwind(Box::new(())),
            };
            let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                matcher.is_match(&text, burn)
            }));
            assert_eq!(unwound.is_err(), limit < 6, "{limit}");
            assert_eq!(matcher.is_match("babbbbbbbbbbbbx", |_| ()), Some(true));
            assert_eq!(matcher.is_match("bbbbbbbbbbbbbbx", |_| ()), Some(false));
        }
    }

    #[test]
    fn an_empty_match_may_not_lie_within_a_character() {
        let only_there = regex_syntax::parse("(?-u:\\B)").unwrap();
        assert!(Matcher::new(&only_there, COST).is_none());
    }

    proptest! {
        /// The verdict is that of the DFA that is built ahead, by another search.
        #[test]
        fn the_verdict_is_that_of_another_engine(
            at in 0usize..9,
            text in "[abx\u{e9}\n]{0,40}",
        ) {
            use regex_automata::dfa::{dense, Automaton};
            let pattern = ["a", "^a", "a$", "^(ab|x)*$", "(?-u:\\b)a", "(?-u:\\B)a", "", "[^a]{3}x", "\u{e9}+b"][at];
            let nfa = thompson::Compiler::new().build(pattern).unwrap();
            let dfa = dense::Builder::new().build_from_nfa(&nfa).unwrap();
            let input = Input::new(&text).earliest(true);
            let expected = dfa.try_search_fwd(&input).unwrap().is_some();
            prop_assert_eq!(matcher(pattern).is_match(&text, |_| ()), Some(expected), "{}", pattern);
        }
    }
}
