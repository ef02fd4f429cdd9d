//! Several clients at once.

use crate::common::{connection, data, sessions};
use redis_session_client::{Error, Sessions};
use serde_json::{json, Value};
use support::Server;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn ten_parallel_patches_keep_ten_changes() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    sessions.create_as("s", json!({})).await.unwrap();
    let mut tasks = JoinSet::new();
    for n in 0..10 {
        let connection = connection(&server, "resp3").await;
        tasks.spawn(async move {
            let sessions = Sessions::new(connection);
            sessions
                .patch("s", json!({format!("m{n}"): n}))
                .await
                .unwrap()
        });
    }
    let mut versions: Vec<_> = tasks.join_all().await;
    versions.sort();
    assert_eq!(versions, (2..12).collect::<Vec<_>>());
    let found: Value = serde_json::from_str(&data(&sessions, "s").await).unwrap();
    let members = found.as_object().unwrap();
    assert_eq!(members.len(), 10);
    assert!((0..10).all(|n| members[&format!("m{n}")] == n));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_parallel_writers_of_one_version_one_wins() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    sessions.create_as("s", 0).await.unwrap();
    let mut tasks = JoinSet::new();
    for n in 1..=10 {
        let sessions = sessions.clone();
        tasks.spawn(async move { sessions.set("s", n).if_version(1).await });
    }
    let results = tasks.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let conflict = |result: &Result<(), Error>| {
        matches!(
            result,
            Err(Error::Conflict {
                version: Some(2),
                ..
            })
        )
    };
    assert_eq!(results.iter().filter(|result| conflict(result)).count(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_ten_gets_a_one_time_code() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    sessions
        .create_as("s", json!({"code": 9041}))
        .await
        .unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let sessions = sessions.clone();
        tasks.spawn(async move {
            sessions
                .pop("s", ["/code"])
                .await
                .unwrap()
                .json::<u32>(0)
                .unwrap()
        });
    }
    let found: Vec<u32> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(found, [9041]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_after_a_logout_brings_nothing_back() {
    let server = Server::start();
    let sessions = sessions(&server).await;
    sessions.create_as("s", json!({})).await.unwrap();
    sessions.delete(["s"]).await.unwrap();
    for error in [
        sessions.set("s", 1).await.unwrap_err(),
        sessions.patch("s", json!({})).await.unwrap_err(),
        sessions.pop("s", ["/a"]).await.unwrap_err(),
        sessions.rotate("s", "s:*").await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::NoSession { .. }), "{error:?}");
    }
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}
