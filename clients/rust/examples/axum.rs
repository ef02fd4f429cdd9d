//! Counts the visits of each browser. The server is that of the variable REDIS_URL:
//!
//! cargo run -p redis-session-client --example axum --features tower-sessions,connection-manager

use axum::{http::StatusCode, routing::get, Router};
use redis_session_client::tower_sessions::{RedisSessionStore, RequestScopeLayer};
use redis_session_client::Connection;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

pub fn router<C: Connection>(store: RedisSessionStore<C>) -> Router {
    let sessions = SessionManagerLayer::new(store)
        .with_secure(false) // for http://; leave it out for https://
        .with_expiry(Expiry::OnInactivity(time::Duration::hours(1)));
    Router::new()
        .route("/", get(visit))
        .layer(RequestScopeLayer::new(sessions))
}

async fn visit(session: Session) -> Result<String, StatusCode> {
    let visits = count(&session).await.map_err(|error| {
        eprintln!("{error}");
        StatusCode::SERVICE_UNAVAILABLE
    })?;
    Ok(format!("Visits: {visits}\n"))
}

async fn count(session: &Session) -> Result<u64, tower_sessions::session::Error> {
    let visits = session.get("visits").await?.unwrap_or(0) + 1;
    session.insert("visits", visits).await?;
    Ok(visits)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("REDIS_URL").unwrap_or("redis://127.0.0.1/".into());
    let client = redis::Client::open(url)?;
    let connection = client.get_connection_manager_lazy(Default::default())?;
    let app = router(RedisSessionStore::new(connection));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
