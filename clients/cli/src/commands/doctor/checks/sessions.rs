//! Sessions end, and reads are not replicated more often than they need to be.

use super::super::facts::{Facts, Node};
use super::super::finding::{Findings, Severity};

pub fn check(facts: &Facts, found: &mut Findings) {
    for node in &facts.nodes {
        interval(node, found);
        if let (Some(0), Some(0), Some(0)) = (
            node.setting_number("session.ttl"),
            node.setting_number("session.idle-timeout"),
            node.setting_number("session.max-ttl"),
        ) {
            found.add(
                (Severity::Warning, "no-timeout"),
                &node.name,
                "a new session has no end unless its application sets one",
                "A stolen cookie is then good for ever, and memory fills up.",
                "redis-cli CONFIG SET session.ttl 28800 session.idle-timeout 1800, then CONFIG REWRITE",
            );
        }
        // Replicas have the sessions of their primaries.
        if let (Some((looked, endless @ 1..)), false) = (node.sample, node.is_replica) {
            found.add(
                (Severity::Warning, "endless-sessions"),
                &node.name,
                format!("{endless} of {looked} sampled sessions never end"),
                "They have neither deadline nor idle timeout: they stay, are never evicted, and their cookies stay good.",
                "Set timeouts in the application; sessionctl revoke --accessed-before 30d ends old ones.",
            );
        }
    }
}

fn interval(node: &Node, found: &mut Findings) {
    const LONG: u64 = 60_000;
    let Some(interval) = node.setting_number("session.touch-interval-ms") else {
        return;
    };
    let recorded = node.number("session_accesses_recorded").unwrap_or(0);
    let skipped = node.number("session_accesses_not_recorded").unwrap_or(0);
    if interval == 0 {
        found.add(
            (Severity::Warning, "touch-interval-zero"),
            &node.name,
            "session.touch-interval-ms is 0",
            "Every read of a session is a write for replicas, the AOF and snapshots.",
            "redis-cli CONFIG SET session.touch-interval-ms 1000, then CONFIG REWRITE",
        );
    } else if interval > LONG {
        found.add(
            (Severity::Note, "touch-interval-long"),
            &node.name,
            format!("session.touch-interval-ms is {interval}"),
            "After a failover the accesses of this time are missing, so sessions may idle out early by as much.",
            "A second to a minute is usual: redis-cli CONFIG SET session.touch-interval-ms 1000",
        );
    } else if recorded > 10_000 && recorded / 9 > skipped {
        found.add(
            (Severity::Note, "accesses-recorded"),
            &node.name,
            "nine of ten reads record their access",
            "Each record is replicated. The interval, or the idle timeouts, may be too short for the traffic.",
            "redis-cli CONFIG SET session.touch-interval-ms with a longer time",
        );
    }
}
