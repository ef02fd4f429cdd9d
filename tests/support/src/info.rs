//! What a server says about itself.

use super::{eventually, Server};

impl Server {
    /// One field of one section of INFO.
    #[track_caller]
    pub fn info(&self, section: &str, field: &str) -> String {
        let found = self.info_map(section).into_iter().find(|(k, _)| k == field);
        found
            .unwrap_or_else(|| panic!("INFO {section} has no '{field}'"))
            .1
    }

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

    /// The version of the product that this is: of Redis, or of Valkey.
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

    /// Waits until this replica has everything that `primary` has sent.
    #[track_caller]
    pub fn wait_for_sync(&self, primary: &Server) {
        let sent = primary.info("replication", "master_repl_offset");
        eventually("the replica is in sync", || {
            let info = self.info_map("replication");
            let is = |field: &str, value: &str| info.iter().any(|(k, v)| k == field && v == value);
            let offset = info.iter().find(|(k, _)| k == "slave_repl_offset");
            is("master_link_status", "up")
                && is("master_sync_in_progress", "0")
                && is("master_port", &primary.port.to_string())
                && offset.is_some_and(|(_, at)| number(at) >= number(&sent))
        });
    }

    /// Waits until no rewrite of the AOF is under way, or about to begin.
    #[track_caller]
    pub fn wait_for_rewrite(&self) {
        eventually("the AOF is rewritten", || {
            ["aof_rewrite_in_progress", "aof_rewrite_scheduled"]
                .iter()
                .all(|field| self.info("persistence", field) == "0")
        });
    }
}

fn number(text: &str) -> u64 {
    text.parse()
        .unwrap_or_else(|_| panic!("'{text}' is no number"))
}
