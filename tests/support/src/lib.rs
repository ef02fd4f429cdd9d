//! Real servers for the tests, and clients that show every byte of a reply.
//!
//! The tests and `benches/server` share this crate. It is compiled once, and uses nothing of the
//! module: what it knows of sessions is what a server replies.
//!
//! ```ignore
//! use support::{args, Server};
//!
//! let server = Server::start();                          // killed when it goes out of scope
//! let mut c = server.conn();                             // or conn3() for RESP3
//! let key = c.ok(&["SESSION.SET", "session:*", "{}"]).text();
//! assert_eq!(c.ok(&args!["SESSION.TOUCH", key, "PX", 500]).int(), 1);
//! assert!(c.err(&["SESSION.SET", "nobody", "{}"]).starts_with("NOSESSION "));
//! let replica = server.replica();                        // has the same data by now
//! ```
//!
//! Tests run beside other work, so no assertion may depend on how quick the machine is:
//! [`eventually`] waits, [`within`] tries again, and `Conn::now` reads the server's clock.
//!
//! Environment: `REDIS_SERVER` is the server to run (default `redis-server`), `REDIS_SESSION_MODULE`
//! the module to load (default: the one that Cargo built beside the test).

pub mod arg;
pub mod clock;
pub mod cluster;
pub mod cluster_client;
pub mod cluster_known;
pub mod cluster_load;
pub mod cluster_map;
pub mod cluster_slots;
pub mod cluster_tips;
pub mod cluster_users;
pub mod cluster_worker;
pub mod events;
pub mod info;
pub mod parse;
pub mod payload;
pub mod primary;
pub mod process;
pub mod proxy;
pub mod random;
pub mod resp;
pub mod sentinel;
pub mod server;
pub mod setup;
pub mod signals;
pub mod snapshot;
pub mod stream;
pub mod terminal;
pub mod value;
pub mod wait;

pub use clock::within;
pub use cluster::Cluster;
pub use cluster_client::ClusterClient;
pub use events::{Event, Events, Monitor};
pub use primary::Primary;
pub use proxy::{Proxy, Trouble};
pub use random::Random;
pub use resp::Conn;
pub use sentinel::Sentinels;
pub use server::Server;
pub use setup::Setup;
pub use snapshot::Snapshot;
pub use stream::Stream;
pub use terminal::Terminal;
pub use value::Value;
pub use wait::{eventually, eventually_some, in_time};

/// Prints a line even when the test passes: counts, above all.
pub fn say(line: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(format!("    {line}\n").as_bytes());
}
