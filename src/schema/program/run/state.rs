//! The state of a run, and the rules for values that are no containers.

use super::super::rule::{Number, Program, Rule, Text};
use super::answer::Answer;
use super::number::{self, Numeral};
use super::quick::{boolean, Quick};
use super::text::{self, Passed};
use crate::json::{scan, Cursor, Padded};

/// How often each byte of a text may be read again on average.
const READ_AGAIN: u64 = 32;
/// How many bytes may be read again in any text.
const READ_AGAIN_AT_LEAST: u64 = 1 << 16;
/// To read a value again takes at least as long as to read so many bytes.
const READING: u64 = 16;

/// The state of a run.
pub struct State<'p, 't> {
    pub quick: Quick<'p>,
    pub padded: Padded<'t>,
    /// Set where a rule cannot tell, see [`State::not_sure`].
    pub is_unsure: bool,
    /// How many more bytes may be read again.
    budget: u64,
    /// How many values are being read again, around each other.
    pub again: u32,
}

impl<'p, 't> State<'p, 't> {
    /// The state at the beginning. `is_ascii` says that each byte of the text is a character.
    pub fn new(program: &'p Program, padded: Padded<'t>, is_ascii: bool) -> Self {
        let length = padded.text().len() as u64;
        let widest = if is_ascii { 0 } else { 2 };
        Self {
            quick: Quick { program, widest },
            padded,
            is_unsure: false,
            budget: READ_AGAIN_AT_LEAST.saturating_add(length.saturating_mul(READ_AGAIN)),
            again: 0,
        }
    }

    #[inline(always)]
    pub fn program(&self) -> &'p Program {
        self.quick.program
    }

    /// None, as for a value that does not satisfy its rule, and a flag that it may satisfy it.
    #[cold]
    pub fn not_sure<T>(&mut self) -> Option<T> {
        self.is_unsure = true;
        None
    }

    /// None unless the answer is yes.
    pub fn so(&mut self, answer: Answer) -> Option<()> {
        match answer {
            Answer::Yes(()) => Some(()),
            Answer::No => None,
            Answer::NotSure => self.not_sure(),
        }
    }

    /// Counts so many readings of so many bytes each. False if that would be too many.
    pub fn may_read_again(&mut self, bytes: usize, times: usize) -> bool {
        let cost = (bytes as u64 + READING).saturating_mul(times as u64);
        let rest = self.budget.checked_sub(cost);
        self.budget = rest.unwrap_or(0);
        rest.is_some()
    }

    /// Reads any JSON.
    pub fn json(&mut self, at: Cursor<'t>, stack: &mut [u64], depth: usize) -> Option<Cursor<'t>> {
        match scan::value(at, stack, depth) {
            // The scan leaves names with escapes, for example, to the parser.
            None => self.not_sure(),
            end => end,
        }
    }

    /// Reads a value by a rule that containers never satisfy.
    #[inline(never)]
    pub fn scalar(&mut self, rule: &Rule, at: Cursor<'t>) -> Option<Cursor<'t>> {
        if let Some(end) = self.quick.scalar(rule, at) {
            return Some(end);
        }
        match *rule {
            Rule::Boolean => boolean(at),
            Rule::Text { min, max } => {
                let passed = Passed::at(at)?;
                let fits = passed.has_length(self.padded, min, max);
                fits.then(|| passed.behind())
            }
            // The short way knows all words without escapes.
            Rule::Word(_) if Passed::at(at)?.has_escapes() => self.not_sure(),
            Rule::Word(_) => None,
            Rule::Integer { min, max } => {
                let numeral = Numeral::at(at)?;
                self.so(numeral.is_integer_within(min, max))?;
                Some(numeral.end)
            }
            Rule::Number(number) => {
                let numeral = Numeral::at(at)?;
                self.number(number, &numeral)?;
                Some(numeral.end)
            }
            _ => self.not_sure(),
        }
    }

    /// Whether a number satisfies a rule.
    pub fn number(&mut self, number: u32, numeral: &Numeral<'t>) -> Option<()> {
        let rule: &Number = &self.program().numbers[number as usize];
        self.so(number::judge(numeral, rule))
    }

    /// Whether a string satisfies a rule.
    pub fn text(&mut self, number: u32, passed: &Passed<'t>) -> Option<()> {
        let rule: &Text = &self.program().texts[number as usize];
        let readings = rule.patterns.len() + rule.formats.len();
        let length = passed.end.bytes_from(passed.start);
        if readings > 1 && !self.may_read_again(length, readings) {
            return self.not_sure();
        }
        let automata = &self.program().automata;
        self.so(text::judge(passed, rule, automata, self.padded))
    }
}
