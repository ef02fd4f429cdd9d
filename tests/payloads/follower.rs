//! A replica that obeys a test, and the state of its sessions.

use crate::originals::setup;
use crate::whole::{self, Seen};
use support::{args, Conn, Primary, Server};

/// A replica, and its primary: the test.
pub struct Follower {
    pub primary: Primary,
    pub replica: Server,
    pub c: Conn,
}

impl Follower {
    /// A replica without keys or schemas.
    pub fn start() -> Follower {
        let empty = Server::start();
        empty.ok(&["SAVE"]);
        let snapshot = std::fs::read(empty.dir().join("dump.rdb")).expect("an RDB file");
        let (primary, replica) = Primary::with_replica(setup(), &snapshot);
        let c = replica.conn();
        Follower {
            primary,
            replica,
            c,
        }
    }

    /// Removes all keys and schemas, by effects as a primary would send them.
    pub fn clear(&mut self) {
        self.primary.send(&["FLUSHALL", "SYNC"]);
        let schemas = self.c.ok(&["SESSION.SCHEMA", "LIST"]);
        let names = schemas.items().iter().map(|schema| schema.field("name"));
        let names: Vec<_> = names.map(|name| name.bytes().to_vec()).collect();
        if !names.is_empty() {
            let command = [&[b"SESSION._SCHEMADEL".to_vec()][..], &names].concat();
            self.primary.send(&command);
        }
    }

    /// Waits until the replica has executed everything, and checks all of its sessions.
    pub fn check(&mut self) -> Seen {
        self.primary.wait();
        whole::check_all(&mut self.c)
    }

    /// Calls of internal commands, and failures among them.
    pub fn counts(&mut self) -> (usize, usize) {
        let stats = self.c.ok(&args!["INFO", "commandstats"]).text();
        let internal = stats
            .lines()
            .filter(|line| line.starts_with("cmdstat_session._"));
        let (mut calls, mut failed) = (0, 0);
        for line in internal {
            let number = |field: &str| {
                let found = line
                    .split([':', ','])
                    .find_map(|part| part.strip_prefix(field));
                found
                    .and_then(|n| n.parse::<usize>().ok())
                    .expect("a number")
            };
            // A rejected call, of too few arguments for example, was not made, and so is not counted as one.
            calls += number("calls=") + number("rejected_calls=");
            failed += number("failed_calls=") + number("rejected_calls=");
        }
        (calls, failed)
    }
}
