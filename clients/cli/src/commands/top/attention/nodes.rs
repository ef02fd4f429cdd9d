//! Nodes that are down, without the module, or not in step with the others.

use super::notice::Notice;
use super::notice::Urgency::{Hint, Urgent, Warning};
use crate::commands::top::state::{Node, State};
use crate::commands::top::words;
use crate::commands::watching::Standing;

/// Slots of a cluster.
const SLOTS: u32 = 16_384;

/// A replica whose primary was silent for so many seconds. The primary sends a ping every ten.
const SILENT: u64 = 20;

pub fn rules(state: &State) -> Vec<Notice> {
    let mut found: Vec<Notice> = state.nodes.iter().flat_map(of_node).collect();
    found.extend(slots(state));
    found.extend(versions(state));
    found
}

fn of_node(node: &Node) -> Vec<Notice> {
    let address = &node.address;
    let mut found = Vec::new();
    let mut add = |urgency, what: String, hint: &str| {
        found.push(Notice::new(urgency, Some(address), what, hint));
    };
    match &node.standing {
        Standing::Down(time) => {
            let why = node.error.as_deref().unwrap_or("no answer");
            let time = words::duration(*time);
            let (urgency, hint) = match (node.is_primary(), node.slots) {
                (true, 0) => (Urgent, "Nobody can use its sessions"),
                (true, _) => (
                    Urgent,
                    "Its sessions cannot be used until a replica is promoted",
                ),
                (false, _) => (Warning, "Its primary has no copy there"),
            };
            add(
                urgency,
                format!("{address} is down for {time}: {why}"),
                hint,
            );
        }
        Standing::Slow(time) => {
            let time = words::duration(*time);
            add(
                Warning,
                format!("{address} has not answered for {time}"),
                "Is it overloaded, or stopped?",
            );
        }
        Standing::New | Standing::Up => {}
    }
    let Some(reading) = node.live() else {
        return found;
    };
    let info = &reading.info;
    if info.flag("loading") {
        add(
            Warning,
            format!("{address} loads its data"),
            "Its sessions can be used when it is done",
        );
        return found;
    }
    if !reading.has_module() {
        let hint = match node.is_primary() {
            true => "Add loadmodule to its configuration, and restart it",
            false => "It exits at the next full synchronisation: add loadmodule to its configuration, and restart it",
        };
        add(Urgent, format!("{address} does not have the module"), hint);
    }
    if info.get("master_link_status") == Some("down") {
        let time = info.number("master_link_down_since_seconds");
        let time = time.map_or(String::new(), |seconds| {
            let time = std::time::Duration::from_secs(seconds);
            format!(" for {}", words::duration(time))
        });
        let hint = match info.flag("master_sync_in_progress") {
            true => "A synchronisation is under way",
            false => "It falls behind: look at its log and at the network",
        };
        add(
            Warning,
            format!("{address} has no link to its primary{time}"),
            hint,
        );
    } else if info
        .number("master_last_io_seconds_ago")
        .is_some_and(|it| it > SILENT)
    {
        add(
            Warning,
            format!("{address} has heard nothing of its primary for over {SILENT} s"),
            "Is the network slow?",
        );
    }
    if info
        .number("uptime_in_seconds")
        .is_some_and(|uptime| uptime < 60)
    {
        add(
            Hint,
            format!("{address} was started less than a minute ago"),
            "Its counters began anew",
        );
    }
    found
}

/// Slots that no node owns.
fn slots(state: &State) -> Option<Notice> {
    let owned: u32 = state.nodes.iter().map(|node| node.slots).sum();
    let known = state.in_cluster && state.nodes.len() > 1;
    (known && owned < SLOTS).then(|| {
        let missing = SLOTS - owned;
        let what = format!("{missing} of {SLOTS} slots have no owner");
        Notice::new(Urgent, None, what, "redis-cli --cluster fix assigns them")
    })
}

/// Versions of the module that differ, most of all a replica that is older than its primary.
fn versions(state: &State) -> Option<Notice> {
    let version = |node: &Node| node.live()?.settings.module.clone();
    let parts = |version: &str| -> Vec<u32> {
        version
            .split('.')
            .filter_map(|part| part.parse().ok())
            .collect()
    };
    for replica in &state.nodes {
        let primary = replica
            .primary
            .as_ref()
            .and_then(|address| state.nodes.iter().find(|node| node.address == *address));
        let (Some(own), Some(its)) = (version(replica), primary.and_then(version)) else {
            continue;
        };
        if parts(&own) < parts(&its) {
            let address = &replica.address;
            let what = format!("{address} has module {own}, and its primary {its}");
            let hint = "A replica must not be older: upgrade it";
            return Some(Notice::new(Urgent, Some(address), what, hint));
        }
    }
    let mut versions: Vec<String> = state.nodes.iter().filter_map(version).collect();
    versions.sort_by_key(|version| parts(version));
    versions.dedup();
    (versions.len() > 1).then(|| {
        let what = format!("Versions of the module differ: {}", versions.join(", "));
        Notice::new(Hint, None, what, "Finish the upgrade before slots move")
    })
}
