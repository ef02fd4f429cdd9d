//! A server, or all nodes of a cluster, and which of them owns a slot.

use super::{password, slot_of, slots, Access, Address, Node, PasswordFrom, Role};
use crate::args::target::Target;
use crate::failure::Failure;
use redis::{cmd, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A server, or the nodes of a cluster.
pub struct Servers {
    /// Whether it is a cluster. Commands on several keys then need keys of one slot.
    pub cluster: bool,
    /// Those that own the data: one, or the primaries of a cluster that own slots.
    pub primaries: Vec<Arc<Node>>,
    /// Index into `primaries` by slot; empty if it is no cluster.
    owners: Vec<Option<u16>>,
    access: Access,
}

impl Servers {
    /// Connects to the server of the options, and to every primary if that is a node of a cluster.
    ///
    /// # Errors
    ///
    /// The server does not answer, or refuses the user.
    pub async fn connect(target: &Target) -> Result<Servers, Failure> {
        let access = Access {
            address: Address::parse(&target.url)?,
            username: target.username.clone(),
            password: password(&PasswordFrom::of(target))?,
            cacert: match &target.cacert {
                None => None,
                Some(path) => Some(std::fs::read(path).map_err(|error| {
                    Failure::usage(format!("{} cannot be read: {error}", path.display()))
                })?),
            },
            timeout: Duration::from_secs(target.timeout),
        };
        Servers::open(access).await
    }

    /// As `connect`, with everything at hand.
    pub async fn open(access: Access) -> Result<Servers, Failure> {
        let seed = Node::connect(&access, access.address.clone(), Role::Primary).await?;
        let cluster = seed.info("cluster").await?.flag("cluster_enabled");
        let mut servers = Servers {
            cluster,
            primaries: Vec::new(),
            owners: Vec::new(),
            access,
        };
        if cluster {
            servers.learn(&seed).await?;
        } else {
            servers.primaries.push(Arc::new(seed));
        }
        Ok(servers)
    }

    /// The node that owns the key. `None` if no node owns its slot.
    pub fn owner(&self, key: &[u8]) -> Option<&Arc<Node>> {
        if !self.cluster {
            return self.primaries.first();
        }
        let owner = self
            .owners
            .get(usize::from(slot_of(key)))
            .copied()
            .flatten()?;
        self.primaries.get(usize::from(owner))
    }

    /// Asks for the slots again, as after a MOVED. Connections to nodes that are still there stay.
    pub async fn refresh(&mut self) -> Result<(), Failure> {
        let mut last = Failure::new("no node of the cluster answers");
        for node in self.primaries.clone() {
            match self.learn(&node).await {
                Ok(()) => return Ok(()),
                Err(failure) => last = failure,
            }
        }
        Err(last)
    }

    /// Reads CLUSTER SLOTS of a node. Later servers have CLUSTER SHARDS beside it; all have this.
    async fn learn(&mut self, from: &Node) -> Result<(), Failure> {
        let reply = from.query(cmd("CLUSTER").arg("SLOTS")).await?;
        let ranges = slots::ranges(&reply, from.address())
            .ok_or_else(|| Failure::new(format!("{from} gave a slot map that cannot be read")))?;
        let mut known: HashMap<Address, Arc<Node>> = self
            .primaries
            .drain(..)
            .map(|node| (node.address().clone(), node))
            .collect();
        let mut places: HashMap<Address, u16> = HashMap::new();
        let mut owners = vec![None; slots::COUNT];
        for range in ranges {
            let place = match places.get(&range.primary) {
                Some(place) => *place,
                None => {
                    let node = match known.remove(&range.primary) {
                        Some(node) => node,
                        None => {
                            let address = range.primary.clone();
                            Arc::new(Node::connect(&self.access, address, Role::Primary).await?)
                        }
                    };
                    let place = u16::try_from(self.primaries.len()).unwrap_or(u16::MAX);
                    self.primaries.push(node);
                    places.insert(range.primary, place);
                    place
                }
            };
            for slot in range.slots {
                if let Some(owner) = owners.get_mut(usize::from(slot)) {
                    *owner = Some(place);
                }
            }
        }
        self.owners = owners;
        Ok(())
    }

    /// All nodes, replicas included, as INFO and CLUSTER NODES name them. One that does not answer is an
    /// error in its place, so that a report can say so.
    pub async fn all_nodes(&self) -> Vec<(Address, Result<Arc<Node>, Failure>)> {
        let mut found: Vec<(Address, Result<Arc<Node>, Failure>)> = Vec::new();
        for primary in &self.primaries {
            found.push((primary.address().clone(), Ok(primary.clone())));
            let replicas = match primary.info("replication").await {
                Ok(info) => info.replicas(primary.address()),
                Err(failure) => {
                    if let Some(last) = found.last_mut() {
                        last.1 = Err(failure);
                    }
                    continue;
                }
            };
            for address in replicas {
                let node = Node::connect(&self.access, address.clone(), Role::Replica).await;
                found.push((address, node.map(Arc::new)));
            }
        }
        found
    }

    /// Refuses a server without the module, with what to do.
    pub async fn need_module(&self) -> Result<(), Failure> {
        for node in &self.primaries {
            let reply = node
                .query(cmd("COMMAND").arg("INFO").arg("SESSION.IMPORT"))
                .await?;
            let missing = match &reply {
                Value::Array(entries) => entries.iter().all(|entry| matches!(entry, Value::Nil)),
                _ => false,
            };
            if missing {
                return Err(Failure::new(format!(
                    "{node} does not have the module redis-session, or one before version 1.1"
                ))
                .hint("Load it: add 'loadmodule /path/to/libredis_session.so' to its configuration, and restart it."));
            }
        }
        Ok(())
    }
}
