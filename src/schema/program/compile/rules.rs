//! Makes the rules of a program from sets of subschemas.
//!
//! The rule for a set is made at once, but those for members and elements are put off: a rule may refer to
//! itself by them. Only alternatives are nested, as deep as `bounds` allows.

use std::collections::HashMap;

use super::super::names::Lookup;
use super::super::rule::{Also, Array, Mixed, Number, Object, Program, Rule, Text, Types};
use super::arrays::{self, ArrayPlan};
use super::containers;
use super::exclusive::are_exclusive;
use super::numbers;
use super::objects::{self, ObjectPlan};
use super::reader::Reader;
use super::sets::Set;
use super::shape::{ArrayShape, Choice, ObjectShape, Shape};
use super::tables::{push, simplest};
use super::texts::Texts;
use crate::json::name_key;

/// The most alternatives nested in one another. A check reads a value once more for each.
const MAX_CHAIN: u32 = 16;

/// A rule, and how many [`Also`] are nested in it for the same value.
type Made = (Rule, u32);

/// The rules that are made so far.
pub struct Rules<'g, 'r> {
    pub reader: Reader<'g, 'r>,
    pub texts: Texts<'g, 'r>,
    program: Program,
    known: HashMap<Set, Made>,
    pending: Vec<Pending<'r>>,
    /// The tables of the program that are filled later.
    objects: Vec<Option<Object>>,
    arrays: Vec<Option<Array>>,
}

/// A plan, and the place of its rule.
enum Pending<'r> {
    Object(usize, ObjectPlan<'r>, Lookup),
    Array(usize, ArrayPlan),
}

impl<'g, 'r> Rules<'g, 'r> {
    pub fn new(reader: Reader<'g, 'r>, texts: Texts<'g, 'r>) -> Self {
        Self {
            reader,
            texts,
            program: Program::default(),
            known: HashMap::new(),
            pending: Vec::new(),
            objects: Vec::new(),
            arrays: Vec::new(),
        }
    }

    /// The program whose root is the rule for a set.
    pub fn program(mut self, root: Set) -> Program {
        self.program.root = self.rule(root);
        while let Some(pending) = self.pending.pop() {
            match pending {
                Pending::Object(place, mut plan, lookup) => {
                    let names = plan
                        .names
                        .take()
                        .map(|text| push(&mut self.program.texts, text));
                    let object = containers::object(&plan, lookup, names, |set| self.rule(set));
                    self.objects[place] = Some(object);
                }
                Pending::Array(place, plan) => {
                    let array = containers::array(&plan, |set| self.rule(set));
                    self.arrays[place] = Some(array);
                }
            }
        }
        self.program.objects = self.objects.into_iter().flatten().collect();
        self.program.arrays = self.arrays.into_iter().flatten().collect();
        self.program.automata = self.texts.automata;
        self.program
    }

    fn rule(&mut self, set: Set) -> Rule {
        self.made(set).0
    }

    fn made(&mut self, set: Set) -> Made {
        if let Some(&known) = self.known.get(&set) {
            return known;
        }
        let shape = self.reader.shape(set);
        let made = self.lower(&shape);
        self.known.insert(set, made);
        made
    }

    /// The rule for a shape.
    fn lower(&mut self, shape: &Shape<'r>) -> Made {
        let mut mixed = Mixed {
            types: shape.types,
            unsure: shape.unsure,
            text: None,
            number: None,
            array: None,
            object: None,
            also: Box::default(),
        };
        let mut also = Vec::new();
        let mut chain = 0;
        let text = self.text(shape, &mut mixed);
        let number = self.number(shape, &mut mixed);
        let is_asked =
            |mixed: &Mixed, types: Types| mixed.types.meet(types) && !mixed.unsure.meet(types);
        if is_asked(&mixed, Types::ARRAY) && shape.array != ArrayShape::default() {
            match arrays::plan(&shape.array, &mut self.reader.nodes) {
                Some(plan) => mixed.array = Some(self.plan_array(plan, &mut also)),
                None => mixed.unsure = mixed.unsure.or(Types::ARRAY),
            }
        }
        if is_asked(&mixed, Types::OBJECT) && shape.object != ObjectShape::default() {
            match self.plan_object(&shape.object, &mut also) {
                Some(place) => mixed.object = Some(place),
                None => mixed.unsure = mixed.unsure.or(Types::OBJECT),
            }
        }
        for choice in &shape.choices {
            if let Some((choice, nested)) = self.choice(choice, mixed.types) {
                chain = chain.max(nested);
                also.push(choice);
            }
        }
        if !also.is_empty() {
            chain += 1;
        }
        mixed.unsure = mixed.unsure.and(mixed.types);
        if chain > MAX_CHAIN || (mixed.types != Types::NONE && mixed.unsure == mixed.types) {
            return (Rule::Unsure, 0);
        }
        mixed.also = also.into();
        (simplest(&mut self.program, mixed, text, number), chain)
    }

    /// What strings must be, unless they may be anything or nothing.
    fn text(&mut self, shape: &Shape<'r>, mixed: &mut Mixed) -> Option<Text> {
        if !mixed.types.meet(Types::STRING) || mixed.unsure.meet(Types::STRING) {
            return None;
        }
        let text = self.texts.text(&shape.text);
        if text.one_of.as_ref().is_some_and(|list| list.is_empty()) {
            mixed.types = mixed.types.without(Types::STRING);
            return None;
        }
        (!text.is_any()).then_some(text)
    }

    /// What numbers must be, unless they may be anything or nothing.
    fn number(&mut self, shape: &Shape<'r>, mixed: &mut Mixed) -> Option<Result<Rule, Number>> {
        let types = mixed.types.and(Types::NUMBER);
        if types == Types::NONE || mixed.unsure.meet(types) {
            return None;
        }
        let number = numbers::number(&shape.number, types);
        match &number {
            Err(Number {
                one_of: Some(list), ..
            }) if list.is_empty() => {
                mixed.types = mixed.types.without(Types::NUMBER);
                None
            }
            _ if shape.number == Default::default() && mixed.types != types => None,
            _ => Some(number),
        }
    }

    /// What a value of these types must satisfy too, and how many choices are nested in that. `None` if that
    /// is nothing.
    fn choice(&mut self, choice: &Choice<'r>, types: Types) -> Option<(Also, u32)> {
        let mut chain = 0;
        let mut rule = |rules: &mut Self, set| {
            let (rule, nested) = rules.made(set);
            chain = chain.max(nested);
            rule
        };
        let also = match choice {
            Choice::Any(sets) | Choice::One(sets) => {
                let mut sets = sets.clone();
                // A value of these types satisfies no alternative for others.
                sets.retain(|&set| self.reader.shape(set).types.meet(types));
                let is_any =
                    matches!(choice, Choice::Any(_)) || are_exclusive(&sets, &mut self.reader);
                let list: Box<[Rule]> = sets.iter().map(|&set| rule(self, set)).collect();
                match is_any {
                    true => Also::Any(list),
                    false => Also::One(list),
                }
            }
            &Choice::Not(set) => Also::Not(rule(self, set)),
            &Choice::If {
                condition,
                then,
                otherwise,
            } => Also::If {
                condition: rule(self, condition),
                then: rule(self, then),
                otherwise: rule(self, otherwise),
            },
            &Choice::Dependent(name, set) => {
                if !types.meet(Types::OBJECT) {
                    return None;
                }
                let then = rule(self, set);
                let mut shape = Shape::of(Types::OBJECT);
                shape.object.required.insert(name);
                Also::If {
                    condition: self.lower(&shape).0,
                    then,
                    otherwise: Rule::Anything,
                }
            }
        };
        self.program.reads_again = true;
        Some((also, chain))
    }

    /// Plans an object, and puts what one rule cannot say into `also`. Returns its number; `None` if more is
    /// asked than is known.
    fn plan_object(&mut self, shape: &ObjectShape<'r>, also: &mut Vec<Also>) -> Option<u32> {
        let mut plan = objects::plan(shape, &mut self.reader, &mut self.texts)?;
        let names = plan.members.iter().map(|member| member.name.as_bytes());
        let lookup = Lookup::new(&names.map(name_key).collect::<Vec<_>>())?;
        for more in std::mem::take(&mut plan.more) {
            let other = self.plan_object(&more, also)?;
            also.push(Also::All(Box::new([Rule::Object(other)])));
        }
        self.program.reads_again |= !plan.patterns.is_empty();
        let place = push(&mut self.objects, None);
        self.pending
            .push(Pending::Object(place as usize, plan, lookup));
        Some(place)
    }

    /// Plans an array, and puts what one rule cannot say into `also`. Returns its number.
    fn plan_array(&mut self, mut plan: ArrayPlan, also: &mut Vec<Also>) -> u32 {
        while plan.contains.len() > 1 {
            let other = ArrayPlan {
                contains: plan.contains.pop().into_iter().collect(),
                ..ArrayPlan::default()
            };
            let other = self.plan_array(other, also);
            also.push(Also::All(Box::new([Rule::Array(other)])));
        }
        self.program.reads_again |= !plan.contains.is_empty();
        let place = push(&mut self.arrays, None);
        self.pending.push(Pending::Array(place as usize, plan));
        place
    }
}
