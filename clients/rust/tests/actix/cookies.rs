//! The cookie is actix-session's own: its attributes as they come, and bound to one host.

use crate::app::{manager, secret, Store};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::{Cookie, CookieJar};
use actix_web::http::header::SET_COOKIE;
use actix_web::test::{call_service, init_service, TestRequest};
use actix_web::{web, App};
use redis_session_client::actix_session::RequestScope;
use support::Server;

async fn set(session: Session) -> actix_web::Result<&'static str> {
    session.insert("long", "x".repeat(8000))?;
    Ok("stored")
}

/// The name of a cookie, and its attributes in the order of the alphabet. Browsers store 4096 bytes of
/// name and value; these are far fewer, whatever the session holds.
fn parts(cookie: &str) -> (String, Vec<String>) {
    let mut pieces = cookie.split("; ").map(str::to_owned);
    let pair = pieces.next().expect("a name and a value");
    assert!(pair.len() < 300, "{pair}");
    let name = pair.split('=').next().expect("a name").to_owned();
    let mut attributes: Vec<_> = pieces.collect();
    attributes.sort();
    (name, attributes)
}

#[actix_web::test]
async fn the_cookie_is_guarded_as_it_comes_and_its_name_binds_it_to_the_host() {
    let server = Server::start();
    let store = Store::new(manager(&server).await);
    let guarded = ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"];
    for name in ["id", "__Host-id"] {
        let sessions = SessionMiddleware::builder(store.clone(), secret());
        let sessions = match name {
            "id" => sessions, // the default
            other => sessions.cookie_name(other.into()),
        };
        let app = App::new()
            .wrap(RequestScope::new(sessions.build()))
            .route("/set", web::post().to(set));
        let app = init_service(app).await;
        let request = TestRequest::post().uri("/set").to_request();
        let response = call_service(&app, request).await;
        let cookie = response.headers().get(SET_COOKIE).expect("a cookie");
        // The cookie is encrypted. In it are 64 letters and digits, of 381 random bits.
        let text = cookie.to_str().expect("text").to_owned();
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::parse_encoded(text).expect("a cookie"));
        let secret = secret();
        let id = jar.private(&secret).get(name).expect("its value");
        assert!(id.value().len() == 64 && id.value().chars().all(|c| c.is_ascii_alphanumeric()));
        let (found, attributes) = parts(cookie.to_str().expect("text"));
        assert_eq!(
            (found.as_str(), &attributes[..]),
            (name, &guarded.map(String::from)[..])
        );
    }
}
