//! A program: a schema as rules that can be run over a text while it is read.
//!
//! `compile` makes a program and `run` runs it. A rule says of a value yes, no, or that it is not sure. "Yes"
//! and "no" are what jsonschema says. "Not sure" leaves the whole check to jsonschema, and is right
//! everywhere.
//!
//! Rules refer to each other by their numbers in the tables of [`Program`], so that they can do so in a circle.

use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::sync::Arc;

use super::automaton::Automaton;
use super::names::Lookup;
pub use super::types::Types;
use crate::json::Predicted;

/// The rules of a schema.
#[derive(Debug)]
pub struct Program {
    /// What the whole data must be.
    pub root: Rule,
    pub objects: Vec<Object>,
    pub arrays: Vec<Array>,
    pub texts: Vec<Text>,
    pub numbers: Vec<Number>,
    /// Sets of words of up to eight bytes, each as its bytes, the first lowest, and NULs.
    pub words: Vec<Box<[u64]>>,
    pub mixed: Vec<Mixed>,
    pub automata: Vec<Automaton>,
    /// Whether a value may be read more than once: for [`Also`], for patterns of names, for `contains`. Such
    /// reads are counted.
    pub reads_again: bool,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            root: Rule::Unsure,
            objects: Vec::new(),
            arrays: Vec::new(),
            texts: Vec::new(),
            numbers: Vec::new(),
            words: Vec::new(),
            mixed: Vec::new(),
            automata: Vec::new(),
            reads_again: false,
        }
    }
}

/// What a value must be. The number is a place in a table of the program.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Any JSON.
    Anything,
    /// Not sure, whatever the value is: the program does not know the keyword.
    Unsure,
    Boolean,
    /// A string of so many characters.
    Text {
        min: u32,
        max: u32,
    },
    /// A string of [`Program::words`].
    Word(u32),
    /// An integer within bounds.
    Integer {
        min: i64,
        max: i64,
    },
    /// A number that [`Program::numbers`] allows.
    Number(u32),
    Object(u32),
    Array(u32),
    /// A value of one of several types, or one of which more is asked.
    Mixed(u32),
}

/// A rule for values of several types. A value must be of one of `types`, satisfy what stands for its type,
/// and all of `also`.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixed {
    pub types: Types,
    /// Values of these types are not sure.
    pub unsure: Types,
    /// Where strings must satisfy more: a number of [`Program::texts`].
    pub text: Option<u32>,
    /// Of [`Program::numbers`].
    pub number: Option<u32>,
    /// Of [`Program::arrays`].
    pub array: Option<u32>,
    /// Of [`Program::objects`].
    pub object: Option<u32>,
    /// What the value must satisfy too. Each reads the value once more.
    pub also: Box<[Also]>,
}

/// Rules for one value together.
#[derive(Debug, Clone, PartialEq)]
pub enum Also {
    /// `allOf` that could not be made one rule.
    All(Box<[Rule]>),
    /// `anyOf`.
    Any(Box<[Rule]>),
    /// `oneOf`.
    One(Box<[Rule]>),
    /// `not`.
    Not(Rule),
    /// `if`, `then` and `else`.
    If {
        condition: Rule,
        then: Rule,
        otherwise: Rule,
    },
}

/// What a string must be.
#[derive(Debug, Clone, Default)]
pub struct Text {
    /// The least and the greatest number of characters.
    pub min: u32,
    pub max: u32,
    /// The strings that are allowed, sorted.
    pub one_of: Option<Box<[Box<[u8]>]>>,
    /// Patterns that the string must match: numbers of [`Program::automata`].
    pub patterns: Box<[u32]>,
    /// Formats that the string must have. jsonschema checks them.
    pub formats: Box<[Arc<jsonschema::Validator>]>,
    /// Whether more is asked that the program does not know: a string that satisfies the rest is not sure.
    pub is_unsure: bool,
}

impl Text {
    /// Whether any string will do.
    pub fn is_any(&self) -> bool {
        let has_lengths = self.min > 0 || self.max < u32::MAX;
        let has_checks = !self.patterns.is_empty() || !self.formats.is_empty();
        !has_lengths && !has_checks && self.one_of.is_none() && !self.is_unsure
    }
}

/// What a number must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// [`Types::INTEGER`], [`Types::FRACTION`] or both.
    pub types: Types,
    pub min: Option<Bound>,
    pub max: Option<Bound>,
    /// The integers that are allowed, sorted. A number with a fraction or an exponent is then not sure.
    pub one_of: Option<Box<[i64]>>,
    /// What an integer must be a multiple of. A number with a fraction or an exponent is then not sure.
    pub multiple_of: Option<i64>,
    /// Whether more is asked that the program does not know.
    pub is_unsure: bool,
}

/// A bound of numbers: `digits` divided by ten to the `scale`.
///
/// It has at most 15 digits, so that the order of decimal numbers is that of their doubles. Bounds of
/// integers only ([`Number::types`]) have up to 18, a scale of 0, and are allowed themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    pub digits: i64,
    pub scale: u8,
    /// Whether the bound itself is not allowed.
    pub is_exclusive: bool,
}

/// What an array must be.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub min: u32,
    pub max: u32,
    /// The rules for the first elements.
    pub prefix: Box<[Rule]>,
    /// The rule for all others.
    pub items: Rule,
    pub is_unique: bool,
    pub contains: Option<Contains>,
}

/// How many elements must satisfy a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contains {
    pub rule: Rule,
    pub min: u32,
    pub max: u32,
}

/// What an object must be.
#[derive(Debug)]
pub struct Object {
    /// The members that the schema names, and [`Member::nowhere`] as the last.
    pub members: Box<[Member]>,
    /// Finds the number of a member by its key.
    pub lookup: Lookup,
    /// The bits of the members that must be there.
    pub required: u64,
    /// For each entry: if a member with the first bit is there, those of the second must be.
    pub needs: Box<[(u64, u64)]>,
    /// The rule for members with other names, which match none of `patterns` either. `None` if there must
    /// be none.
    pub additional: Option<Rule>,
    /// Patterns (numbers of [`Program::automata`]), each with a rule for members whose names match it. A
    /// member must satisfy the rules of all patterns that its name matches. For members that the schema
    /// names, these are part of the member's rule already.
    pub patterns: Box<[(u32, Rule)]>,
    /// What names must be: a number of [`Program::texts`]. Those that the schema names are so.
    pub names: Option<u32>,
    /// The least and the greatest number of members.
    pub min: u32,
    pub max: u32,
    /// The member that came first in the object before.
    pub first: Hint,
}

/// A member that a schema names.
#[derive(Debug)]
pub struct Member {
    /// The name with its quotes and the colon, if it is short enough.
    pub predicted: Predicted,
    pub rule: Rule,
    /// A bit of the member's own. Zero if the object has more than 64 names and this is none of the first 64
    /// that it requires; duplicates are then found as those of other names are.
    pub bit: u64,
    /// The member that came behind this one in the object before.
    pub next: Hint,
    /// The key of the name, see `json::name_key`.
    pub key: u64,
    pub name: Box<[u8]>,
}

/// The number of a member that will probably come next. A wrong one costs time and nothing else, so threads
/// may change it at any time.
#[derive(Debug)]
pub struct Hint(AtomicU16);

impl Hint {
    pub const fn new(number: u16) -> Self {
        Self(AtomicU16::new(number))
    }

    #[inline(always)]
    pub fn get(&self) -> usize {
        self.0.load(Relaxed).into()
    }

    #[inline(always)]
    pub fn set(&self, number: u16) {
        self.0.store(number, Relaxed);
    }
}
