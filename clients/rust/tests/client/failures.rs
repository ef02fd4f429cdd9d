//! Servers that cannot serve.

use crate::common::{connection, sessions, url};
use redis::aio::ConnectionManager;
use redis_session_client::{Error, Sessions};
use serde_json::json;
use std::time::Duration;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_the_module_says_what_to_do_and_shows_no_data() {
    let server = Server::setup().without_module().start();
    let sessions = sessions(&server).await;
    for error in [
        sessions
            .create("s:*", json!({"secret": "hunter2"}))
            .await
            .unwrap_err(),
        sessions.get("s").await.unwrap_err(),
        sessions.list("ada").await.unwrap_err(),
        sessions.schema().list().await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::ModuleMissing { .. }), "{error:?}");
        assert!(error.to_string().contains("'loadmodule'"), "{error}");
        assert!(!format!("{error}{error:?}").contains("hunter2"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_unavailable() {
    let mut server = Server::start();
    let sessions = sessions(&server).await;
    sessions.create_as("s", 1).await.unwrap();
    server.kill9();
    let error = sessions.get("s").await.unwrap_err();
    let Error::Unavailable { reason, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(reason, "CONNECTION", "{error}");
    assert_eq!(error.code(), "CONNECTION");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_in_time_is_unavailable() {
    let server = Server::start();
    let client = redis::Client::open(url(&server, "resp3")).unwrap();
    let config =
        redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_millis(50)));
    let connection = client.get_multiplexed_async_connection_with_config(&config);
    let sessions = Sessions::new(connection.await.unwrap());
    server.ok(&["CLIENT", "PAUSE", "60000", "WRITE"]);
    let error = sessions.create_as("s", 1).await.unwrap_err();
    assert!(
        matches!(&error, Error::Unavailable { reason, .. } if reason == "TIMEOUT"),
        "{error:?}"
    );
    server.ok(&["CLIENT", "UNPAUSE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_and_a_server_without_its_primary_are_unavailable() {
    let server = Server::start();
    let replica = server.replica();
    let sessions = sessions(&replica).await;
    let error = sessions.create_as("s", 1).await.unwrap_err();
    assert!(
        matches!(&error, Error::Unavailable { reason, .. } if reason == "READONLY"),
        "{error:?}"
    );
    replica.ok(&["CONFIG", "SET", "replica-serve-stale-data", "no"]);
    replica.ok(&["REPLICAOF", "127.0.0.1", "1"]);
    let error = sessions.get("s").await.unwrap_err();
    assert!(
        matches!(&error, Error::Unavailable { reason, .. } if reason == "MASTERDOWN"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_server_is_an_error_of_the_server() {
    let server = Server::setup().config("maxmemory 1").start();
    let error = sessions(&server).await.create_as("s", 1).await.unwrap_err();
    assert!(
        matches!(&error, Error::Server { code, .. } if code == "OOM"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_connection_goes_on_after_a_restart() {
    let mut server = Server::start();
    let client = redis::Client::open(url(&server, "resp3")).unwrap();
    let manager = ConnectionManager::new(client).await.unwrap();
    let sessions = Sessions::new(manager);
    sessions.create_as("before", 1).await.unwrap();
    server.kill9();
    let down = sessions.get("before").await.unwrap_err();
    assert!(matches!(down, Error::Unavailable { .. }), "{down:?}");
    server.start_again();
    for _ in 0..1000 {
        match sessions.get("before").await {
            Ok(session) => {
                assert!(session.is_none(), "the server saves nothing");
                assert!(sessions.create_as("after", 1).await.unwrap());
                return;
            }
            Err(Error::Unavailable { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            Err(error) => panic!("{error:?}"),
        }
    }
    panic!("the manager does not connect again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_can_be_spawned_and_dropped() {
    let server = Server::start();
    let sessions = Sessions::new(connection(&server, "resp2").await);
    let spawned = tokio::spawn(std::future::IntoFuture::into_future(
        sessions.create_as("s", 1),
    ));
    assert!(spawned.await.unwrap().unwrap());
    drop(sessions.create_as("never", 1));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 1);
}
