//! Connections to the servers of the tests.

use redis::aio::MultiplexedConnection;
use redis_session_client::{Info, Sessions};
use support::Server;

pub type Over = Sessions<MultiplexedConnection>;

pub fn url(server: &Server, protocol: &str) -> String {
    format!("redis://127.0.0.1:{}/?protocol={protocol}", server.port())
}

pub async fn connection(server: &Server, protocol: &str) -> MultiplexedConnection {
    let client = redis::Client::open(url(server, protocol)).expect("a URL");
    client
        .get_multiplexed_async_connection()
        .await
        .expect("a connection")
}

/// The commands over a connection with RESP3.
pub async fn sessions(server: &Server) -> Over {
    Sessions::new(connection(server, "resp3").await)
}

/// The commands over a connection of each protocol, and keys that the other does not use.
pub async fn both(server: &Server) -> [(Over, &'static str); 2] {
    let of = |protocol| async move { Sessions::new(connection(server, protocol).await) };
    [(of("resp2").await, "two"), (of("resp3").await, "three")]
}

/// The fields of a session that is live.
pub async fn info(sessions: &Over, key: &str) -> Info {
    let info = sessions.info(key).await.expect("a reply");
    info.expect("a live session")
}

/// The data of a session that is live, without an access.
pub async fn data(sessions: &Over, key: &str) -> String {
    let session = sessions.get(key).no_touch().await.expect("a reply");
    session.expect("a live session").text
}
