//! The calls of the trait, as another middleware than that of tower-sessions could make them.

use crate::app::store;
use crate::expiry::record;
use serde_json::json;
use support::Server;
use tower_sessions::session::Id;
use tower_sessions::session_store::Error;
use tower_sessions::SessionStore;

const FAR: i64 = 4_102_444_800_000;

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_taken_is_replaced() {
    let server = Server::start();
    let store = store(&server).await;
    let (mut one, mut other) = (record(FAR), record(FAR));
    store.create(&mut one).await.unwrap();
    other.id = one.id;
    other.data.insert("b".into(), json!(2));
    store.create(&mut other).await.unwrap();
    assert_ne!(other.id, one.id);
    for made in [one, other] {
        assert_eq!(store.load(&made.id).await.unwrap(), Some(made));
    }
    // By a key of another type, too.
    let mut third = record(FAR);
    server.ok(&["SET", &store.key_of(&third.id), "x"]);
    let taken = third.id;
    store.create(&mut third).await.unwrap();
    assert_ne!(third.id, taken);
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_creates_nothing() {
    let server = Server::start();
    let store = store(&server).await;
    let gone = record(FAR);
    let error = store.save(&gone).await.expect_err("no session");
    let Error::Backend(text) = error else {
        panic!("{error}");
    };
    assert_eq!(
        text,
        "the session has ended; the write was dropped, and nothing was created"
    );
    assert_eq!(store.load(&gone.id).await.unwrap(), None);
    server.ok(&["SET", &store.key_of(&gone.id), "x"]);
    store.save(&gone).await.expect_err("a key of another type");
    assert_eq!(server.ok(&["GET", &store.key_of(&gone.id)]).text(), "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_ends_a_session_once() {
    let server = Server::start();
    let store = store(&server).await;
    let mut made = record(FAR);
    store.create(&mut made).await.unwrap();
    for id in [made.id, made.id, Id::default()] {
        store.delete(&id).await.unwrap();
        assert_eq!(store.load(&id).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clone_is_the_same_store_and_debug_shows_nothing() {
    let server = Server::start();
    let store = store(&server).await;
    let mut made = record(FAR);
    store.clone().create(&mut made).await.unwrap();
    assert!(store.load(&made.id).await.unwrap().is_some());
    assert_eq!(format!("{store:?}"), "RedisSessionStore { .. }");
}
