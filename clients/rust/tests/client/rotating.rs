//! ROTATE.

use crate::common::{both, data, info};
use redis_session_client::Error;
use serde_json::json;
use std::time::Duration;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn rotate_makes_the_changes_of_a_login_in_one_step() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        sessions
            .schema()
            .set("member", json!({"required": ["name"]}))
            .await
            .unwrap();
        sessions.create_as(key, json!({"cart": [7]})).await.unwrap();
        let login = sessions
            .rotate(key, "s:*")
            .user("ada")
            .patch(json!({"name": "ada"}))
            .schema("member")
            .ends_in(Duration::from_secs(60))
            .idle(Duration::from_secs(30))
            .token()
            .await
            .unwrap();
        assert!(login.token.is_some() && login.key.starts_with("s:t"));
        assert!(sessions.get(key).await.unwrap().is_none());
        assert_eq!(
            data(&sessions, &login.key).await,
            r#"{"cart":[7],"name":"ada"}"#
        );
        let found = info(&sessions, &login.key).await;
        assert_eq!(found.user.as_deref(), Some("ada"));
        assert_eq!(found.schema.as_deref(), Some("member"));
        assert_eq!(found.idle, Some(Duration::from_secs(30)));
        assert!(found.deadline.is_some() && found.authenticated.is_some());

        let other = sessions
            .rotate(&login.key, "s:*")
            .user("eve")
            .await
            .unwrap_err();
        assert!(matches!(other, Error::OtherUser { .. }), "{other:?}");
        let gone = sessions.rotate(key, "s:*").await.unwrap_err();
        assert!(matches!(gone, Error::NoSession { .. }), "{gone:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_old_key_goes_on_for_the_grace() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        sessions.create_as(key, 1).await.unwrap();
        let grace = Duration::from_secs(9);
        let next = sessions.rotate(key, "s:*").grace(grace).await.unwrap();
        assert!(sessions.get(key).await.unwrap().is_some());
        let mine = format!("{key}:mine");
        assert!(sessions
            .rotate_as(&next.key, &mine)
            .grace(grace)
            .await
            .unwrap());
        assert!(sessions.get(&next.key).await.unwrap().is_some());
        assert_eq!(sessions.delete([key]).await.unwrap(), 1);
        assert!(sessions.get(&mine).await.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rotate_as_goes_on_under_a_key_of_ones_own() {
    let server = Server::start();
    for (sessions, key) in both(&server).await {
        let mine = format!("{key}:mine");
        sessions.create_as(key, json!({})).await.unwrap();
        let login = || {
            sessions
                .rotate_as(key, &mine)
                .user("ada")
                .patch(json!({"n": 1}))
                .idle(Duration::from_secs(30))
                .ends_in(Duration::from_secs(60))
        };
        assert!(login().await.unwrap());
        assert_eq!(data(&sessions, &mine).await, r#"{"n":1}"#);
        assert_eq!(info(&sessions, &mine).await.user.as_deref(), Some("ada"));
        sessions.create_as(key, json!({})).await.unwrap();
        assert!(!login().await.unwrap());
        sessions.delete([key, &mine]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_of_a_user_ends_the_oldest_or_refuses() {
    let server = Server::start();
    let mut clock = server.conn();
    for (sessions, key) in both(&server).await {
        let create = || sessions.create("s:*", 1).user(key).max_sessions(2);
        let first = create().await.unwrap().key;
        clock.tick();
        create().await.unwrap();
        let refused = create().refuse().await.unwrap_err();
        assert!(matches!(refused, Error::TooMany { .. }), "{refused:?}");
        let own = sessions
            .create_as(key, 1)
            .user(key)
            .max_sessions(2)
            .refuse();
        assert!(matches!(own.await.unwrap_err(), Error::TooMany { .. }));
        assert!(sessions.info(&first).await.unwrap().is_some());
        create().await.unwrap();
        assert!(sessions.info(&first).await.unwrap().is_none());

        let guest = sessions.create("s:*", 1).await.unwrap().key;
        let login = sessions
            .rotate(&guest, "s:*")
            .user(key)
            .max_sessions(2)
            .refuse();
        assert!(matches!(login.await.unwrap_err(), Error::TooMany { .. }));
        let login = sessions
            .rotate_as(&guest, key)
            .user(key)
            .max_sessions(3)
            .refuse();
        assert!(login.await.unwrap());
    }
}
