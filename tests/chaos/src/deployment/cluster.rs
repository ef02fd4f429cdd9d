//! A cluster of three primaries and three replicas.
//!
//! The nodes name each other's ports in redirections; a client goes to the proxy before that port.

use super::cluster_link::ClusterLink;
use super::watched::{has_role, is_in_step, replication};
use super::{Deployment, On};
use crate::link::Link;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock, RwLockWriteGuard};
use support::{eventually, Cluster, Proxy, Server};

/// How long a node is not heard before it is replaced, where replicas may take over.
const SHORT_TIMEOUT_MS: &str = "2500";

/// A cluster behind proxies.
pub struct Clustered {
    cluster: Cluster,
    proxies: Vec<Proxy>,
    /// Locked for writing while slots move key by key. Clients then send no command that needs all
    /// sessions of a user, since no node has them all.
    moving: Arc<RwLock<()>>,
}

impl Clustered {
    /// Starts a cluster. With `replaces` a replica takes over from a primary that is down or frozen;
    /// without, no primary ever changes, so that nothing acknowledged may be lost.
    #[track_caller]
    pub fn start(replaces: bool) -> Clustered {
        let setup = super::setup().config("cluster-require-full-coverage no");
        let cluster = Cluster::of(setup);
        match replaces {
            true => cluster.configure("cluster-node-timeout", SHORT_TIMEOUT_MS),
            false => cluster.configure("cluster-replica-no-failover", "yes"),
        }
        for node in &cluster.nodes {
            node.ok(&["CONFIG", "REWRITE"]); // for those that are started again
        }
        let proxies = cluster.nodes.iter().map(|node| Proxy::before(node.port()));
        let proxies = proxies.collect();
        Clustered {
            cluster,
            proxies,
            moving: Arc::default(),
        }
    }

    fn number_of(&self, port: u16) -> usize {
        let at = self
            .cluster
            .nodes
            .iter()
            .position(|node| node.port() == port);
        at.expect("a node of the cluster")
    }

    /// The primary that this replica follows.
    fn primary_of(&self, info: &BTreeMap<String, String>) -> Option<usize> {
        let port = info.get("master_port")?.parse().ok()?;
        Some(self.number_of(port))
    }
}

impl Deployment for Clustered {
    fn on(&self) -> On {
        On::Cluster
    }

    fn nodes(&mut self) -> &mut [Server] {
        &mut self.cluster.nodes
    }

    fn servers(&self) -> &[Server] {
        &self.cluster.nodes
    }

    fn proxies(&self) -> &[Proxy] {
        &self.proxies
    }

    fn link(&self) -> Box<dyn Link> {
        let ports = self.cluster.nodes.iter().zip(&self.proxies);
        let ports = ports
            .map(|(node, proxy)| (node.port(), proxy.port()))
            .collect();
        Box::new(ClusterLink::new(ports, self.moving.clone()))
    }

    fn primaries(&self) -> Vec<usize> {
        let primaries = self.cluster.primaries().into_iter();
        primaries.map(|node| self.number_of(node.port())).collect()
    }

    fn await_successor(&mut self, old: usize) {
        // Counted by those that answer: the old one may be frozen.
        eventually("a replica has taken over", || {
            let others = self
                .cluster
                .nodes
                .iter()
                .enumerate()
                .filter(|(n, _)| *n != old);
            let primaries = others.filter(|(_, node)| has_role(&replication(node), "master"));
            primaries.count() == 3
        });
    }

    fn fail_over(&mut self, old: usize) -> (usize, usize) {
        let replica = self
            .families()
            .into_iter()
            .find(|(primary, _)| *primary == old);
        let new = replica.expect("a primary").1[0];
        self.cluster.fail_over(&self.cluster.nodes[new]);
        (old, new)
    }

    fn isolate(&mut self, _node: usize, _cut_off: bool) {
        unreachable!("the nodes know each other's own ports")
    }

    fn settle(&mut self) {
        eventually("every primary has its replica", || {
            let roles: Vec<_> = self.cluster.nodes.iter().map(replication).collect();
            let followed: Vec<_> = roles
                .iter()
                .filter_map(|info| self.primary_of(info))
                .collect();
            let primaries = roles
                .iter()
                .enumerate()
                .filter(|(_, info)| has_role(info, "master"));
            let primaries: Vec<_> = primaries.map(|(n, _)| n).collect();
            primaries.len() == 3 && primaries.iter().all(|n| followed.contains(n))
        });
        self.cluster.wait_until_settled();
        for (primary, replicas) in self.families() {
            for replica in replicas {
                eventually("the replica is in step", || {
                    is_in_step(&self.cluster.nodes[primary], &self.cluster.nodes[replica])
                });
            }
        }
        eventually("nothing is held", || {
            self.proxies.iter().all(Proxy::is_idle)
        });
    }

    fn families(&self) -> Vec<(usize, Vec<usize>)> {
        let roles: Vec<_> = self.cluster.nodes.iter().map(replication).collect();
        let replicas_of = |primary: usize| {
            let follows = |info: &BTreeMap<String, String>| self.primary_of(info) == Some(primary);
            (0..roles.len()).filter(|n| follows(&roles[*n])).collect()
        };
        let primaries = (0..roles.len()).filter(|n| has_role(&roles[*n], "master"));
        primaries.map(|n| (n, replicas_of(n))).collect()
    }

    fn cluster(&self) -> Option<&Cluster> {
        Some(&self.cluster)
    }

    fn hold_back_users(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        Some(self.moving.write().expect("no client panicked"))
    }
}
