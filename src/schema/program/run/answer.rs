//! What a rule says of a value, and how the answers of several rules are combined.

use super::super::rule::{Also, Rule};

/// What a rule says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer<T = ()> {
    /// The value is JSON and satisfies the rule.
    Yes(T),
    /// If the value is JSON, it does not satisfy the rule.
    No,
    /// The rule cannot tell.
    NotSure,
}

impl Answer {
    /// Yes or no.
    pub fn of(is_so: bool) -> Self {
        if is_so {
            Self::Yes(())
        } else {
            Self::No
        }
    }

    /// Yes, or not sure.
    pub fn sure(is_so: bool) -> Self {
        if is_so {
            Self::Yes(())
        } else {
            Self::NotSure
        }
    }

    /// Whether both are so. One definite no is enough.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::NotSure, _) | (_, Self::NotSure) => Self::NotSure,
            _ => Self::Yes(()),
        }
    }

    /// Whether it is not so.
    fn not(self) -> Self {
        match self {
            Self::Yes(()) => Self::No,
            Self::No => Self::Yes(()),
            Self::NotSure => Self::NotSure,
        }
    }
}

/// What rules for one value say together, of a value that is known to be JSON. `ask` is what one rule says
/// of it; rules that can no longer change the answer are not asked.
pub fn together<'r>(also: &'r Also, mut ask: impl FnMut(&'r Rule) -> Answer) -> Answer {
    match also {
        Also::All(rules) => all(rules, ask),
        Also::Any(rules) => all(rules, |rule| ask(rule).not()).not(),
        Also::One(rules) => one(rules, ask),
        Also::Not(rule) => ask(rule).not(),
        Also::If {
            condition,
            then,
            otherwise,
        } => match ask(condition) {
            Answer::Yes(()) => ask(then),
            Answer::No => ask(otherwise),
            Answer::NotSure => Answer::NotSure,
        },
    }
}

fn all<'r>(rules: &'r [Rule], mut ask: impl FnMut(&'r Rule) -> Answer) -> Answer {
    let mut whole = Answer::Yes(());
    for rule in rules {
        whole = whole.and(ask(rule));
        if whole == Answer::No {
            break;
        }
    }
    whole
}

fn one<'r>(rules: &'r [Rule], mut ask: impl FnMut(&'r Rule) -> Answer) -> Answer {
    let (mut satisfied, mut unclear) = (0, 0);
    for rule in rules {
        match ask(rule) {
            Answer::Yes(()) => satisfied += 1,
            Answer::No => {}
            Answer::NotSure => unclear += 1,
        }
        if satisfied > 1 {
            return Answer::No;
        }
    }
    match unclear {
        0 => Answer::of(satisfied == 1),
        _ => Answer::NotSure,
    }
}
