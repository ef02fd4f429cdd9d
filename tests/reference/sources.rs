//! The sources of the module and of other crates, as texts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of every Rust file in a folder of the project and in its subfolders, by its path below
/// that folder with `/` between the parts.
pub fn texts(folder: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    add(&root().join(folder), "", &mut texts);
    texts
}

/// The clock that tests move (src/server/test_hooks.rs) would let anybody who may call its command end
/// or prolong sessions. It is compiled with debug assertions alone, and no profile turns these on.
#[test]
fn the_clock_for_tests_is_part_of_no_release() {
    for file in ["Cargo.toml", "Makefile"] {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert!(!text.contains("debug-assertions"), "{file}");
        assert!(!text.contains("debug_assertions"), "{file}");
    }
    let mut uses = 0;
    for (file, text) in texts("src") {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let is_code = !line.starts_with("//");
            let mentions =
                line.to_lowercase().contains("test_clock") || line.contains("test_hooks");
            if is_code && mentions && file != "server/test_hooks.rs" {
                assert_eq!(lines[at - 1], "#[cfg(debug_assertions)]", "{file}: {line}");
                uses += 1;
            }
        }
    }
    assert_eq!(
        uses, 5,
        "the module, its import and call, the state of the clock and its use"
    );
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
