//! A failover that is ordered while the primary is well, as before its maintenance: by SENTINEL FAILOVER,
//! or by CLUSTER FAILOVER.

use super::{Fault, Scene};
use crate::deployment::On;

pub const FAULT: Fault = Fault {
    name: "failover",
    about: "SENTINEL FAILOVER or CLUSTER FAILOVER of a primary that is well",
    keeps_primary: &[],
    replaces: &[On::Sentinel, On::Cluster],
    inject: failover,
};

fn failover(scene: &mut Scene) -> String {
    let primary = scene.some_primary();
    let (old, new) = scene.deployment.fail_over(primary);
    format!("ordered failover from server {old} to {new}")
}
