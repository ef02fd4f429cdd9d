//! Chooses the simplest rule for a value, and puts the rest into the tables of the program.

use super::super::rule::{Mixed, Number, Program, Rule, Text, Types};
use super::numbers::without_rule;
use super::texts::word;

/// What numbers must be, as a rule or as an entry of the table.
pub type NumberRule = Result<Rule, Number>;

/// The simplest rule that says what `mixed` does, of which strings must be `text`, and numbers `number`.
pub fn simplest(
    program: &mut Program,
    mut mixed: Mixed,
    text: Option<Text>,
    number: Option<NumberRule>,
) -> Rule {
    let types = mixed.types;
    let is_one = mixed.unsure == Types::NONE && mixed.also.is_empty();
    match (types, &text, &number) {
        _ if !is_one => {}
        (Types::BOOLEAN, ..) => return Rule::Boolean,
        (Types::STRING, None, _) => {
            let (min, max) = (0, u32::MAX);
            return Rule::Text { min, max };
        }
        (Types::STRING, Some(text), _) => {
            if let Some(rule) = without_table(program, text) {
                return rule;
            }
        }
        (Types::INTEGER, _, Some(Ok(rule))) => return *rule,
        _ => {}
    }
    if let Some(text) = text {
        mixed.text = Some(push(&mut program.texts, text));
    }
    if let Some(number) = number {
        mixed.number = Some(push(&mut program.numbers, without_rule(number)));
    }
    let is_all = types == Types::ALL && mixed.text.is_none();
    match (mixed.number, mixed.array, mixed.object) {
        _ if !is_one => {}
        (Some(number), ..) if types.without(Types::NUMBER) == Types::NONE => {
            return Rule::Number(number);
        }
        (_, Some(array), _) if types == Types::ARRAY => return Rule::Array(array),
        (_, _, Some(object)) if types == Types::OBJECT => return Rule::Object(object),
        (None, None, None) if is_all => return Rule::Anything,
        _ => {}
    }
    Rule::Mixed(push(&mut program.mixed, mixed))
}

/// A rule for strings that needs no [`Text`].
fn without_table(program: &mut Program, text: &Text) -> Option<Rule> {
    if text.is_unsure || !text.patterns.is_empty() || !text.formats.is_empty() {
        return None;
    }
    let (min, max) = (text.min, text.max);
    let Some(list) = &text.one_of else {
        return Some(Rule::Text { min, max });
    };
    let words: Option<Vec<u64>> = list.iter().map(|string| word(string)).collect();
    let mut words = words?;
    words.sort_unstable();
    Some(Rule::Word(push(&mut program.words, words.into())))
}

/// Adds an entry to a table. Returns its number.
pub fn push<T>(table: &mut Vec<T>, entry: T) -> u32 {
    table.push(entry);
    table.len() as u32 - 1
}
