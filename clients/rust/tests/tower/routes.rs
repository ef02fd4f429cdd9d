//! The routes of the application: one for each thing that an application does with its session.

use crate::gates::Gates;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use redis_session_client::tower_sessions::{has_ended, LoginError, RedisSessionStore};
use redis_session_client::{Connection, Error};
use serde_json::{Map, Value};
use tower_sessions::{Expiry, Session};

#[derive(Clone)]
struct Site<C> {
    store: RedisSessionStore<C>,
    gates: Gates,
}

type Reply<T = ()> = Result<T, (axum::http::StatusCode, String)>;
type Place<C> = State<Site<C>>;

fn failed(error: impl std::error::Error) -> (axum::http::StatusCode, String) {
    (
        axum::http::StatusCode::INTERNAL_SERVER_ERROR,
        error.to_string(),
    )
}

pub fn routes<C: Connection>(store: &RedisSessionStore<C>, gates: &Gates) -> Router {
    Router::new()
        .route("/nothing", get(|_: Session| async { "nothing" }))
        .route("/get/{name}", get(value))
        .route("/set", post(set))
        .route("/remove/{name}", post(remove))
        .route("/flush", post(flush))
        .route(
            "/clear",
            post(|session: Session| async move { session.clear().await }),
        )
        .route("/clear-and-delete", post(clear_and_delete))
        .route("/cycle", post(cycle))
        .route("/cycle-slowly", post(cycle_slowly::<C>))
        .route("/cycle-and-flush", post(cycle_and_flush))
        .route("/cycle-and-fail", post(cycle_and_fail))
        .route("/expire", post(expire))
        .route("/meet/{name}", post(meet::<C>))
        .route("/slow/{action}", post(slow::<C>))
        .route("/login/{user}", post(login::<C>))
        .route("/rotate", post(rotate::<C>))
        .with_state(Site {
            store: store.clone(),
            gates: gates.clone(),
        })
}

async fn value(session: Session, Path(name): Path<String>) -> Reply<Json<Option<Value>>> {
    Ok(Json(session.get_value(&name).await.map_err(failed)?))
}

async fn set(session: Session, Json(members): Json<Map<String, Value>>) -> Reply {
    for (name, value) in members {
        session.insert_value(&name, value).await.map_err(failed)?;
    }
    Ok(())
}

async fn remove(session: Session, Path(name): Path<String>) -> Reply {
    session.remove_value(&name).await.map_err(failed)?;
    Ok(())
}

async fn flush(session: Session) -> Reply {
    session.flush().await.map_err(failed)
}

async fn clear_and_delete(session: Session) -> Reply {
    session.insert("late", true).await.map_err(failed)?;
    session.delete().await.map_err(failed)
}

async fn cycle(session: Session, Json(members): Json<Map<String, Value>>) -> Reply {
    session.cycle_id().await.map_err(failed)?;
    set(session, Json(members)).await
}

/// Gives the session a new ID, and waits.
async fn cycle_slowly<C: Connection>(State(site): Place<C>, session: Session) -> Reply {
    session.cycle_id().await.map_err(failed)?;
    site.gates.loaded.notify_one();
    site.gates.go.notified().await;
    Ok(())
}

async fn cycle_and_flush(session: Session) -> Reply {
    session.cycle_id().await.map_err(failed)?;
    session.flush().await.map_err(failed)
}

async fn cycle_and_fail(session: Session) -> Reply {
    session.cycle_id().await.map_err(failed)?;
    Err(failed(std::fmt::Error))
}

/// Sets the expiry to the date in Unix ms, to the inactivity in ms, or to the end of the browser's session.
async fn expire(session: Session, Json(how): Json<Value>) -> Reply {
    let expiry = match (how["at"].as_i64(), how["inactive"].as_i64()) {
        (Some(at), _) => Expiry::AtDateTime(date(at)),
        (_, Some(inactive)) => Expiry::OnInactivity(time::Duration::milliseconds(inactive)),
        _ => Expiry::OnSessionEnd,
    };
    session.set_expiry(Some(expiry));
    session.insert("expiry", how).await.map_err(failed)
}

async fn meet<C: Connection>(
    State(site): Place<C>,
    session: Session,
    Path(name): Path<String>,
) -> Reply {
    session.get_value("").await.map_err(failed)?;
    site.gates.meeting.wait().await;
    session.insert(&name, name.clone()).await.map_err(failed)
}

/// Loads the session, waits, and then does something with it.
async fn slow<C: Connection>(
    State(site): Place<C>,
    session: Session,
    Path(action): Path<String>,
) -> Reply<String> {
    session.get_value("").await.map_err(failed)?;
    site.gates.loaded.notify_one();
    site.gates.go.notified().await;
    match action.as_str() {
        "cycle" => session.cycle_id().await.map_err(failed)?,
        "insert-and-login" => {
            session.insert("slow", true).await.map_err(failed)?;
            let login = site.store.login(&session, "ada", ()).await;
            login.map_err(failed)?;
        }
        "login" => site
            .store
            .login(&session, "ada", ())
            .await
            .map_err(failed)?,
        "rotate" => site.store.rotate(&session).await.map_err(failed)?,
        "save" => {
            session.insert("slow", true).await.map_err(failed)?;
            return match session.save().await {
                Err(error) if has_ended(&error) => Ok("lost".into()),
                Err(error) => Err(failed(error)),
                Ok(()) => Ok("saved".into()),
            };
        }
        _ => session.insert("slow", true).await.map_err(failed)?,
    }
    Ok("done".into())
}

async fn login<C: Connection>(
    State(site): Place<C>,
    session: Session,
    Path(user): Path<String>,
    Json(members): Json<Value>,
) -> Reply<&'static str> {
    match site.store.login(&session, &user, members).await {
        Ok(()) => Ok("in"),
        Err(LoginError::Command(Error::TooMany { .. })) => Ok("too many"),
        Err(error) => Err(failed(error)),
    }
}

async fn rotate<C: Connection>(State(site): Place<C>, session: Session) -> Reply {
    site.store.rotate(&session).await.map_err(failed)
}

pub fn date(millis: i64) -> time::OffsetDateTime {
    let nanos = i128::from(millis) * 1_000_000;
    time::OffsetDateTime::from_unix_timestamp_nanos(nanos).expect("a date")
}
