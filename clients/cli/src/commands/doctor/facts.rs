//! What the nodes say of themselves: everything that the checks look at, asked once.

use crate::server::{Hello, Info};
use std::collections::{BTreeMap, BTreeSet};

/// All nodes.
pub struct Facts {
    pub cluster: bool,
    /// How many slots of it have no primary that answers.
    pub uncovered: usize,
    /// Why its slots, and so its other nodes, are not known.
    pub unmapped: Option<String>,
    pub nodes: Vec<Node>,
    /// Nodes that do not answer, and why.
    pub lost: Vec<(String, String)>,
}

/// One node. What is `None` could not be asked, for want of a right.
#[derive(Default)]
pub struct Node {
    pub name: String,
    pub is_replica: bool,
    /// The name of its primary, if it is a replica that was found there.
    pub primary: Option<String>,
    pub hello: Hello,
    pub info: Option<Info>,
    pub config: Option<BTreeMap<String, String>>,
    /// The users of the ACL, with what they may do.
    pub users: Option<Vec<User>>,
    /// Its clock minus that of this machine, in ms: at least, at most.
    pub clock: Option<(i64, i64)>,
    /// Schemas that do not compile, with the reason.
    pub bad_schemas: Option<Vec<(String, String)>>,
    /// Commands of core that this server does not know by their names.
    pub unknown_commands: Option<BTreeSet<String>>,
    /// Of a sample of sessions: how many were looked at, and how many have no end.
    pub sample: Option<(u64, u64)>,
    /// How many slots of the cluster it serves are being moved.
    pub open_slots: Option<usize>,
    /// What could not be asked, and the right that is missing.
    pub forbidden: Vec<(&'static str, String)>,
}

/// A user of the ACL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub on: bool,
    pub without_password: bool,
    /// May run all commands on all keys.
    pub is_admin: bool,
    pub may_import: bool,
    /// May read or make sessions, as a web application does.
    pub may_serve: bool,
    /// May run CONFIG GET, on any setting.
    pub may_get_config: bool,
}

impl Node {
    pub fn number(&self, field: &str) -> Option<u64> {
        self.info.as_ref()?.number(field)
    }

    pub fn field(&self, field: &str) -> Option<&str> {
        self.info.as_ref()?.get(field)
    }

    pub fn setting(&self, name: &str) -> Option<&str> {
        self.config.as_ref()?.get(name).map(String::as_str)
    }

    pub fn setting_number(&self, name: &str) -> Option<u64> {
        self.setting(name)?.parse().ok()
    }
}

impl Facts {
    pub fn primaries(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| !node.is_replica)
    }

    /// Each replica, with its primary.
    pub fn replicas(&self) -> impl Iterator<Item = (&Node, &Node)> {
        self.nodes.iter().filter_map(|replica| {
            let name = replica.primary.as_ref()?;
            let primary = self.nodes.iter().find(|node| node.name == *name)?;
            Some((replica, primary))
        })
    }
}
