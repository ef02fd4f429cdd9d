//! Objects.

use super::super::rule::{Hint, Object, Rule};
use super::answer::Answer;
use super::members::predicted;
use super::text::Passed;
use super::values::Values;
use crate::json::{scalar, Cursor, Seen};

/// A place in an object, before a member.
struct Place<'p, 't> {
    at: Cursor<'t>,
    /// The bits of the members before.
    seen: u64,
    /// The names before that have no bit.
    others: Seen,
    /// The number of the member that probably comes.
    hint: &'p Hint,
}

/// Reads the object at the cursor.
#[inline(never)]
pub fn object<'p, 't>(
    values: &mut impl Values<'p, 't>,
    rule: &'p Object,
    at: Cursor<'t>,
    stack: &mut [u64],
    depth: usize,
) -> Option<Cursor<'t>> {
    let Some(depth) = depth.checked_sub(1) else {
        return values.not_sure();
    };
    let mut at = at.step().space_end();
    if let Some(end) = at.eat(b'}') {
        values.so(rule.judge(0, 0))?;
        return Some(end);
    }
    let mut seen = 0;
    let mut others = Seen::NONE;
    let mut hint = &rule.first;
    let end = loop {
        match predicted(rule, hint, at, seen) {
            Some((member, value)) => {
                seen |= member.bit;
                hint = &member.next;
                let value = value.space_end();
                at = match values.quick.scalar(&member.rule, value) {
                    None => {
                        let free = &mut stack[others.count()..];
                        values.any(&member.rule, value, free, depth)?
                    }
                    Some(end) => end,
                };
            }
            None => {
                let place = Place {
                    at,
                    seen,
                    others,
                    hint,
                };
                let behind = other_member(values, rule, place, stack, depth)?;
                (at, seen, others, hint) = (behind.at, behind.seen, behind.others, behind.hint);
            }
        }
        at = at.space_end();
        match at.eat(b',') {
            Some(next) => at = next.space_end(),
            None => break at.eat(b'}')?,
        }
    };
    if rule.required & !seen != 0 {
        return None;
    }
    if others.count() > 0 || rule.counts() {
        let is_counted = values.may_read_again(rule.needs.len(), 1);
        let is_sure = is_counted && others.differ(stack);
        values.so(Answer::sure(is_sure).and(rule.judge(seen, others.count())))?;
    }
    Some(end)
}

/// Reads a member that is not the predicted one. Returns the place behind it.
#[inline(never)]
fn other_member<'p, 't>(
    values: &mut impl Values<'p, 't>,
    rule: &'p Object,
    place: Place<'p, 't>,
    stack: &mut [u64],
    depth: usize,
) -> Option<Place<'p, 't>> {
    let start = place.at.eat(b'"')?;
    let Some((key, end)) = scalar::name(start) else {
        // The parser reads names with escapes.
        return values.not_sure();
    };
    let value = end.step().space_end().eat(b':')?.space_end();
    let name = Passed::plain(start, end);
    let number = rule.lookup.find(key);
    let member = rule.members.get(number).filter(|member| {
        member.key == key
            && *member.name == *name.written(values.padded)
            && number + 1 < rule.members.len()
    });
    let Place {
        mut seen,
        mut others,
        mut hint,
        ..
    } = place;
    match member {
        Some(member) if member.bit != 0 => {
            if member.bit & seen != 0 {
                return None;
            }
            hint.set(number as u16);
            hint = &member.next;
            seen |= member.bit;
        }
        _ if others.add(stack, key).is_none() => return values.not_sure(),
        _ => {}
    }
    let free = &mut stack[others.count()..];
    let at = match member {
        Some(member) => values.value(&member.rule, value, free, depth)?,
        None => unnamed(values, rule, &name, value, free, depth)?,
    };
    Some(Place {
        at,
        seen,
        others,
        hint,
    })
}

/// Reads the value of a member that the rule does not name.
#[inline(always)]
fn unnamed<'p, 't>(
    values: &mut impl Values<'p, 't>,
    rule: &'p Object,
    name: &Passed<'t>,
    value: Cursor<'t>,
    stack: &mut [u64],
    depth: usize,
) -> Option<Cursor<'t>> {
    if let Some(names) = rule.names {
        values.text(names, name)?;
    }
    if !rule.patterns.is_empty() {
        return by_patterns(values, rule, name, value, stack, depth);
    }
    match rule.additional.as_ref()? {
        Rule::Anything => values.json(value, stack, depth),
        rule => values.any(rule, value, stack, depth),
    }
}

/// Reads the value of a member by the rules for the patterns that its name matches.
#[inline(never)]
fn by_patterns<'p, 't>(
    values: &mut impl Values<'p, 't>,
    rule: &'p Object,
    name: &Passed<'t>,
    value: Cursor<'t>,
    stack: &mut [u64],
    depth: usize,
) -> Option<Cursor<'t>> {
    let text = name.written(values.padded);
    if !values.may_read_again(text.len(), rule.patterns.len()) {
        return values.not_sure();
    }
    let mut end = None;
    for (pattern, rule) in &rule.patterns {
        if !values.program().automata[*pattern as usize].matches(text) {
            continue;
        }
        match end {
            None => end = Some(values.any(rule, value, stack, depth)?),
            Some(end) => {
                let answer = values.again(rule, value, end, stack, depth);
                values.so(answer)?;
            }
        }
    }
    match end {
        None => values.any(rule.additional.as_ref()?, value, stack, depth),
        end => end,
    }
}
