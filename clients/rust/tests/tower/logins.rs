//! `login`: the session of a visitor becomes that of a user.

use crate::app::{connect, options, store, App, Store};
use crate::expiry::field;
use crate::storing::data;
use serde_json::json;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_login_keeps_the_cart_and_changes_the_id() {
    let server = Server::start();
    let store = store(&server).await;
    for app in [App::start(&store).await, App::without_scope(&store).await] {
        let browser = app.browser();
        let old = browser
            .set(json!({"cart": [7], "name": "guest"}))
            .await
            .id();
        let members = json!({"name": "ada", "limit": null, "roles": {"admin": true}});
        let answer = browser.post("/login/ada", members).await;
        let key = store.key_of(&answer.id());
        assert_ne!(answer.id(), old);
        let expected = json!({"cart": [7], "name": "ada", "limit": null, "roles": {"admin": true}});
        assert_eq!(data(&server, &key), expected);
        assert_eq!(
            browser.get("/get/roles").await.json(),
            json!({"admin": true})
        );
        assert_eq!(server.ok(&["SESSION.LIST", "session:ada"]).texts(), [key]);
        assert_eq!(store.revoke("ada").await.unwrap(), 1);
        assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_without_a_session_can_log_in() {
    let server = Server::start();
    let store = store(&server).await;
    for app in [App::start(&store).await, App::without_scope(&store).await] {
        let answer = app
            .browser()
            .post("/login/ada", json!({"name": "ada"}))
            .await;
        let key = store.key_of(&answer.id());
        assert_eq!(data(&server, &key), json!({"name": "ada"}));
        assert!(field(&server, &key, "authenticated").is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_login_of_the_same_user_goes_on_in_the_session() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    browser.post("/login/ada", json!({"a": 1})).await;
    let key = store.key_of(&browser.post("/login/ada", json!({"b": 2})).await.id());
    assert_eq!(data(&server, &key), json!({"a": 1, "b": 2}));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_user_inherits_nothing() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    browser.post("/login/ada", json!({"secret": 1})).await;
    let key = store.key_of(
        &browser
            .post("/login/eve", json!({"name": "eve"}))
            .await
            .id(),
    );
    assert_eq!(data(&server, &key), json!({"name": "eve"}));
    assert_eq!(browser.get("/get/secret").await.json(), json!(null));
    assert!(server
        .ok(&["SESSION.LIST", "session:ada"])
        .texts()
        .is_empty());
    assert_eq!(server.ok(&["DBSIZE"]).int(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_changes_nothing() {
    let server = Server::start();
    let options = options().max_sessions(1).refuse();
    let store = Store::with_options(connect(&server).await, options);
    let app = App::start(&store).await;
    assert_eq!(app.browser().post("/login/ada", json!({})).await.text, "in");
    let browser = app.browser();
    let id = browser.set(json!({"cart": [7]})).await.id();
    let refused = browser.post("/login/ada", json!({"user": "ada"})).await;
    assert_eq!(
        (refused.text.as_str(), refused.set_cookie),
        ("too many", None)
    );
    assert_eq!(data(&server, &store.key_of(&id)), json!({"cart": [7]}));
    assert_eq!(browser.get("/get/user").await.json(), json!(null));
    // One without a session gets none either.
    let refused = app
        .browser()
        .post("/login/ada", json!({"user": "ada"}))
        .await;
    assert_eq!(
        (refused.text.as_str(), refused.set_cookie),
        ("too many", None)
    );
    assert_eq!(server.ok(&["DBSIZE"]).int(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_leaves_the_session_of_another_user() {
    let server = Server::start();
    let options = options().max_sessions(1).refuse();
    let store = Store::with_options(connect(&server).await, options);
    let app = App::start(&store).await;
    let (eve, ada) = (app.browser(), app.browser());
    eve.post("/login/eve", json!({"user": "eve"})).await;
    ada.post("/login/ada", json!({"user": "ada"})).await;
    let refused = ada.post("/login/eve", json!({"user": "eve"})).await;
    assert_eq!(
        (refused.text.as_str(), refused.set_cookie),
        ("too many", None)
    );
    assert_eq!(ada.get("/get/user").await.json(), json!("ada"));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_least_recently_used_session_ends_beyond_the_limit() {
    let server = Server::start();
    let options = options().max_sessions(1);
    let store = Store::with_options(connect(&server).await, options);
    let app = App::start(&store).await;
    let (one, other) = (app.browser(), app.browser());
    one.post("/login/ada", json!({"n": 1})).await;
    other.post("/login/ada", json!({"n": 2})).await;
    assert_eq!(one.get("/get/n").await.json(), json!(null));
    assert_eq!(other.get("/get/n").await.json(), json!(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_members_of_a_login_must_be_an_object() {
    let server = Server::start();
    let app = App::start(&store(&server).await).await;
    for members in [json!(1), json!([1]), json!("ada")] {
        let answer = app.browser().post("/login/ada", members).await;
        assert_eq!((answer.status, answer.set_cookie), (500, None));
        assert!(
            answer.text.contains("the members of a login"),
            "{}",
            answer.text
        );
    }
    assert_eq!(
        app.browser().post("/login/ada", json!(null)).await.text,
        "in"
    );
}
