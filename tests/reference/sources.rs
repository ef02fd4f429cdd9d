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

/// The module is part of the server's process. It has no use for files, sockets, threads and processes,
/// and what it does not use cannot be turned against the host.
#[test]
fn the_module_uses_no_file_no_socket_no_thread_and_no_process() {
    let mut read = 0;
    for (file, text) in texts("src") {
        let is_test = file.contains("/tests/") || file.ends_with("_tests.rs");
        // Unit tests stand at the end of their file.
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        for part in ["fs", "net", "os::unix", "process::Command", "thread"] {
            let used = code.contains(&format!("std::{part}"));
            assert!(is_test || !used, "{file} uses std::{part}");
        }
        read += usize::from(!is_test);
    }
    assert!(read > 100, "{read} files");
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for line in manifest
        .lines()
        .filter(|line| line.starts_with("jsonschema = ") || line.starts_with("referencing = "))
    {
        assert!(
            line.contains("default-features = false"),
            "{line} can fetch schemas"
        );
        assert!(!line.contains("resolve"), "{line} can fetch schemas");
    }
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
