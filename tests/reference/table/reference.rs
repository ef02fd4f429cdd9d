//! The parts of docs/commands.md that are generated from the table, and their places on the page.

use super::facts::{arity, flags, key_args, key_flags, words};
use super::syntax::{is_expiry, REFERENCE};
use super::{callable, entry, Entry};

/// The marker before a part: `<!-- table: session.set -->`, then the part, then `<!-- end -->`.
const BEGIN: &str = "<!-- table: ";
const END: &str = "<!-- end -->";

/// Generates every part of the page anew. Returns the page, and the names of its parts.
///
/// # Errors
/// A text that says what is wrong with the page's markers.
pub fn renew(page: &str) -> Result<(String, Vec<String>), String> {
    let (mut out, mut names) = (String::new(), Vec::new());
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        out += line;
        out += "\n";
        let Some(name) = line.strip_prefix(BEGIN) else {
            if line == END {
                return Err(format!("'{END}' without a beginning, after {names:?}"));
            }
            continue;
        };
        let name = name
            .strip_suffix(" -->")
            .ok_or(format!("not a marker: {line}"))?;
        let stale = lines.by_ref().take_while(|line| *line != END);
        if stale.into_iter().any(|line| line.starts_with(BEGIN)) {
            return Err(format!("'{name}' has no '{END}'"));
        }
        out += &part(name).ok_or(format!("the table has no '{name}'"))?;
        out += END;
        out += "\n";
        names.push(name.to_owned());
    }
    Ok((out, names))
}

/// The names of all parts that the page must have, in any order.
pub fn parts() -> Vec<String> {
    let mut names: Vec<_> = callable().into_iter().map(Entry::full_name).collect();
    names.extend(["commands".to_owned(), "expiry".to_owned()]);
    names
}

fn part(name: &str) -> Option<String> {
    match name {
        "commands" => Some(list()),
        "expiry" => Some(expiry()),
        _ => callable()
            .into_iter()
            .find(|entry| entry.full_name() == name)
            .map(command),
    }
}

/// The list of all commands.
fn list() -> String {
    let mut out = "\n| command | |\n|---|---|\n".to_owned();
    for entry in callable() {
        let title = entry.title();
        // The anchor that the page's host makes of a heading.
        let anchor = title.to_lowercase().replace('.', "").replace(' ', "-");
        out += &format!("| [{title}](#{anchor}) | {} |\n", entry.spec.summary);
    }
    out + "\n"
}

/// The options that `[expiry]` stands for.
fn expiry() -> String {
    let args = entry("session.touch").spec.args;
    let pair = args.windows(2).find(|two| is_expiry(&two[0], &two[1]));
    let lines = pair.expect("SESSION.TOUCH takes an expiry").iter();
    let lines: String = lines.map(|arg| REFERENCE.required(arg) + "\n").collect();
    format!("\n```\n{lines}```\n\n")
}

fn command(entry: Entry) -> String {
    let (title, spec) = (entry.title(), entry.spec);
    let syntax = format!("{title} {}", REFERENCE.line(spec.args));
    let arity = arity(entry);
    let mut out = format!(
        "\n```\n{}\n```\n\n- {}{} arguments. {}. Since {}.\n",
        syntax.trim_end(),
        if arity < 0 { "At least " } else { "" },
        arity.abs(),
        spec.complexity,
        spec.since,
    );
    for change in spec.history {
        // Without the last stop, so that the version can follow.
        let what = change.what.trim_end_matches('.');
        out += &format!("- {what}, since {}.\n", change.since);
    }
    let categories: Vec<_> = spec
        .categories()
        .iter()
        .map(|category| format!("@{category}"))
        .collect();
    out += &format!(
        "- Flags: {}. Categories: {}.\n",
        code(&flags(spec)),
        code(&categories)
    );
    let ranges = spec.keys.ranges();
    let keys = key_args(spec);
    if keys.is_empty() {
        out += "- Keys: none.";
    } else {
        let key = |(at, arg): (usize, &&redis_session::table::ArgSpec)| {
            format!("`{}` ({})", arg.name, key_flags(&ranges[at]).join(" "))
        };
        let keys: Vec<_> = keys.iter().enumerate().map(key).collect();
        out += &format!("- Keys: {}.", keys.join(", "));
    }
    let tips = words(spec.tips);
    if !tips.is_empty() {
        out += &format!(" Tips: {}.", code(&tips));
    }
    out + "\n\n"
}

fn code<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<_> = words.iter().map(|w| format!("`{}`", w.as_ref())).collect();
    words.join(" ")
}
