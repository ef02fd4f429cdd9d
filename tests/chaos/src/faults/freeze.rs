//! SIGSTOP: a server does not answer, though its connections are open. It goes on later with the commands
//! that were sent to it meanwhile; where a replica may take over, that has happened by then.

use super::{Fault, Scene};
use crate::deployment::On;

pub const FAULT: Fault = Fault {
    name: "freeze",
    about: "SIGSTOP, and SIGCONT later, after a failover where there can be one",
    keeps_primary: &[On::Single, On::Cluster],
    replaces: &[On::Sentinel, On::Cluster],
    inject: freeze,
};

fn freeze(scene: &mut Scene) -> String {
    let victim = scene.some_primary();
    let for_long = scene.replaces && !scene.random.once_in(3);
    scene.deployment.nodes()[victim].freeze();
    if for_long {
        scene.deployment.await_successor(victim);
    }
    let time = scene.hold(100, 2500);
    scene.deployment.nodes()[victim].thaw();
    let what = if for_long {
        "until it was replaced"
    } else {
        "for a moment"
    };
    format!(
        "SIGSTOP of server {victim} {what}, then {} ms",
        time.as_millis()
    )
}
