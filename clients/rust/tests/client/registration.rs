//! Schemas that the application registers itself.

use crate::common::sessions;
use redis_session_client::commands::{Registration, SchemaDefinition};
use redis_session_client::Error;
use serde_json::json;
use std::future::IntoFuture;
use support::Server;

fn registration() -> Registration {
    Registration::new(SchemaDefinition::new("user", json!({"required": ["name"]})))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_registered_with_its_first_use() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let registration = registration();
    let create = |data| {
        sessions
            .create("s:*", data)
            .schema(registration.name())
            .into_future()
    };
    let data = json!({"name": "ada"});
    registration
        .with(&sessions, || create(data.clone()))
        .await
        .unwrap();
    let refused = registration
        .with(&sessions, || create(json!({})))
        .await
        .unwrap_err();
    assert!(matches!(refused, Error::Invalid { .. }), "{refused:?}");
    let sets = server.info("commandstats", "cmdstat_session.schema|set");
    assert!(sets.starts_with("calls=1,"), "{sets}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_gone_is_registered_again_once() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let registration = registration();
    let create = |data| sessions.create("s:*", data).schema("user").into_future();
    let data = json!({"name": "ada"});
    registration
        .with(&sessions, || create(data.clone()))
        .await
        .unwrap();
    // A server that was restarted without persistence has none.
    sessions.schema().delete(["user"]).await.unwrap();
    let writes = (0..10).map(|_| registration.with(&sessions, || create(data.clone())));
    for result in futures_util::future::join_all(writes).await {
        result.unwrap();
    }
    let sets = server.info("commandstats", "cmdstat_session.schema|set");
    assert!(sets.starts_with("calls=2,"), "{sets}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_schema_that_is_missing_stays_an_error() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let registration = registration();
    let create = || sessions.create("s:*", 1).schema("other").into_future();
    let error = registration.with(&sessions, create).await.unwrap_err();
    assert!(
        matches!(&error, Error::NoSchema { schema, .. } if schema == "other"),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_none_is_told_at_each_use() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let registration = Registration::new(SchemaDefinition::new("bad", 5).assert_format());
    for _ in 0..2 {
        let create = || sessions.create("s:*", 1).schema("bad").into_future();
        let error = registration.with(&sessions, create).await.unwrap_err();
        assert!(matches!(error, Error::BadSchema { .. }), "{error:?}");
    }
}
