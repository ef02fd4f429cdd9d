//! `kill -9` of a server, which starts again later. Where a replica may take over, it does so first.

use super::{Fault, Scene};
use crate::deployment::On;

pub const FAULT: Fault = Fault {
    name: "kill",
    about: "kill -9 and start again, after a failover where there can be one",
    keeps_primary: &[On::Single, On::Cluster],
    replaces: &[On::Sentinel, On::Cluster],
    inject: kill,
};

fn kill(scene: &mut Scene) -> String {
    let victim = scene.some_primary();
    let replica_too = scene.replaces && scene.random.once_in(4);
    let again = scene.random.once_in(4);
    if replica_too {
        return kill_replica(scene, victim);
    }
    scene.deployment.nodes()[victim].kill9();
    if scene.replaces {
        scene.deployment.await_successor(victim);
    }
    scene.hold(0, 600);
    scene.deployment.nodes()[victim].start_again();
    if again && !scene.replaces {
        // Once more, perhaps before clients have noticed that it was there.
        scene.hold(0, 50);
        scene.deployment.nodes()[victim].kill9();
        scene.deployment.nodes()[victim].start_again();
        return format!("kill -9 of server {victim}, twice");
    }
    format!("kill -9 of server {victim}")
}

fn kill_replica(scene: &mut Scene, primary: usize) -> String {
    let families = scene.deployment.families();
    let family = families.into_iter().find(|(n, _)| *n == primary);
    let replicas = family.expect("a primary").1;
    let victim = *scene.random.pick(&replicas);
    scene.deployment.nodes()[victim].kill9();
    scene.hold(200, 1500);
    scene.deployment.nodes()[victim].start_again();
    format!("kill -9 of the replica {victim} of server {primary}")
}
