//! The checks: each a function of the facts, by concern.

mod access;
mod cluster;
mod memory;
mod modules;
mod persistence;
mod replicas;
mod schemas;
mod sessions;
#[cfg(test)]
mod tests;

use super::facts::Facts;
use super::finding::{Finding, Findings, Severity};

/// All that is found, the worst first.
pub fn all(facts: &Facts) -> Vec<Finding> {
    let mut found = Findings::default();
    for (node, why) in &facts.lost {
        found.add(
            (Severity::Problem, "unreachable"),
            node,
            "does not answer",
            why.as_str(),
            "Start it, or correct its address; then run the doctor again.",
        );
    }
    modules::check(facts, &mut found);
    cluster::check(facts, &mut found);
    schemas::check(facts, &mut found);
    replicas::check(facts, &mut found);
    persistence::check(facts, &mut found);
    memory::check(facts, &mut found);
    sessions::check(facts, &mut found);
    access::check(facts, &mut found);
    found.sorted()
}
