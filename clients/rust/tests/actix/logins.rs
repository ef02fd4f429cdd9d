//! Logins.

use crate::app::{assert_status, count_sessions, key_of, serve, sets_cookie, Setup, Visitor};
use actix_web::http::StatusCode;
use redis_session_client::StoreOptions;
use serde_json::json;
use support::Server;

fn user(server: &Server, visitor: &Visitor) -> Option<String> {
    let key = key_of(&visitor.id().expect("a cookie"));
    let info = server.ok(&["SESSION.INFO", &key]);
    assert!(!info.is_nil(), "the cookie's session is live");
    let user = info.field("user");
    (!user.is_nil()).then(|| user.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_keeps_the_cart_and_changes_the_key() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/set?name=cart&value=7").await;
    let before = visitor.id().unwrap();
    let response = visitor.post("/login?user=ada&device=phone").await;
    assert_status(&response, StatusCode::NO_CONTENT);
    assert_ne!(visitor.id().unwrap(), before);
    assert!(server.ok(&["SESSION.INFO", &key_of(&before)]).is_nil());
    assert_eq!(user(&server, &visitor).as_deref(), Some("session:ada"));
    assert_eq!(visitor.all().await, json!({"cart": "7", "device": "phone"}));
    assert_eq!(count_sessions(&server), 1);
    // A login without members, and one more by the same user.
    visitor.post("/login?user=ada").await;
    assert_eq!(visitor.all().await, json!({"cart": "7", "device": "phone"}));
    assert_eq!(count_sessions(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_without_a_session_gets_one() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    assert_status(
        &visitor.post("/login?user=ada&device=phone").await,
        StatusCode::NO_CONTENT,
    );
    assert_eq!(user(&server, &visitor).as_deref(), Some("session:ada"));
    let key = key_of(&visitor.id().unwrap());
    assert_eq!(
        server.ok(&["SESSION.INFO", &key]).field("idle").int(),
        3_600_000
    );
    assert_eq!(visitor.all().await, json!({"device": "phone"}));
    assert_eq!(count_sessions(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_inherits_the_data_of_another_user() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/login?user=ada&device=phone").await;
    visitor.post("/set?name=secret&value=1").await;
    visitor.post("/login?user=eve&device=laptop").await;
    assert_eq!(user(&server, &visitor).as_deref(), Some("session:eve"));
    assert_eq!(visitor.all().await, json!({"device": "laptop"}));
    // Also where the login brings no members.
    visitor.post("/login?user=ada").await;
    assert_eq!(user(&server, &visitor).as_deref(), Some("session:ada"));
    assert_eq!(visitor.all().await, json!({}));
    assert_eq!(count_sessions(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_goes_with_whatever_else_the_request_does() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    for (and, more) in [
        ("write%20first", json!({"before": true})),
        ("write", json!({"after": true})),
        ("renew", json!({})),
        ("again", json!({})),
    ] {
        for known in [true, false] {
            server.ok(&["FLUSHALL"]);
            let visitor = Visitor::of(&served);
            let mut wanted = more.clone();
            if known {
                visitor.post("/set?name=cart&value=7").await;
                wanted["cart"] = json!("7");
            }
            wanted["device"] = json!("tablet");
            let response = visitor
                .post(&format!("/login-and?user=ada&and={and}"))
                .await;
            assert_status(&response, StatusCode::NO_CONTENT);
            assert_eq!(
                user(&server, &visitor).as_deref(),
                Some("session:ada"),
                "{and}"
            );
            assert_eq!(visitor.all().await, wanted, "{and} {known}");
            assert_eq!(count_sessions(&server), 1, "{and} {known}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_in_the_same_request_ends_the_login() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    assert_status(
        &visitor.post("/login-and?user=ada&and=purge").await,
        StatusCode::NO_CONTENT,
    );
    assert_eq!(visitor.id(), None);
    assert_eq!(count_sessions(&server), 0);
    visitor.post("/count").await;
    let response = visitor.post("/login-and?user=ada&and=purge%20first").await;
    assert_status(&response, StatusCode::BAD_REQUEST);
    assert_eq!(count_sessions(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_changes_nothing() {
    let server = Server::start();
    let options = StoreOptions::new().max_sessions(1).refuse();
    let setup = Setup {
        options,
        ..Setup::default()
    };
    let served = serve(&server, setup).await;
    let first = Visitor::of(&served);
    first.post("/login?user=ada&device=phone").await;
    let visitor = Visitor::of(&served);
    assert_status(
        &visitor.post("/login?user=ada&device=x").await,
        StatusCode::TOO_MANY_REQUESTS,
    );
    assert_eq!(visitor.id(), None);
    visitor.post("/count").await;
    let id = visitor.id();
    let refused = visitor.post("/login?user=ada&device=x").await;
    assert_status(&refused, StatusCode::TOO_MANY_REQUESTS);
    assert!(!sets_cookie(&refused));
    assert_eq!(visitor.id(), id);
    assert_eq!(user(&server, &visitor), None);
    assert_eq!(visitor.all().await, json!({"count": 1}));
    assert_eq!(first.all().await, json!({"device": "phone"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_leaves_the_session_of_another_user() {
    let server = Server::start();
    let options = StoreOptions::new().max_sessions(1).refuse();
    let setup = Setup {
        options,
        ..Setup::default()
    };
    let served = serve(&server, setup).await;
    let (eve, ada) = (Visitor::of(&served), Visitor::of(&served));
    eve.post("/login?user=eve&device=phone").await;
    ada.post("/login?user=ada&device=laptop").await;
    let refused = ada.post("/login?user=eve&device=laptop").await;
    assert_status(&refused, StatusCode::TOO_MANY_REQUESTS);
    assert!(!sets_cookie(&refused));
    assert_eq!(user(&server, &ada).as_deref(), Some("session:ada"));
    assert_eq!(ada.all().await, json!({"device": "laptop"}));
    assert_eq!(count_sessions(&server), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_could_not_last_is_told() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let nothing = Visitor::of(&served).post("/login?user=ada").await;
    assert_status(&nothing, StatusCode::BAD_REQUEST);
    assert!(nothing.text().await.unwrap().contains("member"));
    let unscoped = serve(
        &server,
        Setup {
            scope: false,
            ..Setup::default()
        },
    )
    .await;
    let response = Visitor::of(&unscoped)
        .post("/login?user=ada&device=x")
        .await;
    assert_status(&response, StatusCode::BAD_REQUEST);
    assert!(response.text().await.unwrap().contains("RequestScope"));
    assert_eq!(count_sessions(&server), 0);
}
