//! `Session::cycle_id` and `rotate`: a new ID for the same session.

use crate::app::{store, App, Browser, Store};
use crate::expiry::field;
use crate::storing::data;
use serde_json::json;
use support::Server;
use tower_sessions::session::Id;

/// A browser that has logged in as ada, and the ID of its session, whose login lies some time back.
async fn logged_in(server: &Server, store: &Store, app: &App) -> (Browser, Id) {
    let browser = app.browser();
    browser.set(json!({"cart": [7]})).await;
    let answer = browser.post("/login/ada", json!({"user": "ada"})).await;
    let id = answer.id();
    assert_eq!(answer.text, "in");
    let issued = field(server, &store.key_of(&id), "issued");
    // So that the times differ from those of what comes next.
    support::eventually("the clock moves on", || {
        server.conn().now() > issued.unwrap_or(0)
    });
    (browser, id)
}

fn user(server: &Server, key: &str) -> Option<String> {
    let reply = server.ok(&["SESSION.GET", key, "FIELDS", "1", "user"]);
    let user = &reply.items()[0].items()[0];
    (!user.is_nil()).then(|| user.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_id_keeps_data_user_and_times() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    for path in ["/cycle", "/rotate"] {
        let (browser, old) = logged_in(&server, &store, &app).await;
        let times = |key: &str| {
            (
                field(&server, key, "created"),
                field(&server, key, "authenticated"),
            )
        };
        let before = times(&store.key_of(&old));
        let new = browser.post(path, json!({})).await.id();
        assert_ne!(new, old);
        let key = store.key_of(&new);
        assert_eq!(times(&key), before, "{path}");
        assert_eq!(
            data(&server, &key),
            json!({"cart": [7], "user": "ada"}),
            "{path}"
        );
        assert_eq!(user(&server, &key).as_deref(), Some("session:ada"));
        assert_eq!(server.ok(&["EXISTS", &store.key_of(&old)]).int(), 0);
        assert_eq!(browser.get("/get/user").await.json(), "ada");
        assert_eq!(store.revoke("ada").await.unwrap(), 1);
        assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_around_a_cycle_are_saved_with_the_new_id() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let (browser, _) = logged_in(&server, &store, &app).await;
    let key = store.key_of(
        &browser
            .post("/cycle", json!({"n": null, "cart": {}}))
            .await
            .id(),
    );
    assert_eq!(
        data(&server, &key),
        json!({"cart": {}, "user": "ada", "n": null})
    );
    assert!(field(&server, &key, "ttl").expect("an end") > 7 * 24 * 3_600_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_that_is_not_saved_ends_the_session() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    for path in ["/cycle-and-flush", "/cycle-and-fail"] {
        let (browser, _) = logged_in(&server, &store, &app).await;
        browser.post(path, json!({})).await;
        assert_eq!(browser.get("/get/user").await.json(), json!(null), "{path}");
        assert_eq!(server.ok(&["DBSIZE"]).int(), 0, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_layer_a_cycle_makes_a_session_of_nobody() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::without_scope(&store).await;
    let (browser, old) = logged_in(&server, &store, &app).await;
    let new = browser.post("/cycle", json!({})).await.id();
    let key = store.key_of(&new);
    assert_eq!(data(&server, &key), json!({"cart": [7], "user": "ada"}));
    assert_eq!(user(&server, &key), None);
    assert_eq!(server.ok(&["EXISTS", &store.key_of(&old)]).int(), 0);
    // `rotate` needs no layer.
    let (browser, _) = logged_in(&server, &store, &app).await;
    let key = store.key_of(&browser.post("/rotate", json!({})).await.id());
    assert_eq!(user(&server, &key).as_deref(), Some("session:ada"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_without_a_session_has_nothing_to_rotate() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let answer = app.browser().post("/rotate", json!({})).await;
    assert_eq!((answer.status, answer.set_cookie), (200, None));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
    // `cycle_id` marks the session as changed, so tower-sessions makes one.
    let id = app.browser().post("/cycle", json!({"a": 1})).await.id();
    assert_eq!(data(&server, &store.key_of(&id)), json!({"a": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn until_it_is_saved_a_session_with_a_new_id_lives_for_some_minutes() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let (browser, old) = logged_in(&server, &store, &app).await;
    let request = tokio::spawn(async move { browser.post("/cycle-slowly", json!({})).await });
    app.gates.loaded.notified().await;
    let keys = server.ok(&["KEYS", "*"]).texts();
    assert_eq!(keys.len(), 1);
    assert_ne!(keys[0], store.key_of(&old));
    // So it does not stay for two weeks if the request is broken off here.
    assert!(field(&server, &keys[0], "ttl").expect("an end") <= 300_000);
    app.gates.go.notify_one();
    let new = request.await.expect("an answer").id();
    assert_eq!(store.key_of(&new), keys[0]);
    assert!(field(&server, &keys[0], "ttl").expect("an end") > 7 * 24 * 3_600_000);
}
