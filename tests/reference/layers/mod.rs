//! The layers of the module, of the Rust client and of sessionctl: no file uses one of a layer above its own,
//! and no files use each other in a circle. docs/architecture.md says what each layer is for, and why.

mod houses;
mod imports;
mod modules;

use crate::sources::{root, texts};
use houses::{House, CLIENT, MODULE, SESSIONCTL};
use imports::Uses;
use modules::Files;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::rc::Rc;

/// The layer of a file: the folder or file directly below `src`.
fn layer(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// What is wrong with one file's use of another, if anything is.
fn wrong(house: &House, user: &str, used: &str) -> Option<String> {
    let (above, below) = (layer(user), layer(used));
    let (src, ground) = (house.src, house.ground);
    let sentence = |why: &str| Some(format!("{src}/{user} uses {src}/{used}: {why}"));
    if above == "lib" {
        return None;
    }
    if ground.contains(&above) {
        return match ground.contains(&below) {
            true => None,
            false => sentence(&format!("'{above}' may use only {}", ground.join(", "))),
        };
    }
    let Some((_, may_use)) = house.layers.iter().find(|(name, _)| *name == above) else {
        return sentence(&format!("'{above}' is not in the list of layers"));
    };
    if below != above && !may_use.contains(&below) && !ground.contains(&below) {
        return sentence(&format!("the layer '{above}' must not use '{below}'"));
    }
    // A command is one file: what two commands need stands in `shared`, or in the engine.
    let is_command = |file: &str| {
        let rest = file.strip_prefix("commands/").unwrap_or_default();
        let inside = ["mod.rs", "table/", "shared/", "internal/", "schema/"];
        !rest.is_empty() && !inside.iter().any(|known| rest.starts_with(known))
    };
    if house.one_file_a_command && is_command(user) && is_command(used) {
        return sentence("a command must not use another; move what both need to the engine");
    }
    None
}

/// Files that use each other in a circle, each circle once.
fn circles(uses: &Uses) -> Vec<Vec<String>> {
    let reach = |from: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = open.pop() {
            for next in uses.get(&file).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    open.push(next.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> =
        uses.keys().map(|file| (file, reach(file))).collect();
    let mut found = BTreeSet::new();
    for (file, others) in reached
        .iter()
        .filter(|(file, others)| others.contains(**file))
    {
        let back = others.iter().filter(|other| reached[other].contains(*file));
        found.insert(back.cloned().collect::<Vec<_>>());
    }
    found.into_iter().collect()
}

/// Everything that is wrong with the imports of a crate, a sentence each.
fn faults(house: &House, files: &Files) -> Vec<String> {
    let uses = imports::read(files);
    let upward = uses
        .iter()
        .flat_map(|(user, used)| used.iter().filter_map(|used| wrong(house, user, used)));
    let circles = circles(&uses);
    let circles = circles.iter().map(|files| {
        format!(
            "files of {} use each other in a circle: {}",
            house.src,
            files.join(", ")
        )
    });
    upward.chain(circles).collect()
}

fn parsed(file: &str, text: &str) -> Rc<syn::File> {
    Rc::new(syn::parse_file(text).unwrap_or_else(|error| panic!("src/{file}: {error}")))
}

fn sources(house: &House) -> Files {
    let parse = |(file, text): (String, String)| {
        let tree = parsed(&file, &text);
        (file, tree)
    };
    texts(house.src).into_iter().map(parse).collect()
}

#[test]
fn no_file_uses_a_layer_above_its_own_or_is_part_of_a_circle() {
    for house in [MODULE, CLIENT, SESSIONCTL] {
        let faults = faults(&house, &sources(&house));
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

#[test]
fn every_file_is_read_and_its_imports_are_found() {
    let files = sources(&MODULE);
    let uses = imports::read(&files);
    assert!(uses["commands/set.rs"].contains("engine/live.rs"));
    assert!(uses["engine/live.rs"].contains("server/key.rs"));
    assert!(uses["keyspace/persist.rs"].contains("session/codec.rs"));
    let for_tests = |file: &str| {
        file.contains("/tests/") || file.ends_with("/samples.rs") || file.ends_with("_tests.rs")
    };
    let unread: Vec<_> = files
        .keys()
        .filter(|file| !uses.contains_key(*file) && !for_tests(file))
        .collect();
    assert!(unread.is_empty(), "{unread:?}");
}

/// What is wrong with the crate when one of its files has one line more.
fn planted(sources: &Files, file: &str, line: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(MODULE.src).join(file)).unwrap();
    let mut files = sources.clone();
    files.insert(file.to_owned(), parsed(file, &format!("{text}\n{line}\n")));
    faults(&MODULE, &files)
}

#[test]
fn a_planted_import_that_runs_upwards_is_found_however_it_is_written() {
    let sources = sources(&MODULE);
    for (file, line, user, used) in [
        (
            "keyspace/index.rs",
            "use crate::engine::live;",
            "keyspace/index.rs",
            "engine/live.rs",
        ),
        (
            "json/mod.rs",
            "use crate::schema::Registry;",
            "json/mod.rs",
            "schema/",
        ),
        (
            "server/log.rs",
            "fn planted() { use crate::session::Session; }",
            "server/log.rs",
            "session/record.rs",
        ),
        (
            "error.rs",
            "fn planted() { crate::keyspace::state::clear_registry(); }",
            "error.rs",
            "keyspace/state.rs",
        ),
        (
            "users/mod.rs",
            "fn planted() { println!(\"{}\", super::session::codec::FORMAT); }",
            "users/mod.rs",
            "session/codec.rs",
        ),
        (
            "engine/check.rs",
            "use crate::commands::TABLE as LINES;",
            "engine/check.rs",
            "commands/table/mod.rs",
        ),
        (
            "server/args.rs",
            "use crate::keyspace::state::*;",
            "server/args.rs",
            "keyspace/state.rs",
        ),
        (
            "commands/get.rs",
            "use super::set::Set;",
            "commands/get.rs",
            "commands/set.rs",
        ),
    ] {
        let faults = planted(&sources, file, line);
        let named = format!("src/{user} uses src/{used}");
        assert!(
            faults.iter().any(|fault| fault.starts_with(&named)),
            "{line} in {file}: {faults:?}"
        );
    }
}

#[test]
fn a_planted_circle_is_found_and_its_files_are_named() {
    let faults = planted(&sources(&MODULE), "engine/alias.rs", "use super::live;");
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        faults[0].contains("in a circle: engine/alias.rs, engine/live.rs"),
        "{faults:?}"
    );
}
