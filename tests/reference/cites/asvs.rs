//! `docs/asvs.md` answers every requirement of two parts of the OWASP ASVS 5.0.0 for every part of the
//! project. What it calls met names a test.

use super::{page, pages};
use std::collections::BTreeSet;

/// The requirements of V7 and V3.3 with their levels, from the standard: version 5.0.0 of May 2025.
const REQUIREMENTS: [(&str, u8); 24] = [
    ("7.1.1", 2),
    ("7.1.2", 2),
    ("7.1.3", 2),
    ("7.2.1", 1),
    ("7.2.2", 1),
    ("7.2.3", 1),
    ("7.2.4", 1),
    ("7.3.1", 2),
    ("7.3.2", 2),
    ("7.4.1", 1),
    ("7.4.2", 1),
    ("7.4.3", 2),
    ("7.4.4", 2),
    ("7.4.5", 2),
    ("7.5.1", 2),
    ("7.5.2", 2),
    ("7.5.3", 3),
    ("7.6.1", 2),
    ("7.6.2", 2),
    ("3.3.1", 1),
    ("3.3.2", 2),
    ("3.3.3", 2),
    ("3.3.4", 2),
    ("3.3.5", 3),
];

const PYTHON: [&str; 4] = ["FastAPI", "Starlette", "Django", "Flask"];
const NODE: [&str; 4] = ["Express", "Fastify", "Koa", "React Router"];
const RUST: [&str; 2] = ["tower-sessions", "actix-session"];

/// The words for an answer, and whether it must name a test.
const ANSWERS: [(&str, bool); 4] = [
    ("met", true),
    ("met with a setting", true),
    ("not met", false),
    ("left to the application", false),
];

/// The sections of the page by their requirements: `### 7.2.3 (level 1): …`.
fn sections(text: &str) -> Vec<(&str, &str)> {
    let sections = text.split("\n### ").skip(1);
    sections
        .filter_map(|section| section.split_once('\n'))
        .collect()
}

/// The parts of the project that the first cell of a row names.
fn parts(cell: &str) -> Vec<&str> {
    let names = cell.split(", ").flat_map(|name| match name {
        "all clients" => [&PYTHON[..], &NODE[..], &RUST[..]].concat(),
        "Python" => PYTHON.to_vec(),
        "Node" => NODE.to_vec(),
        "Rust" => RUST.to_vec(),
        one => vec![one],
    });
    names.collect()
}

#[test]
fn every_requirement_is_there_once_with_its_level() {
    let text = page("docs/asvs.md");
    let wanted: Vec<_> = REQUIREMENTS
        .iter()
        .map(|(id, level)| format!("{id} (level {level}): "))
        .collect();
    let found = sections(&text);
    assert_eq!(found.len(), wanted.len());
    for ((title, _), wanted) in found.iter().zip(&wanted) {
        assert!(title.starts_with(wanted), "{title}, not {wanted}");
    }
}

#[test]
fn each_requirement_is_answered_for_every_part_and_what_is_met_names_a_test() {
    let all: BTreeSet<_> = ["module"].into_iter().chain(parts("all clients")).collect();
    let text = page("docs/asvs.md");
    let mut counts = ANSWERS.map(|_| 0);
    for (title, section) in sections(&text) {
        let mut seen = Vec::new();
        for row in pages::rows(section) {
            let [names, answer, how] = &row[..] else {
                panic!("{title}: {row:?}")
            };
            let nth = ANSWERS.iter().position(|(word, _)| word == answer);
            let nth = nth.unwrap_or_else(|| panic!("{title}: the answer '{answer}'"));
            let has_test = !pages::cites(how).is_empty();
            assert!(
                has_test || !ANSWERS[nth].1,
                "{title}: {names} names no test"
            );
            let parts = parts(names);
            counts[nth] += parts.len();
            seen.extend(parts.into_iter().map(str::to_owned));
        }
        let once: BTreeSet<_> = seen.iter().map(String::as_str).collect();
        assert_eq!(once, all, "{title}");
        assert_eq!(once.len(), seen.len(), "{title}: {seen:?}");
    }
    let [met, by_setting, not_met, left] = counts;
    support::say(&format!(
        "answers: {met} met, {by_setting} with a setting, {not_met} not met, {left} left"
    ));
    // The page says these sums at its beginning.
    let sums =
        format!("{met} are met as they come, {by_setting} with a setting, {not_met} are not met");
    assert!(text.contains(&sums), "the page does not say: {sums}");
}
