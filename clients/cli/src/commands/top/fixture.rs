//! States for the unit tests, made of INFO as servers write it.

use super::rates::RATES;
use super::state::{Node, State};
use crate::commands::watching::{Reading, Settings, Standing};
use crate::server::{Address, Info, Role};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub fn address(port: u16) -> Address {
    Address::parse(&format!("redis://10.0.0.1:{port}")).expect("an address")
}

/// What a healthy primary says, in the order of INFO.
const HEALTHY: &str = "redis_version:7.0.15\r\nrun_id:a\r\nuptime_in_seconds:90000\r\nconnected_clients:12\r\n\
    used_memory:1000000\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\nloading:0\r\nrdb_last_bgsave_status:ok\r\n\
    aof_enabled:1\r\naof_last_write_status:ok\r\naof_last_bgrewrite_status:ok\r\nsession_sessions:100\r\n\
    session_users:10\r\nsession_users_bytes:9000\r\nsession_schemas:3\r\nsession_schemas_bytes:500\r\n\
    session_schemas_digest:d1\r\ntotal_commands_processed:5\r\n";

/// A node that says this beside what a healthy one says; a later line wins.
pub fn node(port: u16, role: Role, says: &str) -> Node {
    let role_line = match role {
        Role::Primary => "role:master\r\n",
        Role::Replica => "role:slave\r\nmaster_link_status:up\r\nmaster_last_io_seconds_ago:1\r\n",
    };
    let says = says.replace(' ', "\r\n");
    let reading = Reading {
        info: Info::parse(&format!("{HEALTHY}{role_line}{says}\r\n")),
        peers: None,
        settings: Settings {
            module: Some("1.2.0".to_owned()),
            saves: Some(true),
            max_schemas: Some(100),
            max_schemas_bytes: Some(10_000),
        },
    };
    Node {
        address: address(port),
        role: Some(role),
        primary: (role == Role::Replica).then(|| address(port - 1000)),
        slots: 0,
        standing: Standing::Up,
        error: None,
        reading: Some(Arc::new(reading)),
    }
}

/// The same node with other settings.
pub fn with(mut node: Node, change: impl FnOnce(&mut Settings)) -> Node {
    let mut reading = node.reading.as_deref().cloned().expect("a reading");
    change(&mut reading.settings);
    node.reading = Some(Arc::new(reading));
    node
}

pub fn down(mut node: Node, seconds: u64) -> Node {
    node.standing = Standing::Down(Duration::from_secs(seconds));
    node.error = Some("connection refused".to_owned());
    node
}

pub fn state(nodes: Vec<Node>) -> State {
    State {
        nodes,
        interval: Duration::from_secs(1),
        ..State::default()
    }
}

/// Lets a node have had these rates for so many seconds: pairs of a field and a number a second.
pub fn history(state: &mut State, port: u16, seconds: u64, rates: &[(&str, u64)]) {
    let start = Instant::now();
    let history = state.histories.entry(address(port)).or_default();
    for second in 0..=seconds {
        let mut text = "run_id:a\r\n".to_owned();
        for (field, each) in rates {
            assert!(RATES.iter().any(|rate| rate.field == *field), "{field}");
            let _ = write!(text, "{field}:{}\r\n", each * second);
        }
        history.take(start + Duration::from_secs(second), &Info::parse(&text));
        history.close();
    }
}
