//! Requests of one browser that run at the same time.

use crate::app::{store, App, Browser};
use crate::storing::data;
use serde_json::{json, Value};
use support::Server;

/// Ten requests that each load the session before any of them saves it.
async fn ten_at_once(browser: &Browser) {
    let tabs: Vec<_> = (0..10)
        .map(|n| {
            let browser = browser.clone();
            tokio::spawn(async move { browser.post(&format!("/meet/m{n}"), json!({})).await })
        })
        .collect();
    for tab in tabs {
        assert_eq!(tab.await.expect("an answer").status, 200);
    }
}

fn count(data: &Value) -> usize {
    (0..10)
        .filter(|n| data[format!("m{n}")].is_string())
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_changes_at_once_are_ten_changes() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    let key = store.key_of(&browser.set(json!({"first": 1})).await.id());
    ten_at_once(&browser).await;
    let data = data(&server, &key);
    assert_eq!((count(&data), &data["first"]), (10, &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_layer_the_last_request_wins() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::without_scope(&store).await;
    let browser = app.browser();
    let key = store.key_of(&browser.set(json!({"first": 1})).await.id());
    ten_at_once(&browser).await;
    assert_eq!(count(&data(&server, &key)), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_request_has_removed_stays_removed() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    let key = store.key_of(&browser.set(json!({"a": 1, "b": {"x": 1}})).await.id());
    let slow = tokio::spawn({
        let browser = browser.clone();
        async move { browser.post("/slow/insert", json!({})).await }
    });
    app.gates.loaded.notified().await;
    browser.post("/remove/a", json!({})).await;
    browser.set(json!({"b": {"y": null}})).await;
    app.gates.go.notify_one();
    assert_eq!(slow.await.expect("an answer").status, 200);
    assert_eq!(data(&server, &key), json!({"b": {"y": null}, "slow": true}));
}
