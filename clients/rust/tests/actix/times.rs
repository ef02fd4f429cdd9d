//! When sessions end.

use crate::app::{key_of, manager, serve, sets_cookie, Setup, Store, Visitor};
use actix_session::storage::SessionStore;
use actix_web::cookie::time::Duration;
use redis_session_client::StoreOptions;
use std::collections::HashMap;
use support::{Server, Value};

fn field(server: &Server, id: &str, name: &str) -> Value {
    server
        .ok(&["SESSION.INFO", &key_of(id)])
        .field(name)
        .clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ttl_begins_anew_with_each_change_alone() {
    let server = Server::start();
    let mut clock = server.conn();
    let ttl = Duration::milliseconds(1_800_123);
    let served = serve(
        &server,
        Setup {
            ttl,
            ..Setup::default()
        },
    )
    .await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    let id = visitor.id().unwrap();
    assert_eq!(field(&server, &id, "idle").int(), 1_800_123);
    assert!(field(&server, &id, "deadline").is_nil());
    let first = field(&server, &id, "accessed").int();
    clock.tick();
    assert!(!sets_cookie(&visitor.get("/all").await));
    assert_eq!(field(&server, &id, "accessed").int(), first);
    assert!(sets_cookie(&visitor.post("/count").await));
    let second = field(&server, &id, "accessed").int();
    assert!(second > first);
    // A change that changes nothing is one too, as the middleware has it.
    clock.tick();
    visitor.post("/set?name=a&value=b").await;
    let third = field(&server, &id, "accessed").int();
    clock.tick();
    visitor.post("/set?name=a&value=b").await;
    assert!(field(&server, &id, "accessed").int() > third);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_a_use_where_the_policy_says_so() {
    let server = Server::start();
    let mut clock = server.conn();
    let setup = Setup {
        every_request: true,
        ..Setup::default()
    };
    let served = serve(&server, setup).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    let id = visitor.id().unwrap();
    let first = field(&server, &id, "accessed").int();
    clock.tick();
    assert!(sets_cookie(&visitor.get("/all").await));
    assert!(field(&server, &id, "accessed").int() > first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_used_ends() {
    let server = Server::start();
    let store = Store::new(manager(&server).await);
    let state = HashMap::from([("n".to_owned(), "1".to_owned())]);
    let ttl = Duration::milliseconds(300);
    let id = store.save(state, &ttl).await.unwrap();
    support::eventually("the session ends", || {
        server.ok(&["SESSION.INFO", &key_of(id.as_ref())]).is_nil()
    });
    assert_eq!(store.load(&id).await.unwrap(), None);
    store.update_ttl(&id, &ttl).await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn options_add_an_absolute_timeout_and_shorten_the_ttl() {
    let server = Server::start();
    let setup = Setup {
        options: StoreOptions::new()
            .lifetime(std::time::Duration::from_secs(7200))
            .idle_timeout(std::time::Duration::from_secs(60)),
        ..Setup::default()
    };
    let served = serve(&server, setup).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    let id = visitor.id().unwrap();
    let created = field(&server, &id, "created").int();
    assert_eq!(field(&server, &id, "deadline").int(), created + 7_200_000);
    assert_eq!(field(&server, &id, "idle").int(), 60_000);
    visitor.post("/count").await;
    visitor.post("/renew").await;
    visitor.post("/login?user=ada").await;
    let id = visitor.id().unwrap();
    assert_eq!(field(&server, &id, "deadline").int(), created + 7_200_000);
    assert_eq!(field(&server, &id, "created").int(), created);
}
