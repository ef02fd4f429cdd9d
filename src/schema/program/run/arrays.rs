//! Arrays.

use super::super::rule::{Array, Contains, Rule};
use super::answer::Answer;
use super::unique;
use super::values::Values;
use crate::json::{Cursor, Seen};

/// Reads the array at the cursor.
#[inline(never)]
pub fn array<'p, 't>(
    values: &mut impl Values<'p, 't>,
    rule: &'p Array,
    at: Cursor<'t>,
    stack: &mut [u64],
    depth: usize,
) -> Option<Cursor<'t>> {
    let Some(depth) = depth.checked_sub(1) else {
        return values.not_sure();
    };
    let mut at = at.step().space_end();
    if let Some(end) = at.eat(b']') {
        let least = rule.contains.map_or(0, |contains| contains.min);
        return (rule.min == 0 && least == 0).then_some(end);
    }
    if rule.is_unique || rule.contains.is_some() || !rule.prefix.is_empty() {
        return elements(values, rule, at, stack, depth);
    }
    let row = match rule.items {
        Rule::Object(number) => values.program().objects.get(number as usize),
        _ => None,
    };
    let row = row.filter(|row| depth > 0 && !row.counts());
    let mut count = 0;
    let end = loop {
        let end = match row.and_then(|row| values.quick.row(row, at)) {
            None => values.value(&rule.items, at, stack, depth)?,
            Some(end) => end,
        };
        count += 1;
        let end = end.space_end();
        match end.eat(b',') {
            Some(next) => at = next.space_end(),
            None => break end.eat(b']')?,
        }
    };
    (rule.min <= count && count <= rule.max).then_some(end)
}

/// Reads the elements of an array whose rule asks more than that each satisfies one rule.
#[inline(never)]
fn elements<'p, 't>(
    values: &mut impl Values<'p, 't>,
    rule: &'p Array,
    mut at: Cursor<'t>,
    stack: &mut [u64],
    depth: usize,
) -> Option<Cursor<'t>> {
    let mut seen = Seen::NONE;
    let mut differ = true;
    let mut found = Found::default();
    let mut count = 0;
    let end = loop {
        let item = rule.prefix.get(count as usize).unwrap_or(&rule.items);
        let free = &mut stack[seen.count()..];
        let end = values.value(item, at, free, depth)?;
        if let Some(contains) = &rule.contains {
            found.add(values.again(&contains.rule, at, end, free, depth));
        }
        if rule.is_unique && differ {
            let added = unique::key(at).and_then(|key| seen.add(stack, key));
            differ = added.is_some();
        }
        count += 1;
        let end = end.space_end();
        match end.eat(b',') {
            Some(next) => at = next.space_end(),
            None => break end.eat(b']')?,
        }
    };
    let fits = Answer::of(rule.min <= count && count <= rule.max);
    let unique = Answer::sure(!rule.is_unique || count == 1 || (differ && seen.differ(stack)));
    let contains = (rule.contains.as_ref()).map_or(Answer::Yes(()), |rule| found.fits(rule));
    values.so(fits.and(unique).and(contains))?;
    Some(end)
}

/// How many elements of an array satisfy a rule.
#[derive(Debug, Default)]
struct Found {
    yes: u32,
    unclear: u32,
}

impl Found {
    fn add(&mut self, answer: Answer) {
        match answer {
            Answer::Yes(()) => self.yes += 1,
            Answer::No => {}
            Answer::NotSure => self.unclear += 1,
        }
    }

    /// Whether they are as many as must be.
    fn fits(&self, contains: &Contains) -> Answer {
        let most = self.yes + self.unclear;
        if self.yes >= contains.min && most <= contains.max {
            Answer::Yes(())
        } else if most < contains.min || self.yes > contains.max {
            Answer::No
        } else {
            Answer::NotSure
        }
    }
}
