//! A visitor logs in, changes something, and logs out everywhere.
use redis_session_client::{Error, Sessions};
use serde_json::json;
use std::time::Duration;

pub async fn visit(url: &str) -> Result<(), Error> {
    let client = redis::Client::open(url)?;
    let sessions = Sessions::new(client.get_multiplexed_async_connection().await?);

    let idle = Duration::from_secs(1800);
    let new = sessions.create("session:*", json!({"cart": [7]}));
    let visitor = new.idle(idle).await?;

    let login = sessions.rotate(&visitor.key, "session:*").user("ada");
    let login = login.token().await?; // the token goes into the cookie

    let patch = json!({"theme": "dark"});
    sessions.patch(&login.key, patch).await?;
    if let Some(session) = sessions.verify(&login.key).fresh(idle).await? {
        println!("{}", session.text); // {"cart":[7],"theme":"dark"}
    }
    println!("{} session ended", sessions.revoke("ada").await?);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    visit("redis://127.0.0.1/").await
}
