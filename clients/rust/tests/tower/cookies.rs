//! The cookie is tower-sessions' own: its attributes as they come, and bound to one host.

use crate::app::{store, App};
use crate::gates::gates;
use crate::routes::routes;
use redis_session_client::tower_sessions::RequestScopeLayer;
use serde_json::json;
use support::Server;
use tower_sessions::SessionManagerLayer;

/// The name of a cookie, and its attributes in the order of the alphabet. Browsers store 4096 bytes of
/// name and value; these are far fewer, whatever the session holds.
fn parts(cookie: &str) -> (String, Vec<String>) {
    let mut pieces = cookie.split("; ").map(str::to_owned);
    let pair = pieces.next().expect("a name and a value");
    // The value is an ID of 128 random bits, in base64url.
    let value = pair.split('=').nth(1).expect("a value");
    assert_eq!(value.len(), 22, "{pair}");
    let name = pair.split('=').next().expect("a name").to_owned();
    let mut attributes: Vec<_> = pieces.collect();
    attributes.sort();
    (name, attributes)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_guarded_as_it_comes_and_its_name_binds_it_to_the_host() {
    let server = Server::start();
    let store = store(&server).await;
    let guarded = ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"];
    for name in ["id", "__Host-id"] {
        let sessions = SessionManagerLayer::new(store.clone());
        let sessions = match name {
            "id" => sessions, // the default
            other => sessions.with_name(other),
        };
        let gates = gates();
        let router = routes(&store, &gates).layer(RequestScopeLayer::new(sessions));
        let app = App::serve(router, gates).await;
        let answer = app.browser().set(json!({"long": "x".repeat(8000)})).await;
        let cookie = answer.set_cookie.expect("a cookie");
        let (found, attributes) = parts(&cookie);
        assert_eq!(
            (found.as_str(), &attributes[..]),
            (name, &guarded.map(String::from)[..])
        );
    }
}
