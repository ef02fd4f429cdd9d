//! All nodes that are watched, and how they are asked. What their answers change stands in `learning`.

use super::member::Member;
use super::worker::{Answer, Worker};
use crate::server::{Access, Address};
use std::collections::HashMap;
use std::time::Instant;
use tokio::sync::mpsc;

pub struct Fleet {
    access: Access,
    pub(super) members: Vec<Member>,
    /// Other addresses of a node, and the one under which it is watched.
    pub(super) aliases: HashMap<Address, Address>,
    pub(super) answers: mpsc::UnboundedReceiver<Answer>,
    sender: mpsc::UnboundedSender<Answer>,
    pub(super) in_cluster: bool,
}

impl Fleet {
    /// Watches the node of the options, and then all that it names. Needs a Tokio runtime.
    pub fn new(access: Access) -> Fleet {
        let (sender, answers) = mpsc::unbounded_channel();
        let seed = access.address.clone();
        let mut fleet = Fleet {
            access,
            members: Vec::new(),
            aliases: HashMap::new(),
            answers,
            sender,
            in_cluster: false,
        };
        fleet.add(seed);
        fleet
    }

    /// The node that the options name.
    pub fn seed(&self) -> &Address {
        &self.access.address
    }

    pub fn in_cluster(&self) -> bool {
        self.in_cluster
    }

    /// Primaries by their addresses, each followed by its replicas.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Starts a round: asks every node that is not busy with an earlier ask.
    pub fn ask(&mut self) {
        // The first node decides who belongs to the cluster, while it answers.
        let seed = &self.access.address;
        let up = |member: &&Member| member.is_up();
        let guide = self
            .members
            .iter()
            .find(|m| m.address == *seed && m.is_up());
        let guide = guide.or_else(|| self.members.iter().find(up));
        let guide = guide.map_or_else(|| seed.clone(), |member| member.address.clone());
        for member in &mut self.members {
            let peers = self.in_cluster && member.address == guide;
            Fleet::ask_one(member, peers);
        }
    }

    pub(super) fn ask_one(member: &mut Member, peers: bool) {
        if member.asked_at.is_none() && member.worker.ask(peers) {
            member.asked_at = Some(Instant::now());
        }
    }

    /// Whether every node has answered what it was asked.
    pub fn is_complete(&self) -> bool {
        self.members.iter().all(|member| member.asked_at.is_none())
    }

    /// The next answer. Nothing is lost if the future is dropped.
    pub async fn answer(&mut self) -> Answer {
        match self.answers.recv().await {
            Some(answer) => answer,
            // Not reached: this end holds a sender.
            None => std::future::pending().await,
        }
    }

    pub(super) fn add(&mut self, address: Address) -> usize {
        let worker = Worker::start(&self.access, &address, &self.sender);
        self.members.push(Member {
            address,
            role: None,
            primary: None,
            slots: 0,
            failed: false,
            reading: None,
            read_at: None,
            error: None,
            down_since: None,
            asked_at: None,
            named_at: Instant::now(),
            worker,
        });
        self.members.len() - 1
    }

    pub(super) fn place(&self, address: &Address) -> Option<usize> {
        self.members
            .iter()
            .position(|member| member.address == *address)
    }
}
