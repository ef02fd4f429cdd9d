//! What the answers of the nodes change: who is up, and who is there.

use super::fleet::Fleet;
use super::member::{sort, Member};
use super::peers::{of_cluster, of_replication, Peer};
use super::reading::Reading;
use super::worker::Answer;
use crate::server::{Address, Role};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Outside a cluster, a node that nobody names any more and that does not answer is forgotten after this time.
/// Until then it is shown as down.
const FORGET: Duration = Duration::from_secs(900);

impl Fleet {
    /// Starts a round, and learns from its answers until all nodes have answered, also those that were found
    /// on the way, or until the deadline.
    pub async fn sweep(&mut self, deadline: Instant) {
        // The answer to an ask of an earlier sweep, whose deadline it missed, must not hold this one up.
        while let Ok(answer) = self.answers.try_recv() {
            self.learn(answer);
        }
        self.ask();
        while !self.is_complete() {
            let next = tokio::time::timeout_at(deadline.into(), self.answer());
            match next.await {
                Ok(answer) => self.learn(answer),
                Err(_) => break,
            }
        }
        let now = Instant::now();
        for member in &mut self.members {
            if member.asked_at.is_some() && member.down_since.is_none() {
                member.down_since = Some(now);
                member.error = Some("did not answer in time".to_owned());
            }
        }
    }

    /// Takes what a node has said into account.
    pub fn learn(&mut self, answer: Answer) {
        let Some(place) = self.place(&answer.address) else {
            return; // it was forgotten meanwhile
        };
        let member = &mut self.members[place];
        member.asked_at = None;
        let reading = match answer.reading {
            Ok(reading) => reading,
            Err(why) => {
                member.error = Some(why);
                member.down_since.get_or_insert(answer.at);
                self.forget(answer.at);
                return;
            }
        };
        member.error = None;
        member.down_since = None;
        member.read_at = Some(answer.at);
        let reading = Arc::new(reading);
        member.reading = Some(reading.clone());
        if answer.address == *self.seed() {
            self.in_cluster = reading.is_in_cluster();
        }
        if self.is_twin(&answer.address, &reading) {
            return;
        }
        match self.in_cluster {
            true => self.follow_cluster(&answer.address, &reading),
            false => self.follow_replication(&answer.address, &reading, answer.at),
        }
        sort(&mut self.members);
    }

    /// Removes a member that is another's process under another address.
    fn is_twin(&mut self, address: &Address, reading: &Reading) -> bool {
        let same = |member: &&Member| {
            let its = member.reading.as_ref().map(|its| its.run_id());
            member.address != *address && member.is_up() && its == Some(reading.run_id())
        };
        let Some(other) = self.members.iter().find(same) else {
            return false;
        };
        let other = other.address.clone();
        let (keep, drop) = match *address == *self.seed() {
            true => (address.clone(), other),
            false => (other, address.clone()),
        };
        self.members.retain(|member| member.address != drop);
        self.aliases.insert(drop, keep);
        true
    }

    fn follow_cluster(&mut self, asked: &Address, reading: &Reading) {
        let Some(text) = &reading.peers else {
            // The first answer of the seed tells that it is in a cluster: ask who else is.
            if self.members.len() == 1 {
                if let Some(place) = self.place(asked) {
                    Fleet::ask_one(&mut self.members[place], true);
                }
            }
            return;
        };
        let mut peers = of_cluster(text, asked);
        if let Some(own) = peers.iter().find(|peer| peer.myself) {
            if own.address != *asked {
                self.aliases.insert(own.address.clone(), asked.clone());
            }
        }
        for peer in &mut peers {
            self.name(peer);
        }
        if peers.is_empty() {
            return; // the user may not ask, or the reply was cut
        }
        self.members
            .retain(|member| peers.iter().any(|peer| peer.address == member.address));
        for peer in peers {
            self.named(peer);
        }
    }

    fn follow_replication(&mut self, asked: &Address, reading: &Reading, at: Instant) {
        for mut peer in of_replication(reading, asked) {
            self.name(&mut peer);
            if peer.role == Role::Primary {
                if let Some(place) = self.place(asked) {
                    self.members[place].primary = Some(peer.address.clone());
                }
            }
            self.named(peer);
        }
        self.forget(at);
    }

    /// Gives a peer the address under which it is watched.
    fn name(&self, peer: &mut Peer) {
        for address in [Some(&mut peer.address), peer.primary.as_mut()]
            .into_iter()
            .flatten()
        {
            if let Some(known) = self.aliases.get(address) {
                *address = known.clone();
            }
        }
    }

    /// Notes what others say of a node, and asks it at once if it is new.
    fn named(&mut self, peer: Peer) {
        let (place, is_new) = match self.place(&peer.address) {
            Some(place) => (place, false),
            None => (self.add(peer.address.clone()), true),
        };
        let member = &mut self.members[place];
        member.role = Some(peer.role);
        if peer.primary.is_some() {
            member.primary = peer.primary;
        }
        member.failed = peer.failed;
        member.slots = peer.slots;
        member.named_at = Instant::now();
        if is_new {
            Fleet::ask_one(member, false);
        }
    }

    fn forget(&mut self, now: Instant) {
        let seed = self.seed().clone();
        let in_cluster = self.in_cluster;
        self.members.retain(|member| {
            let known = member
                .read_at
                .unwrap_or(member.named_at)
                .max(member.named_at);
            in_cluster
                || member.address == seed
                || member.is_up()
                || now.saturating_duration_since(known) < FORGET
        });
    }
}
