//! Sessions that end while requests run.

use crate::app::{store, Answer, App, Browser, Store};
use serde_json::json;
use support::Server;

/// A request that has loaded its session and waits.
async fn slow(app: &App, browser: &Browser, action: &str) -> tokio::task::JoinHandle<Answer> {
    let (browser, path) = (browser.clone(), format!("/slow/{action}"));
    let request = tokio::spawn(async move { browser.post(&path, json!({})).await });
    app.gates.loaded.notified().await;
    request
}

/// The answer of a slow request, during which the visitor logs out in another tab.
async fn logged_out_during(app: &App, action: &str) -> Answer {
    let browser = app.browser();
    browser.set(json!({"secret": "x"})).await;
    let slow = slow(app, &browser, action).await;
    assert_eq!(browser.post("/flush", json!({})).await.status, 200);
    app.gates.go.notify_one();
    slow.await.expect("an answer")
}

fn keys(server: &Server) -> i64 {
    server.ok(&["DBSIZE"]).int()
}

async fn start() -> (Server, Store) {
    let server = Server::start();
    let store = store(&server).await;
    (server, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_during_a_slow_request_stays() {
    let (server, store) = start().await;
    let app = App::start(&store).await;
    for action in ["insert", "cycle", "rotate"] {
        let answer = logged_out_during(&app, action).await;
        assert_eq!((answer.status, answer.set_cookie), (401, None), "{action}");
        assert_eq!(keys(&server), 0, "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_layer_a_lost_write_is_an_internal_error() {
    let (server, store) = start().await;
    let app = App::without_scope(&store).await;
    let answer = logged_out_during(&app, "insert").await;
    assert_eq!((answer.status, answer.set_cookie), (500, None));
    assert_eq!(keys(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_can_see_that_its_write_was_lost() {
    let (server, store) = start().await;
    let app = App::start(&store).await;
    let answer = logged_out_during(&app, "save").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, "lost"));
    assert_eq!(answer.set_cookie, None);
    assert_eq!(keys(&server), 0);
    // Without the layer it sees it too, but tower-sessions tries once more to save, and drops its answer.
    let app = App::without_scope(&store).await;
    let answer = logged_out_during(&app, "save").await;
    assert_eq!((answer.status, answer.set_cookie), (500, None));
    assert_eq!(keys(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_during_which_the_session_ends_begins_an_empty_one() {
    let (server, store) = start().await;
    let app = App::start(&store).await;
    for action in ["login", "insert-and-login"] {
        let answer = logged_out_during(&app, action).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text);
        let key = store.key_of(&answer.id());
        assert_eq!(server.ok(&["SESSION.GET", &key]).text(), "{}");
        assert_eq!(store.revoke("ada").await.unwrap(), 1);
        assert_eq!(keys(&server), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_during_a_slow_request_stays() {
    let (server, store) = start().await;
    let app = App::start(&store).await;
    let browser = app.browser();
    assert_eq!(
        browser
            .post("/login/ada", json!({"user": "ada"}))
            .await
            .text,
        "in"
    );
    let request = slow(&app, &browser, "insert").await;
    assert_eq!(store.revoke("ada").await.unwrap(), 1);
    app.gates.go.notify_one();
    assert_eq!(request.await.expect("an answer").status, 401);
    assert_eq!(keys(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_ends_the_session_and_its_cookie() {
    let (server, store) = start().await;
    for app in [App::start(&store).await, App::without_scope(&store).await] {
        let browser = app.browser();
        let id = browser.set(json!({"secret": "x"})).await.id();
        let answer = browser.post("/flush", json!({})).await;
        assert!(answer.set_cookie.expect("a cookie").contains("Max-Age=0"));
        assert_eq!(
            browser.get_as(&id.to_string(), "/get/secret").await.json(),
            json!(null)
        );
        assert_eq!(keys(&server), 0);
        assert_eq!(browser.post("/flush", json!({})).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_request_saves_after_it_has_ended_the_session_is_dropped() {
    let (server, store) = start().await;
    let app = App::start(&store).await;
    let browser = app.browser();
    browser.set(json!({"a": 1})).await;
    let answer = browser.post("/clear-and-delete", json!({})).await;
    assert_eq!((answer.status, keys(&server)), (200, 0));
}
