//! Commands in pipelines and transactions of redis-rs.

use crate::common::connection;
use redis_session_client::commands::{
    Create, CreateAs, Delete, Get, GetInfo, ImportAs, List, Patch, Pop, Revoke, Set, SetSchema,
    Touch,
};
use redis_session_client::{Error, Session, Sessions, Values};
use serde_json::json;
use support::Server;

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_a_pipeline_have_their_own_replies_and_errors() {
    let server = Server::start();
    for protocol in ["resp2", "resp3"] {
        let mut connection = connection(&server, protocol).await;
        let s = Sessions::unconnected();
        let mut pipe = redis::pipe();
        for cmd in [
            s.schema().set("any", true).to_cmd(),
            s.import_as("i", json!({"n": 1}), 1).user("ada").to_cmd(),
            s.import_as("i", json!({"n": 1}), 1).to_cmd(),
            s.set("nobody", 1).to_cmd(),
            s.get("i").to_cmd(),
            s.get("i").with_info().to_cmd(),
            s.get("i").paths(["/n"]).to_cmd(),
            s.info("i").to_cmd(),
            s.patch("i", json!({"m": 2})).to_cmd(),
            s.pop("i", ["/m"]).to_cmd(),
            s.touch("i").to_cmd(),
            s.list("ada").to_cmd(),
            s.revoke("ada").to_cmd(),
            s.create_as("i", 1).to_cmd(),
            s.create("s:*", 1).token().to_cmd(),
            s.delete(["i"]).to_cmd(),
        ] {
            pipe.add_command(cmd.unwrap());
        }
        let replies: Vec<redis::Value> = pipe
            .ignore_errors()
            .query_async(&mut connection)
            .await
            .unwrap();
        let mut replies = replies.into_iter();
        let mut next = || replies.next().unwrap();
        SetSchema::read(next()).unwrap();
        assert!(ImportAs::read(next()).unwrap());
        assert!(!ImportAs::read(next()).unwrap());
        assert!(matches!(Set::read(next()), Err(Error::NoSession { .. })));
        let session: Option<Session> = Get::read(next()).unwrap();
        assert_eq!(session.unwrap().text, r#"{"n":1}"#);
        let session: Option<Session<redis_session_client::Info>> = Get::read(next()).unwrap();
        assert_eq!(session.unwrap().info.user.as_deref(), Some("ada"));
        let values: Option<Values> = Get::read(next()).unwrap();
        assert_eq!(values.unwrap().texts, [Some("1".into())]);
        assert_eq!(GetInfo::read(next()).unwrap().unwrap().version, 1);
        assert_eq!(Patch::read(next()).unwrap(), 2);
        assert_eq!(Pop::read(next()).unwrap().texts, [Some("2".into())]);
        assert!(Touch::read(next()).unwrap());
        let listed: Vec<redis_session_client::Listed> = List::read(next()).unwrap();
        assert_eq!(listed[0].key, "i");
        assert_eq!(Revoke::read(next()).unwrap(), 1);
        assert!(CreateAs::read(next()).unwrap());
        assert!(Create::read(next()).unwrap().token.is_some());
        assert_eq!(Delete::read(next()).unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reply_of_another_command_is_no_reply() {
    let unexpected =
        |error: Error| assert!(matches!(error, Error::UnexpectedReply { .. }), "{error:?}");
    unexpected(Touch::read(redis::Value::Okay).unwrap_err());
    unexpected(Set::read(redis::Value::Nil).unwrap_err());
    unexpected(Patch::read(redis::Value::Int(-1)).unwrap_err());
    unexpected(Create::read(redis::Value::Array(vec![])).unwrap_err());
    unexpected(GetInfo::read(redis::Value::Int(1)).unwrap_err());
    unexpected(GetInfo::read(redis::Value::Array(vec![redis::Value::Nil])).unwrap_err());
    let list: Result<Vec<redis_session_client::Listed>, _> =
        List::read(redis::Value::Array(vec![redis::Value::Int(1)]));
    unexpected(list.unwrap_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_in_transactions() {
    let server = Server::start();
    let mut connection = connection(&server, "resp3").await;
    let s = Sessions::unconnected();
    let mut pipe = redis::pipe();
    pipe.atomic();
    pipe.add_command(s.create_as("t", json!({"n": 1})).to_cmd().unwrap());
    pipe.add_command(s.get("t").to_cmd().unwrap());
    let replies: Vec<redis::Value> = pipe.query_async(&mut connection).await.unwrap();
    let [made, read] = <[_; 2]>::try_from(replies).unwrap();
    assert!(CreateAs::read(made).unwrap());
    let session: Option<Session> = Get::read(read).unwrap();
    assert_eq!(session.unwrap().text, r#"{"n":1}"#);
}
