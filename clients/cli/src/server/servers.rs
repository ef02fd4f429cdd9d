//! A server, or all nodes of a cluster, and which of them owns a slot.

use super::{slot_of, slots, without_module, Access, Address, Node, Role};
use crate::args::target::Target;
use crate::failure::Failure;
use redis::cmd;
use std::collections::HashMap;
use std::sync::Arc;

/// A server, or the nodes of a cluster.
pub struct Servers {
    /// Whether it is a cluster. Commands on several keys then need keys of one slot.
    pub cluster: bool,
    /// Those that own the data: one, or the primaries of a cluster that own slots.
    pub primaries: Vec<Arc<Node>>,
    /// Nodes that own slots and do not answer. Empty, except after `open_those_up`.
    pub lost: Vec<(Address, Failure)>,
    /// Why the slots of the cluster are not known. `None`, except after `open_those_up`.
    pub unmapped: Option<Failure>,
    /// Index into `primaries` by slot; empty if it is no cluster.
    owners: Vec<Option<u16>>,
    access: Access,
}

impl Servers {
    /// Connects to the server of the options, and to every primary if that is a node of a cluster.
    ///
    /// # Errors
    ///
    /// A node does not answer, or refuses the user; the error names it.
    pub async fn connect(target: &Target) -> Result<Servers, Failure> {
        Servers::open(Access::of(target)?).await
    }

    /// As `connect`, with everything at hand.
    pub async fn open(access: Access) -> Result<Servers, Failure> {
        let mut servers = Servers::open_those_up(access).await?;
        if let Some(failure) = servers.unmapped {
            return Err(failure);
        }
        match servers.lost.pop() {
            None => Ok(servers),
            Some((_, failure)) => Err(failure),
        }
    }

    /// As `open`, but nodes that do not answer are in `lost`, and a slot map that is not to be had is in
    /// `unmapped`: for reports. The first node must answer.
    pub async fn open_those_up(access: Access) -> Result<Servers, Failure> {
        let seed = Node::connect(&access, access.address.clone(), Role::Primary).await?;
        if seed.hello().sentinel {
            return Err(Failure::new(format!("{seed} is a Sentinel, which has no sessions"))
                .hint("Ask it for the primary, SENTINEL get-master-addr-by-name NAME, and give that with --url."));
        }
        let mut servers = Servers {
            cluster: seed.hello().cluster,
            primaries: Vec::new(),
            lost: Vec::new(),
            unmapped: None,
            owners: Vec::new(),
            access,
        };
        if !servers.cluster {
            servers.primaries.push(Arc::new(seed));
        } else if let Err(failure) = servers.learn(&seed).await {
            servers.unmapped = Some(failure);
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

    /// How many slots of a cluster have no primary that answers.
    pub fn uncovered(&self) -> usize {
        self.owners.iter().filter(|owner| owner.is_none()).count()
    }

    /// Asks for the slots again, as after a MOVED. Connections to nodes that are still there stay.
    ///
    /// # Errors
    ///
    /// No node answers, or a primary does not; the nodes are then those of before.
    pub async fn refresh(&mut self) -> Result<(), Failure> {
        let mut last = Failure::new("no node of the cluster answers");
        for node in self.primaries.clone() {
            match self.learn(&node).await {
                Ok(()) => match self.lost.pop() {
                    None => return Ok(()),
                    Some((_, failure)) => last = failure,
                },
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
        if ranges.is_empty() {
            return Err(Failure::new(format!("{from} is a node of a cluster without slots"))
                .hint("Give a node of the whole cluster, or assign slots with redis-cli --cluster create."));
        }
        let known: HashMap<&Address, &Arc<Node>> = self
            .primaries
            .iter()
            .map(|node| (node.address(), node))
            .collect();
        let mut primaries: Vec<Arc<Node>> = Vec::new();
        let mut lost = Vec::new();
        // `None` for a primary that does not answer.
        let mut places: HashMap<Address, Option<u16>> = HashMap::new();
        let mut owners = vec![None; slots::COUNT];
        for range in ranges {
            let place = match places.get(&range.primary) {
                Some(place) => *place,
                None => {
                    let address = range.primary.clone();
                    let node = match known.get(&address) {
                        Some(node) => Ok(Arc::clone(node)),
                        None => Node::connect(&self.access, address.clone(), Role::Primary)
                            .await
                            .map(Arc::new),
                    };
                    let place = match node {
                        Ok(node) => {
                            primaries.push(node);
                            u16::try_from(primaries.len() - 1).ok()
                        }
                        Err(failure) => {
                            lost.push((address.clone(), failure));
                            None
                        }
                    };
                    places.insert(address, place);
                    place
                }
            };
            for slot in range.slots {
                if let Some(owner) = owners.get_mut(usize::from(slot)) {
                    *owner = place;
                }
            }
        }
        drop(known);
        (self.primaries, self.owners, self.lost) = (primaries, owners, lost);
        Ok(())
    }

    /// All nodes: the primaries, those in `lost`, and the replicas that INFO of their primary names. One that
    /// does not answer is an error in its place, so that a report can say so.
    pub async fn all_nodes(&self) -> Vec<(Address, Result<Arc<Node>, Failure>)> {
        let mut found: Vec<(Address, Result<Arc<Node>, Failure>)> = Vec::new();
        for primary in &self.primaries {
            found.push((primary.address().clone(), Ok(primary.clone())));
            // Without the right to INFO there are no replicas to be found.
            let replicas = match primary.info("replication").await {
                Ok(info) => info.replicas(primary.address()),
                Err(_) => continue,
            };
            for address in replicas {
                let node = Node::connect(&self.access, address.clone(), Role::Replica).await;
                found.push((address, node.map(Arc::new)));
            }
        }
        let lost = self.lost.iter();
        found.extend(lost.map(|(address, failure)| (address.clone(), Err(failure.clone()))));
        found
    }

    /// Refuses a server without the module, with what to do.
    pub async fn need_module(&self) -> Result<(), Failure> {
        /// The first version with SESSION.IMPORT, FIELDS and SCHEMA CHECK.
        const FIRST: u64 = 10_100;
        for node in &self.primaries {
            let hello = node.hello();
            if !hello.knows_modules || hello.module.is_none_or(|version| version < FIRST) {
                return Err(without_module(node.address()));
            }
        }
        Ok(())
    }
}
