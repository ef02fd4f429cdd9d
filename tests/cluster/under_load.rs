//! A load on a cluster while its slots move, and sessions that only the test itself ends.

use support::cluster_load::{Load, Trust};
use support::cluster_users::{still, tags};
use support::{Cluster, ClusterClient};

/// The load works on sessions of its own, and leaves those of the users "still" and "goner" alone.
pub struct UnderLoad {
    pub client: ClusterClient,
    /// The hash tags of all sessions, each in a slot of its own.
    pub tags: Vec<String>,
    /// The keys of "still", whose sessions stay, sorted.
    pub still_keys: Vec<String>,
    /// The number of the sessions of "goner", which the test revokes while slots move.
    goners: usize,
    pub load: Load,
}

impl UnderLoad {
    #[track_caller]
    pub fn start(cluster: &Cluster) -> UnderLoad {
        cluster.configure("session.max-grace-ms", "3600000");
        let mut client = ClusterClient::of(cluster);
        let tags = tags(16);
        let still_keys = still(&mut client, &tags, "still");
        let goners = still(&mut client, &tags, "goner").len();
        let load = Load::start(cluster, 2, &tags, Trust::Replies);
        UnderLoad {
            client,
            tags,
            still_keys,
            goners,
            load,
        }
    }

    /// Stops the load and checks the whole cluster. `ended` is what `revoke` returned for "goner": the
    /// number of sessions, which must be all of them, and of passes.
    #[track_caller]
    pub fn stop_and_check(self, cluster: &Cluster, ended: (i64, usize)) {
        assert_eq!(ended.0, self.goners as i64, "{ended:?}");
        let known = self.load.stop();
        known.check(cluster, &[("still", &self.still_keys), ("goner", &[])]);
    }
}
