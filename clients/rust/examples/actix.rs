//! Counts the visits of each browser. The server is that of the variable REDIS_URL:
//!
//! cargo run -p redis-session-client --example actix --features actix-session

use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::{web, App, HttpServer};
use redis_session_client::actix_session::{RedisSessionStore, RequestScope};
use redis_session_client::Connection;

pub fn sessions<C: Connection>(
    store: RedisSessionStore<C>,
    key: Key,
) -> RequestScope<SessionMiddleware<RedisSessionStore<C>>> {
    let sessions = SessionMiddleware::builder(store, key)
        .cookie_secure(false) // for http://; leave it out for https://
        .build();
    RequestScope::new(sessions)
}

pub async fn visit(session: Session) -> actix_web::Result<String> {
    let visits = session.get::<u64>("visits")?.unwrap_or(0) + 1;
    session.insert("visits", visits)?;
    Ok(format!("Visits: {visits}\n"))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("REDIS_URL").unwrap_or("redis://127.0.0.1/".into());
    let client = redis::Client::open(url)?;
    let store = RedisSessionStore::new(client.get_multiplexed_async_connection().await?);
    let key = Key::generate(); // take it from a secret, or nobody's cookie outlives a restart
    let app = move || {
        let sessions = sessions(store.clone(), key.clone());
        App::new().wrap(sessions).route("/", web::get().to(visit))
    };
    println!("http://127.0.0.1:3000");
    Ok(HttpServer::new(app)
        .bind(("127.0.0.1", 3000))?
        .run()
        .await?)
}
