//! Reads a text and runs the rules of a program over it.
//!
//! Each byte is read a constant number of times, apart from what several rules for one value read again.
//! That is counted. The stack is bounded: nesting is limited, and so is the nesting of such rules.

use std::ops::{Deref, DerefMut};

use super::super::rule::{Mixed, Program, Rule, Types};
use super::answer::{together, Answer};
use super::arrays::array;
use super::number::Numeral;
use super::objects::object;
use super::state::State;
use super::text::Passed;
use super::values::Values;
use crate::json::{Cursor, Padded};

/// How many values may be read again around each other.
const MAX_AGAIN: u32 = 256;

/// A run of a program over a text.
pub struct Walk<'p, 't>(State<'p, 't>);

impl<'p, 't> Deref for Walk<'p, 't> {
    type Target = State<'p, 't>;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Walk<'_, '_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<'p, 't> Walk<'p, 't> {
    /// Begins a run. `is_ascii` says that each byte of the text is a character.
    pub fn new(program: &'p Program, padded: Padded<'t>, is_ascii: bool) -> Self {
        Self(State::new(program, padded, is_ascii))
    }

    /// What a rule says of the value at the cursor, and the cursor behind the value.
    pub fn judge(
        &mut self,
        rule: &'p Rule,
        at: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Answer<Cursor<'t>> {
        match self.any(rule, at, stack, depth) {
            Some(end) => Answer::Yes(end),
            None if std::mem::take(&mut self.is_unsure) => Answer::NotSure,
            None => Answer::No,
        }
    }

    /// Reads a value of one of several types, or one that must satisfy several rules.
    #[inline(never)]
    fn mixed(
        &mut self,
        rule: &'p Mixed,
        at: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Option<Cursor<'t>> {
        let types = types_at(at);
        if !rule.types.meet(types) {
            return None;
        }
        let end = self.typed(rule, at, stack, depth)?;
        let mut answer = Answer::sure(!rule.unsure.meet(types));
        for also in &rule.also {
            let ask = |rule: &'p Rule| self.again(rule, at, end, stack, depth);
            answer = answer.and(together(also, ask));
        }
        self.so(answer)?;
        Some(end)
    }

    /// Reads a value by the rule for its type.
    fn typed(
        &mut self,
        rule: &'p Mixed,
        at: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Option<Cursor<'t>> {
        match at.byte() {
            b'"' => {
                let passed = Passed::at(at)?;
                if let Some(text) = rule.text {
                    self.text(text, &passed)?;
                }
                Some(passed.behind())
            }
            b'[' => match rule.array {
                Some(number) => {
                    let rule = &self.program().arrays[number as usize];
                    array(self, rule, at, stack, depth)
                }
                None => self.json(at, stack, depth),
            },
            b'{' => match rule.object {
                Some(number) => {
                    let rule = &self.program().objects[number as usize];
                    object(self, rule, at, stack, depth)
                }
                None => self.json(at, stack, depth),
            },
            b'-' | b'0'..=b'9' => {
                let numeral = Numeral::at(at)?;
                self.so(numeral.is_of(rule.types))?;
                if let Some(number) = rule.number {
                    self.number(number, &numeral)?;
                }
                Some(numeral.end)
            }
            b't' => at.eat_all(b"true"),
            b'f' => at.eat_all(b"false"),
            _ => at.eat_all(b"null"),
        }
    }
}

impl<'p, 't> Values<'p, 't> for Walk<'p, 't> {
    #[inline(never)]
    fn any(
        &mut self,
        rule: &Rule,
        at: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Option<Cursor<'t>> {
        let program = self.program();
        match *rule {
            Rule::Object(number) => match at.byte() {
                b'{' => object(self, &program.objects[number as usize], at, stack, depth),
                _ => None,
            },
            Rule::Array(number) => match at.byte() {
                b'[' => array(self, &program.arrays[number as usize], at, stack, depth),
                _ => None,
            },
            Rule::Anything => self.json(at, stack, depth),
            Rule::Mixed(number) => self.mixed(&program.mixed[number as usize], at, stack, depth),
            _ => self.scalar(rule, at),
        }
    }

    fn again(
        &mut self,
        rule: &'p Rule,
        at: Cursor<'t>,
        end: Cursor<'t>,
        stack: &mut [u64],
        depth: usize,
    ) -> Answer {
        if self.again == MAX_AGAIN || !self.may_read_again(end.bytes_from(at), 1) {
            return Answer::NotSure;
        }
        self.again += 1;
        let answer = self.judge(rule, at, stack, depth);
        self.again -= 1;
        match answer {
            Answer::Yes(_) => Answer::Yes(()),
            Answer::No => Answer::No,
            Answer::NotSure => Answer::NotSure,
        }
    }
}

/// The possible types of the value that begins at the cursor.
fn types_at(at: Cursor<'_>) -> Types {
    match at.byte() {
        b'"' => Types::STRING,
        b'{' => Types::OBJECT,
        b'[' => Types::ARRAY,
        b't' => Types::TRUE,
        b'f' => Types::FALSE,
        b'n' => Types::NULL,
        b'-' | b'0'..=b'9' => Types::NUMBER,
        _ => Types::NONE,
    }
}
