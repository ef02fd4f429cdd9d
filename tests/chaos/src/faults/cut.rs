//! The network between clients and a server: connections are cut, replies are held, or commands, which
//! then arrive when their clients have given up.

use super::{Fault, Scene};
use crate::deployment::On;
use support::Trouble;

pub const FAULT: Fault = Fault {
    name: "cut",
    about: "a proxy cuts connections of clients, or holds replies or commands for a while",
    keeps_primary: &[On::Single, On::Cluster],
    replaces: &[On::Sentinel, On::Cluster],
    inject: cut,
};

const TROUBLES: [Trouble; 4] = [
    Trouble::Cut,
    Trouble::HoldReplies,
    Trouble::HoldCommands,
    Trouble::HoldBoth,
];

fn cut(scene: &mut Scene) -> String {
    let server = scene.some_primary();
    let trouble = *scene.random.pick(&TROUBLES);
    scene.deployment.proxies()[server].trouble(trouble);
    let time = scene.hold(50, 2500);
    scene.deployment.proxies()[server].mend();
    format!(
        "{trouble:?} before server {server} for {} ms",
        time.as_millis()
    )
}
