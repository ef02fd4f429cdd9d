//! The sessions of a user on all primaries together.

use super::cluster_map::slot_of;
use super::{args, Cluster, ClusterClient, Server};
use std::collections::{BTreeMap, BTreeSet};

/// So many hash tags, each with a slot of its own.
pub fn tags(count: usize) -> Vec<String> {
    let mut slots = BTreeSet::new();
    let tags = (0..).map(|n| format!("{{{n:x}}}"));
    tags.filter(|tag| slots.insert(slot_of(tag)))
        .take(count)
        .collect()
}

/// Makes sessions of one user that no load touches, two for each tag. Returns their keys, sorted.
pub fn still(client: &mut ClusterClient, tags: &[String], user: &str) -> Vec<String> {
    let twice = tags.iter().chain(tags);
    let mut keys: Vec<_> = twice
        .map(|tag| {
            client.text(&args![
                "SESSION.SET",
                format!("s:{tag}:*"),
                "{}",
                "USER",
                user
            ])
        })
        .collect();
    keys.sort();
    keys
}

/// SESSION.LIST of all primaries together, sorted; none if a slot was on the move meanwhile.
pub fn list(cluster: &Cluster, client: &mut ClusterClient, user: &str) -> Option<Vec<String>> {
    let before = cluster.slots_at_rest();
    let mut keys = client.texts(&args!["SESSION.LIST", user]);
    keys.sort();
    (before.is_some() && before == cluster.slots_at_rest()).then_some(keys)
}

/// Repeats SESSION.REVOKE on all primaries until a pass during which no slot was on the move. Returns
/// the number of sessions that were ended, and of passes.
pub fn revoke(cluster: &Cluster, client: &mut ClusterClient, user: &str) -> (i64, usize) {
    let mut ended = 0;
    for pass in 1.. {
        let before = cluster.slots_at_rest();
        ended += client.int(&args!["SESSION.REVOKE", user]);
        if before.is_some() && before == cluster.slots_at_rest() {
            return (ended, pass);
        }
    }
    unreachable!("it returns")
}

/// The keys of each user's sessions on a node, sorted, by SESSION.INFO of every key. Superseded IDs
/// are among them.
#[track_caller]
pub fn users_by_scan(node: &Server) -> BTreeMap<String, Vec<String>> {
    let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut c = node.conn();
    c.ok(&["READONLY"]); // so that a replica answers, too
    for key in c.ok(&["KEYS", "*"]).texts() {
        let info = c.ok(&args!["SESSION.INFO", key]);
        if !info.is_nil() && !info.field("user").is_nil() {
            users
                .entry(info.field("user").text())
                .or_default()
                .push(key);
        }
    }
    users.values_mut().for_each(|keys| keys.sort());
    users
}
