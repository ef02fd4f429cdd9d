//! Error replies: every code, with its parts.

use crate::common::{both, sessions};
use redis_session_client::{Error, Json, Violation};
use serde_json::json;
use support::Server;

/// What each violation says.
fn told(violations: &[Violation]) -> Vec<(&str, &str)> {
    violations
        .iter()
        .map(|v| (&v.pointer[..], &v.rule[..]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_are_told_by_place_and_rule() {
    let server = Server::start();
    for (sessions, name) in both(&server).await {
        let schema = json!({"required": ["a; b and 2 more"], "properties": {
            "n": {"maximum": 5}, "x; y": {"type": "string"}, "nick: name": {"minLength": 2}}});
        sessions.schema().set(name, schema).await.unwrap();
        let data = json!({"n": 6, "x; y": 1, "nick: name": ""});
        let Error::Invalid {
            schema,
            violations,
            more,
            message,
        } = sessions.schema().check(name, data).await.unwrap_err()
        else {
            panic!("not INVALID");
        };
        assert_eq!((&schema[..], more), (name, Some(0)), "{message}");
        assert_eq!(violations.len(), 4, "{message} {violations:?}");
        assert!(
            told(&violations).contains(&("/n", "maximum 5")),
            "{violations:?}"
        );
        assert!(
            told(&violations).contains(&("/x; y", "type string")),
            "{violations:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_violations_than_are_told_are_counted() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    let schema = json!({"required": ["a", "b", "c", "d", "e", "f", "g"]});
    sessions.schema().set("it's': x", schema).await.unwrap();
    let Error::Invalid {
        schema,
        violations,
        more,
        ..
    } = sessions
        .schema()
        .check("it's': x", json!({}))
        .await
        .unwrap_err()
    else {
        panic!("not INVALID");
    };
    assert_eq!((&schema[..], more), ("it's': x", Some(2)));
    assert_eq!(told(&violations)[4], ("", "required \"e\""));
    assert_eq!(violations.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_codes_are_told_with_the_servers_text() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        let bad = sessions.create("s:*", Json("{")).await.unwrap_err();
        assert!(matches!(bad, Error::BadJson { .. }), "{bad:?}");
        assert!(bad.to_string().contains("line 1 column 2"), "{bad}");
        assert_eq!(bad.code(), "BADJSON");

        let schema = sessions.schema().set("s", json!({"pattern": "(?=x)"}));
        let bad = schema.await.unwrap_err();
        assert!(matches!(bad, Error::BadSchema { .. }), "{bad:?}");

        server.ok(&["SET", key, "text"]);
        let wrong = sessions.get(key).await.unwrap_err();
        assert!(matches!(wrong, Error::WrongType { .. }), "{wrong:?}");
        assert!(!sessions.create_as(key, 1).await.unwrap());

        let pointer = sessions.get("s").paths(["n"]).await.unwrap_err();
        let Error::Server { code, message } = &pointer else {
            panic!("{pointer:?}");
        };
        assert_eq!(code, "ERR");
        assert!(
            message.starts_with("'n' is not a JSON Pointer"),
            "{message}"
        );
        assert_eq!(pointer.to_string(), format!("ERR {message}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_acl_forbids_is_an_error_of_the_server() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    server.ok(&["ACL", "SETUSER", "default", "-session.get"]);
    let error = sessions.get("s").await.unwrap_err();
    assert_eq!(error.code(), "NOPERM", "{error:?}");
    assert!(matches!(error, Error::Server { .. }), "{error:?}");
}
