//! What the doctor prints.

use super::facts::{Facts, Node};
use super::finding::{Finding, Severity};
use crate::output::table::Table;
use crate::output::words::{count, printable};
use crate::output::Output;
use serde_json::{json, Value};

pub fn report(facts: &Facts, findings: &[Finding], output: &Output) {
    output.either(&document(facts, findings), |output| {
        people(facts, findings, output);
    });
}

fn document(facts: &Facts, findings: &[Finding]) -> Value {
    let nodes = facts.nodes.iter().map(|node| {
        json!({
            "node": node.name,
            "role": role(node),
            "server": server(node),
            "module": node.hello.module.map(version),
        })
    });
    let lost = facts
        .lost
        .iter()
        .map(|(node, why)| json!({ "node": node, "why": why }));
    let unchecked = unchecked(facts);
    let unchecked = unchecked
        .iter()
        .map(|(what, right, nodes)| json!({ "what": what, "why": right, "nodes": nodes }));
    json!({
        "cluster": facts.cluster,
        "nodes": nodes.collect::<Vec<_>>(),
        "unreachable": lost.collect::<Vec<_>>(),
        "findings": findings.iter().map(Finding::json).collect::<Vec<_>>(),
        "unchecked": unchecked.collect::<Vec<_>>(),
    })
}

fn people(facts: &Facts, findings: &[Finding], output: &Output) {
    let mut table = Table::new(&["NODE", "ROLE", "SERVER", "MODULE", ">SESSIONS"]);
    for node in &facts.nodes {
        let sessions = node.number("session_sessions");
        table.row(&[
            node.name.clone(),
            role(node).to_owned(),
            server(node).unwrap_or_default(),
            node.hello.module.map_or("none".to_owned(), version),
            sessions.map_or(String::new(), |sessions| sessions.to_string()),
        ]);
    }
    output.table(&table);
    let nodes = facts.nodes.len() + facts.lost.len();
    for finding in findings {
        output.line("");
        let at = match finding.nodes.len() {
            all if all == nodes && nodes > 1 => "all nodes".to_owned(),
            _ => finding.nodes.join(", "),
        };
        let text = printable(&format!(
            "{}: {at}: {}",
            finding.severity.name(),
            finding.what
        ));
        output.line(&text);
        output.line(&format!("  why: {}", printable(&finding.why)));
        output.line(&format!("  do:  {}", printable(&finding.fix)));
    }
    let unchecked = unchecked(facts);
    if !unchecked.is_empty() {
        output.line("\nnot checked:");
    }
    for (what, why, nodes) in unchecked {
        let text = format!("  {what} ({}): {why}", nodes.join(", "));
        output.line(&printable(&text));
    }
    output.line(&format!("\n{}", summary(findings)));
}

fn summary(findings: &[Finding]) -> String {
    let of = |severity: Severity| {
        let found = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        count(found.count() as u64, severity.name())
    };
    let [problems, warnings, notes] =
        [Severity::Problem, Severity::Warning, Severity::Note].map(of);
    format!("{problems}, {warnings}, {notes}")
}

fn role(node: &Node) -> &'static str {
    if node.is_replica {
        "replica"
    } else {
        "primary"
    }
}

fn server(node: &Node) -> Option<String> {
    if let Some(version) = node.field("valkey_version") {
        return Some(format!("Valkey {version}"));
    }
    Some(format!("Redis {}", node.field("redis_version")?))
}

/// `10200` is 1.2.0.
pub fn version(number: u64) -> String {
    format!(
        "{}.{}.{}",
        number / 10_000,
        number / 100 % 100,
        number % 100
    )
}

/// What could not be looked at, for what reason, and where.
fn unchecked(facts: &Facts) -> Vec<(&'static str, String, Vec<String>)> {
    let mut all: Vec<(&'static str, String, Vec<String>)> = Vec::new();
    for node in &facts.nodes {
        for (what, why) in &node.forbidden {
            match all
                .iter_mut()
                .find(|known| known.0 == *what && known.1 == *why)
            {
                Some(known) => known.2.push(node.name.clone()),
                None => all.push((what, why.clone(), vec![node.name.clone()])),
            }
        }
    }
    all
}
