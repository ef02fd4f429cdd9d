//! SESSION.SCHEMA.

use crate::common::{both, data, info, sessions};
use redis_session_client::{Error, Json};
use serde_json::json;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_set_read_listed_and_removed() {
    let server = Server::start();
    for (sessions, name) in both(&server).await {
        let text = "{ \"maxLength\": 3 }";
        let schemas = sessions.schema();
        assert_eq!(schemas.get(name).await.unwrap(), None);
        let prefix = format!("{name}:");
        let set = schemas
            .set(name, Json(text))
            .assert_format()
            .prefix(&prefix);
        set.await.unwrap();
        assert_eq!(schemas.get(name).await.unwrap().as_deref(), Some(text));
        let listed = schemas.list().await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].name, name);
        assert_eq!(listed[0].digest.len(), 64);
        assert!(listed[0].assert_format);
        assert_eq!(listed[0].prefix.as_ref(), Some(&prefix));

        schemas
            .set(name, Json(text))
            .assert_format()
            .prefix(&prefix)
            .keep()
            .await
            .unwrap();
        let conflict = schemas.set(name, true).keep().await.unwrap_err();
        assert!(matches!(
            conflict,
            Error::Conflict {
                version: None,
                operation: None,
                ..
            }
        ));
        schemas.set(name, true).await.unwrap();
        let listed = schemas.list().await.unwrap();
        assert_eq!(
            (listed[0].assert_format, listed[0].prefix.as_ref()),
            (false, None)
        );
        assert_eq!(schemas.delete([name, "nix"]).await.unwrap(), 1);
        assert_eq!(schemas.delete([name]).await.unwrap(), 0);
        let none: [&str; 0] = [];
        assert!(matches!(
            schemas.delete(none).await,
            Err(Error::Usage { .. })
        ));
        assert!(schemas.list().await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_checked_without_a_session() {
    let server = Server::start();
    for (sessions, name) in both(&server).await {
        let schemas = sessions.schema();
        schemas.set(name, json!({"minItems": 2})).await.unwrap();
        schemas.check(name, [1, 2]).await.unwrap();
        let invalid = schemas.check(name, [1]).await.unwrap_err();
        assert!(matches!(invalid, Error::Invalid { .. }), "{invalid:?}");
        let bad = schemas.check(name, Json("[1,]")).await.unwrap_err();
        assert!(matches!(bad, Error::BadJson { .. }), "{bad:?}");
        let unknown = schemas.check("nix", 1).await.unwrap_err();
        assert!(matches!(unknown, Error::NoSchema { .. }), "{unknown:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_name_the_schema_of_a_session() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let schemas = sessions.schema();
    schemas.set("v1", json!({"required": ["a"]})).await.unwrap();
    schemas.set("v2", json!({"required": ["b"]})).await.unwrap();
    let key = sessions
        .create("s:*", json!({"a": 1}))
        .schema("v1")
        .await
        .unwrap()
        .key;
    let refused = sessions.set(&key, json!({})).await.unwrap_err();
    assert!(matches!(&refused, Error::Invalid { schema, .. } if schema == "v1"));
    sessions
        .set(&key, json!({"b": 1}))
        .schema("v2")
        .await
        .unwrap();
    assert_eq!(info(&sessions, &key).await.schema.as_deref(), Some("v2"));
    sessions
        .patch(&key, json!({"a": 1, "b": null}))
        .schema("v1")
        .await
        .unwrap();
    assert_eq!(data(&sessions, &key).await, r#"{"a":1}"#);
    let popped = sessions.pop(&key, ["/a"]).await.unwrap_err();
    assert!(matches!(popped, Error::Invalid { .. }), "{popped:?}");
    assert!(sessions
        .create_as("own", json!({"b": 2}))
        .schema("v2")
        .await
        .unwrap());
    assert!(sessions
        .rotate_as("own", "mine")
        .schema("v2")
        .await
        .unwrap());
}
