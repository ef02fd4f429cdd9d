//! Two stores in one application, whose layers lie around each other.

use crate::app::{connect, options, App, Store};
use crate::gates::gates;
use crate::routes::routes;
use crate::storing::data;
use axum::extract::Request;
use axum::middleware::{from_fn, Next};
use axum::response::Response;
use redis_session_client::tower_sessions::RequestScopeLayer;
use serde_json::json;
use support::Server;
use tower_sessions::{Session, SessionManagerLayer};

/// Gives the outer session a new ID with each request.
async fn renew(session: Session, request: Request, next: Next) -> Response {
    let requests: u64 = session.get("requests").await.unwrap().unwrap_or(0);
    if requests > 0 {
        session.cycle_id().await.unwrap();
    }
    session.insert("requests", requests + 1).await.unwrap();
    next.run(request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_two_stores_do_not_mix() {
    let server = Server::start();
    let connection = connect(&server).await;
    let store = |prefix: &str| Store::with_options(connection.clone(), options().prefix(prefix));
    let (outer, inner) = (store("outer:"), store("inner:"));
    let layer = |store: &Store, name: &'static str| {
        let sessions = SessionManagerLayer::new(store.clone()).with_name(name);
        RequestScopeLayer::new(sessions.with_secure(false))
    };
    let gates = gates();
    let router = routes(&inner, &gates)
        .layer(layer(&inner, "inner"))
        .layer(from_fn(renew))
        .layer(layer(&outer, "outer"));
    let app = App::serve(router, gates).await;
    let browser = app.browser();
    browser.get("/nothing").await;
    // The outer session waits for its new ID to be saved while the inner one is created.
    browser.set(json!({"a": 1})).await;
    browser.post("/cycle", json!({"b": 2})).await;
    let key = |pattern: &str| {
        let keys = server.ok(&["KEYS", pattern]).texts();
        assert_eq!(keys.len(), 1, "{pattern}");
        keys[0].clone()
    };
    assert_eq!(data(&server, &key("outer:*")), json!({"requests": 3}));
    assert_eq!(data(&server, &key("inner:*")), json!({"a": 1, "b": 2}));
}
