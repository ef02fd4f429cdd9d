//! Merge patches and JSON Patches on serde_json's values, written as simply as the RFCs put them: the
//! oracles for the engine.

use serde_json::{Map, Value as Tree};

use crate::json::{array_index, Pointer};

/// The pseudocode of RFC 7396, section 2.
pub(super) fn merge_patch(target: Tree, patch: &Tree) -> Tree {
    let Tree::Object(patch) = patch else {
        return patch.clone();
    };
    let mut target = match target {
        Tree::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            target.remove(name);
        } else {
            let old = target.remove(name).unwrap_or(Tree::Null);
            target.insert(name.clone(), merge_patch(old, value));
        }
    }
    Tree::Object(target)
}

fn step<'t>(tree: &'t mut Tree, token: &str) -> Option<&'t mut Tree> {
    match tree {
        Tree::Object(members) => members.get_mut(token),
        Tree::Array(elements) => elements.get_mut(array_index(token)?),
        _ => None,
    }
}

pub(super) fn find<'t>(tree: &'t mut Tree, path: &[Box<str>]) -> Option<&'t mut Tree> {
    path.iter().try_fold(tree, |tree, token| step(tree, token))
}

fn add(tree: &mut Tree, path: &[Box<str>], value: Tree) -> Option<()> {
    let Some((last, parents)) = path.split_last() else {
        *tree = value;
        return Some(());
    };
    match find(tree, parents)? {
        Tree::Object(members) => {
            members.insert(last.to_string(), value);
        }
        Tree::Array(elements) => {
            let index = match &**last {
                "-" => elements.len(),
                token => array_index(token).filter(|&index| index <= elements.len())?,
            };
            elements.insert(index, value);
        }
        _ => return None,
    }
    Some(())
}

pub(super) fn remove(tree: &mut Tree, path: &[Box<str>]) -> Option<Tree> {
    let (last, parents) = path.split_last()?;
    match find(tree, parents)? {
        Tree::Object(members) => members.remove(&**last),
        Tree::Array(elements) => {
            let index = array_index(last).filter(|&index| index < elements.len())?;
            Some(elements.remove(index))
        }
        _ => None,
    }
}

/// RFC 6902 on a tree; none if an operation fails.
pub(super) fn json_patch(mut tree: Tree, patch: &Tree) -> Option<Tree> {
    for operation in patch.as_array()? {
        let pointer = |name: &str| Pointer::parse(operation[name].as_str()?).ok();
        let path = pointer("path")?;
        let value = &operation["value"];
        match operation["op"].as_str()? {
            "add" => add(&mut tree, path.tokens(), value.clone())?,
            "remove" => drop(remove(&mut tree, path.tokens())?),
            "replace" => *find(&mut tree, path.tokens())? = value.clone(),
            "test" => drop(find(&mut tree, path.tokens()).filter(|found| *found == value)?),
            "copy" => {
                let copy = find(&mut tree, pointer("from")?.tokens())?.clone();
                add(&mut tree, path.tokens(), copy)?;
            }
            _ => {
                let from = pointer("from")?;
                find(&mut tree, from.tokens())?;
                if from != path {
                    if path.starts_with(&from) {
                        return None;
                    }
                    let moved = remove(&mut tree, from.tokens())?;
                    add(&mut tree, path.tokens(), moved)?;
                }
            }
        }
    }
    Some(tree)
}
