//! What is stored, and when.

use crate::app::{
    assert_status, count_sessions, key_of, manager, serve, sets_cookie, Setup, Store, Visitor,
};
use actix_session::storage::{SessionKey, SessionStore};
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use redis_session_client::commands::SchemaDefinition;
use redis_session_client::StoreOptions;
use serde_json::json;
use std::collections::HashMap;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_has_a_session_from_the_first_write_on() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    let read = visitor.get("/all").await;
    assert!(!sets_cookie(&read));
    assert_eq!(count_sessions(&server), 0);
    assert_eq!(visitor.post("/count").await.text().await.unwrap(), "1");
    assert_eq!(visitor.post("/count").await.text().await.unwrap(), "2");
    assert_eq!(
        Visitor::of(&served)
            .post("/count")
            .await
            .text()
            .await
            .unwrap(),
        "1"
    );
    assert_eq!(visitor.all().await, json!({"count": 2}));
    assert_eq!(count_sessions(&server), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_stored_as_the_json_that_they_are() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    visitor.post("/set?name=name&value=ada").await;
    let id = visitor.id().unwrap();
    assert_eq!(id.len(), 64);
    let text = server.ok(&["SESSION.GET", &key_of(&id), "NOTOUCH"]).text();
    assert_eq!(text, r#"{"count":1,"name":"ada"}"#);
    visitor.post("/clear").await;
    let text = server.ok(&["SESSION.GET", &key_of(&id), "NOTOUCH"]).text();
    assert_eq!(text, "{}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_was_imported_is_found_by_the_cookie_that_people_have() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    let id = "a".repeat(64);
    let data = r#"{"count": 41}"#;
    server.ok(&[
        "SESSION.IMPORT",
        &key_of(&id),
        data,
        "CREATED",
        "1764400000000",
    ]);
    visitor.take_id(&id);
    assert_eq!(visitor.post("/count").await.text().await.unwrap(), "42");
    assert_eq!(visitor.id(), Some(id));
    assert_eq!(count_sessions(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_a_client_has_made_up_is_no_session() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    let made_up = "f".repeat(64);
    visitor.take_id(&made_up);
    visitor.post("/count").await;
    let id = visitor.id().unwrap();
    assert_ne!(id, made_up);
    assert!(server.ok(&["SESSION.GET", &key_of(&made_up)]).is_nil());
    assert_eq!(count_sessions(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_another_type_and_data_that_is_no_object_are_no_session() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    for id in ["string", "array"] {
        let visitor = Visitor::of(&served);
        visitor.take_id(id);
        match id {
            "string" => server.ok(&["SET", &key_of(id), "text"]),
            _ => server.ok(&["SESSION.SET", &key_of(id), "[1]", "NX"]),
        };
        assert_eq!(visitor.all().await, json!({}));
        assert_eq!(visitor.post("/count").await.text().await.unwrap(), "1");
        assert_ne!(visitor.id().unwrap(), id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_keeps_to_its_trait_outside_a_request() {
    let server = Server::start();
    let store = Store::new(manager(&server).await);
    let ttl = Duration::hours(1);
    let state = |n: i32| HashMap::from([("n".to_owned(), n.to_string())]);
    let key = |text: &str| SessionKey::try_from(text.to_owned()).unwrap();

    assert_eq!(store.load(&key("unknown")).await.unwrap(), None);
    store
        .update(key("unknown"), state(1), &ttl)
        .await
        .unwrap_err();
    store.update_ttl(&key("unknown"), &ttl).await.unwrap_err();
    store.delete(&key("unknown")).await.unwrap();
    assert_eq!(count_sessions(&server), 0);

    let made = store.save(state(1), &ttl).await.unwrap();
    let other = store.save(state(1), &ttl).await.unwrap();
    assert_ne!(made, other);
    assert_eq!(store.load(&made).await.unwrap(), Some(state(1)));
    let text = made.as_ref().to_owned();
    let same = store.update(made, state(2), &ttl).await.unwrap();
    assert_eq!(same.as_ref(), text);
    assert_eq!(store.load(&same).await.unwrap(), Some(state(2)));
    store.delete(&same).await.unwrap();
    assert_eq!(store.load(&same).await.unwrap(), None);
    store.update(key(&text), state(3), &ttl).await.unwrap_err();
    assert_eq!(store.load(&other).await.unwrap(), Some(state(1)));

    let empty = store.save(HashMap::new(), &ttl).await.unwrap();
    assert_eq!(store.load(&empty).await.unwrap(), Some(HashMap::new()));
    store.save(state(1), &Duration::ZERO).await.unwrap_err();
    store
        .save(state(1), &Duration::seconds(-5))
        .await
        .unwrap_err();
    store.save(state(1), &Duration::MAX).await.unwrap_err();
    let no_json = HashMap::from([("a".to_owned(), "1,\"admin\":true".to_owned())]);
    store.save(no_json, &ttl).await.unwrap_err();
    assert_eq!(count_sessions(&server), 2);
    assert!(!format!("{store:?}").contains("127.0.0.1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_with_prefixes_of_their_own_share_nothing() {
    let server = Server::start();
    let manager = manager(&server).await;
    let one = Store::new(manager.clone());
    let other = Store::with_options(manager, StoreOptions::new().prefix("shop:"));
    let key = one.save(HashMap::new(), &Duration::hours(1)).await.unwrap();
    assert!(one.load(&key).await.unwrap().is_some());
    assert!(other.load(&key).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_breaks_the_schema_is_not_stored() {
    let server = Server::start();
    let schema = json!({"properties": {"count": {"maximum": 2}}});
    let definition = SchemaDefinition::new("visit", schema);
    let setup = Setup {
        options: StoreOptions::new().define_schema(definition),
        ..Setup::default()
    };
    let served = serve(&server, setup).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    visitor.post("/count").await;
    let refused = visitor.post("/count").await;
    assert_status(&refused, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(refused.text().await.unwrap(), "");
    assert_eq!(visitor.all().await, json!({"count": 2}));
    // A server that was restarted without persistence has no schema.
    server.ok(&["SESSION.SCHEMA", "DEL", "visit"]);
    assert_status(
        &visitor.post("/set?name=a&value=b").await,
        StatusCode::NO_CONTENT,
    );
}
