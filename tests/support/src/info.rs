//! What a server reports about itself, and waiting for a state that it reports.

use super::{eventually, Conn, Server};
use std::collections::HashMap;

impl Server {
    /// One field of one section of INFO.
    #[track_caller]
    pub fn info(&self, section: &str, field: &str) -> String {
        let found = self.info_map(section).into_iter().find(|(k, _)| k == field);
        found
            .unwrap_or_else(|| panic!("INFO {section} has no '{field}'"))
            .1
    }

    /// All fields of one section of INFO, in their order.
    #[track_caller]
    pub fn info_map(&self, section: &str) -> Vec<(String, String)> {
        let text = self.ok(&["INFO", section]).text();
        let pair = |line: &str| {
            line.split_once(':')
                .map(|(k, v)| (k.into(), v.trim().into()))
        };
        text.lines().filter_map(pair).collect()
    }

    pub fn is_valkey(&self) -> bool {
        self.info_map("server")
            .iter()
            .any(|(k, _)| k == "valkey_version")
    }

    /// The version of Redis, or of Valkey.
    pub fn server_version(&self) -> (u32, u32, u32) {
        let field = if self.is_valkey() {
            "valkey_version"
        } else {
            "redis_version"
        };
        let version = self.info("server", field);
        let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
        let mut next = || parts.next().unwrap_or(0);
        (next(), next(), next())
    }

    /// `DEBUG DIGEST`: equal where the data is equal.
    #[track_caller]
    pub fn digest(&self) -> String {
        self.ok(&["DEBUG", "DIGEST"]).text()
    }

    /// Waits until this replica has everything that `primary` has sent by now.
    ///
    /// The replication ID must be the same too: a replica that has not noticed yet that its primary
    /// was started again reports a link that is up, and an offset in the history of the old one.
    #[track_caller]
    pub fn wait_for_sync(&self, primary: &Server) {
        let sent = primary.info("replication", "master_repl_offset");
        eventually("the replica is in sync", || {
            let id = primary.info("replication", "master_replid");
            let info: HashMap<_, _> = self.info_map("replication").into_iter().collect();
            let is = |field: &str, value: &str| info.get(field).is_some_and(|it| it == value);
            is("master_link_status", "up")
                && is("master_sync_in_progress", "0")
                && is("master_port", &primary.port.to_string())
                && is("master_replid", &id)
                && number(&info["slave_repl_offset"]) >= number(&sent)
        });
    }

    /// Waits until no rewrite of the AOF is under way, or about to begin.
    #[track_caller]
    pub fn wait_for_rewrite(&self) {
        eventually("the AOF is rewritten", || {
            let rewrites = ["aof_rewrite_in_progress", "aof_rewrite_scheduled"];
            let info = self.info_map("persistence");
            let is_idle = |(field, value): &(String, String)| {
                !rewrites.contains(&field.as_str()) || value == "0"
            };
            info.iter().all(is_idle)
        });
    }

    /// SAVE, once no child of the server is at work: the one that sent a snapshot to a replica can
    /// outlive the synchronisation, and SAVE is refused until it has ended.
    #[track_caller]
    pub fn save(&self) {
        eventually("SAVE is possible", || self.cmd(&["SAVE"]).is_ok());
    }
}

impl Conn {
    /// Lets this connection see the commands that the server hides from clients, as Redis 8 does with
    /// those that have its flag `internal`. Returns whether the server hides any.
    pub fn see_internal_commands(&mut self) -> bool {
        self.cmd(&["DEBUG", "MARK-INTERNAL-CLIENT"]).is_ok()
    }
}

fn number(text: &str) -> u64 {
    text.parse()
        .unwrap_or_else(|_| panic!("'{text}' is no number"))
}
