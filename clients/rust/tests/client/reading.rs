//! GET, VERIFY and INFO.

use crate::common::{both, info, sessions};
use redis_session_client::{Error, Field, FieldValue, UnixMillis};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;
use support::Server;

#[derive(Deserialize)]
struct Visitor {
    name: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn get_reads_data_as_text_value_and_type() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        assert!(sessions.get(key).await.unwrap().is_none());
        sessions
            .create_as(key, json!({"name": "ada"}))
            .await
            .unwrap();
        let session = sessions.get(key).await.unwrap().unwrap();
        assert_eq!(session.text, r#"{"name":"ada"}"#);
        assert_eq!(session.data().unwrap(), json!({"name": "ada"}));
        assert_eq!(session.json::<Visitor>().unwrap().name, "ada");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_debug_output_nor_errors_show_data() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    sessions
        .create_as("s", json!({"name": ["hunter2"]}))
        .await
        .unwrap();
    let session = sessions.get("s").with_info().await.unwrap().unwrap();
    let values = sessions.get("s").paths(["/name"]).await.unwrap().unwrap();
    let Err(error) = session.json::<Visitor>() else {
        panic!("an array is no string");
    };
    let Err(other) = session.json::<bool>() else {
        panic!("an object is no boolean");
    };
    let shown = format!("{session:?} {values:?} {error:?} {error} {other:?} {sessions:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(error.to_string().contains("line 1 column"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn get_reads_fields_of_the_same_moment() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        sessions
            .create_as(key, json!({"n": 1}))
            .user("ada")
            .without_deadline() // so that its `ttl` is none, at every moment
            .await
            .unwrap();
        let all = sessions
            .get(key)
            .no_touch()
            .with_info()
            .await
            .unwrap()
            .unwrap();
        assert_eq!(all.info, info(&sessions, key).await);
        assert_eq!(all.text, r#"{"n":1}"#);
        let some = sessions
            .get(key)
            .fields([Field::User, Field::Version, Field::Schema]);
        let [user, version, schema] = some.await.unwrap().unwrap().info;
        assert_eq!(user.text(), Some("ada"));
        assert_eq!(version.integer(), Some(1));
        assert_eq!(schema, FieldValue::Nil);
        assert!(sessions.get("nobody").with_info().await.unwrap().is_none());
        assert!(sessions
            .get("nobody")
            .fields(Field::ALL)
            .await
            .unwrap()
            .is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_tells_a_missing_value_from_a_missing_session() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        assert!(sessions.get(key).paths(["/n"]).await.unwrap().is_none());
        sessions
            .create_as(key, json!({"n": 1, "null": null}))
            .await
            .unwrap();
        let one = sessions.get(key).paths(["/x"]).await.unwrap().unwrap();
        assert_eq!(one.texts, [None]);
        let many = sessions
            .get(key)
            .paths(["/n", "/x", "/null", ""])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(many.json::<u32>(0).unwrap(), Some(1));
        assert_eq!(many.json::<u32>(1).unwrap(), None);
        assert_eq!(many.texts[2].as_deref(), Some("null"));
        assert_eq!(many.texts[3].as_deref(), Some(r#"{"n":1,"null":null}"#));
        assert_eq!(many.json::<u32>(9).unwrap(), None);
        let both = sessions
            .get(key)
            .with_info()
            .paths(["/n"])
            .await
            .unwrap()
            .unwrap();
        assert_eq!((both.info.version, both.texts), (1, vec![Some("1".into())]));
        let [version] = sessions
            .get(key)
            .fields([Field::Version])
            .paths(["/n"])
            .await
            .unwrap()
            .unwrap()
            .info;
        assert_eq!(version, FieldValue::Integer(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_extends_the_session_unless_told_otherwise() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let now = support::clock::now();
    let import = |key: &'static str| {
        sessions
            .import_as(key, 1, now - 900_000)
            .accessed(now - 900_000)
            .idle(Duration::from_secs(3600))
    };
    assert!(import("read").await.unwrap());
    let before = UnixMillis(now - 900_000);
    sessions.get("read").no_touch().await.unwrap();
    sessions.verify("read").no_touch().await.unwrap();
    assert_eq!(info(&sessions, "read").await.accessed, before);
    sessions.get("read").await.unwrap();
    assert!(info(&sessions, "read").await.accessed > before);
    assert!(import("verified").await.unwrap());
    sessions.verify("verified").await.unwrap();
    assert!(info(&sessions, "verified").await.accessed > before);
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_asks_for_schemas_and_for_a_fresh_login() {
    let server = Server::start();
    let schemas = sessions(&server).await;
    let admin = json!({"properties": {"role": {"const": "admin"}}});
    schemas.schema().set("admin", admin).await.unwrap();
    schemas.schema().set("any", true).await.unwrap();
    for (sessions, key) in both(&server).await {
        assert!(sessions.verify(key).await.unwrap().is_none());
        sessions
            .create_as(key, json!({"role": "user"}))
            .await
            .unwrap();
        let plain = sessions.verify(key).schema("any").await.unwrap().unwrap();
        assert_eq!(plain.text, r#"{"role":"user"}"#);
        let refused = sessions
            .verify(key)
            .schema("any")
            .schema("admin")
            .await
            .unwrap_err();
        assert!(matches!(&refused, Error::Invalid { schema, .. } if schema == "admin"));
        let unknown = sessions.verify(key).schema("nix").await.unwrap_err();
        assert!(matches!(&unknown, Error::NoSchema { schema, .. } if schema == "nix"));

        let stale = sessions.verify(key).fresh(Duration::MAX).await.unwrap_err();
        assert_eq!(stale.code(), "ERR", "{stale}");
        let stale = sessions
            .verify(key)
            .fresh(Duration::from_secs(60))
            .await
            .unwrap_err();
        assert!(matches!(stale, Error::Stale { .. }), "{stale:?}");
        let login = sessions.rotate(key, "s:*").user("ada").await.unwrap();
        let fresh = sessions.verify(&login.key).fresh(Duration::from_secs(60));
        let fresh = fresh.with_info().paths(["/role"]).await.unwrap().unwrap();
        assert_eq!(fresh.info.user.as_deref(), Some("ada"));
        assert_eq!(fresh.json::<String>(0).unwrap().as_deref(), Some("user"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn info_reads_the_fields_without_the_data() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        assert!(sessions.info(key).await.unwrap().is_none());
        sessions.create_as(key, "data").await.unwrap();
        let info = info(&sessions, key).await;
        assert_eq!((info.version, info.bytes), (1, 6));
        assert_eq!(
            (info.created, info.user, info.schema),
            (info.issued, None, None)
        );
    }
}
