//! Logouts, and servers that cannot serve.

use crate::app::{
    assert_status, count_sessions, key_of, manager, serve, sets_cookie, Setup, Store, Visitor,
};
use actix_session::storage::{LoadError, SessionKey, SessionStore};
use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use redis_session_client::Error;
use serde_json::json;
use std::collections::HashMap;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_ends_the_session_and_removes_the_cookie() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    let id = visitor.id().unwrap();
    let response = visitor.post("/logout").await;
    assert!(sets_cookie(&response));
    assert_eq!(visitor.id(), None);
    assert_eq!(count_sessions(&server), 0);
    visitor.take_id(&id);
    assert_eq!(visitor.all().await, json!({}));
    assert_status(&visitor.post("/logout").await, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewed_session_has_another_key_and_the_same_data() {
    let server = Server::start();
    for scope in [true, false] {
        let setup = Setup {
            scope,
            ..Setup::default()
        };
        let served = serve(&server, setup).await;
        let visitor = Visitor::of(&served);
        visitor.post("/count").await;
        let before = visitor.id().unwrap();
        assert_status(&visitor.post("/renew").await, StatusCode::NO_CONTENT);
        let after = visitor.id().unwrap();
        assert_ne!(before, after);
        assert!(server.ok(&["SESSION.INFO", &key_of(&before)]).is_nil());
        assert!(!server.ok(&["SESSION.INFO", &key_of(&after)]).is_nil());
        assert_eq!(visitor.all().await, json!({"count": 1}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_down_is_503_until_it_is_back() {
    let mut server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    server.kill9();
    let response = visitor.post("/count").await;
    assert_status(&response, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.text().await.unwrap(), "");
    // A visitor without a cookie is served until something is to be stored.
    let other = Visitor::of(&served);
    assert_status(&other.get("/all").await, StatusCode::OK);
    assert_status(&other.post("/count").await, StatusCode::SERVICE_UNAVAILABLE);
    let setup = Setup {
        scope: false,
        ..Setup::default()
    };
    server.start_again();
    let unscoped = serve(&server, setup).await;
    server.kill9();
    let response = Visitor::of(&unscoped).post("/count").await;
    assert_status(&response, StatusCode::INTERNAL_SERVER_ERROR);
    server.start_again();
    for _ in 0..1000 {
        if visitor.post("/count").await.status().is_success() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the application does not recover");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_say_what_is_wrong_and_show_no_data() {
    let server = Server::setup().without_module().start();
    let store = Store::new(manager(&server).await);
    let state = HashMap::from([("secret".to_owned(), "\"hunter2\"".to_owned())]);
    let error = store
        .save(state.clone(), &Duration::hours(1))
        .await
        .unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.to_string().contains("loadmodule"), "{source}");
    let key = || SessionKey::try_from("hunter2".to_owned()).unwrap();
    let Err(LoadError::Other(load)) = store.load(&key()).await else {
        panic!("there is no module");
    };
    assert!(matches!(
        load.downcast_ref(),
        Some(Error::ModuleMissing { .. })
    ));
    let update = store
        .update(key(), state, &Duration::hours(1))
        .await
        .unwrap_err();
    let shown = format!("{error:?} {error} {source:?} {load:?} {update:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}
