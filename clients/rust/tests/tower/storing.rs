//! What is stored, and what counts as a session.

use crate::app::{connect, options, store, App, Store};
use redis_session_client::commands::SchemaDefinition;
use serde_json::{json, Value};
use support::{args, Server};
use tower_sessions::session::Id;

/// The data of the session at this key.
pub fn data(server: &Server, key: &str) -> Value {
    let text = server.ok(&["SESSION.GET", key, "NOTOUCH"]).text();
    serde_json::from_str(&text).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_stores_nothing_makes_no_session() {
    let server = Server::start();
    let app = App::start(&store(&server).await).await;
    let answer = app.browser().get("/nothing").await;
    assert_eq!(answer.set_cookie, None);
    let answer = app.browser().get("/get/name").await;
    assert_eq!((answer.json(), answer.set_cookie), (Value::Null, None));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_is_one_json_object_under_a_hash_of_the_id() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    let members =
        json!({"name": "ada", "cart": [7, {"n": 1.5}], "none": null, "a/b~": {"x": null}});
    let id = browser.set(members.clone()).await.id();
    let key = store.key_of(&id);
    assert_eq!(
        server.ok(&["KEYS", "*"]).texts(),
        std::slice::from_ref(&key)
    );
    assert!(!key.contains(&id.to_string()));
    assert_eq!(data(&server, &key), members);
    for name in ["name", "cart", "none"] {
        assert_eq!(
            browser.get(&format!("/get/{name}")).await.json(),
            members[name]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_change_reaches_the_server() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    let key = store.key_of(
        &browser
            .set(json!({"a": 1, "o": {"x": 1, "y": 2}, "z": 0}))
            .await
            .id(),
    );
    browser.set(json!({"o": {"x": null}, "b": null})).await;
    assert_eq!(
        data(&server, &key),
        json!({"a": 1, "o": {"x": null}, "b": null, "z": 0})
    );
    browser.post("/remove/z", json!({})).await;
    browser.post("/remove/b", json!({})).await;
    assert_eq!(data(&server, &key), json!({"a": 1, "o": {"x": null}}));
    browser.post("/clear", json!({})).await;
    assert_eq!(data(&server, &key), json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_made_up_id_never_becomes_a_session() {
    let server = Server::start();
    let store = store(&server).await;
    for app in [App::start(&store).await, App::without_scope(&store).await] {
        let made_up = Id::default();
        let browser = app.browser();
        let answer = browser.get_as(&made_up.to_string(), "/get/a").await;
        assert_eq!(answer.json(), Value::Null);
        for (path, body) in [
            ("/set", json!({"a": 1})),
            ("/clear", json!({})),
            ("/login/ada", json!({})),
        ] {
            let client = reqwest::Client::new();
            let request = client.post(format!("{}{path}", app.base)).json(&body);
            let response = request
                .header("cookie", format!("id={made_up}"))
                .send()
                .await
                .unwrap();
            assert_eq!(response.status(), 200, "{path}");
            let key = store.key_of(&made_up);
            assert_eq!(server.ok(&["EXISTS", &key]).int(), 0, "{path}");
        }
        for malformed in [
            "",
            "x",
            "AAAAAAAAAAAAAAAAAAAAAAA",
            "{}",
            "t25ef60981d70b74ca36e0496180cca94",
        ] {
            assert_eq!(
                browser.get_as(malformed, "/get/a").await.json(),
                Value::Null
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_keys_and_data_count_as_no_session() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let (list, array, huge) = (Id::default(), Id::default(), Id::default());
    server.ok(&["RPUSH", &store.key_of(&list), "x"]);
    server.ok(&["SESSION.SET", &store.key_of(&array), "[1]", "NX"]);
    server.ok(&["SESSION.SET", &store.key_of(&huge), r#"{"n":1e999}"#, "NX"]);
    for id in [list, array, huge] {
        let value = app.browser().get_as(&id.to_string(), "/get/n").await;
        assert_eq!((value.status, value.json()), (200, Value::Null));
    }
    assert_eq!(
        server
            .ok(&["LRANGE", &store.key_of(&list), "0", "-1"])
            .texts(),
        ["x"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_session_is_found_by_the_cookie_that_its_browser_has() {
    let server = Server::start();
    let app = App::start(&store(&server).await).await;
    // The cookie of tower-sessions, and the key that every client of the module makes of it.
    let cookie = "AQIDBAUGBwgJCgsMDQ4PEA";
    let key = "session:t9c6c8a0e30b9ecba342e2a7042f43ed2";
    let created = 1_764_400_000_000_i64;
    server.ok(&args![
        "SESSION.IMPORT",
        key,
        r#"{"cart":[7]}"#,
        "CREATED",
        created,
        "EX",
        600
    ]);
    let answer = app.browser().get_as(cookie, "/get/cart").await;
    assert_eq!(answer.json(), json!([7]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_registered_and_refuses_data() {
    let server = Server::start();
    let schema = json!({"properties": {"age": {"type": "integer"}}});
    let options = options().define_schema(SchemaDefinition::new("visitor", &schema));
    let store = Store::with_options(connect(&server).await, options);
    let app = App::start(&store).await;
    let browser = app.browser();
    let key = store.key_of(&browser.set(json!({"age": 36})).await.id());
    let refused = browser.post("/set", json!({"age": "old"})).await;
    assert_eq!(refused.status, 500);
    assert_eq!(data(&server, &key), json!({"age": 36}));
    assert_eq!(
        server
            .ok(&["SESSION.GET", &key, "FIELDS", "1", "schema"])
            .items()[0]
            .texts(),
        ["visitor"]
    );
}
