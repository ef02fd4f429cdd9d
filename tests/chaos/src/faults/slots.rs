//! The slots of sessions that are in use move to another primary: key by key, or at a stroke where the
//! server can do that (Valkey from version 9 on). While they move key by key, clients send no LIST, no
//! REVOKE and no MAXSESSIONS, which count all sessions of a user only while slots are at rest.

use super::{Fault, Scene};
use crate::deployment::On;
use std::collections::BTreeSet;
use support::cluster_map::slot_of;
use support::{Cluster, Random};

pub const FAULT: Fault = Fault {
    name: "slots",
    about: "slots in use move to another primary, key by key and, on Valkey 9, at a stroke",
    keeps_primary: &[On::Cluster],
    replaces: &[On::Cluster],
    inject: slots,
};

fn slots(scene: &mut Scene) -> String {
    let slots: BTreeSet<u16> = (scene.users)().iter().map(slot_of).collect();
    let cluster = scene.deployment.cluster().expect("a cluster");
    let node = &cluster.nodes[0];
    let can_stroke = node.is_valkey() && node.server_version() >= (9, 0, 0);
    let at_a_stroke = can_stroke && scene.random.once_in(2);
    let random = &mut scene.random;
    let _held_back = (!at_a_stroke).then(|| scene.deployment.hold_back_users());
    let mut moved = 0;
    for slot in &slots {
        let to = cluster.another_primary(cluster.owner(*slot));
        if at_a_stroke {
            let from = cluster.owner(*slot);
            let job = cluster.begin_atomic_move(&[*slot], to);
            cluster.atomic_move_succeeds(from, &job); // or is given up, which changes nothing
            continue;
        }
        moved += move_slowly(cluster, *slot, to, random);
    }
    match at_a_stroke {
        true => format!("{} slots moved at a stroke", slots.len()),
        false => format!("{} slots moved key by key, {moved} keys", slots.len()),
    }
}

/// Moves a slot a few keys at a time, so that clients meet it half moved.
fn move_slowly(cluster: &Cluster, slot: u16, to: &support::Server, random: &mut Random) -> usize {
    let from = cluster.begin_move(slot, to);
    let mut moved = 0;
    loop {
        let count = cluster.move_some_keys(slot, from, to, 1 + random.below(4));
        if count == 0 {
            break;
        }
        moved += count;
        std::thread::sleep(std::time::Duration::from_millis(random.below(30) as u64));
    }
    cluster.end_move(slot, to);
    moved
}
