//! A server that is down, slow, empty, or without the module.

use crate::app::{connect, options, App, Store, PATIENCE};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis_session_client::commands::SchemaDefinition;
use serde_json::json;
use std::time::Duration;
use support::{eventually, Server};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_is_an_internal_error() {
    let server = Server::start();
    let options = options().timeout(Duration::from_millis(200));
    let store = Store::with_options(connect(&server).await, options);
    let app = App::start(&store).await;
    let browser = app.browser();
    // The first answers may take long on a busy machine.
    let mut id = None;
    while id.is_none() {
        id = browser.post("/set", json!({"a": 1})).await.set_cookie;
    }
    server.ok(&["CLIENT", "PAUSE", "600000", "ALL"]);
    for path in ["/set", "/flush", "/cycle", "/login/ada"] {
        // The browser gives up after a minute; the server's pause is longer.
        assert_eq!(
            browser.post(path, json!({"a": 2})).await.status,
            500,
            "{path}"
        );
    }
    assert_eq!(browser.get("/get/a").await.status, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_an_internal_error_until_it_is_back() {
    let mut server = Server::start();
    let client = redis::Client::open(format!("redis://127.0.0.1:{}/", server.port())).unwrap();
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(1)
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    let connection = ConnectionManager::new_with_config(client, config)
        .await
        .unwrap();
    let schema = SchemaDefinition::new("visitor", json!({"type": "object"}));
    let store = Store::with_options(connection, options().define_schema(schema));
    let app = App::start(&store).await;
    let browser = app.browser();
    browser.set(json!({"a": 1})).await;
    server.kill9();
    assert_eq!(browser.get("/get/a").await.status, 500);
    assert_eq!(browser.post("/set", json!({"a": 2})).await.status, 500);
    server.start_again();
    let runtime = tokio::runtime::Handle::current();
    // It is empty: no session, no schema. The visitor begins anew, and the application need not be restarted.
    tokio::task::block_in_place(|| {
        eventually("the application serves again", || {
            runtime
                .block_on(browser.post("/set", json!({"b": 2})))
                .status
                == 200
        });
    });
    assert_eq!(browser.get("/get/a").await.json(), json!(null));
    assert_eq!(browser.get("/get/b").await.json(), json!(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_module_is_named() {
    let server = Server::setup().without_module().start();
    let store = Store::with_options(connect(&server).await, options());
    let error = store.revoke("ada").await.expect_err("no module");
    assert!(error.to_string().contains("loadmodule"), "{error}");
    let app = App::start(&store).await;
    assert_eq!(
        app.browser().post("/set", json!({"a": 1})).await.status,
        500
    );
}
