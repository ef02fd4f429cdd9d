//! A node that is watched, and what is known of it.

use super::reading::Reading;
use super::worker::Worker;
use crate::server::{Address, Place, Role};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct Member {
    pub address: Address,
    /// What others say of its role, until it tells so itself.
    pub(super) role: Option<Role>,
    pub(super) primary: Option<Address>,
    /// The slots that it owns, as the cluster says.
    pub slots: u32,
    /// Whether the cluster has given it up.
    pub failed: bool,
    /// The last reading. It stays while the node is down.
    pub reading: Option<Arc<Reading>>,
    /// When the last reading came.
    pub read_at: Option<Instant>,
    /// Why the last ask got no reading.
    pub error: Option<String>,
    /// Since when it has not answered, for a node that is down.
    pub down_since: Option<Instant>,
    /// Since when an ask waits for its answer.
    pub(super) asked_at: Option<Instant>,
    /// When another node last named it.
    pub(super) named_at: Instant,
    pub(super) worker: Worker,
}

/// Whether a node answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known of it yet.
    New,
    Up,
    /// It has not answered the last ask for so long.
    Slow(Duration),
    Down(Duration),
}

impl Member {
    pub fn standing(&self, now: Instant, interval: Duration) -> Standing {
        if let Some(since) = self.down_since {
            return Standing::Down(now.saturating_duration_since(since));
        }
        let waits = self.asked_at.map(|at| now.saturating_duration_since(at));
        match (waits, self.read_at) {
            (Some(waits), _) if waits > interval.max(Duration::from_secs(1)) * 2 => {
                Standing::Slow(waits)
            }
            (_, Some(_)) => Standing::Up,
            (_, None) => Standing::New,
        }
    }

    /// Whether it answered when it was last asked.
    pub fn is_up(&self) -> bool {
        self.down_since.is_none() && self.reading.is_some()
    }

    /// As it says itself while it is up, otherwise as the others say.
    pub fn role(&self) -> Option<Role> {
        match &self.reading {
            Some(reading) if self.is_up() => Some(reading.role()),
            reading => self.role.or_else(|| Some(reading.as_ref()?.role())),
        }
    }

    /// The primary of a replica, as this one or the cluster says.
    pub fn primary(&self) -> Option<&Address> {
        match self.role() {
            Some(Role::Replica) => self.primary.as_ref(),
            _ => None,
        }
    }
}

/// Sorts primaries by their addresses, and each replica below its primary.
pub fn sort(members: &mut [Member]) {
    let key = |address: &Address| match &address.place {
        Place::Tcp { host, port, .. } => (host.clone(), *port),
        Place::Unix(path) => (path.display().to_string(), 0),
    };
    members.sort_by_cached_key(|member| {
        let own = key(&member.address);
        let head = member.primary().map_or_else(|| own.clone(), key);
        (head, member.primary().is_some(), own)
    });
}
