//! Log in, see your devices, log out of this one or of all. The server is that of the variable REDIS_URL:
//!
//! cargo run -p redis-session-client --example axum_login --features tower-sessions,connection-manager

use axum::extract::{Form, State};
use axum::http::{header::USER_AGENT, HeaderMap, StatusCode};
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use redis_session_client::tower_sessions::{RedisSessionStore, RequestScopeLayer};
use serde::Deserialize;
use serde_json::json;
use tower_sessions::{Session, SessionManagerLayer};

type Store = RedisSessionStore<redis::aio::ConnectionManager>;

pub fn router(store: Store) -> axum::Router {
    let sessions = SessionManagerLayer::new(store.clone()).with_secure(false); // for http://
    axum::Router::new()
        .route("/", get(home))
        .route("/login", post(login))
        .route("/logout", post(logout))
        .route("/logout-everywhere", post(logout_everywhere))
        .layer(RequestScopeLayer::new(sessions))
        .with_state(store)
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

async fn home(State(store): State<Store>, session: Session) -> Result<Html<String>, StatusCode> {
    let Some(user) = session.get::<String>("user").await.map_err(failed)? else {
        return Ok(Html(LOGIN.into()));
    };
    let mut page = format!("<h1>Hello, {}</h1><h2>Your devices</h2>", escape(&user));
    let devices = store.sessions_of(&user, &["/device"]).await;
    for device in devices.map_err(failed)? {
        let name = device.values[0].as_ref().and_then(|name| name.as_str());
        page += &format!("<p>{}</p>", escape(name.unwrap_or("unknown")));
    }
    Ok(Html(page + LOGOUT))
}

async fn login(
    State(store): State<Store>,
    session: Session,
    headers: HeaderMap,
    Form(Credentials { user, password }): Form<Credentials>,
) -> Result<Redirect, StatusCode> {
    if (user.as_str(), password.as_str()) != ("ada", "lovelace") {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let agent = headers.get(USER_AGENT).and_then(|name| name.to_str().ok());
    let members = json!({ "user": user, "device": agent.unwrap_or("unknown") });
    let login = store.login(&session, &user, members).await;
    login.map_err(failed)?;
    Ok(Redirect::to("/"))
}

async fn logout(session: Session) -> Result<Redirect, StatusCode> {
    session.flush().await.map_err(failed)?;
    Ok(Redirect::to("/"))
}

async fn logout_everywhere(store: State<Store>, session: Session) -> Result<Redirect, StatusCode> {
    if let Some(user) = session.get::<String>("user").await.map_err(failed)? {
        store.revoke(&user).await.map_err(failed)?;
    }
    logout(session).await
}

const LOGIN: &str = "<form method=post action=/login><input name=user> <input name=password \
    type=password> <button>Log in</button></form>";
const LOGOUT: &str = "<form method=post><button formaction=/logout>Log out</button> \
    <button formaction=/logout-everywhere>Log out everywhere</button></form>";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn failed(error: impl std::error::Error) -> StatusCode {
    eprintln!("{error}");
    StatusCode::SERVICE_UNAVAILABLE
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
