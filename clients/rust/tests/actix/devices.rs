//! "Your devices", and "log out everywhere".

use crate::app::{assert_status, serve, Served, Setup, Visitor};
use actix_web::http::StatusCode;
use serde_json::{json, Value};
use support::Server;

async fn devices(visitor: &Visitor) -> Vec<Value> {
    visitor.get("/devices?user=ada").await.json().await.unwrap()
}

async fn log_in(served: &Served, device: &str) -> Visitor {
    let visitor = Visitor::of(served);
    let path = format!("/login?user=ada&device={device}");
    assert_status(&visitor.post(&path).await, StatusCode::NO_CONTENT);
    visitor
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_sees_and_ends_devices() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let phone = log_in(&served, "phone").await;
    server.conn().tick();
    let laptop = log_in(&served, "laptop").await;
    let listed = devices(&laptop).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[0]["device"], &listed[0]["this"]),
        (&json!("laptop"), &json!(true))
    );
    assert_eq!(
        (&listed[1]["device"], &listed[1]["this"]),
        (&json!("phone"), &json!(false))
    );
    let handle = listed[1]["handle"].as_str().unwrap();
    // A handle is no cookie, and ends no session of another user.
    let thief = Visitor::of(&served);
    thief.take_id(handle);
    assert_eq!(thief.all().await, json!({}));
    let end = |user: &str| format!("/end?user={user}&device={handle}");
    assert_eq!(
        laptop.post(&end("eve")).await.text().await.unwrap(),
        "false"
    );
    assert_eq!(laptop.post(&end("ada")).await.text().await.unwrap(), "true");
    assert_eq!(
        laptop
            .post("/end?user=ada&device=*")
            .await
            .text()
            .await
            .unwrap(),
        "false"
    );
    assert_eq!(phone.all().await, json!({}));
    assert_eq!(devices(&laptop).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_logs_out_elsewhere_and_everywhere() {
    let server = Server::start();
    let served = serve(&server, Setup::default()).await;
    let phone = log_in(&served, "phone").await;
    let laptop = log_in(&served, "laptop").await;
    let ended: u64 = laptop
        .post("/revoke?user=ada&and=others")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(ended, 1);
    assert_eq!(phone.all().await, json!({}));
    assert_eq!(laptop.all().await, json!({"device": "laptop"}));
    let ended: u64 = laptop.post("/revoke?user=ada").await.json().await.unwrap();
    assert_eq!(ended, 1);
    assert_eq!(laptop.all().await, json!({}));
    let unscoped = serve(
        &server,
        Setup {
            scope: false,
            ..Setup::default()
        },
    )
    .await;
    let response = Visitor::of(&unscoped)
        .post("/revoke?user=ada&and=others")
        .await;
    assert_status(&response, StatusCode::BAD_REQUEST);
}
