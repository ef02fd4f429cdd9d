//! What the rules of a program mean, step by step over a tree: the shortest code, to compare with.

use crate::schema::program::rule::{
    Also, Array, Bound, Mixed, Number, Object, Program, Rule, Text, Types,
};
use serde_json::Value;

/// What a rule says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    Yes,
    No,
    NotSure,
}
use Says::{No, NotSure, Yes};

impl Says {
    fn of(is_yes: bool) -> Self {
        match is_yes {
            true => Yes,
            false => No,
        }
    }

    /// A definite no, or else the first that is not a yes.
    fn all(says: impl IntoIterator<Item = Says>) -> Self {
        says.into_iter().fold(Yes, |all, one| match (all, one) {
            (No, _) | (_, No) => No,
            (NotSure, _) | (_, NotSure) => NotSure,
            _ => Yes,
        })
    }

    fn not(self) -> Self {
        match self {
            Yes => No,
            No => Yes,
            NotSure => NotSure,
        }
    }
}

/// What the program says of a value.
pub fn says(program: &Program, value: &Value) -> Says {
    rule(program, program.root, value)
}

fn rule(program: &Program, what: Rule, value: &Value) -> Says {
    match (what, value) {
        (Rule::Anything, _) => Yes,
        (Rule::Unsure, _) => NotSure,
        (Rule::Boolean, value) => Says::of(value.is_boolean()),
        (Rule::Text { min, max }, Value::String(string)) => Says::of(has_length(string, min, max)),
        (Rule::Word(words), Value::String(string)) => {
            let mut word = [0; 8];
            let Some(start) = word.get_mut(..string.len()) else {
                return No;
            };
            start.copy_from_slice(string.as_bytes());
            let words = &program.words[words as usize];
            Says::of(words.binary_search(&u64::from_le_bytes(word)).is_ok())
        }
        (Rule::Integer { min, max }, Value::Number(_)) => match integer(value) {
            Some(Some(integer)) => Says::of((min..=max).contains(&integer)),
            Some(None) => No,
            None if (min, max) == (i64::MIN, i64::MAX) && !value.is_f64() => Yes,
            None => NotSure,
        },
        (Rule::Number(at), Value::Number(_)) => number(&program.numbers[at as usize], value),
        (Rule::Object(at), Value::Object(_)) => object(program, at, value),
        (Rule::Array(at), Value::Array(_)) => array(program, at, value),
        (Rule::Mixed(at), value) => mixed(program, &program.mixed[at as usize], value),
        _ => No,
    }
}

/// An integer of at most 18 digits; `Some(None)` for a number with a fraction. `None` for other integers,
/// and for such as 1.0.
fn integer(value: &Value) -> Option<Option<i64>> {
    match (value.as_i64(), value.as_f64()) {
        (Some(integer), _) => (integer.unsigned_abs() < 10u64.pow(18)).then_some(Some(integer)),
        (None, Some(float)) if float.fract() != 0.0 => Some(None),
        _ => None,
    }
}

fn has_length(string: &str, min: u32, max: u32) -> bool {
    (min as usize..=max as usize).contains(&string.chars().count())
}

fn mixed(program: &Program, mixed: &Mixed, value: &Value) -> Says {
    let number = match integer(value) {
        Some(None) => Types::FRACTION,
        Some(Some(_)) => Types::INTEGER,
        // Which of the two depends on the draft.
        None => Types::NUMBER,
    };
    let (kind, more) = match value {
        Value::Null => (Types::NULL, Yes),
        Value::Bool(false) => (Types::FALSE, Yes),
        Value::Bool(true) => (Types::TRUE, Yes),
        Value::Number(_) => {
            let at = mixed.number.map(|at| &program.numbers[at as usize]);
            (number, at.map_or(Yes, |at| self::number(at, value)))
        }
        Value::String(string) => {
            let at = mixed.text.map(|at| &program.texts[at as usize]);
            (
                Types::STRING,
                at.map_or(Yes, |at| text(program, at, string)),
            )
        }
        Value::Array(_) => (
            Types::ARRAY,
            mixed.array.map_or(Yes, |at| array(program, at, value)),
        ),
        Value::Object(_) => (
            Types::OBJECT,
            mixed.object.map_or(Yes, |at| object(program, at, value)),
        ),
    };
    if !mixed.types.meet(kind) {
        return No;
    }
    if mixed.unsure.meet(kind) || kind.without(mixed.types) != Types::NONE {
        return NotSure;
    }
    let also = mixed
        .also
        .iter()
        .map(|also| self::also(program, also, value));
    Says::all([more].into_iter().chain(also))
}

fn also(program: &Program, also: &Also, value: &Value) -> Says {
    let rules = |rules: &[Rule]| -> Vec<Says> {
        rules.iter().map(|&one| rule(program, one, value)).collect()
    };
    match also {
        Also::All(all) => Says::all(rules(all)),
        Also::Any(any) => Says::all(rules(any).into_iter().map(Says::not)).not(),
        Also::One(one) => {
            let says = rules(one);
            match says.iter().filter(|&&one| one == Yes).count() {
                2.. => No,
                _ if says.contains(&NotSure) => NotSure,
                count => Says::of(count == 1),
            }
        }
        &Also::Not(not) => rule(program, not, value).not(),
        &Also::If {
            condition,
            then,
            otherwise,
        } => match rule(program, condition, value) {
            Yes => rule(program, then, value),
            No => rule(program, otherwise, value),
            NotSure => NotSure,
        },
    }
}

fn text(program: &Program, text: &Text, string: &str) -> Says {
    let bytes = string.as_bytes();
    let is_listed = |list: &[Box<[u8]>]| {
        let found = list.binary_search_by(|one| (**one).cmp(bytes));
        found.is_ok()
    };
    let satisfies = has_length(string, text.min, text.max)
        && text.one_of.as_ref().is_none_or(|list| is_listed(list))
        && (text.patterns.iter()).all(|&at| program.automata[at as usize].matches(bytes))
        && (text.formats.iter()).all(|check| check.is_valid(&string.into()));
    match satisfies {
        true if text.is_unsure => NotSure,
        satisfies => Says::of(satisfies),
    }
}

fn number(number: &Number, value: &Value) -> Says {
    let kind = match integer(value) {
        Some(Some(_)) => Types::INTEGER,
        Some(None) => Types::FRACTION,
        None => Types::NUMBER,
    };
    if !number.types.meet(kind) {
        return No;
    }
    let Some(Some(integer)) = integer(value) else {
        let is_plain = number.one_of.is_none() && number.multiple_of.is_none();
        let has_bounds = number.min.is_some() || number.max.is_some();
        if !is_plain || number.is_unsure || kind.without(number.types) != Types::NONE {
            return NotSure;
        }
        return match kind == Types::FRACTION && value.to_string().len() <= 15 {
            _ if !has_bounds => Yes,
            false => NotSure,
            true => Says::of(is_within(number, value.as_f64().expect("a number"))),
        };
    };
    let exact = |bound: Bound| i128::from(bound.digits);
    let scaled = |bound: Bound| i128::from(integer) * 10i128.pow(bound.scale.into());
    let is_above = number.min.is_none_or(|min| match min.is_exclusive {
        true => scaled(min) > exact(min),
        false => scaled(min) >= exact(min),
    });
    let is_below = number.max.is_none_or(|max| match max.is_exclusive {
        true => scaled(max) < exact(max),
        false => scaled(max) <= exact(max),
    });
    let is_listed = |list: &[i64]| list.binary_search(&integer).is_ok();
    let satisfies = is_above
        && is_below
        && number.one_of.as_ref().is_none_or(|list| is_listed(list))
        && number
            .multiple_of
            .is_none_or(|factor| integer % factor == 0);
    match satisfies {
        true if number.is_unsure => NotSure,
        satisfies => Says::of(satisfies),
    }
}

fn is_within(number: &Number, value: f64) -> bool {
    let at = |bound: Bound| bound.digits as f64 / 10f64.powi(bound.scale.into());
    let is_above = number.min.is_none_or(|min| match min.is_exclusive {
        true => value > at(min),
        false => value >= at(min),
    });
    let is_below = number.max.is_none_or(|max| match max.is_exclusive {
        true => value < at(max),
        false => value <= at(max),
    });
    is_above && is_below
}

fn array(program: &Program, at: u32, value: &Value) -> Says {
    let Array {
        min,
        max,
        prefix,
        items,
        is_unique,
        contains,
    } = &program.arrays[at as usize];
    let elements = value.as_array().expect("an array");
    let is_within =
        |count: usize, min: u32, max: u32| (min as usize..=max as usize).contains(&count);
    let mut says = vec![Says::of(is_within(elements.len(), *min, *max))];
    for (index, element) in elements.iter().enumerate() {
        says.push(rule(program, *prefix.get(index).unwrap_or(items), element));
    }
    if *is_unique {
        let equal = |one: &Value, other: &Value| {
            one == other || one.as_f64() == other.as_f64() && one.is_number()
        };
        let is_new = |at: usize| !elements[..at].iter().any(|one| equal(one, &elements[at]));
        let are_scalars = elements
            .iter()
            .all(|one| !one.is_array() && !one.is_object());
        says.push(match are_scalars {
            true => Says::of((0..elements.len()).all(is_new)),
            false => NotSure,
        });
    }
    if let Some(contains) = contains {
        let found = elements.iter().map(|one| rule(program, contains.rule, one));
        let found: Vec<Says> = found.collect();
        says.push(match found.contains(&NotSure) {
            true => NotSure,
            false => {
                let count = found.iter().filter(|&&one| one == Yes).count();
                Says::of(is_within(count, contains.min, contains.max))
            }
        });
    }
    Says::all(says)
}

fn object(program: &Program, at: u32, value: &Value) -> Says {
    let object: &Object = &program.objects[at as usize];
    let members = value.as_object().expect("an object");
    let mut says = vec![Says::of(
        (object.min as usize..=object.max as usize).contains(&members.len()),
    )];
    let mut seen = 0;
    for (name, member) in members {
        let key = crate::json::name_key(name.as_bytes());
        let known = &object.members[object.lookup.find(key)];
        if known.bit != 0 || !known.name.is_empty() || name.is_empty() {
            if *known.name == *name.as_bytes() && object.lookup.find(key) + 1 < object.members.len()
            {
                seen |= known.bit;
                says.push(rule(program, known.rule, member));
                continue;
            }
        }
        let text = object.names.map(|at| &program.texts[at as usize]);
        says.push(text.map_or(Yes, |at| self::text(program, at, name)));
        let mut matches = false;
        for &(pattern, of_pattern) in &object.patterns {
            if program.automata[pattern as usize].matches(name.as_bytes()) {
                matches = true;
                says.push(rule(program, of_pattern, member));
            }
        }
        match object.additional {
            _ if matches => {}
            Some(additional) => says.push(rule(program, additional, member)),
            None => says.push(No),
        }
    }
    says.push(Says::of(object.required & !seen == 0));
    for &(one, others) in &object.needs {
        says.push(Says::of(seen & one == 0 || others & !seen == 0));
    }
    Says::all(says)
}
