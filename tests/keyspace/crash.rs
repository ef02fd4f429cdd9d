//! `kill -9` at any moment, under load: with `appendfsync always` the server has every acknowledged
//! change after a restart, and no session that was ended comes back.
//!
//! Each client uses keys of its own, and keeps a model of them. The command that the crash left
//! unanswered has two possible outcomes: either it was done or it was not.

mod client;

use client::{all_sessions, Client};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::Duration;
use support::{eventually, say, Conn, Random, Server};

const CLIENTS: usize = 4;
const ROUNDS: usize = 5;
/// A kill waits for so many acknowledged commands of its round, however slow the disk is.
const LEAST_ACKNOWLEDGED: usize = 150;

/// Rewrites the AOF again and again, in both formats, until the server is gone.
fn rewrite_again_and_again(port: u16) {
    let Ok(mut c) = Conn::connect(port) else {
        return;
    };
    for preamble in ["yes", "no"].iter().cycle() {
        let set = ["CONFIG", "SET", "aof-use-rdb-preamble", preamble];
        if c.try_cmd(&set)
            .and_then(|_| c.try_cmd(&["BGREWRITEAOF"]))
            .is_err()
        {
            return;
        }
        thread::sleep(Duration::from_millis(60));
    }
}

#[test]
fn no_acknowledged_change_is_lost_and_no_ended_session_comes_back() {
    let mut random = Random::seeded();
    let mut server = Server::setup()
        .config("appendonly yes")
        .config("appendfsync always")
        .module_arg("touch-interval-ms 0")
        .start();
    server.ok(&["SESSION.SCHEMA", "SET", "common", r#"{"required":["n"]}"#]);
    let mut clients: Vec<_> = (0..CLIENTS)
        .map(|n| Client::new(n, random.next_u64()))
        .collect();
    let (mut checked, mut ended) = (0, 0);
    for _ in 0..ROUNDS {
        let port = server.port();
        let acknowledged = AtomicUsize::new(0);
        thread::scope(|scope| {
            for client in &mut clients {
                scope.spawn(|| client.work(port, &acknowledged));
            }
            scope.spawn(|| rewrite_again_and_again(port));
            thread::sleep(Duration::from_millis(500 + random.below(700) as u64));
            eventually("the clients get on", || {
                acknowledged.load(Relaxed) >= LEAST_ACKNOWLEDGED
            });
            server.kill9();
        });
        server.start_again();
        let mut c = server.conn();
        let mut there = all_sessions(&mut c);
        checked += there.len();
        for client in &mut clients {
            client.check(&mut c, &mut there);
        }
        assert!(there.is_empty(), "nobody's, or ended long ago: {there:?}");
        for client in &clients {
            for key in &client.ended {
                assert!(
                    c.ok(&["SESSION.GET", key, "NOTOUCH"]).is_nil(),
                    "{key} is back"
                );
            }
        }
        ended += clients
            .iter()
            .map(|client| client.ended.len())
            .sum::<usize>();
        let common = c.ok(&["SESSION.SCHEMA", "GET", "common"]).text();
        assert_eq!(common, r#"{"required":["n"]}"#);
    }
    let acknowledged: usize = clients.iter().map(|client| client.acknowledged).sum();
    say(&format!(
        "{ROUNDS} kills, {acknowledged} commands acknowledged, {checked} sessions found whole, \
         {ended} ended ones looked for"
    ));
    assert!(acknowledged >= LEAST_ACKNOWLEDGED * ROUNDS && checked > 0 && ended > 0);
}
