//! All nodes have the same schemas, and all of them compile.

use super::super::facts::{Facts, Node};
use super::super::finding::{Findings, Severity};
use crate::output::words::count;

pub fn check(facts: &Facts, found: &mut Findings) {
    let digest = |node: &Node| node.field("session_schemas_digest").map(str::to_owned);
    if let Some(first) = facts.primaries().next() {
        for other in facts.primaries().skip(1) {
            let (Some(own), Some(theirs)) = (digest(first), digest(other)) else {
                continue;
            };
            if own != theirs {
                found.add(
                    (Severity::Problem, "schemas-differ"),
                    &other.name,
                    format!("has other schemas than {}", first.name),
                    "Each primary has its own. Where one is missing, VERIFY and writes are NOSCHEMA: visitors are refused.",
                    "sessionctl schemas diff DIR, then sessionctl schemas push DIR",
                );
            }
        }
    }
    for (replica, primary) in facts.replicas() {
        if let (Some(own), Some(theirs)) = (digest(replica), digest(primary)) {
            if own != theirs {
                found.add(
                    (Severity::Warning, "replica-schemas"),
                    &replica.name,
                    "has other schemas than its primary",
                    "It is behind for a moment, or was written to by itself.",
                    "Run the doctor again. If it stays so, let the replica sync anew.",
                );
            }
        }
    }
    for node in &facts.nodes {
        for (name, why) in node.bad_schemas.iter().flatten() {
            found.add(
                (Severity::Problem, "bad-schema"),
                &node.name,
                format!("the schema '{name}' does not compile in this version of the module"),
                format!("Every session that names it is refused. {why}"),
                "Correct the schema, and register it: sessionctl schemas push DIR",
            );
        }
        near(node, "session_schemas", "session.max-schemas", found);
        near(
            node,
            "session_schemas_bytes",
            "session.max-schemas-bytes",
            found,
        );
    }
}

/// A number that is close to its limit.
fn near(node: &Node, field: &str, setting: &'static str, found: &mut Findings) {
    let (Some(number), Some(limit)) = (node.number(field), node.setting_number(setting)) else {
        return;
    };
    if number > 0 && number.saturating_mul(10) >= limit.saturating_mul(9) {
        let schemas = count(node.number("session_schemas").unwrap_or(0), "schema");
        found.add(
            (Severity::Warning, "schemas-limit"),
            &node.name,
            format!("{schemas}: close to {setting} ({limit})"),
            "An application may register schemas under names that it makes, and remove none.",
            "sessionctl schemas list shows them; remove those that are not used with SESSION.SCHEMA DEL.",
        );
    }
}
