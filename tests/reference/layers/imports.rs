//! Reads which files of a crate use which others.
//!
//! Every path in a file is resolved to the file that defines what the path names, also by way of
//! names that a `use` brought in and of re-exports (`pub use`).

use super::modules::{modules, Files, Module, Path};
use std::collections::{BTreeMap, BTreeSet};

/// For each file the files that it uses, itself not among them.
pub type Uses = BTreeMap<String, BTreeSet<String>>;

/// Reads which files use which, beginning with `lib.rs`.
pub fn read(files: &Files) -> Uses {
    let modules = modules(files);
    let mut uses = Uses::new();
    for (path, module) in &modules {
        let used = uses.entry(module.file.clone()).or_default();
        let written = module
            .imports
            .values()
            .chain(&module.globs)
            .chain(&module.paths);
        for target in written.filter_map(|written| absolute(&modules, path, written, 0)) {
            used.extend(file_of(&modules, &target, 0));
        }
        used.remove(&module.file);
    }
    uses
}

/// What a path that is written in a module names, from the root of the crate. None where it begins
/// with a name of another crate, or of a local variable.
fn absolute(
    modules: &BTreeMap<Path, Module>,
    module: &[String],
    written: &[String],
    depth: usize,
) -> Option<Path> {
    let (first, rest) = written.split_first()?;
    match first.as_str() {
        "crate" => return Some(rest.to_vec()),
        "self" => return Some([module, rest].concat()),
        "super" => {
            let (_, parent) = module.split_last()?;
            return match rest.first() {
                Some(next) if next == "super" => absolute(modules, parent, rest, depth),
                _ => Some([parent, rest].concat()),
            };
        }
        _ => {}
    }
    let child = [module, &written[..1]].concat();
    if modules.contains_key(&child) {
        return Some([module, written].concat());
    }
    let import = modules[module].imports.get(first)?;
    if import.first() == Some(first) || depth > MAX_DEPTH {
        return None; // `use name::...` of another crate.
    }
    let base = absolute(modules, module, import, depth + 1)?;
    Some([&base[..], rest].concat())
}

/// So many names that stand for another are followed.
const MAX_DEPTH: usize = 16;

/// The file that defines what a path names, followed through re-exports. A module that only declares
/// and re-exports others is not used by naming it: what is taken from it is.
fn file_of(modules: &BTreeMap<Path, Module>, path: &Path, depth: usize) -> Option<String> {
    if depth > MAX_DEPTH {
        return None;
    }
    let known = (0..=path.len())
        .rev()
        .find(|&n| modules.contains_key(&path[..n]))?;
    let module = &modules[&path[..known]];
    let Some(name) = path.get(known) else {
        return (!module.items.is_empty()).then(|| module.file.clone());
    };
    if module.items.contains(name) {
        return Some(module.file.clone());
    }
    let globs = module
        .globs
        .iter()
        .map(|glob| [&glob[..], std::slice::from_ref(name)].concat());
    let through = module.imports.get(name).cloned().into_iter().chain(globs);
    through
        .filter_map(|written| absolute(modules, &path[..known], &written, 0))
        .map(|target| [&target[..], &path[known + 1..]].concat())
        .find_map(|target| file_of(modules, &target, depth + 1))
}
