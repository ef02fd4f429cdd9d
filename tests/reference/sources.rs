//! The sources of the module, as texts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The path of a file or folder below `src`.
pub fn src(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(below)
}

/// The text of every Rust file in a folder below `src` and in its subfolders, by its path below
/// that folder with `/` between the parts.
pub fn texts(folder: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    add(&src(folder), "", &mut texts);
    texts
}

fn add(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            add(&path, &format!("{prefix}{name}/"), texts);
        } else if name.ends_with(".rs") {
            texts.insert(
                format!("{prefix}{name}"),
                fs::read_to_string(&path).unwrap(),
            );
        }
    }
}
