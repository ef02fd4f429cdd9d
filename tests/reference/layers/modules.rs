//! Reads the modules of a crate: the names that each defines and brings in, and the paths in its code.
//!
//! Paths are found in `use` declarations, in code, and inside macro calls. Code under
//! `#[cfg(test)]` is left out.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use syn::visit::{self, Visit};

/// A path of a module or an item, from the root of the crate, without `crate`.
pub type Path = Vec<String>;

/// The files of a crate: a path below `src` with `/` between its parts, and the syntax tree.
pub type Files = BTreeMap<String, Rc<syn::File>>;

/// One module: a file, or a `mod name { }` inside of one.
#[derive(Default)]
pub struct Module {
    pub file: String,
    /// The path behind each name that a `use` brings in, as it is written.
    pub imports: BTreeMap<String, Path>,
    /// The paths of `use path::*`, as they are written.
    pub globs: Vec<Path>,
    /// Names of the module's own items.
    pub items: BTreeSet<String>,
    /// Every path in the module's code, as it is written.
    pub paths: BTreeSet<Path>,
}

/// Reads all modules, beginning with `lib.rs`, by their paths.
///
/// # Panics
/// On a module without a file.
pub fn modules(files: &Files) -> BTreeMap<Path, Module> {
    let mut modules = BTreeMap::new();
    add_file(files, &mut modules, Vec::new(), "lib.rs", "");
    modules
}

/// Adds the module in a file and all modules below it. `folder` is where its children's files are.
fn add_file(
    files: &Files,
    modules: &mut BTreeMap<Path, Module>,
    path: Path,
    file: &str,
    folder: &str,
) {
    add_items(files, modules, path, file, folder, &files[file].items);
}

fn add_items(
    files: &Files,
    modules: &mut BTreeMap<Path, Module>,
    path: Path,
    file: &str,
    folder: &str,
    items: &[syn::Item],
) {
    let mut module = Module {
        file: file.to_owned(),
        ..Module::default()
    };
    let mut reader = CodeReader::default();
    for item in items {
        match item {
            _ if is_for_tests(item) => {}
            syn::Item::Mod(child) => {
                let name = child.ident.to_string();
                let path = [&path[..], std::slice::from_ref(&name)].concat();
                let inner = format!("{folder}{name}/");
                match &child.content {
                    Some((_, items)) => add_items(files, modules, path, file, &inner, items),
                    None => {
                        let own = [format!("{folder}{name}.rs"), format!("{inner}mod.rs")];
                        let found = own.iter().find(|file| files.contains_key(*file));
                        let found = found.unwrap_or_else(|| panic!("{file}: no file for {name}"));
                        add_file(files, modules, path, found, &inner);
                    }
                }
            }
            item => {
                module.items.extend(name_of(item));
                reader.visit_item(item);
            }
        }
    }
    for (name, target) in reader.imports {
        match name.as_str() {
            "*" => module.globs.push(target),
            _ => drop(module.imports.insert(name, target)),
        }
    }
    module.paths = reader.paths;
    modules.insert(path, module);
}

/// Whether an item is compiled for tests alone.
fn is_for_tests(item: &syn::Item) -> bool {
    let attributes = match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Const(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let text = attribute.to_token_stream().to_string().replace(' ', "");
        text == "#[cfg(test)]"
    })
}

fn name_of(item: &syn::Item) -> Option<String> {
    let ident = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// Collects the paths and the `use` declarations of code, those inside functions too.
#[derive(Default)]
struct CodeReader {
    imports: Vec<(String, Path)>,
    paths: BTreeSet<Path>,
}

impl<'ast> Visit<'ast> for CodeReader {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&item.tree, &mut Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.paths.insert(segments.collect());
        visit::visit_path(self, path);
    }

    /// `pub(in path)` is not a use of anything.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.add_tokens(call.tokens.clone());
    }
}

impl CodeReader {
    fn add_use(&mut self, tree: &syn::UseTree, before: &mut Path) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.add_use(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(tree, before);
                }
            }
            syn::UseTree::Glob(_) => self.imports.push(("*".to_owned(), before.clone())),
            syn::UseTree::Name(name) => self.add_name(&name.ident, &name.ident, before),
            syn::UseTree::Rename(name) => self.add_name(&name.ident, &name.rename, before),
        }
    }

    fn add_name(&mut self, name: &syn::Ident, alias: &syn::Ident, before: &Path) {
        let mut target = before.clone();
        let mut alias = alias.to_string();
        if name == "self" {
            alias = target.last().cloned().unwrap_or_default();
        } else {
            target.push(name.to_string());
        }
        self.imports.push((alias, target));
    }

    /// Inside a macro call there is no syntax tree: names with `::` between them are a path.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut colons) = (Path::new(), 0);
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons < 2 {
                        self.paths.insert(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.paths.insert(std::mem::take(&mut path));
                    self.add_tokens(group.stream());
                }
                _ => {
                    self.paths.insert(std::mem::take(&mut path));
                }
            }
        }
        self.paths.insert(path);
    }
}
