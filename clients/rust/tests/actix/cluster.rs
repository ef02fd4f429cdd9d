//! The store over a cluster.

use crate::app::{assert_status, serve_over, Setup, Visitor};
use actix_web::http::StatusCode;
use serde_json::{json, Value};
use support::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_a_cluster_are_renewed_in_their_slot() {
    let cluster = Cluster::start();
    let urls = cluster
        .nodes
        .iter()
        .map(|node| format!("redis://127.0.0.1:{}", node.port()));
    let client = redis::cluster::ClusterClient::new(urls).unwrap();
    let served = serve_over(
        client.get_async_connection().await.unwrap(),
        Setup::default(),
    );
    let mut visitors = Vec::new();
    for n in 0..6 {
        let visitor = Visitor::of(&served);
        visitor.post("/count").await;
        assert_status(&visitor.post("/renew").await, StatusCode::NO_CONTENT);
        let login = visitor.post(&format!("/login?user=ada&device=d{n}")).await;
        assert_status(&login, StatusCode::NO_CONTENT);
        assert_eq!(
            visitor.all().await,
            json!({"count": 1, "device": format!("d{n}")})
        );
        visitors.push(visitor);
    }
    let devices: Vec<Value> = visitors[0]
        .get("/devices?user=ada")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(devices.len(), 6);
    assert_eq!(
        devices
            .iter()
            .filter(|device| device["this"] == true)
            .count(),
        1
    );
    let ended: u64 = visitors[0]
        .post("/revoke?user=ada&and=others")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(ended, 5);
    assert_eq!(visitors[5].all().await, json!({}));
    assert_eq!(visitors[0].all().await, json!({"count": 1, "device": "d0"}));
}
