//! Reads Markdown as far as needed: the tests that a page names, its links, and its headings.

use std::collections::BTreeSet;

/// A test that a page names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cite {
    /// The path from the root of the repository.
    pub file: String,
    pub name: String,
}

/// The tests that a text names: pieces in backticks, such as `tests/fuzz.rs::json`.
pub fn cites(text: &str) -> Vec<Cite> {
    let cite = |code: &str| {
        let (file, name) = code.split_once("::")?;
        let is_file = [".rs", ".py", ".ts"].iter().any(|end| file.ends_with(end));
        is_file.then(|| Cite {
            file: file.to_owned(),
            name: name.to_owned(),
        })
    };
    code(text).filter_map(cite).collect()
}

/// The pieces of code within the lines. Blocks of code are left out.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let mut in_block = false;
    let lines = text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_block ^= fence;
        !in_block && !fence
    });
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The targets of links, without those of other sites.
pub fn links(text: &str) -> Vec<String> {
    let after = text.split("](").skip(1);
    let target = |rest: &str| rest.split(')').next().unwrap_or_default().to_owned();
    after
        .map(target)
        .filter(|link| !link.contains("://"))
        .collect()
}

/// The names by which links lead to the headings of a page, as hosts of repositories make them.
pub fn headings(text: &str) -> BTreeSet<String> {
    let mut in_block = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        in_block ^= line.starts_with("```");
        let title = line.trim_start_matches('#');
        if in_block || title.len() == line.len() || !title.starts_with(' ') {
            continue;
        }
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let name: String = title.trim().chars().filter(kept).collect();
        found.insert(name.to_lowercase().replace(' ', "-"));
    }
    found
}

/// The rows of the tables of a text as their cells, without the heads.
pub fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for line in text.lines() {
        let Some(cells) = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'))
        else {
            continue;
        };
        if cells.starts_with("---") {
            rows.pop(); // the head
            continue;
        }
        rows.push(
            cells
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect(),
        );
    }
    rows
}

#[test]
fn tests_links_headings_and_rows_are_found() {
    let text =
        "# A page: of `code`\n\n| a | b |\n|---|---|\n| 1 | `x/y.rs::it_works` [l](z.md#a-b) |\n\n\
                ```\n`n.rs::no`\n# no\n```\n`a::b` `t.ts::…: says \"so\"` [o](https://x.org/a)\n";
    let cite = |file: &str, name: &str| Cite {
        file: file.into(),
        name: name.into(),
    };
    let wanted = [cite("x/y.rs", "it_works"), cite("t.ts", "…: says \"so\"")];
    assert_eq!(cites(text), wanted);
    assert_eq!(links(text), ["z.md#a-b"]);
    assert_eq!(headings(text), BTreeSet::from(["a-page-of-code".into()]));
    assert_eq!(rows(text), [["1", "`x/y.rs::it_works` [l](z.md#a-b)"]]);
}
