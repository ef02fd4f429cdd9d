//! A primary and two replicas that three Sentinels watch.
//!
//! Servers and Sentinels know each server by a proxy, other than that of the clients. Holding what
//! goes through it cuts a primary off from its replicas and the Sentinels, while clients still reach it.

use super::watched_link::WatchedLink;
use super::{Deployment, On};
use crate::link::Link;
use std::collections::BTreeMap;
use support::{eventually, eventually_some, Conn, Proxy, Sentinels, Server, Trouble, Value};

const NODES: usize = 3;
/// After how many ms without an answer a Sentinel takes a primary for down.
const DOWN_AFTER_MS: u64 = 1500;

/// A primary, its replicas and Sentinels. Server 0 begins as the primary.
pub struct Watched {
    nodes: Vec<Server>,
    /// For clients.
    proxies: Vec<Proxy>,
    /// For the other servers.
    peers: Vec<Proxy>,
    sentinels: Sentinels,
}

impl Watched {
    /// Starts all servers.
    #[track_caller]
    pub fn start() -> Watched {
        let peers: Vec<_> = (0..NODES).map(|_| Proxy::start()).collect();
        let mut nodes = Vec::new();
        for (n, peer) in peers.iter().enumerate() {
            let mut setup = super::setup()
                .config("replica-announce-ip 127.0.0.1")
                .config(&format!("replica-announce-port {}", peer.port()))
                .config("repl-timeout 10");
            if n > 0 {
                setup = setup.config(&format!("replicaof 127.0.0.1 {}", peers[0].port()));
            }
            let node = setup.start();
            peer.lead_to(node.port());
            nodes.push(node);
        }
        let proxies = nodes
            .iter()
            .map(|node| Proxy::before(node.port()))
            .collect();
        let first = peers[0].port();
        // The Sentinels ask the primary for its replicas.
        eventually("the primary has its replicas", || {
            nodes[0].info("replication", "connected_slaves") == (NODES - 1).to_string()
        });
        let sentinels = Sentinels::watch(first, NODES - 1, 3, DOWN_AFTER_MS);
        let mut watched = Watched {
            nodes,
            proxies,
            peers,
            sentinels,
        };
        watched.settle();
        watched
    }

    /// The server that the others know by this port.
    fn by_peer_port(&self, port: u16) -> Option<usize> {
        self.peers.iter().position(|peer| peer.port() == port)
    }

    /// The primary that all Sentinels name.
    fn agreed_primary(&self) -> Option<usize> {
        self.by_peer_port(self.sentinels.agreed_primary()?)
    }

    /// Whether the Sentinels are at rest: none fails over, and each knows the primary and the replicas as up.
    fn sentinels_are_content(&self) -> bool {
        let is_well = |entry: &Value, role: &str| entry.field("flags").text() == role;
        self.sentinels.processes.iter().all(|sentinel| {
            let primary = sentinel.cmd(&["SENTINEL", "MASTER", support::sentinel::NAME]);
            let replicas = sentinel.cmd(&["SENTINEL", "REPLICAS", support::sentinel::NAME]);
            if primary.error().is_some() || replicas.error().is_some() {
                return false;
            }
            is_well(&primary, "master")
                && replicas.items().len() == NODES - 1
                && replicas
                    .items()
                    .iter()
                    .all(|replica| is_well(replica, "slave"))
        })
    }
}

/// The section `replication` of INFO, by a connection of its own. Empty if the server does not answer.
pub(super) fn replication(node: &Server) -> BTreeMap<String, String> {
    let info = Conn::connect(node.port()).and_then(|mut c| c.try_cmd(&["INFO", "replication"]));
    let Ok(Value::Bulk(text)) = info else {
        return BTreeMap::new();
    };
    let text = String::from_utf8_lossy(&text);
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// Whether the server says that it has this role: `master` or `slave`.
pub(super) fn has_role(info: &BTreeMap<String, String>, role: &str) -> bool {
    info.get("role").is_some_and(|it| it == role)
}

/// Whether a replica has all that its primary has sent by now.
pub(super) fn is_in_step(primary: &Server, replica: &Server) -> bool {
    let sent = replication(primary);
    let has = replication(replica);
    let is = |field: &str, value: &str| has.get(field).is_some_and(|it| it == value);
    let offset = |info: &BTreeMap<String, String>, field: &str| {
        info.get(field).and_then(|text| text.parse::<u64>().ok())
    };
    let sent_offset = offset(&sent, "master_repl_offset");
    is("master_link_status", "up")
        && is("master_sync_in_progress", "0")
        && has.get("master_replid") == sent.get("master_replid")
        && sent_offset.is_some()
        && offset(&has, "slave_repl_offset") >= sent_offset
}

impl Deployment for Watched {
    fn on(&self) -> On {
        On::Sentinel
    }

    fn nodes(&mut self) -> &mut [Server] {
        &mut self.nodes
    }

    fn servers(&self) -> &[Server] {
        &self.nodes
    }

    fn proxies(&self) -> &[Proxy] {
        &self.proxies
    }

    fn link(&self) -> Box<dyn Link> {
        let ports = self.peers.iter().zip(&self.proxies);
        let ports = ports
            .map(|(peer, proxy)| (peer.port(), proxy.port()))
            .collect();
        Box::new(WatchedLink::new(self.sentinels.ports(), ports, NODES - 1))
    }

    fn primaries(&self) -> Vec<usize> {
        vec![eventually_some("the Sentinels agree", || {
            self.agreed_primary()
        })]
    }

    fn await_successor(&mut self, old: usize) {
        eventually("the Sentinels have promoted another server", || {
            let primary = self.agreed_primary();
            primary.is_some_and(|n| n != old && has_role(&replication(&self.nodes[n]), "master"))
        });
    }

    fn fail_over(&mut self, old: usize) -> (usize, usize) {
        let mut looks = 0;
        let new = eventually_some("the Sentinels have failed over", || {
            let primary = self.agreed_primary();
            if primary == Some(old) && looks % 100 == 0 {
                self.sentinels.order_failover(); // refused if they are at one already
            }
            looks += 1;
            primary.filter(|n| *n != old && has_role(&replication(&self.nodes[*n]), "master"))
        });
        (old, new)
    }

    fn isolate(&mut self, node: usize, cut_off: bool) {
        match cut_off {
            true => self.peers[node].trouble(Trouble::HoldBoth),
            false => self.peers[node].mend(),
        }
    }

    fn settle(&mut self) {
        eventually("Sentinels and servers are of one mind", || {
            let Some(primary) = self.agreed_primary() else {
                return false;
            };
            let port = self.peers[primary].port().to_string();
            let fits = |(n, node): (usize, &Server)| {
                let info = replication(node);
                match n == primary {
                    true => has_role(&info, "master"),
                    false => has_role(&info, "slave") && info.get("master_port") == Some(&port),
                }
            };
            self.nodes.iter().enumerate().all(fits) && self.sentinels_are_content()
        });
        for (primary, replicas) in self.families() {
            for replica in replicas {
                eventually("the replica is in step", || {
                    is_in_step(&self.nodes[primary], &self.nodes[replica])
                });
            }
        }
        eventually("nothing is held", || {
            self.proxies.iter().all(Proxy::is_idle)
        });
    }

    fn families(&self) -> Vec<(usize, Vec<usize>)> {
        let primary = self.primaries()[0];
        let replicas = (0..NODES).filter(|n| *n != primary).collect();
        vec![(primary, replicas)]
    }
}
