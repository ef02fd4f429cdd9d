//! Log in, see your devices, log out of this one or of all. The server is that of the variable REDIS_URL:
//!
//! cargo run -p redis-session-client --example actix_login --features actix-session

use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::Key;
use actix_web::error::{ErrorServiceUnavailable, ErrorUnauthorized};
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Data, Form, Html, Redirect, ServiceConfig};
use actix_web::{get, post, App, HttpRequest, HttpServer, Result};
use redis_session_client::actix_session::{RedisSessionStore, RequestScope};
use serde::Deserialize;
use serde_json::json;

pub type Store = RedisSessionStore<redis::aio::MultiplexedConnection>;

pub fn sessions(store: Store, key: Key) -> RequestScope<SessionMiddleware<Store>> {
    let sessions = SessionMiddleware::builder(store, key).cookie_secure(false); // for http://
    RequestScope::new(sessions.build())
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(home)
        .service(login)
        .service(logout)
        .service(logout_everywhere);
}

#[derive(Deserialize)]
struct Credentials {
    user: String,
    password: String,
}

#[get("/")]
async fn home(session: Session, store: Data<Store>) -> Result<Html> {
    let Some(user) = session.get::<String>("user")? else {
        return Ok(Html::new(LOGIN));
    };
    let mut page = format!("<h1>Hello, {}</h1><h2>Your devices</h2>", escape(&user));
    let devices = store.sessions_of(&user, &["/device"]).await;
    for device in devices.map_err(ErrorServiceUnavailable)? {
        let name = device.values[0].as_ref().and_then(|name| name.as_str());
        page += &format!("<p>{}</p>", escape(name.unwrap_or("unknown")));
    }
    Ok(Html::new(page + LOGOUT))
}

#[post("/login")]
async fn login(
    session: Session,
    store: Data<Store>,
    credentials: Form<Credentials>,
    request: HttpRequest,
) -> Result<Redirect> {
    let Credentials { user, password } = credentials.into_inner();
    if (&user[..], &password[..]) != ("ada", "lovelace") {
        return Err(ErrorUnauthorized("wrong name or password")); // a real application compares hashes
    }
    let device = request.headers().get(USER_AGENT);
    let device = device.and_then(|name| name.to_str().ok());
    let members = json!({"user": user, "device": device.unwrap_or("unknown")});
    let login = store.login(&session, &user, members).await;
    login.map_err(ErrorServiceUnavailable)?;
    Ok(Redirect::to("/").see_other())
}

#[post("/logout")]
async fn logout(session: Session) -> Redirect {
    session.purge();
    Redirect::to("/").see_other()
}

#[post("/logout-everywhere")]
async fn logout_everywhere(session: Session, store: Data<Store>) -> Result<Redirect> {
    if let Some(user) = session.get::<String>("user")? {
        store.revoke(&user).await.map_err(ErrorServiceUnavailable)?;
    }
    session.purge();
    Ok(Redirect::to("/").see_other())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

const LOGIN: &str = "<h1>Log in</h1><form method=post action=/login>\
    <input name=user placeholder=ada><input name=password type=password placeholder=lovelace>\
    <button>Log in</button></form>";
const LOGOUT: &str = "<form method=post action=/logout><button>Log out</button></form>\
    <form method=post action=/logout-everywhere><button>Log out everywhere</button></form>";

#[actix_web::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("REDIS_URL").unwrap_or("redis://127.0.0.1/".into());
    let client = redis::Client::open(url)?;
    let store = Store::new(client.get_multiplexed_async_connection().await?);
    let key = Key::generate(); // take it from a secret, or nobody's cookie outlives a restart
    let app = move || {
        let data = Data::new(store.clone());
        let sessions = sessions(store.clone(), key.clone());
        App::new().app_data(data).configure(routes).wrap(sessions)
    };
    println!("http://127.0.0.1:3000");
    Ok(HttpServer::new(app)
        .bind(("127.0.0.1", 3000))?
        .run()
        .await?)
}
