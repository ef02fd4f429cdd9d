//! The patterns of one schema: their translation, their costs, and the limits on all of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jsonschema_regex::{analyze_pattern, is_valid_ecma_regex, to_rust_regex};

use super::ecma::{self, Fault, FaultKind};
use super::matcher::Matcher;
use super::pattern::{self, PatternCost, Way};
use crate::json::ReadingCost;

/// Continues "the schema is not valid at its place: ".
pub(super) const TOO_LARGE: &str =
    "is a pattern that is too large; use a shorter one with smaller repetitions";

/// Translates and weighs the patterns of one schema, each text once.
pub(super) struct Patterns<'r> {
    known: HashMap<&'r str, Known>,
    /// The texts under which jsonschema will compile patterns.
    taken: HashSet<String>,
    /// The rest of [`pattern::CREDIT`].
    credit: u64,
    /// The states of all patterns together.
    states: u64,
}

struct Known {
    /// The text for jsonschema, where it is another.
    text: Option<String>,
    cost: PatternCost,
    /// Made once the pattern is that of a string; `None` for one that jsonschema must match.
    matcher: Option<Arc<Matcher>>,
    matcher_tried: bool,
}

/// What has to take the place of the patterns of a schema.
#[derive(Debug, Default)]
pub(super) struct Replacements {
    /// The texts for jsonschema, by the texts in the schema, where they differ. No two patterns have
    /// the same.
    pub texts: HashMap<String, String>,
    /// The matchers of strings, by the texts in the schema.
    pub matchers: HashMap<String, Arc<Matcher>>,
}

impl Replacements {
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.matchers.is_empty()
    }
}

impl<'r> Patterns<'r> {
    pub fn new() -> Self {
        Self {
            known: HashMap::new(),
            taken: HashSet::new(),
            credit: pattern::CREDIT,
            states: 0,
        }
    }

    /// The cost of matching a string with the pattern, beyond what a matcher burns by itself.
    ///
    /// # Errors
    ///
    /// The pattern is refused: the reason, which continues "the schema is not valid at its place: ".
    pub fn of_string(&mut self, text: &'r str) -> Result<ReadingCost, String> {
        let known = self.weigh(text)?;
        if let (Way::Stepwise(pattern), false) = (&known.cost.way, known.matcher_tried) {
            known.matcher = Matcher::new(pattern, known.cost.reading).map(Arc::new);
            known.matcher_tried = true;
        }
        Ok(match known.matcher {
            Some(_) => ReadingCost::default(),
            None => known.cost.reading,
        })
    }

    /// The cost of matching the name of a member with the pattern.
    ///
    /// # Errors
    ///
    /// As [`Patterns::of_string`].
    pub fn of_member(&mut self, text: &'r str) -> Result<ReadingCost, String> {
        Ok(self.weigh(text)?.cost.reading)
    }

    pub fn finish(self) -> Replacements {
        let mut replacements = Replacements::default();
        for (pattern, known) in self.known {
            if let Some(text) = known.text {
                replacements.texts.insert(pattern.to_owned(), text);
            }
            if let Some(matcher) = known.matcher {
                replacements.matchers.insert(pattern.to_owned(), matcher);
            }
        }
        replacements
    }

    fn weigh(&mut self, pattern: &'r str) -> Result<&mut Known, String> {
        if !self.known.contains_key(pattern) {
            let known = self.weigh_new(pattern)?;
            self.known.insert(pattern, known);
        }
        Ok(self.known.get_mut(pattern).expect("just inserted"))
    }

    fn weigh_new(&mut self, pattern: &str) -> Result<Known, String> {
        let too_large = || Err(TOO_LARGE.to_owned());
        let is_plain = analyze_pattern(pattern).is_some();
        if !is_plain && pattern.len() > pattern::MAX_BYTES {
            return too_large();
        }
        let translated = if is_plain {
            None
        } else {
            translated(pattern).map_err(|fault| fault.to_string())?
        };
        let mut text = translated.unwrap_or_else(|| pattern.to_owned());
        let cost = pattern::weigh(&text, &mut self.credit);
        if cost.states > pattern::MAX_STATES {
            return too_large();
        }
        // Even the smallest pattern takes as long to compile as about 50 states.
        self.states = self.states.saturating_add(cost.states + 50);
        // Checked for each pattern, because weighing them all can take as long as compiling them.
        if self.states > pattern::MAX_ALL_STATES {
            return Err("is one of too many or too large patterns; use fewer, smaller ones".into());
        }
        if let Way::FromTheStart(anchored) = &cost.way {
            text.clone_from(anchored);
        }
        // Two patterns of one text would be one member of patternProperties.
        while !self.taken.insert(text.clone()) {
            text.push_str("(?:)");
        }
        Ok(Known {
            text: (text != pattern).then_some(text),
            cost,
            matcher: None,
            matcher_tried: false,
        })
    }
}

/// The text under which jsonschema matches `pattern` as ECMA-262 does; `None` if it does so already.
///
/// # Errors
///
/// The pattern is not ECMA-262, and nothing that jsonschema understands either, or it does not run
/// in linear time.
fn translated(pattern: &str) -> Result<Option<String>, Fault> {
    let text = match ecma::translate(pattern) {
        Ok(translation) => translation.text,
        Err(fault) if matches!(fault.kind, FaultKind::Syntax(_)) => {
            let text = ecma::lenient(pattern).ok_or(fault)?;
            return Ok((text != pattern).then_some(text));
        }
        Err(fault) => return Err(fault),
    };
    let same = to_rust_regex(pattern).is_ok_and(|theirs| {
        regex_syntax::parse(&theirs).is_ok_and(|theirs| regex_syntax::parse(&text) == Ok(theirs))
    });
    Ok((!same).then_some(text))
}

/// Why jsonschema refuses a pattern that was not refused here: its draft is stricter, or compiling the
/// pattern takes too much memory. Continues "the schema is not valid at its place: ".
pub(super) fn refusal(pattern: &str) -> String {
    let fault = match ecma::translate(pattern) {
        Ok(translation) => translation.forgiven,
        Err(fault) => Some(fault),
    };
    match fault {
        Some(fault) => fault.to_string(),
        None if is_valid_ecma_regex(pattern) => TOO_LARGE.to_owned(),
        None => "is not a pattern of ECMA-262 with the flag u".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_patterns_never_become_one() {
        let mut patterns = Patterns::new();
        for text in ["\\cJ+", "\\u{a}+", "[\\cJ]+", "[^]", "[^]", "[^](?:)"] {
            patterns.of_member(text).unwrap();
        }
        let replacements = patterns.finish();
        let mut texts: Vec<&String> = replacements.texts.values().collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), replacements.texts.len(), "{replacements:?}");
        assert!(texts.len() >= 2, "{replacements:?}");
    }

    #[test]
    fn patterns_that_jsonschema_reads_rightly_stay_as_they_are() {
        for pattern in [
            "^[a-z]+$",
            "^[^@\\s]+@[\\w.-]+$",
            "^\\p{L}+(?:\\.\\d{2,3})?$",
            "^(\\[|\\]|\\/|\\-)*.$",
            "^\u{e9}\\u00e9$",
        ] {
            assert_eq!(translated(pattern), Ok(None), "{pattern}");
        }
    }

    #[test]
    fn the_translation_is_what_jsonschema_compiles() {
        for pattern in [
            "\\b[^\\w-]\\B",
            "[^][]\\uD83D\\uDE00",
            "(?i:\\W\\P{Lu})[\\D\\S]",
            "[+--a&&~~]\\0\\cJ",
        ] {
            let text = translated(pattern).unwrap().unwrap();
            assert_eq!(to_rust_regex(&text).unwrap(), text, "{pattern}");
        }
    }
}
