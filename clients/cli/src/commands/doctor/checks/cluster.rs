//! Every slot is served, and none is left half moved.

use super::super::facts::Facts;
use super::super::finding::{Findings, Severity};

pub fn check(facts: &Facts, found: &mut Findings) {
    if !facts.cluster {
        return;
    }
    if let Some(why) = &facts.unmapped {
        found.add(
            (Severity::Problem, "no-slot-map"),
            "the cluster",
            format!("its other nodes were not looked at: {why}"),
            "Without CLUSTER SLOTS nobody finds the nodes of a cluster.",
            "Let the command be run: by its name, and by this user (ACL SETUSER name +cluster|slots +cluster|nodes).",
        );
    }
    if facts.uncovered > 0 {
        found.add(
            (Severity::Problem, "slots-uncovered"),
            "the cluster",
            format!("{} of 16384 slots have no primary that answers", facts.uncovered),
            "Sessions there cannot be read, and with cluster-require-full-coverage no others either.",
            "redis-cli --cluster check HOST:PORT, then start the missing nodes or assign the slots.",
        );
    }
    for node in &facts.nodes {
        if let Some(state) = node.field("cluster_state").filter(|state| *state != "ok") {
            found.add(
                (Severity::Problem, "cluster-down"),
                &node.name,
                format!("says that the state of the cluster is '{state}'"),
                "It refuses commands.",
                "redis-cli --cluster check HOST:PORT tells which nodes and slots are missing.",
            );
        }
        if let Some(open @ 1..) = node.open_slots {
            found.add(
                (Severity::Note, "open-slots"),
                &node.name,
                format!("{open} slots are being moved"),
                "Until that is done LIST and REVOKE have to be repeated, and commands on old IDs say TRYAGAIN.",
                "Wait; or, if the move was broken off: redis-cli --cluster fix HOST:PORT",
            );
        }
    }
}
