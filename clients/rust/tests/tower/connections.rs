//! The kinds of connections: RESP3, managed, and to a cluster.

use crate::app::{connect_to, options, App, Store, PATIENCE};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::cluster::ClusterClientBuilder;
use redis_session_client::Connection;
use serde_json::json;
use support::{Cluster, Server};

/// What an application does in a day. Returns the IDs that its session had.
async fn use_it<C: Connection>(store: &Store<C>) {
    let app = App::start(store).await;
    let browser = app.browser();
    let mut ids = vec![browser.set(json!({"cart": [7]})).await.id()];
    ids.push(
        browser
            .post("/login/ada", json!({"user": "ada"}))
            .await
            .id(),
    );
    ids.push(browser.post("/cycle", json!({"n": 1})).await.id());
    ids.push(browser.post("/rotate", json!({})).await.id());
    for name in ["cart", "user", "n"] {
        assert!(
            !browser.get(&format!("/get/{name}")).await.json().is_null(),
            "{name}"
        );
    }
    let handles = store.sessions_of("ada", &["/cart"]).await.unwrap();
    assert_eq!(handles.len(), 1);
    assert_eq!(handles[0].values, [Some(json!([7]))]);
    let last = ids.pop().expect("an ID");
    assert!(store.key_of(&last).ends_with(&handles[0].handle));
    for id in ids {
        assert!(app
            .browser()
            .get_as(&id.to_string(), "/get/cart")
            .await
            .json()
            .is_null());
    }
    assert!(store.end_device("ada", &handles[0].handle).await.unwrap());
    assert!(browser.get("/get/cart").await.json().is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn resp2_and_resp3() {
    let server = Server::start();
    for protocol in ["", "?protocol=resp3"] {
        let url = format!("redis://127.0.0.1:{}/{protocol}", server.port());
        use_it(&Store::with_options(connect_to(&url).await, options())).await;
        assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_connection() {
    let server = Server::start();
    let client = redis::Client::open(format!("redis://127.0.0.1:{}/", server.port())).unwrap();
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let connection = ConnectionManager::new_with_config(client, config)
        .await
        .unwrap();
    use_it(&Store::with_options(connection, options())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster() {
    let cluster = Cluster::start();
    let urls = cluster
        .nodes
        .iter()
        .map(|node| format!("redis://127.0.0.1:{}/", node.port()));
    let client = ClusterClientBuilder::new(urls.collect::<Vec<_>>())
        .response_timeout(PATIENCE)
        .connection_timeout(PATIENCE)
        .build()
        .unwrap();
    let connection = client.get_async_connection().await.unwrap();
    let store = Store::with_options(connection, options());
    for _ in 0..3 {
        use_it(&store).await;
    }
    cluster.assert_keys_are_at_home();
}
