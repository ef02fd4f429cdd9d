//! The short way through data that is as most data is: strings without escapes, small integers, objects
//! whose members come in the order of the last time, without whitespace. It says yes or nothing, and is
//! inlined into the loops of `walk`.

use super::super::rule::{Object, Program, Rule};
use super::{number, text};
use crate::json::Cursor;

/// What is needed on the short way.
#[derive(Clone, Copy)]
pub struct Quick<'p> {
    pub program: &'p Program,
    /// The logarithm of the number of bytes that a character of the text can have.
    pub widest: u32,
}

impl Quick<'_> {
    /// The cursor behind a value that satisfies the rule.
    #[inline(always)]
    pub fn scalar<'t>(self, rule: &Rule, at: Cursor<'t>) -> Option<Cursor<'t>> {
        match *rule {
            Rule::Text { min, max } => text::plain(at, min, max, self.widest),
            Rule::Integer { min, max } => number::integer(at, min, max),
            Rule::Word(words) => text::word(at, self.program.words.get(words as usize)?),
            Rule::Boolean => boolean(at),
            _ => None,
        }
    }

    /// The cursor behind an object that has only members that the rule names, each with a value that
    /// [`Quick::scalar`] knows, in the order of the last time.
    #[inline(always)]
    pub fn row<'t>(self, rule: &Object, at: Cursor<'t>) -> Option<Cursor<'t>> {
        let mut at = at.eat(b'{')?;
        let mut seen: u64 = 0;
        let mut hint = &rule.first;
        loop {
            let member = rule.members.get(hint.get())?;
            let value = at.eat_predicted(&member.predicted)?;
            let before = seen;
            seen |= member.bit;
            // It was there before, or has no bit.
            if seen == before {
                return None;
            }
            hint = &member.next;
            at = self.scalar(&member.rule, value)?;
            match at.eat(b',') {
                Some(next) => at = next,
                None => break,
            }
        }
        let end = at.eat(b'}')?;
        (rule.required & !seen == 0).then_some(end)
    }
}

/// The cursor behind `true` or `false`.
#[inline(always)]
pub fn boolean(at: Cursor<'_>) -> Option<Cursor<'_>> {
    match at.eat_all(b"true") {
        None => at.eat_all(b"false"),
        behind => behind,
    }
}
