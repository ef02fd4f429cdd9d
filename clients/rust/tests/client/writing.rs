//! SET, IMPORT, TOUCH, PATCH, POP and DEL.

use crate::common::{both, data, info, sessions};
use redis_session_client::{Error, Json, UnixMillis};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};
use support::Server;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(flavor = "multi_thread")]
async fn create_makes_a_session_under_an_id_of_the_server() {
    let server = Server::start();
    for (sessions, _) in both(&server).await {
        let made = sessions.create("s:*", json!({"n": 1})).await.unwrap();
        assert_eq!(made.key.len(), "s:".len() + 32);
        assert_eq!(made.token, None);
        assert_eq!(data(&sessions, &made.key).await, r#"{"n":1}"#);

        let made = sessions.create("s:*", json!([])).token().await.unwrap();
        assert_eq!(made.token.as_ref().map(String::len), Some(43));
        let shown = format!("{made:?}");
        assert!(!shown.contains(made.token.as_deref().unwrap()), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_as_makes_a_session_once() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        assert!(sessions.create_as(key, 1).await.unwrap());
        assert!(!sessions.create_as(key, 2).await.unwrap());
        assert_eq!(data(&sessions, key).await, "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn set_replaces_the_data_of_a_live_session_alone() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        let missing = sessions.set(key, 1).await.unwrap_err();
        assert!(matches!(missing, Error::NoSession { .. }), "{missing:?}");
        sessions.create_as(key, 1).await.unwrap();
        sessions.set(key, 2).if_version(1).await.unwrap();
        let late = sessions.set(key, 3).if_version(1).await.unwrap_err();
        assert!(
            matches!(
                late,
                Error::Conflict {
                    version: Some(2),
                    ..
                }
            ),
            "{late:?}"
        );
        assert_eq!(data(&sessions, key).await, "2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_sent_as_it_is_where_it_is_text() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let text = "{ \"n\" : 1.50,  \"big\": 123456789012345678901234567890 }";
    sessions.create_as("text", Json(text)).await.unwrap();
    assert_eq!(data(&sessions, "text").await, text);
    let raw = serde_json::value::RawValue::from_string(text.into()).unwrap();
    sessions.create_as("raw", &raw).await.unwrap();
    assert_eq!(data(&sessions, "raw").await, text);
    let typed = BTreeMap::from([("a", 1)]);
    sessions.create_as("typed", &typed).await.unwrap();
    assert_eq!(data(&sessions, "typed").await, r#"{"a":1}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_as_json_is_not_sent() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let secret = BTreeMap::from([(vec!["hunter2"], 1)]);
    let error = sessions.create("s:*", &secret).await.unwrap_err();
    assert!(matches!(error, Error::Json { .. }), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn patterns_and_keys_are_not_taken_for_each_other() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let usage = |error: Error| assert!(matches!(error, Error::Usage { .. }), "{error:?}");
    usage(sessions.create("s:1", 1).await.unwrap_err());
    usage(sessions.set("s:*", 1).await.unwrap_err());
    usage(sessions.rotate("s:1", "s:2").await.unwrap_err());
    for error in [
        sessions.create_as("s:*", 1).await.unwrap_err(),
        sessions.rotate_as("s:1", "s:*").await.unwrap_err(),
        sessions.import_as("s:*", 1, 1).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "ERR", "{error:?}");
    }
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn timeouts_are_set_in_milliseconds() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        let span = Duration::from_millis(3_600_123);
        sessions
            .create_as(key, 1)
            .ends_in(span)
            .idle(Duration::from_millis(3_000_500))
            .await
            .unwrap();
        let made = info(&sessions, key).await;
        assert_eq!(made.deadline, Some(UnixMillis(made.created.0 + 3_600_123)));
        assert_eq!(made.idle, Some(Duration::from_millis(3_000_500)));
        assert!(made.ttl.unwrap() <= Duration::from_millis(3_000_500));

        let at = SystemTime::now() + HOUR;
        assert!(sessions.touch(key).ends_at(at).idle(HOUR).await.unwrap());
        let touched = info(&sessions, key).await;
        assert_eq!(touched.deadline, Some(UnixMillis::from(at)));
        assert_eq!(touched.idle, Some(HOUR));

        let none = sessions.touch(key).without_deadline().idle(Duration::ZERO);
        assert!(none.await.unwrap());
        let endless = info(&sessions, key).await;
        assert_eq!(
            (endless.deadline, endless.idle, endless.ttl),
            (None, None, None)
        );

        sessions.set(key, 2).ends_in(HOUR).idle(HOUR).await.unwrap();
        sessions.patch(key, 3).await.unwrap_err();
        sessions.patch(key, json!({})).idle(2 * HOUR).await.unwrap();
        assert_eq!(info(&sessions, key).await.idle, Some(2 * HOUR));
        assert!(!sessions.touch("nobody").await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_timeout_below_a_millisecond_is_not_taken_for_none() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    sessions.create_as("short", 1).idle(HOUR).await.unwrap();
    sessions
        .touch("short")
        .idle(Duration::from_nanos(1))
        .await
        .unwrap();
    support::eventually("the session ends", || {
        server.ok(&["SESSION.INFO", "short"]).is_nil()
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_is_past_is_refused() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let past = SystemTime::UNIX_EPOCH + HOUR;
    let error = sessions.create("s:*", 1).ends_at(past).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "ERR invalid expire time in 'session.set' command"
    );
    let error = sessions
        .touch("s")
        .ends_in(Duration::MAX)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "ERR");
}

#[tokio::test(flavor = "multi_thread")]
async fn import_keeps_the_times_that_the_session_had_elsewhere() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        let now = support::clock::now();
        let import = || {
            sessions
                .import_as(key, json!({"cart": [7]}), now - 9_000)
                .authenticated(now - 8_000)
                .accessed(now - 7_000)
                .user("grace")
                .idle(HOUR)
                .ends_at(now + 60_000)
        };
        assert!(import().await.unwrap());
        assert!(!import().await.unwrap());
        let found = info(&sessions, key).await;
        assert_eq!(found.created, UnixMillis(now - 9_000));
        assert_eq!(found.issued, found.created);
        assert_eq!(found.authenticated, Some(UnixMillis(now - 8_000)));
        assert_eq!(found.accessed, UnixMillis(now - 7_000));
        assert_eq!(found.deadline, Some(UnixMillis(now + 60_000)));
        assert_eq!(found.idle, Some(HOUR));
        assert_eq!(found.user.as_deref(), Some("grace"));
        let ended = sessions
            .import_as("late", 1, now - 9_000)
            .accessed(now - 9_000)
            .idle(Duration::from_secs(1))
            .await
            .unwrap_err();
        assert!(
            ended.to_string().contains("would have ended already"),
            "{ended}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn import_takes_a_schema() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let schema = json!({"required": ["a"]});
    sessions.schema().set("form", schema).await.unwrap();
    let import = |data| sessions.import_as("i", data, 1).schema("form");
    let refused = import(json!({})).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { .. }), "{refused:?}");
    assert!(import(json!({"a": 1})).await.unwrap());
    assert_eq!(info(&sessions, "i").await.schema.as_deref(), Some("form"));
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_merges_objects_and_applies_arrays() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        sessions
            .create_as(key, json!({"a": 1, "b": 2}))
            .await
            .unwrap();
        let merge = json!({"a": null, "c": 3});
        assert_eq!(sessions.patch(key, merge).if_version(1).await.unwrap(), 2);
        let operations = json!([{"op": "replace", "path": "/b", "value": null}]);
        assert_eq!(sessions.patch(key, operations).await.unwrap(), 3);
        assert_eq!(data(&sessions, key).await, r#"{"b":null,"c":3}"#);
        let operations =
            json!([{"op": "add", "path": "/d", "value": 1}, {"op": "remove", "path": "/x"}]);
        let conflict = sessions.patch(key, operations).await.unwrap_err();
        assert!(matches!(
            conflict,
            Error::Conflict {
                operation: Some(1),
                ..
            }
        ));
        assert_eq!(data(&sessions, key).await, r#"{"b":null,"c":3}"#);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pop_returns_and_removes() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        let all = json!({"code": "9041", "a": 1, "b": 2});
        sessions.create_as(key, all).await.unwrap();
        let code = sessions.pop(key, ["/code"]).await.unwrap();
        assert_eq!(code.json::<String>(0).unwrap().as_deref(), Some("9041"));
        let again = sessions.pop(key, ["/code"]).await.unwrap();
        assert_eq!(again.texts, [None]);
        let several = sessions.pop(key, ["/b", "/x", "/a"]).await.unwrap();
        assert_eq!(several.texts, [Some("2".into()), None, Some("1".into())]);
        assert_eq!(data(&sessions, key).await, "{}");
        let none: [&str; 0] = [];
        let error = sessions.pop(key, none).await.unwrap_err();
        assert!(matches!(error, Error::Usage { .. }), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_counts_the_sessions_that_were_live() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        sessions.create_as(key, 1).await.unwrap();
        sessions.create_as("other", 1).await.unwrap();
        let keys = [key, "other", "nobody"];
        assert_eq!(sessions.delete(keys).await.unwrap(), 2);
        assert_eq!(sessions.delete([key]).await.unwrap(), 0);
        let none: [&str; 0] = [];
        let error = sessions.delete(none).await.unwrap_err();
        assert!(matches!(error, Error::Usage { .. }), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_can_be_any_bytes() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let key = vec![0xff, 0x00, b'\r'];
    assert!(sessions.create_as(&key, 1).user("ada").await.unwrap());
    assert!(sessions.get(&key).await.unwrap().is_some());
    assert_eq!(sessions.list("ada").await.unwrap().len(), 1);
    assert_eq!(sessions.revoke("ada").only([&key]).await.unwrap(), 1);
}
