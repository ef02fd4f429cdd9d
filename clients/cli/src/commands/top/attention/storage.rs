//! Memory and persistence of each node.

use super::notice::Notice;
use super::notice::Urgency::{Urgent, Warning};
use crate::commands::top::state::{Node, State};
use crate::commands::watching::Reading;

pub fn rules(state: &State) -> Vec<Notice> {
    let mut found = Vec::new();
    for node in &state.nodes {
        if let Some(reading) = node.live() {
            found.extend(memory(node, reading));
            found.extend(saves(node, reading));
        }
    }
    found.extend(persistence(state));
    found
}

/// A full server that evicts nothing refuses every new session.
fn memory(node: &Node, reading: &Reading) -> Option<Notice> {
    let limit = reading.max_memory()?;
    let used = reading.counted_memory();
    let address = &node.address;
    if reading.info.get("maxmemory_policy") != Some("noeviction") || !node.is_primary() {
        return None;
    }
    if used >= limit {
        let what = format!("Memory of {address} is full: nobody new can log in");
        let hint = "SET, PATCH and ROTATE are refused with OOM: raise maxmemory";
        return Some(Notice::new(Urgent, Some(address), what, hint));
    }
    let percent = used.saturating_mul(100) / limit;
    (percent >= 90).then(|| {
        let what = format!("Memory of {address} is {percent} % full, with noeviction");
        let hint = "When it is full, nobody new can log in: raise maxmemory";
        Notice::new(Warning, Some(address), what, hint)
    })
}

fn saves(node: &Node, reading: &Reading) -> Option<Notice> {
    let failed = |field| reading.info.get(field).is_some_and(|status| status != "ok");
    let what = if failed("aof_last_write_status") {
        "write to the AOF"
    } else if failed("rdb_last_bgsave_status") {
        "snapshot"
    } else if failed("aof_last_bgrewrite_status") {
        "rewrite of the AOF"
    } else {
        return None;
    };
    let address = &node.address;
    let what = format!("The last {what} of {address} failed");
    let hint = "Is its disk full? It may refuse writes until one succeeds: its log says why";
    Some(Notice::new(Urgent, Some(address), what, hint))
}

/// Primaries that save nothing, in one notice.
fn persistence(state: &State) -> Option<Notice> {
    let forgets = |node: &&Node| {
        node.is_primary()
            && node.live().is_some_and(|reading| {
                reading.settings.saves == Some(false) && !reading.info.flag("aof_enabled")
            })
    };
    let nodes: Vec<&Node> = state.nodes.iter().filter(forgets).collect();
    let first = nodes.first()?;
    let what = match nodes.len() {
        1 => format!("{} saves nothing to disk", first.address),
        count => format!("{count} primaries save nothing to disk"),
    };
    let hint = "A restart logs everybody out and loses the schemas: appendonly yes";
    let about = (nodes.len() == 1).then_some(&first.address);
    Some(Notice::new(Warning, about, what, hint))
}
