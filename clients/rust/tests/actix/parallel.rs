//! Requests of one visitor at the same time.

use crate::app::{assert_status, count_sessions, serve, sets_cookie, Setup, Visitor};
use actix_web::http::StatusCode;
use serde_json::json;
use support::Server;
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread")]
async fn ten_parallel_requests_keep_ten_changes() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    // All have loaded the session before the first saves it.
    let mut tasks = JoinSet::new();
    for n in 0..10 {
        let visitor = visitor.clone();
        tasks.spawn(async move { visitor.post(&format!("/crowd?name=m{n}&value=x")).await });
    }
    for response in tasks.join_all().await {
        assert_status(&response, StatusCode::NO_CONTENT);
    }
    let all = visitor.all().await;
    assert_eq!(all.as_object().unwrap().len(), 11, "{all}");
}

/// A request that has loaded its session waits while `during` happens. Returns its answer.
async fn slow(
    served: &crate::app::Served,
    visitor: &Visitor,
    path: &str,
    during: impl std::future::Future<Output = ()>,
) -> reqwest::Response {
    let request = tokio::spawn({
        let (visitor, path) = (visitor.clone(), path.to_owned());
        async move {
            match path.contains("read") {
                true => visitor.get(&path).await,
                false => visitor.post(&path).await,
            }
        }
    });
    served.gate.pair.wait().await;
    during.await;
    served.gate.pair.wait().await;
    request.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_two_requests_are_both_kept() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/set?name=a&value=1").await;
    let during = async {
        visitor.post("/set?name=b&value=2").await;
        visitor.post("/set?name=a&value=3").await;
    };
    let response = slow(&served, &visitor, "/slow?name=c&value=4", during).await;
    assert_status(&response, StatusCode::NO_CONTENT);
    assert_eq!(visitor.all().await, json!({"a": "3", "b": "2", "c": "4"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_during_a_slow_request_stays() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    for path in ["/slow?name=late&value=1", "/slow-renew"] {
        let visitor = Visitor::of(&served);
        visitor.post("/count").await;
        let id = visitor.id().unwrap();
        let during = async {
            let other = Visitor::of(&served);
            other.take_id(&id);
            assert_status(&other.post("/logout").await, StatusCode::NO_CONTENT);
        };
        let response = slow(&served, &visitor, path, during).await;
        assert_status(&response, StatusCode::UNAUTHORIZED);
        assert!(!sets_cookie(&response), "{path}");
        assert_eq!(response.text().await.unwrap(), "");
        assert_eq!(count_sessions(&server), 0, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_scope_a_lost_write_is_500_and_creates_nothing() {
    let server = Server::start();
    let setup = Setup {
        scope: false,
        ..Setup::default()
    };
    let served = serve(&server, setup).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    let during = async {
        server.ok(&["FLUSHALL"]);
    };
    let response = slow(&served, &visitor, "/slow?name=late&value=1", during).await;
    assert_status(&response, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!sets_cookie(&response));
    assert_eq!(count_sessions(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_read_sets_no_cookie_over_that_of_a_login() {
    let server = Server::start();
    let setup = Setup {
        every_request: true,
        ..Setup::default()
    };
    let served = serve(&server, setup).await;
    let visitor = Visitor::of(&served);
    visitor.post("/count").await;
    let before = visitor.id().unwrap();
    let during = async {
        assert_status(
            &visitor.post("/login?user=ada").await,
            StatusCode::NO_CONTENT,
        );
    };
    let response = slow(&served, &visitor, "/slow-read", during).await;
    assert!(!sets_cookie(&response));
    assert_status(&response, StatusCode::UNAUTHORIZED);
    assert_ne!(visitor.id().unwrap(), before);
    assert_eq!(visitor.all().await, json!({"count": 1}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_keeps_the_changes_of_other_requests() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let visitor = Visitor::of(&served);
    visitor.post("/login?user=ada&device=phone").await;
    let before = visitor.id().unwrap();
    let during = async {
        visitor.post("/set?name=b&value=2").await;
    };
    let response = slow(&served, &visitor, "/slow-renew", during).await;
    assert_status(&response, StatusCode::NO_CONTENT);
    assert_ne!(visitor.id().unwrap(), before);
    assert_eq!(visitor.all().await, json!({"b": "2", "device": "phone"}));
    let devices: serde_json::Value = visitor.get("/devices?user=ada").await.json().await.unwrap();
    assert_eq!(devices[0]["this"], true);
    assert_eq!(count_sessions(&server), 1);
}
