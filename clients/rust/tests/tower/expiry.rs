//! A session ends exactly when its record says.

use crate::app::{connect, options, store, App, Store};
use crate::gates::gates;
use crate::routes::{date, routes};
use redis_session_client::tower_sessions::RequestScopeLayer;
use redis_session_client::StoreOptions;
use serde_json::json;
use std::collections::HashMap;
use std::time::{Duration, SystemTime};
use support::{args, eventually, Server};
use tower_sessions::session::{Id, Record};
use tower_sessions::{Expiry, SessionManagerLayer, SessionStore};

/// A field of the session, in ms; `None` for nil.
pub fn field(server: &Server, key: &str, field: &str) -> Option<i64> {
    let reply = server.ok(&["SESSION.GET", key, "NOTOUCH", "FIELDS", "1", field]);
    let value = &reply.items()[0].items()[0];
    (!value.is_nil()).then(|| value.int())
}

fn now() -> i64 {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("after 1970");
    i64::try_from(now.as_millis()).expect("a date")
}

pub fn record(expiry: i64) -> Record {
    Record {
        id: Id::default(),
        data: HashMap::from([("a".to_owned(), json!(1))]),
        expiry_date: date(expiry),
    }
}

const HOUR: i64 = 3_600_000;
const WEEK: i64 = 7 * 24 * HOUR;

#[tokio::test(flavor = "multi_thread")]
async fn a_record_ends_at_its_date_to_the_millisecond() {
    let server = Server::start();
    let store = store(&server).await;
    for expiry in [now() + HOUR + 1, now() + 52 * WEEK, 253_402_300_799_999] {
        let mut made = record(expiry);
        store.create(&mut made).await.unwrap();
        let key = store.key_of(&made.id);
        assert_eq!(field(&server, &key, "deadline"), Some(expiry));
        assert_eq!(store.load(&made.id).await.unwrap(), Some(made.clone()));
        made.expiry_date = date(expiry - 7);
        store.save(&made).await.unwrap();
        assert_eq!(field(&server, &key, "deadline"), Some(expiry - 7));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_expiry_reaches_the_server() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    let before = now();
    let key = store.key_of(&browser.set(json!({"a": 1})).await.id());
    let deadline = |span: i64, before: i64| {
        let deadline = field(&server, &key, "deadline").expect("a deadline");
        assert!(
            (before + span..=now() + span).contains(&deadline),
            "{deadline}"
        );
    };
    deadline(2 * WEEK, before); // OnSessionEnd
    let at = now() + 90_061_001;
    let cookie = browser.post("/expire", json!({"at": at})).await.set_cookie;
    assert!(cookie.expect("a cookie").contains("Max-Age="));
    assert_eq!(field(&server, &key, "deadline"), Some(at));
    let before = now();
    browser
        .post("/expire", json!({"inactive": 1_234_567}))
        .await;
    deadline(1_234_567, before);
    let before = now();
    let cookie = browser.post("/expire", json!({})).await.set_cookie;
    assert!(!cookie.expect("a cookie").contains("Max-Age="));
    deadline(2 * WEEK, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_for_its_browser_at_its_time() {
    let server = Server::start();
    let store = store(&server).await;
    let app = App::start(&store).await;
    let browser = app.browser();
    let id = browser.set(json!({"a": 1})).await.id();
    browser.post("/expire", json!({"inactive": 1})).await;
    eventually("the session has ended", || {
        server.ok(&["SESSION.GET", &store.key_of(&id)]).is_nil()
    });
    assert_eq!(
        browser.get_as(&id.to_string(), "/get/a").await.json(),
        json!(null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_is_past_ends_the_session() {
    let server = Server::start();
    let store = store(&server).await;
    let mut past = record(now() - 1);
    store.create(&mut past).await.unwrap();
    assert_eq!(store.load(&past.id).await.unwrap(), None);
    let mut made = record(now() + HOUR);
    store.create(&mut made).await.unwrap();
    made.expiry_date = date(now() - HOUR);
    store.save(&made).await.unwrap();
    assert_eq!(store.load(&made.id).await.unwrap(), None);
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_record_and_the_options_end_a_session() {
    let server = Server::start();
    server.ok(&["CONFIG", "SET", "session.idle-timeout", "60"]);
    let plain = store(&server).await;
    let mut made = record(now() + HOUR);
    plain.create(&mut made).await.unwrap();
    assert_eq!(field(&server, &plain.key_of(&made.id), "idle"), None);

    let with = |options: StoreOptions| async {
        let store = Store::with_options(connect(&server).await, options);
        let mut made = record(now() + HOUR);
        store.create(&mut made).await.unwrap();
        store.save(&made).await.unwrap();
        let key = store.key_of(&made.id);
        let created = field(&server, &key, "created").expect("a time");
        (
            field(&server, &key, "idle"),
            field(&server, &key, "deadline").expect("a time") - created,
        )
    };
    let (idle, _) = with(options().idle_timeout(Duration::from_millis(1234))).await;
    assert_eq!(idle, Some(1234));
    let (_, left) = with(options().lifetime(Duration::from_secs(60))).await;
    assert_eq!(left, 60_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_always_pushes_the_expiry_out() {
    let server = Server::start();
    let store = store(&server).await;
    let expiry = Expiry::OnInactivity(time::Duration::hours(1));
    let app = App::with_expiry(&store, expiry).await;
    let browser = app.browser();
    let key = store.key_of(&browser.set(json!({"a": 1})).await.id());
    let version = field(&server, &key, "version");
    server.ok(&args!["SESSION.TOUCH", key, "EX", 60]);
    // The same value again is no change for tower-sessions, and another is one.
    browser.set(json!({"a": 1})).await;
    assert!(field(&server, &key, "deadline").expect("a time") < now() + HOUR / 2);
    // Without a difference only the times are written.
    browser.post("/remove/nothing", json!({})).await;
    assert!(field(&server, &key, "deadline").expect("a time") > now() + HOUR / 2);
    assert_eq!(field(&server, &key, "version"), version);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_always_save_each_request_pushes_the_expiry_out() {
    let server = Server::start();
    let store = store(&server).await;
    let sessions = SessionManagerLayer::new(store.clone())
        .with_secure(false)
        .with_always_save(true)
        .with_expiry(Expiry::OnInactivity(time::Duration::hours(1)));
    let gates = gates();
    let router = routes(&store, &gates).layer(RequestScopeLayer::new(sessions));
    let app = App::serve(router, gates).await;
    let browser = app.browser();
    let key = store.key_of(&browser.set(json!({"a": 1})).await.id());
    server.ok(&args!["SESSION.TOUCH", key, "EX", 60]);
    browser.get("/get/a").await;
    assert!(field(&server, &key, "deadline").expect("a time") > now() + HOUR / 2);
    assert_eq!(field(&server, &key, "version"), Some(1));
}
