//! What a restart or a crash loses.

use super::super::facts::{Facts, Node};
use super::super::finding::{Findings, Severity};

pub fn check(facts: &Facts, found: &mut Findings) {
    for node in &facts.nodes {
        node_check(node, found);
    }
}

fn node_check(node: &Node, found: &mut Findings) {
    let aof = node.setting("appendonly");
    match (aof, node.setting("save")) {
        (Some("no"), Some("")) => found.add(
            (Severity::Warning, "no-persistence"),
            &node.name,
            "nothing is saved: appendonly is no, and save is empty",
            "A restart logs everybody out, and loses the schemas.",
            "redis-cli CONFIG SET appendonly yes, then CONFIG REWRITE",
        ),
        (Some("no"), Some(save)) => found.add(
            (Severity::Warning, "snapshots-only"),
            &node.name,
            format!("only snapshots are saved (save {save})"),
            "A crash loses everything after the last one, logouts too: sessions that were ended come back.",
            "redis-cli CONFIG SET appendonly yes, then CONFIG REWRITE",
        ),
        _ => {}
    }
    if aof == Some("yes") {
        aof_check(node, found);
    }
    for (field, what) in [
        ("rdb_last_bgsave_status", "the last snapshot"),
        ("aof_last_write_status", "the last write to the AOF"),
        ("aof_last_bgrewrite_status", "the last rewrite of the AOF"),
    ] {
        if node.field(field) == Some("err") {
            found.add(
                (Severity::Problem, "save-failed"),
                &node.name,
                format!("{what} has failed"),
                "The server may refuse writes (MISCONF), and a restart loses what was not saved.",
                "Look into its log: the disk may be full, or the folder not writable.",
            );
        }
    }
}

fn aof_check(node: &Node, found: &mut Findings) {
    match node.setting("appendfsync") {
        Some("no") => found.add(
            (Severity::Warning, "appendfsync-no"),
            &node.name,
            "appendfsync is no",
            "A crash of the machine loses half a minute or more, logouts too.",
            "redis-cli CONFIG SET appendfsync everysec (or always), then CONFIG REWRITE",
        ),
        Some("everysec") => found.add(
            (Severity::Note, "appendfsync-everysec"),
            &node.name,
            "appendfsync is everysec",
            "A crash of the machine loses up to a second, so a session that was just ended can come back.",
            "If that must never be: redis-cli CONFIG SET appendfsync always, or WAIT after a logout",
        ),
        _ => {}
    }
    if node.setting("aof-use-rdb-preamble") == Some("no") {
        found.add(
            (Severity::Warning, "rdb-preamble"),
            &node.name,
            "aof-use-rdb-preamble is no",
            "A rewritten AOF then keeps the schemas only while there is a session.",
            "redis-cli CONFIG SET aof-use-rdb-preamble yes, then CONFIG REWRITE",
        );
    }
}
