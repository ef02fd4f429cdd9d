//! Pages that promise something name the tests that show it, in one notation: the file's path from the
//! root of the repository, `::`, and the test's name. In Rust and Python that is the function; in
//! TypeScript it is the text that `test()` gets, as it is written there.
//!
//! These tests read the pages as a reader would: a test that is named must exist, be compiled, and not
//! be ignored or skipped. So a promise cannot outlive its test.

mod asvs;
mod pages;
mod real;

use super::sources::root;
use std::collections::BTreeSet;
use std::fs;

/// The pages whose promises must name their tests, each with a number of tests that it surely names.
const PAGES: [(&str, usize); 3] = [
    ("SECURITY.md", 60),
    ("docs/asvs.md", 60),
    ("docs/reliability.md", 40),
];

fn page(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_test_that_a_page_names_exists_and_runs() {
    let mut wrong = Vec::new();
    for (path, at_least) in PAGES {
        let cites: BTreeSet<_> = pages::cites(&page(path)).into_iter().collect();
        support::say(&format!("{path}: {} tests named", cites.len()));
        assert!(cites.len() >= at_least, "{path}: {cites:?}");
        for cite in cites {
            if let Err(why) = real::check(root(), &cite) {
                wrong.push(format!("{path}: {}::{}: {why}", cite.file, cite.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A link whose file has moved, or a heading that is called otherwise now.
#[test]
fn every_link_of_these_pages_leads_somewhere() {
    let mut wrong = Vec::new();
    for (path, _) in PAGES {
        let folder = root().join(path);
        let folder = folder.parent().expect("a folder");
        for link in pages::links(&page(path)) {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => root().join(path),
                file => folder.join(file),
            };
            let found = match fs::read_to_string(&target) {
                Ok(text) => heading.is_empty() || pages::headings(&text).contains(heading),
                Err(_) => heading.is_empty() && target.exists(),
            };
            if !found {
                wrong.push(format!("{path}: {link}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
