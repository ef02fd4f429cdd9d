//! Sample commands, generated from the table's syntax with a value for each argument.

use super::Entry;
use redis_session::table::{ArgSpec, Kind, Repeat};

/// One way to give an option.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The number of the option in the command. Alternatives have the same number.
    pub option: usize,
    /// Its words without values, including those of nested options.
    pub tokens: Vec<&'static str>,
    /// Words and values in the order in which they are sent.
    pub words: Vec<String>,
    /// Whether it may be given again.
    pub again: bool,
    /// Whether it takes all words after it.
    pub takes_the_rest: bool,
    /// Whether the word before it is how many words it has.
    pub is_counted: bool,
}

/// Values for the arguments of a command. `other`: a second value of the same kind.
pub trait Values {
    fn value(&self, arg: &ArgSpec, other: bool) -> String;
}

/// Values for the positional arguments.
pub fn positional(entry: Entry, values: &dyn Values) -> Vec<String> {
    every_positional(entry, values).remove(0)
}

/// Values for the positional arguments, with repeatable ones once and twice.
pub fn every_positional(entry: Entry, values: &dyn Values) -> Vec<Vec<String>> {
    let args = entry.spec.args.iter().filter(|arg| !arg.optional);
    args.fold(vec![Vec::new()], |all, arg| {
        let ways = one(arg, values);
        let longer = |some: &Vec<String>| {
            let with = |way: &Choice| [&some[..], &way.words].concat();
            ways.iter().map(with).collect::<Vec<_>>()
        };
        all.iter().flat_map(longer).collect()
    })
}

/// Every way to give each option.
pub fn choices(entry: Entry, values: &dyn Values) -> Vec<Choice> {
    let options = entry.spec.args.iter().filter(|arg| arg.optional);
    let mut all = Vec::new();
    for (option, arg) in options.enumerate() {
        for mut choice in one(arg, values) {
            choice.option = option;
            all.push(choice);
        }
    }
    all
}

/// Every way to give one argument; leaving it out is none of them.
fn one(arg: &ArgSpec, values: &dyn Values) -> Vec<Choice> {
    let inner: Vec<Choice> = match arg.kind {
        Kind::Token => vec![choice(Vec::new())],
        Kind::OneOf(sub) => sub.iter().flat_map(|arg| one(arg, values)).collect(),
        Kind::Block(sub) => sub.iter().fold(vec![choice(Vec::new())], |ways, arg| {
            let next = one(arg, values);
            let mut longer: Vec<_> = ways
                .iter()
                .flat_map(|way| next.iter().map(|next| way.clone().then(next)))
                .collect();
            if arg.optional {
                longer.extend(ways);
            }
            longer
        }),
        Kind::Key | Kind::String | Kind::Integer | Kind::UnixTime => {
            let mut ways = vec![choice(vec![values.value(arg, false)])];
            if matches!(arg.repeat, Repeat::Value | Repeat::Counted) {
                let both = vec![values.value(arg, false), values.value(arg, true)];
                ways.push(choice(both));
            }
            ways
        }
    };
    let mut ways: Vec<Choice> = inner
        .into_iter()
        .map(|mut way| {
            if let Some(token) = arg.token {
                way.tokens.insert(0, token);
                way.words.insert(0, token.into());
            }
            way.takes_the_rest |= arg.repeat == Repeat::Value;
            way.again |= arg.repeat == Repeat::WithToken;
            way.is_counted |= arg.repeat == Repeat::Counted;
            way
        })
        .collect();
    if arg.repeat == Repeat::WithToken {
        let twice = ways[0].clone().then(&ways[0]);
        ways.push(twice);
    }
    ways
}

fn choice(words: Vec<String>) -> Choice {
    Choice {
        option: 0,
        tokens: Vec::new(),
        words,
        again: false,
        takes_the_rest: false,
        is_counted: false,
    }
}

impl Choice {
    fn then(mut self, next: &Choice) -> Choice {
        if next.is_counted {
            let count = self.words.last_mut().expect("a count");
            *count = next.words.len().to_string();
        }
        self.tokens.extend(&next.tokens);
        self.words.extend(next.words.iter().cloned());
        self.again |= next.again;
        self.takes_the_rest |= next.takes_the_rest;
        self
    }
}
