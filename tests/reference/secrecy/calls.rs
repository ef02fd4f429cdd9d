//! Calls of a command, right and wrong in every way, with markers in all arguments but keys and option
//! words. They are generated from the command's entry in the table.

use crate::table::samples::{self, Choice, Values};
use crate::table::{flat, Entry};
use redis_session::table::{ArgSpec, Kind};
use std::ops::Range;

/// Stands for a marker in a value that is shown if the command understands its arguments.
pub const OPEN: &str = "{open}";
/// Stands for a marker in a value that is never shown where it belongs.
pub const SECRET: &str = "{secret}";

/// The names of arguments that hold data, patches, schemas and encoded sessions.
const SECRETS: [&str; 5] = ["data", "patch", "session", "changes", "registry"];

/// Right values. `new_ids`: keys for which the server makes the ID.
struct Right {
    new_ids: bool,
}

impl Values for Right {
    fn value(&self, arg: &ArgSpec, _other: bool) -> String {
        match arg.kind {
            Kind::Key if self.new_ids => "new:*".into(),
            Kind::Key if arg.name == "key" => "live".into(),
            Kind::Key => "plain".into(),
            Kind::Integer => "100".into(),
            Kind::UnixTime => "4000000000000".into(),
            _ if is_secret(arg) => format!(r#"{{"{SECRET}":1}}"#),
            _ if arg.name == "pointer" => format!("/{OPEN}"),
            _ => format!("n{OPEN}"),
        }
    }
}

/// The range of the arguments of a call that are no keys and may be replaced, and whether arguments may
/// be added there. Behind a list of keys every further argument is a key.
fn open_range(entry: Entry, base: &[String]) -> (Range<usize>, bool) {
    let mut range = 0..base.len();
    for keys in entry.spec.keys.ranges() {
        let Ok(last) = usize::try_from(keys.last) else {
            let behind = keys.last.unsigned_abs() as usize - 1;
            return (base.len() - behind..base.len(), false);
        };
        let first = usize::try_from(keys.first).expect("an index");
        range.start = range.start.max(first + last + 1).min(base.len());
    }
    (range, true)
}

/// A call of a command, without its name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    pub words: Vec<String>,
    /// The numbers of the words whose markers are never shown, whatever the reply: data in its place.
    pub secrets: Vec<usize>,
}

/// All calls of a command.
pub fn all(entry: Entry) -> Vec<Call> {
    // The data of SET comes at one place, also where it is something else by mistake.
    let place = entry
        .spec
        .args
        .iter()
        .position(|arg| !arg.optional && is_secret(arg));
    let secrets: Vec<usize> = place.into_iter().collect();
    let mut all = Vec::new();
    for new_ids in [false, true] {
        for (words, in_order) in right(entry, &Right { new_ids }) {
            let mut made = Vec::new();
            if in_order {
                wrong(entry, &words, &mut made);
            }
            let secrets = secrets.clone();
            all.extend(made.into_iter().map(|words| Call {
                words,
                secrets: secrets.clone(),
            }));
            let in_place = |word: &String| word.contains(SECRET);
            let secrets = (0..words.len())
                .filter(|&at| in_place(&words[at]))
                .collect();
            all.push(Call { words, secrets });
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Whether an argument is data, a patch, a schema, or an encoded session.
fn is_secret(arg: &ArgSpec) -> bool {
    let is_schema = arg.name == "schema" && arg.token.is_none();
    is_schema || SECRETS.contains(&arg.name)
}

/// Calls without options, and with one and two options, which can contradict each other. Whether the
/// options are in the order of the table.
fn right(entry: Entry, values: &Right) -> Vec<(Vec<String>, bool)> {
    let choices = samples::choices(entry, values);
    let mut options: Vec<(Vec<&Choice>, bool)> = vec![(Vec::new(), true)];
    for (i, first) in choices.iter().enumerate() {
        options.push((vec![first], true));
        let seconds = choices.iter().enumerate();
        options.extend(seconds.map(|(j, second)| (vec![first, second], i <= j)));
    }
    let mut calls = Vec::new();
    for positional in samples::every_positional(entry, values) {
        for (given, in_order) in &options {
            let words = given.iter().flat_map(|choice| choice.words.clone());
            let words = positional.iter().cloned().chain(words).collect();
            calls.push((words, *in_order));
        }
    }
    calls
}

/// Makes a call wrong in every way, at every place behind the keys.
fn wrong(entry: Entry, base: &[String], all: &mut Vec<Vec<String>>) {
    let (range, may_grow) = open_range(entry, base);
    let keys = range.start;
    let tokens: Vec<_> = flat(entry.spec.args)
        .iter()
        .filter_map(|arg| arg.token)
        .collect();
    let is_token = |word: &String| tokens.contains(&word.as_str());
    // Words that are put where they do not belong: unknown words, a bad number, a bad name, a bad
    // pointer, and data.
    let long = format!("{OPEN}{}", "x".repeat(600));
    let json = format!(r#"{{"{SECRET}":1}}"#);
    let all_strangers = [OPEN, &json, "", &long];
    // With two options there are many calls: fewer strangers are enough then.
    let few = base.iter().filter(|word| is_token(word)).count() > 1;
    let strangers = &all_strangers[..if few { 2 } else { 4 }];
    for at in range {
        if !is_token(&base[at]) {
            for &stranger in strangers {
                let mut replaced = base.to_vec();
                replaced[at] = stranger.to_owned();
                all.push(replaced);
            }
        }
    }
    if !may_grow {
        return;
    }
    for at in keys..=base.len() {
        for &stranger in strangers {
            // One word too many.
            all.push([&base[..at], &[stranger.to_owned()], &base[at..]].concat());
        }
        if at == base.len() {
            continue;
        }
        // The end is missing, one word is missing, doubled, or changes places.
        all.push(base[..at].to_vec());
        all.push([&base[..at], &base[at + 1..]].concat());
        all.push([&base[..=at], &base[at..]].concat());
        for other in at + 1..base.len() {
            let mut swapped = base.to_vec();
            swapped.swap(at, other);
            all.push(swapped);
        }
        let mut turned = base.to_vec();
        turned[keys..].rotate_left(at - keys);
        all.push(turned);
    }
    let marked = |word: &String| if is_token(word) { word } else { OPEN }.to_owned();
    let values = base[keys..].iter().map(marked);
    all.push(base[..keys].iter().cloned().chain(values).collect());
    let every = base[keys..].iter().map(|_| OPEN.to_owned());
    all.push(base[..keys].iter().cloned().chain(every).collect());
}
