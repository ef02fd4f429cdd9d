//! The sessions of a user.

use crate::app::{connect, options, store, App, Store};
use serde_json::json;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_and_ends_only_own_sessions() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let (phone, laptop, other) = (app.browser(), app.browser(), app.browser());
    phone.post("/login/ada", json!({"device": "phone"})).await;
    laptop.post("/login/ada", json!({"device": "laptop"})).await;
    other.post("/login/eve", json!({"device": "tablet"})).await;
    let devices = store
        .sessions_of("ada", &["/device", "/nix"])
        .await
        .unwrap();
    let mut names: Vec<_> = devices.iter().map(|device| device.values.clone()).collect();
    names.sort_by_key(|values| values[0].as_ref().map(ToString::to_string));
    assert_eq!(
        names,
        [[Some(json!("laptop")), None], [Some(json!("phone")), None]]
    );
    let device = |name: &str| {
        let found = devices
            .iter()
            .find(|device| device.values[0] == Some(json!(name)));
        found.expect("the device").handle.clone()
    };
    assert!(devices
        .iter()
        .all(|device| device.authenticated.is_some() && device.ttl.is_some()));

    assert!(!store.end_device("eve", &device("phone")).await.unwrap());
    for nonsense in ["", "t", "*", "session:t25ef60981d70b74ca36e0496180cca94"] {
        assert!(!store.end_device("ada", nonsense).await.unwrap());
    }
    assert_eq!(phone.get("/get/device").await.json(), "phone");
    assert!(store.end_device("ada", &device("phone")).await.unwrap());
    assert_eq!(phone.get("/get/device").await.json(), json!(null));
    assert_eq!(store.revoke("ada").await.unwrap(), 1);
    assert_eq!(laptop.get("/get/device").await.json(), json!(null));
    assert_eq!(other.get("/get/device").await.json(), "tablet");
    assert!(store.sessions_of("ada", &[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_in_one_server_do_not_share_users() {
    let server = Server::start();
    let shop = Store::with_options(connect(&server).await, options().prefix("shop:"));
    let blog = Store::with_options(connect(&server).await, options().prefix("blog:"));
    let app = App::start(&shop).await;
    app.browser().post("/login/ada", json!({})).await;
    assert_eq!(blog.revoke("ada").await.unwrap(), 0);
    // Unless they want to: then each names only its own sessions.
    let wiki = options().prefix("wiki:").user_prefix("shop:");
    let wiki = Store::with_options(connect(&server).await, wiki);
    assert!(wiki.sessions_of("ada", &[]).await.unwrap().is_empty());
    assert_eq!(wiki.revoke("ada").await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_the_server_does_not_take_is_an_error() {
    let server = Server::start();
    let store = store(&server).await;
    assert!(store.revoke(&"x".repeat(600)).await.is_err());
    assert!(store.sessions_of(&"x".repeat(600), &[]).await.is_err());
}
