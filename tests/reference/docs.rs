//! docs/commands.md and the README agree with the command table.
//!
//! `UPDATE_DOCS=1 cargo test --test reference docs` writes the parts of docs/commands.md that are
//! made from the table.

use crate::table::{callable, entries, reference, syntax};
use std::collections::BTreeSet;
use std::fs;
use support::Server;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md");
const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn the_reference_has_every_command_as_the_table_has_it() {
    let page = read(PAGE);
    let (renewed, mut names) = reference::renew(&page).unwrap_or_else(|why| panic!("{why}"));
    let mut wanted = reference::parts();
    names.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(
        names, wanted,
        "the parts of the page, and those it must have"
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, &renewed).expect("write the page");
        return;
    }
    let differs = page
        .lines()
        .zip(renewed.lines())
        .find(|(is, new)| is != new);
    assert!(
        page == renewed,
        "docs/commands.md is not what the table says: {differs:?}\n\
         run: UPDATE_DOCS=1 cargo test --test reference docs"
    );
}

/// Each command has one section, whose heading is its name and which has its generated part.
#[test]
fn each_command_has_its_section() {
    let page = read(PAGE);
    let mut sections: Vec<(String, Vec<String>)> = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            sections.push((heading.into(), Vec::new()));
        } else if let Some(name) = line.strip_prefix("<!-- table: ") {
            if let Some((_, parts)) = sections.last_mut() {
                parts.push(name.trim_end_matches(" -->").into());
            }
        }
    }
    sections.retain(|(heading, _)| heading.starts_with("SESSION."));
    let wanted: Vec<_> = callable()
        .iter()
        .map(|entry| (entry.title(), vec![entry.full_name()]))
        .collect();
    let sorted = |list: &[(String, Vec<String>)]| list.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(sorted(&sections), sorted(&wanted));
    assert_eq!(
        sections.len(),
        wanted.len(),
        "a section that is there twice"
    );
    for entry in entries().iter().filter(|entry| entry.is_internal()) {
        assert!(
            page.contains(&format!("`{}`", entry.title())),
            "{}",
            entry.title()
        );
    }
}

#[test]
fn the_readme_counts_the_commands() {
    const WORDS: [&str; 21] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    let of_clients = entries()
        .iter()
        .filter(|entry| entry.parent.is_none() && !entry.is_internal())
        .count();
    let readme = read(README)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let wanted = format!("it is {} commands", WORDS[of_clients]);
    assert!(readme.contains(&wanted), "the README should say '{wanted}'");
}

/// SESSION.SCHEMA HELP is the only reply for which the module spells out a syntax.
#[test]
fn schema_help_says_what_the_table_says() {
    let server = Server::start();
    let lines = server.ok(&["SESSION.SCHEMA", "HELP"]).texts();
    let subcommands = entries().into_iter().filter(|entry| {
        entry
            .parent
            .is_some_and(|parent| parent.name == "session.schema")
    });
    let mut wanted = BTreeSet::new();
    for entry in subcommands {
        let args = syntax::HELP.line(entry.spec.args);
        let line = format!("{} {args}", entry.spec.name.to_uppercase());
        wanted.insert(line.trim_end().to_owned());
    }
    let first = lines.first().expect("a first line");
    assert!(first.starts_with("SESSION.SCHEMA <subcommand> "), "{first}");
    // A line without indentation is a subcommand; the indented line after it describes it.
    let of_commands = lines[1..]
        .windows(2)
        .filter(|two| !two[0].starts_with(' ') && two[1].starts_with(' '))
        .map(|two| two[0].clone());
    assert_eq!(of_commands.collect::<BTreeSet<_>>(), wanted);
}
