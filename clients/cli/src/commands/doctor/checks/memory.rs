//! What happens when memory is full.

use super::super::facts::{Facts, Node};
use super::super::finding::{Findings, Severity};
use crate::output::words::{count, size};

pub fn check(facts: &Facts, found: &mut Findings) {
    for node in &facts.nodes {
        limit(node, found);
        if let Some(evicted @ 1..) = node.number("session_evicted") {
            found.add(
                (Severity::Warning, "evicted"),
                &node.name,
                format!("{} evicted since the server started", count(evicted, "session")),
                "Each is a user who was logged out because memory was full.",
                "Give it more memory (CONFIG SET maxmemory), or shorter deadlines to sessions without a user.",
            );
        }
    }
}

fn limit(node: &Node, found: &mut Findings) {
    let (Some(most), Some(policy)) = (
        node.setting_number("maxmemory"),
        node.setting("maxmemory-policy"),
    ) else {
        return;
    };
    if most == 0 {
        found.add(
            (Severity::Note, "no-maxmemory"),
            &node.name,
            "maxmemory is 0: there is no limit",
            "A server that takes all memory is ended by the operating system.",
            "redis-cli CONFIG SET maxmemory SIZE, with room for the copies of a fork; then CONFIG REWRITE",
        );
        return;
    }
    if policy.starts_with("allkeys-") {
        found.add(
            (Severity::Warning, "allkeys"),
            &node.name,
            format!("maxmemory-policy is {policy}"),
            "Sessions compete with all other keys: when memory is full, users are logged out.",
            "redis-cli CONFIG SET maxmemory-policy noeviction (or volatile-ttl), and a server for sessions alone",
        );
    } else if policy.starts_with("volatile-") {
        found.add(
            (Severity::Note, "volatile"),
            &node.name,
            format!("maxmemory-policy is {policy}"),
            "When memory is full, sessions are evicted; with noeviction nobody new can log in instead.",
            "Keep it if that is what you want; watch session_evicted.",
        );
    }
    if let Some(used) = node.number("used_memory") {
        if used.saturating_mul(10) >= most.saturating_mul(9) {
            found.add(
                (Severity::Warning, "memory-full"),
                &node.name,
                format!("{} of {} of memory are used", size(used), size(most)),
                if policy == "noeviction" {
                    "When it is full, nobody can log in."
                } else {
                    "When it is full, users are logged out."
                },
                "redis-cli CONFIG SET maxmemory with a larger size, or end sessions: sessionctl revoke --no-user --accessed-before 1d",
            );
        }
    }
}
