//! LIST and REVOKE.

use crate::common::both;
use redis_session_client::{Field, FieldValue};
use serde_json::json;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn list_shows_a_users_sessions_the_last_accessed_first() {
    let server = Server::start();
    let mut clock = server.conn();
    for (sessions, user) in both(&server).await {
        let keys = ["phone", "laptop", "watch"].map(|device| format!("{user}:{device}"));
        for key in &keys {
            let data = json!({"device": key});
            sessions.create_as(key, data).user(user).await.unwrap();
            clock.tick();
        }
        sessions.touch(&keys[0]).await.unwrap();
        let all = sessions.list(user).await.unwrap();
        let order: Vec<_> = all.iter().map(|one| &one.key[..]).collect();
        assert_eq!(order, [&keys[0], &keys[2], &keys[1]]);
        for one in &all {
            let info = sessions.info(&one.key).await.unwrap().unwrap();
            assert_eq!((info.accessed, info.created), (one.accessed, one.created));
            assert_eq!(info.user, one.info.user);
            assert!(one.values.texts.is_empty());
        }
        let some = sessions
            .list(user)
            .limit(1)
            .fields([Field::Version])
            .paths(["/device", "/x"]);
        let some = some.await.unwrap();
        assert_eq!(some.len(), 1);
        assert_eq!(some[0].info, [FieldValue::Integer(1)]);
        assert_eq!(
            some[0].values.json::<String>(0).unwrap().as_ref(),
            Some(&keys[0])
        );
        assert_eq!(some[0].values.texts[1], None);
        assert!(sessions.list("nobody").await.unwrap().is_empty());
        let shown = format!("{some:?}");
        assert!(!shown.contains("\\\"two:phone"), "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_ends_all_or_some_sessions_of_a_user() {
    let server = Server::start();
    let mut clock = server.conn();
    for (sessions, user) in both(&server).await {
        let keys: Vec<_> = (0..6).map(|n| format!("{user}:{n}")).collect();
        for key in &keys {
            sessions.create_as(key, 1).user(user).await.unwrap();
            clock.tick();
        }
        let left = || async { sessions.list(user).await.unwrap().len() };
        let nobody: [&str; 0] = [];
        assert_eq!(sessions.revoke(user).only(nobody).await.unwrap(), 0);
        assert!(sessions.revoke(user).only(nobody).to_cmd().is_err());
        assert_eq!(
            sessions
                .revoke(user)
                .only([&keys[0], &keys[0]])
                .await
                .unwrap(),
            1
        );
        assert_eq!(sessions.revoke("nobody").only(&keys).await.unwrap(), 0);
        assert_eq!(sessions.revoke(user).limit(1).await.unwrap(), 1);
        assert_eq!(left().await, 4);
        assert_eq!(
            sessions
                .revoke(user)
                .limit(1)
                .except([&keys[5]])
                .await
                .unwrap(),
            1
        );
        assert_eq!(sessions.revoke(user).except([&keys[5]]).await.unwrap(), 2);
        assert!(sessions.info(&keys[5]).await.unwrap().is_some());
        assert_eq!(sessions.revoke(user).except(nobody).await.unwrap(), 1);
        assert_eq!(left().await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_limits_that_the_server_does_not_take_are_errors() {
    let server = Server::start();
    let [(sessions, _), _] = both(&server).await;
    for error in [
        sessions.list("").await.unwrap_err(),
        sessions.revoke("").await.unwrap_err(),
        sessions.list("ada").limit(0).await.unwrap_err(),
        sessions.revoke("ada").limit(0).await.unwrap_err(),
        sessions
            .create("s:*", 1)
            .user("u".repeat(513))
            .await
            .unwrap_err(),
        sessions.create("s:*", 1).max_sessions(1).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "ERR", "{error}");
    }
}
