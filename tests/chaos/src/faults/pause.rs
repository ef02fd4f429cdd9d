//! CLIENT PAUSE: a server holds all commands, or only writes.

use super::{Fault, Scene};
use crate::deployment::On;
use support::args;

pub const FAULT: Fault = Fault {
    name: "pause",
    about: "CLIENT PAUSE, of all commands or of writes",
    keeps_primary: &[On::Single, On::Cluster],
    replaces: &[On::Sentinel, On::Cluster],
    inject: pause,
};

fn pause(scene: &mut Scene) -> String {
    let server = scene.some_primary();
    let time = scene.time(100, 2000).as_millis();
    let which = *scene.random.pick(&["ALL", "WRITE"]);
    let early = scene.random.once_in(2);
    let conn = &mut scene.deployment.servers()[server].conn();
    conn.ok(&args!["CLIENT", "PAUSE", time, which]);
    if early {
        scene.hold(50, time as usize);
        conn.ok(&["CLIENT", "UNPAUSE"]);
    } else {
        std::thread::sleep(std::time::Duration::from_millis(time as u64));
    }
    format!("CLIENT PAUSE {time} {which} of server {server}")
}
