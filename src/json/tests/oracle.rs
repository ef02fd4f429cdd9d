//! Random documents and patches, with the implementations of `plain` as the oracles.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{json, Value as Tree};

use super::merge::merged;
use super::patch::patched;
use super::plain::{find, json_patch, merge_patch, remove};
use super::pop::popped;
use crate::json::{array_index, Pointer};

/// Small documents with few different names, so that random paths often exist.
fn tree() -> impl Strategy<Value = Tree> {
    let scalar = prop_oneof![
        Just(Tree::Null),
        any::<bool>().prop_map(Tree::from),
        (0..3).prop_map(Tree::from),
        "[ab\"\\n]{0,2}".prop_map(Tree::from),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Tree::from),
            btree_map("[abc/\"]", inner.clone(), 0..5)
                .prop_map(|members| members.into_iter().collect()),
            // Some have enough members for a name index.
            btree_map("[a-d]{1,2}", inner, 0..20).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    let token = select(vec![
        "a", "b", "c", "~1", "\"", "0", "1", "2", "-", "aa", "d",
    ]);
    vec(token, 0..4).prop_map(|tokens| {
        let steps: Vec<String> = tokens.iter().map(|token| format!("/{token}")).collect();
        steps.concat()
    })
}

fn operation() -> impl Strategy<Value = Tree> {
    let op = select(vec![
        "add", "add", "remove", "replace", "move", "copy", "test",
    ]);
    (op, path(), path(), tree()).prop_map(|(op, path, from, value)| match op {
        "move" | "copy" => json!({"op": op, "path": path, "from": from}),
        "remove" => json!({"op": op, "path": path}),
        _ => json!({"op": op, "path": path, "value": value}),
    })
}

/// Adds to `all` the paths of `tree`, which is at `path`, and of all values in it.
fn paths(tree: &Tree, path: &str, all: &mut Vec<String>) {
    all.push(path.to_owned());
    match tree {
        Tree::Object(members) => {
            for (name, value) in members {
                paths(value, &format!("{path}/{}", name.replace('/', "~1")), all);
            }
        }
        Tree::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                paths(value, &format!("{path}/{index}"), all);
            }
        }
        _ => {}
    }
}

fn written(tree: &Tree, pretty: bool) -> String {
    if pretty {
        serde_json::to_string_pretty(tree).unwrap()
    } else {
        tree.to_string()
    }
}

fn read(text: &str) -> Tree {
    serde_json::from_str(text).unwrap()
}

/// A patch in which most operations succeed: `wild` with most paths replaced by paths that exist in
/// the document at that point.
fn mostly_applicable(document: &Tree, wild: &[Tree], choices: &[usize]) -> Tree {
    let (mut now, mut patch) = (document.clone(), Vec::new());
    for (operation, choice) in wild.iter().zip(choices) {
        let mut operation = operation.clone();
        let mut all = Vec::new();
        paths(&now, "", &mut all);
        for (name, shift) in [("path", 0), ("from", 7)] {
            if operation.get(name).is_some() && choice % 4 > 0 {
                operation[name] = all[(choice / 4 + shift) % all.len()].clone().into();
            }
        }
        if operation["op"] == "test" && choice % 4 > 1 {
            let at = Pointer::parse(operation["path"].as_str().unwrap()).unwrap();
            if let Some(found) = find(&mut now, at.tokens()) {
                operation["value"] = found.clone();
            }
        }
        let next = json_patch(now.clone(), &json!([operation]));
        // Only a few failing operations are kept, because the first ends the patch.
        if next.is_some() || choice % 16 == 5 {
            patch.push(operation);
        }
        now = next.unwrap_or(now);
    }
    Tree::Array(patch)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn merging_agrees_with_the_rfc(document in tree(), patch in tree(), pretty: (bool, bool)) {
        let text = written(&document, pretty.0);
        let (result, changed) = merged(&text, &written(&patch, pretty.1));
        let expected = merge_patch(document.clone(), &patch);
        prop_assert_eq!(read(&result), expected.clone());
        prop_assert_eq!(changed, result != text);
        prop_assert_eq!(changed, document != expected);
        // A second merge changes nothing.
        prop_assert_eq!(merged(&result, &patch.to_string()), (result, false));
    }

    #[test]
    fn patching_agrees_with_the_rfc(
        document in tree(),
        wild in vec(operation(), 0..12),
        choices in vec(any::<usize>(), 12),
        pretty: (bool, bool),
    ) {
        let patch = mostly_applicable(&document, &wild, &choices);
        let text = written(&document, pretty.0);
        let result = patched(&text, &written(&patch, pretty.1), usize::MAX);
        let expected = json_patch(document.clone(), &patch);
        prop_assert_eq!(result.as_ref().ok().map(|(result, _)| read(result)), expected.clone());
        if let (Ok((result, changed)), Some(expected)) = (result, expected) {
            prop_assert_eq!(changed, result != text);
            prop_assert!(changed || expected == document);
        }
    }

    #[test]
    fn popping_agrees_with_removing_from_the_end(
        document in tree(),
        choices in vec(any::<usize>(), 0..6),
        wild in path(),
        pretty: bool,
    ) {
        let mut all = Vec::new();
        paths(&document, "", &mut all);
        let mut pointers: Vec<&str> = choices.iter().map(|at| &*all[at % all.len()]).collect();
        pointers.push(&wild);
        let text = written(&document, pretty);
        let result = popped(&text, &pointers);
        if pointers.contains(&"") {
            prop_assert!(result.is_err());
            return Ok(());
        }
        let (values, rest) = result.unwrap();
        let mut places = Vec::new();
        for (pointer, value) in pointers.iter().zip(&values) {
            let pointer = Pointer::parse(pointer).unwrap();
            let found = find(&mut document.clone(), pointer.tokens()).cloned();
            prop_assert_eq!(value.as_deref().map(read), found.clone());
            places.extend(found.map(|_| pointer.tokens().to_vec()));
        }
        // Remove from the end, and inner values before outer ones, so that no index shifts.
        places.sort_by_key(|path| {
            path.iter().map(|token| (array_index(token), token.clone())).collect::<Vec<_>>()
        });
        let mut expected = document.clone();
        places.dedup();
        for place in places.iter().rev() {
            remove(&mut expected, place);
        }
        prop_assert_eq!(read(&rest), expected);
    }

    /// Numbers and strings are replaced by unusual forms that no printer writes. If the result still
    /// has those forms, their bytes were copied.
    #[test]
    fn untouched_values_keep_their_bytes(
        document in tree(),
        wild in vec(operation(), 0..6),
        choices in vec(any::<usize>(), 6),
    ) {
        let odd = |text: &str| text
            .replace("true", "-7.00").replace("false", "1234567890123456789012345678901.50e-0")
            .replace("null", "\"\\u00e9\\/\"");
        let patch = mostly_applicable(&document, &wild, &choices);
        let text = odd(&document.to_string());
        let Ok((result, _)) = patched(&text, &odd(&patch.to_string()), usize::MAX) else {
            return Ok(());
        };
        let again = result
            .replace("-7.00", "true").replace("1234567890123456789012345678901.50e-0", "false")
            .replace("\"\\u00e9\\/\"", "null");
        prop_assert_eq!(Some(read(&again)), json_patch(document, &patch));
    }

    #[test]
    fn merging_keeps_the_bytes_of_values_that_stay(document in tree(), patch in tree()) {
        let odd = |text: &str| text
            .replace("true", "-7.00").replace("false", "1234567890123456789012345678901.50e-0");
        let (result, _) = merged(&odd(&document.to_string()), &odd(&patch.to_string()));
        let again = result
            .replace("-7.00", "true").replace("1234567890123456789012345678901.50e-0", "false");
        prop_assert_eq!(read(&again), merge_patch(document, &patch));
    }
}
