//! A partition: the primary is cut off from its replicas and the Sentinels, but not from its clients. So
//! for a while there are two primaries, until the old one is told that it is none any more.

use super::{Fault, Scene};
use crate::deployment::On;

pub const FAULT: Fault = Fault {
    name: "partition",
    about: "the primary is cut off from replicas and Sentinels, while clients reach it",
    keeps_primary: &[],
    replaces: &[On::Sentinel],
    inject: partition,
};

fn partition(scene: &mut Scene) -> String {
    let victim = scene.some_primary();
    let for_long = !scene.random.once_in(4);
    scene.deployment.isolate(victim, true);
    if for_long {
        scene.deployment.await_successor(victim);
    }
    scene.hold(100, 2000);
    scene.deployment.isolate(victim, false);
    let what = if for_long {
        "until it was replaced"
    } else {
        "for a moment"
    };
    format!("server {victim} cut off from the others {what}")
}
