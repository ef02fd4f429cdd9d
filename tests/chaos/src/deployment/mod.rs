//! The servers of a run, the clients' ways to them, and what faults need to know of them.
//!
//! Clients reach each server through a proxy of its own. A server is named by its number, which it
//! keeps for the whole run, whatever its role is.

pub mod cluster;
mod cluster_link;
pub mod single;
pub mod watched;
mod watched_link;
mod wire;

use crate::link::Link;
use std::sync::RwLockWriteGuard;
use support::{Proxy, Server};

/// The kinds of deployments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum On {
    /// One server with `appendfsync always`.
    Single,
    /// A primary, two replicas and three Sentinels.
    Sentinel,
    /// A cluster of three primaries and three replicas.
    Cluster,
}

impl On {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            On::Single => "single",
            On::Sentinel => "sentinel",
            On::Cluster => "cluster",
        }
    }
}

/// Running servers. Whatever takes longer than two minutes panics: the run could not be carried out.
pub trait Deployment {
    fn on(&self) -> On;

    /// The servers that hold sessions.
    fn nodes(&mut self) -> &mut [Server];

    /// As `nodes`, to look at.
    fn servers(&self) -> &[Server];

    /// The proxy for clients before each server, in the same order.
    fn proxies(&self) -> &[Proxy];

    /// A new client.
    fn link(&self) -> Box<dyn Link>;

    /// The running servers that clients should use as primaries.
    fn primaries(&self) -> Vec<usize>;

    /// Waits until another server has taken over from this one, which is down or out of reach. Returns at
    /// once where nobody can.
    fn await_successor(&mut self, old: usize);

    /// Lets a replica take over from a primary that is well. Returns the old one and the new one.
    fn fail_over(&mut self, old: usize) -> (usize, usize);

    /// Cuts a server off from all other servers, or joins it to them again.
    fn isolate(&mut self, node: usize, cut_off: bool);

    /// Waits until every server runs, all are of one mind about their roles, and every replica has what
    /// its primary has. Starts no server.
    fn settle(&mut self);

    /// Every primary with its replicas.
    fn families(&self) -> Vec<(usize, Vec<usize>)>;

    /// The cluster, if it is one.
    fn cluster(&self) -> Option<&support::Cluster> {
        None
    }

    /// Lets clients send no command that needs all sessions of a user, such as LIST, for the life of the
    /// guard.
    fn hold_back_users(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        None
    }

    /// The server's clock, if it can be moved.
    fn clock(&self) -> Option<&single::Clock> {
        None
    }
}

/// The setup that all servers share: nothing that was acknowledged is lost by a crash.
fn setup() -> support::Setup {
    Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        // Grows from small commands, and a rewrite is a fault that the run orders itself.
        .config("auto-aof-rewrite-percentage 0")
        .config("repl-backlog-size 16mb")
}
