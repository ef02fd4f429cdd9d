//! Replicas follow their primaries, and have their settings. Clocks agree.

use super::super::facts::{Facts, Node};
use super::super::finding::{Findings, Severity};
use crate::output::words::duration;

pub fn check(facts: &Facts, found: &mut Findings) {
    for node in &facts.nodes {
        one(node, found);
    }
    for primary in facts.primaries() {
        if primary.number("connected_slaves") == Some(0) {
            found.add(
                (Severity::Note, "no-replica"),
                &primary.name,
                "has no replica",
                "If its machine is lost, its sessions are unavailable until a backup is restored.",
                "Start a second server with the module and 'replicaof HOST PORT'.",
            );
        }
    }
    for (replica, primary) in facts.replicas() {
        settings(replica, primary, found);
    }
    clocks(facts, found);
}

fn one(node: &Node, found: &mut Findings) {
    if node.is_replica {
        if node.field("master_link_status") == Some("down") {
            found.add(
                (Severity::Problem, "link-down"),
                &node.name,
                "is not connected to its primary",
                "It shows old sessions, ended ones too, and a failover to it loses what came since.",
                "Look into its log: the address, the password (masterauth) or the module may be wrong.",
            );
        }
        if node.primary.is_none() {
            let primary = [node.field("master_host"), node.field("master_port")];
            let primary = primary.map(|part| part.unwrap_or("?")).join(":");
            found.add(
                (Severity::Note, "replica-only"),
                &node.name,
                format!("is a replica of {primary}, which was not looked at"),
                "The doctor finds replicas through their primary.",
                format!("sessionctl doctor --url redis://{primary}"),
            );
        }
        if node.setting("replica-read-only") == Some("no") {
            found.add(
                (Severity::Warning, "writable-replica"),
                &node.name,
                "replica-read-only is no",
                "Sessions that are written or ended there are not so on the primary.",
                "redis-cli CONFIG SET replica-read-only yes, then CONFIG REWRITE",
            );
        }
    }
    if node.setting("repl-diskless-load") == Some("swapdb") {
        found.add(
            (Severity::Note, "swapdb"),
            &node.name,
            "repl-diskless-load is swapdb",
            "It has no effect with this module: a replica empties its data before it loads that of its primary.",
            "Nothing needs to be done; 'disabled' or 'on-empty-db' says what happens.",
        );
    }
}

fn settings(replica: &Node, primary: &Node, found: &mut Findings) {
    let (Some(own), Some(theirs)) = (&replica.config, &primary.config) else {
        return;
    };
    for (name, value) in own.iter().filter(|(name, _)| name.starts_with("session.")) {
        let Some(other) = theirs.get(name).filter(|other| *other != value) else {
            continue;
        };
        let lower = |a: &str, b: &str| a.parse::<u64>().ok() < b.parse::<u64>().ok();
        let why = if name == "session.max-grace-ms" && lower(value, other) {
            "It does not follow old IDs whose grace is longer: users are logged out for a moment after a rotation."
        } else {
            "Settings are not replicated: after a failover this one counts."
        };
        found.add(
            (Severity::Warning, "settings-differ"),
            &replica.name,
            format!("{name} is {value}, and {other} on its primary"),
            why,
            format!("redis-cli CONFIG SET {name} {other} on the replica, then CONFIG REWRITE"),
        );
    }
}

/// Bounds of clocks that lie apart for certain, whatever the network took.
fn clocks(facts: &Facts, found: &mut Findings) {
    const WARN: i64 = 1000;
    /// Times further ahead than this are not believed.
    const DISBELIEF: i64 = 60_000;
    let known = || {
        let nodes = facts.nodes.iter();
        nodes.filter_map(|node| node.clock.map(|clock| (node, clock)))
    };
    let Some((_, (_, slowest))) = known().min_by_key(|(_, (_, most))| *most) else {
        return;
    };
    for (node, (least, _)) in known() {
        let apart = least.saturating_sub(slowest);
        if apart > WARN {
            let severity = if apart > DISBELIEF {
                Severity::Problem
            } else {
                Severity::Warning
            };
            found.add(
                (severity, "clocks"),
                &node.name,
                format!("its clock is {} ahead of another node's", duration(apart)),
                "After a failover sessions end too early or too late; times more than a minute ahead are not believed.",
                "Run NTP (chrony, systemd-timesyncd) on all machines.",
            );
        }
    }
}
