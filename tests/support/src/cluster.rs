//! A real cluster for a test: three primaries and three replicas on loopback.
//!
//! ```ignore
//! let mut cluster = Cluster::start();              // up, and all nodes agree on the slots
//! let owner = cluster.owner(slot_of("s:{a}:1"));   // the primary that has the slot now
//! cluster.owner_of("s:{a}:1").ok(&["SESSION.INFO", "s:{a}:1"]);
//! ```
//!
//! The nodes are set up by CLUSTER commands, each step followed by asking the nodes whether it is
//! done. That is quicker than `redis-cli --cluster create`, which asks once a second.

use super::cluster_map::{covered, slot_map, slot_of, Peer, SLOTS};
use super::{args, eventually, Server, Setup};
use std::collections::BTreeMap;
use std::thread;
use std::time::Instant;

const PRIMARIES: usize = 3;

/// Nodes 0, 1 and 2 begin as primaries, and 3, 4 and 5 as their replicas. A failover changes the
/// roles, so they are always asked of the nodes.
pub struct Cluster {
    pub nodes: Vec<Server>,
}

impl Cluster {
    /// Starts a cluster with the module.
    #[track_caller]
    pub fn start() -> Cluster {
        Cluster::of(Server::setup())
    }

    /// Starts a cluster whose nodes have this setup.
    #[track_caller]
    pub fn of(setup: Setup) -> Cluster {
        let setup = setup
            .cluster()
            // Short until the cluster is up: a primary waits so long before it takes part.
            .config("cluster-node-timeout 500")
            .config("cluster-replica-no-failover yes")
            // Replicas stay with their primaries, whatever slots these lose.
            .config("cluster-allow-replica-migration no")
            .config("cluster-migration-barrier 10");
        let starting: Vec<_> = (0..2 * PRIMARIES)
            .map(|_| setup.clone())
            .map(|setup| thread::spawn(|| setup.start()))
            .collect();
        let nodes: Vec<_> = starting
            .into_iter()
            .map(|node| node.join().expect("a node"))
            .collect();
        let cluster = Cluster { nodes };
        cluster.introduce();
        cluster.assign();
        cluster.wait_until_settled();
        // Long from here on, so that no node is given up because the machine is busy.
        cluster.configure("cluster-node-timeout", "15000");
        cluster.configure("cluster-replica-no-failover", "no");
        cluster.wait_until_settled();
        cluster
    }

    /// CONFIG SET on all running nodes.
    #[track_caller]
    pub fn configure(&self, name: &str, value: &str) {
        for node in self.running() {
            node.ok(&["CONFIG", "SET", name, value]);
        }
    }

    /// Makes every node meet every other, which is quicker than waiting for gossip.
    fn introduce(&self) {
        for (i, node) in self.nodes.iter().enumerate() {
            node.ok(&args!["CLUSTER", "SET-CONFIG-EPOCH", i + 1]);
        }
        self.meet();
        let mut looks = 0;
        eventually("all nodes have met", || {
            looks += 1;
            if looks % 100 == 0 {
                self.meet(); // on a busy machine a handshake can time out
            }
            self.nodes.iter().all(|node| {
                let known = Peer::by(node);
                known.len() == self.nodes.len()
                    && known.iter().all(|k| !k.has("handshake") && k.link)
            })
        });
    }

    fn meet(&self) {
        for (i, node) in self.nodes.iter().enumerate() {
            for other in &self.nodes[i + 1..] {
                let (port, bus) = (other.port(), other.bus());
                node.ok(&args!["CLUSTER", "MEET", "127.0.0.1", port, bus]);
            }
        }
    }

    /// Gives each primary a third of the slots, and a replica.
    fn assign(&self) {
        for (i, node) in self.nodes.iter().take(PRIMARIES).enumerate() {
            let bound = |i: usize| SLOTS as usize * i / PRIMARIES;
            let (first, last) = (bound(i), bound(i + 1) - 1);
            node.ok(&args!["CLUSTER", "ADDSLOTSRANGE", first, last]);
        }
        for (i, node) in self.nodes.iter().skip(PRIMARIES).enumerate() {
            let id = self.id(&self.nodes[i]);
            // Refused until this node knows the other as a primary.
            eventually("a node becomes a replica", || {
                node.cmd(&args!["CLUSTER", "REPLICATE", id]).is_ok()
            });
        }
    }

    /// Waits until all running nodes agree on the owner of every slot and on who follows whom, and
    /// report the cluster as up, and every replica has everything that its primary has sent.
    #[track_caller]
    pub fn wait_until_settled(&self) {
        eventually("the cluster is up, and of one mind", || {
            let maps: Vec<_> = self.running().map(slot_map).collect();
            let roles: Vec<_> = self.running().map(roles).collect();
            covered(&maps[0]) == SLOTS
                && maps.iter().all(|map| *map == maps[0])
                && roles.iter().all(|known| *known == roles[0])
                && self.running().all(|node| self.is_content(node))
        });
        for replica in self.replicas() {
            replica.wait_for_sync(self.primary_of(replica));
        }
    }

    /// Whether this node reports the cluster as up, and knows the running nodes and their roles.
    fn is_content(&self, node: &Server) -> bool {
        let info = node.ok(&["CLUSTER", "INFO"]).text();
        let alive = alive(node);
        let replicas: Vec<_> = alive.iter().filter(|k| k.has("slave")).collect();
        info.contains("cluster_state:ok\r\n")
            && alive.len() == self.running().count()
            && alive.len() - replicas.len() == PRIMARIES
            // A primary that does not know whom a replica follows, or has no link to it, gives it no
            // vote, and refuses the next ones for a while.
            && replicas.iter().all(|k| k.follows != "-")
            && alive.iter().all(|k| k.link)
    }

    /// Makes a replica the primary, by CLUSTER FAILOVER, and its primary the replica.
    #[track_caller]
    pub fn fail_over(&self, replica: &Server) {
        let primary = self.primary_of(replica);
        let is = |node: &Server, role: &str| node.info("replication", "role") == role;
        let mut ordered: Option<Instant> = None;
        eventually("the replica has taken over", || {
            // The nodes give up a failover that takes five seconds: it is ordered again.
            if is(replica, "slave") && ordered.is_none_or(|at| at.elapsed().as_secs() >= 7) {
                replica.cmd(&["CLUSTER", "FAILOVER"]); // refused if it is the primary by now
                ordered = Some(Instant::now());
            }
            is(replica, "master") && is(primary, "slave")
        });
    }

    /// The nodes that have not been killed.
    pub fn running(&self) -> impl Iterator<Item = &Server> {
        self.nodes.iter().filter(|node| node.child.is_some())
    }

    /// The running nodes that report themselves as primaries.
    pub fn primaries(&self) -> Vec<&Server> {
        self.with_role("master")
    }

    /// The running nodes that report themselves as replicas.
    pub fn replicas(&self) -> Vec<&Server> {
        self.with_role("slave")
    }

    /// The first primary that is not this node.
    #[track_caller]
    pub fn another_primary(&self, than: &Server) -> &Server {
        let mut others = self.primaries().into_iter();
        let other = others.find(|node| node.port() != than.port());
        other.expect("another primary")
    }

    fn with_role(&self, role: &str) -> Vec<&Server> {
        let is = |node: &&Server| node.info("replication", "role") == role;
        self.running().filter(is).collect()
    }

    /// The node that a replica follows.
    #[track_caller]
    pub fn primary_of(&self, replica: &Server) -> &Server {
        let port = replica.info("replication", "master_port");
        self.at_port(port.parse().expect("a port"))
    }

    /// The replica of a primary.
    #[track_caller]
    pub fn replica_of(&self, primary: &Server) -> &Server {
        let port = primary.port().to_string();
        let replicas = self.replicas();
        let mut its = replicas
            .into_iter()
            .filter(|replica| replica.info("replication", "master_port") == port);
        its.next().expect("a replica of this primary")
    }

    #[track_caller]
    pub fn at_port(&self, port: u16) -> &Server {
        let mut nodes = self.nodes.iter();
        nodes
            .find(|node| node.port() == port)
            .unwrap_or_else(|| panic!("no node at port {port}"))
    }

    pub fn id(&self, node: &Server) -> String {
        node.ok(&["CLUSTER", "MYID"]).text()
    }

    /// The primary that has a slot, as the first running node sees it.
    #[track_caller]
    pub fn owner(&self, slot: u16) -> &Server {
        let port = self.owner_port(slot).expect("the slot has an owner");
        self.at_port(port)
    }

    /// The primary that has the slot of a key.
    #[track_caller]
    pub fn owner_of(&self, key: &str) -> &Server {
        self.owner(slot_of(key))
    }

    fn owner_port(&self, slot: u16) -> Option<u16> {
        let first = self.running().next().expect("a running node");
        let map = slot_map(first);
        let owns = |ranges: &Vec<(u16, u16)>| ranges.iter().any(|r| (r.0..=r.1).contains(&slot));
        map.into_iter()
            .find(|(_, ranges)| owns(ranges))
            .map(|(port, _)| port)
    }

    /// Every key of every primary, by port.
    #[track_caller]
    pub fn keys(&self) -> BTreeMap<u16, Vec<String>> {
        let keys = |node: &Server| {
            let mut keys = node.ok(&["KEYS", "*"]).texts();
            keys.sort();
            keys
        };
        self.primaries()
            .iter()
            .map(|node| (node.port(), keys(node)))
            .collect()
    }

    /// Every key lies on a primary that, by its own account, owns the key's slot. Returns the number
    /// of keys.
    #[track_caller]
    pub fn assert_keys_are_at_home(&self) -> usize {
        let mut count = 0;
        for node in self.primaries() {
            let own = slot_map(node).remove(&node.port()).unwrap_or_default();
            for key in node.ok(&["KEYS", "*"]).texts() {
                let slot = slot_of(&key);
                let home = own.iter().any(|range| (range.0..=range.1).contains(&slot));
                assert!(home, "{key} of slot {slot} lies on node {}", node.port());
                count += 1;
            }
        }
        count
    }

    /// Every replica has the data of its primary, byte for byte.
    #[track_caller]
    pub fn assert_replicas_agree(&self) {
        for replica in self.replicas() {
            let primary = self.primary_of(replica);
            replica.wait_for_sync(primary);
            assert_eq!(
                replica.digest(),
                primary.digest(),
                "node {}",
                primary.port()
            );
        }
    }
}

/// The nodes that this node takes for alive.
fn alive(node: &Server) -> Vec<Peer> {
    let mut alive = Peer::by(node);
    alive.retain(|k| !k.has("fail") && !k.has("fail?"));
    alive
}

/// Who follows whom, as a node sees those that it takes for alive.
fn roles(node: &Server) -> BTreeMap<String, String> {
    let of = |peer: Peer| (peer.id, peer.follows);
    alive(node).into_iter().map(of).collect()
}
