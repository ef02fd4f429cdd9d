//! The replies that clients got while something was done to the cluster, as a model of all sessions;
//! and its comparison with the cluster afterwards.

use super::cluster_users::list;
use super::{args, say, Cluster, ClusterClient, Server};
use redis::RedisResult;
use std::collections::{BTreeMap, BTreeSet};

/// The users of the sessions that a load makes.
pub const USERS: [&str; 3] = ["ada", "bob", "cy"];

/// The sessions of clients, as the replies that they got describe them.
#[derive(Default)]
pub struct Known {
    /// Data and user of each live session, by key.
    pub live: BTreeMap<String, (String, String)>,
    /// Superseded keys that still lead to their session, and the present key of each.
    pub aliases: BTreeMap<String, String>,
    /// Keys of sessions that have ended.
    pub ended: BTreeSet<String>,
    /// The number of sessions whose last write was not acknowledged: their state is unknown.
    pub lost_track: usize,
    /// The number of failed commands by kind of error.
    pub errors: BTreeMap<String, usize>,
    /// The number of commands that were done, by what they did.
    pub done: BTreeMap<&'static str, usize>,
}

impl Known {
    /// The keys of a user, sorted.
    pub fn of_user(&self, user: &str) -> Vec<String> {
        let of_user = self.live.iter().filter(|(_, session)| session.1 == user);
        of_user.map(|(key, _)| key.clone()).collect()
    }

    /// Every session that should be live is, with its data, and its superseded IDs lead to it. No
    /// session that has ended is back.
    #[track_caller]
    pub fn assert_holds(&self, client: &mut ClusterClient) {
        let mut get = |key: &str| -> RedisResult<Option<String>> {
            redis::from_redis_value(client.send(&args!["SESSION.GET", key, "NOTOUCH"])?)
                .map_err(Into::into)
        };
        for (key, (data, _)) in &self.live {
            assert_eq!(get(key).unwrap().as_ref(), Some(data), "{key} is live");
        }
        for (old, new) in &self.aliases {
            if let Some((data, _)) = self.live.get(new) {
                assert_eq!(
                    get(old).unwrap().as_ref(),
                    Some(data),
                    "{old} stands for {new}"
                );
            }
        }
        for key in &self.ended {
            assert_eq!(get(key).unwrap(), None, "{key} has ended");
        }
    }

    /// The counts as one line.
    pub fn summary(&self) -> String {
        format!(
            "{} live, {} superseded, {} ended, {} lost track of; done {:?}; failed {:?}",
            self.live.len(),
            self.aliases.len(),
            self.ended.len(),
            self.lost_track,
            self.done,
            self.errors
        )
    }

    /// Checks the whole cluster once no slot is on the move: the live sessions are these and the
    /// `others`, user by user. Each is on one node, which owns its slot, and on the replica of that.
    #[track_caller]
    pub fn check(&self, cluster: &Cluster, others: &[(&str, &[String])]) {
        cluster.wait_until_settled();
        let mut client = ClusterClient::of(cluster);
        self.assert_holds(&mut client);
        let mut is_right = |user: &str, wanted: &[String]| {
            let listed = list(cluster, &mut client, user).expect("slots at rest");
            let more: Vec<_> = listed.iter().filter(|key| !wanted.contains(key)).collect();
            let less: Vec<_> = wanted.iter().filter(|key| !listed.contains(key)).collect();
            assert!(
                listed == wanted,
                "{user}: {more:?} should not be listed, {less:?} should"
            );
        };
        for user in USERS {
            is_right(user, &self.of_user(user));
        }
        for (user, keys) in others {
            is_right(user, keys);
        }
        let live: usize =
            self.live.len() + others.iter().map(|(_, keys)| keys.len()).sum::<usize>();
        let sessions = |node: &&Server| node.info("session", "session_sessions").parse::<usize>();
        let count: usize = cluster
            .primaries()
            .iter()
            .map(|node| sessions(node).unwrap())
            .sum();
        assert_eq!(count, live, "INFO of all primaries");
        let keys = cluster.assert_keys_are_at_home();
        assert!(keys >= live + self.aliases.len(), "{keys} keys");
        cluster.assert_replicas_agree();
        let (done, failed) = (
            self.done.values().sum::<usize>(),
            self.errors.values().sum::<usize>(),
        );
        assert!(
            done > 20 * failed,
            "more failed than a moving slot explains"
        );
        say(&self.summary());
    }
}
