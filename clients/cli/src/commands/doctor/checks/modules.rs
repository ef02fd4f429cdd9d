//! The module is loaded everywhere, in one version, into a server that it knows.

use super::super::facts::{Facts, Node};
use super::super::finding::{Findings, Severity};
use super::super::report::version;

pub fn check(facts: &Facts, found: &mut Findings) {
    for node in &facts.nodes {
        if node.hello.module.is_none() {
            found.add(
                (Severity::Problem, "module-missing"),
                &node.name,
                "the module redis-session is not loaded",
                "It serves no session, and a replica without the module exits at its first full sync.",
                "Add 'loadmodule /path/to/libredis_session.so' to its configuration, and restart it.",
            );
        }
        servers(node, found);
        renamed(node, facts, found);
        if node.setting("enable-module-command") == Some("yes") {
            found.add(
                (Severity::Warning, "enable-module-command"),
                &node.name,
                "enable-module-command is yes",
                "Whoever may run MODULE LOAD runs any code with the rights of the server.",
                "Remove 'enable-module-command yes' from its configuration, and restart it.",
            );
        }
    }
    versions(facts, found);
}

fn versions(facts: &Facts, found: &mut Findings) {
    for (replica, primary) in facts.replicas() {
        if let (Some(older), Some(newer)) = (replica.hello.module, primary.hello.module) {
            if older < newer {
                found.add(
                    (Severity::Problem, "replica-older"),
                    &replica.name,
                    format!(
                        "has version {} of the module, and its primary {}",
                        version(older),
                        version(newer)
                    ),
                    "An older module does not know all that a newer one replicates: it misses sessions, or keeps ended ones.",
                    "Replace the file of the module on the replica, and restart it.",
                );
            }
        }
    }
    let mut all: Vec<u64> = facts
        .nodes
        .iter()
        .filter_map(|node| node.hello.module)
        .collect();
    all.sort_unstable();
    let (Some(lowest), Some(highest)) = (all.first(), all.last()) else {
        return;
    };
    for node in facts
        .nodes
        .iter()
        .filter(|node| node.hello.module == Some(*lowest))
    {
        if lowest != highest {
            found.add(
                (Severity::Warning, "module-versions"),
                &node.name,
                format!(
                    "has version {} of the module, and others have {}",
                    version(*lowest),
                    version(*highest)
                ),
                "Replicas and slots that move must find a module that is as new.",
                "Finish the upgrade: replicas first, then a failover, then the old primaries.",
            );
        }
    }
}

/// Servers with faults that docs/operations.md names.
fn servers(node: &Node, found: &mut Findings) {
    let valkey = node.field("valkey_version").unwrap_or_default();
    if valkey.starts_with("8.1.") || valkey.starts_with("9.0.") {
        found.add(
            (Severity::Note, "server-fault"),
            &node.name,
            "this version of Valkey replicates MOVE and COPY to another database wrongly (valkey-io/valkey#4024)",
            "The module corrects it for MOVE, and for COPY of sessions, but not for COPY of other keys.",
            "Do not COPY keys of other types to another database on this server, or upgrade to Valkey 9.1.",
        );
    }
}

/// Commands that are called by their names.
fn renamed(node: &Node, facts: &Facts, found: &mut Findings) {
    let Some(unknown) = &node.unknown_commands else {
        return;
    };
    if facts.cluster && unknown.contains("CLUSTER") {
        found.add(
            (Severity::Problem, "cluster-renamed"),
            &node.name,
            "the command CLUSTER is renamed or disabled",
            "In a cluster LIST and REVOKE ask CLUSTER for the slots: 'log out everywhere' fails.",
            "Remove 'rename-command CLUSTER' from its configuration; keep it from users with the ACL.",
        );
    }
    let replicates = node.setting("appendonly") == Some("yes")
        || node.is_replica
        || node.number("connected_slaves").unwrap_or(0) > 0;
    let core: Vec<&str> = unknown
        .iter()
        .map(String::as_str)
        .filter(|name| *name != "CLUSTER")
        .collect();
    if !core.is_empty() {
        let severity = if replicates {
            Severity::Problem
        } else {
            Severity::Warning
        };
        found.add(
            (severity, "commands-renamed"),
            &node.name,
            format!("renamed or disabled: {}", core.join(", ")),
            "The server itself writes these commands to its AOF and its replicas, and can then not load its own AOF.",
            "Remove these 'rename-command' lines from its configuration; keep commands from users with the ACL.",
        );
    }
}
