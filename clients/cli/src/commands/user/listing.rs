//! Asks all primaries for a user's sessions.

use crate::commands::viewing;
use crate::failure::Failure;
use crate::server::{Servers, Slots};
use redis_session_client::commands::List;
use redis_session_client::{Info, Sessions};
use serde_json::Value;
use std::collections::HashSet;
use std::time::Duration;

/// One session of the user.
pub struct Device {
    pub key: String,
    pub node: String,
    pub info: Info,
    /// Each pointer, with what is there, or null.
    pub values: Vec<(String, Value)>,
}

/// How often all primaries are asked while slots move.
const TRIES: usize = 20;

/// How long to wait before the next try.
const PAUSE: Duration = Duration::from_millis(500);

/// The sessions, the most recently accessed first.
pub async fn of(
    servers: &mut Servers,
    user: &str,
    paths: &[String],
    limit: Option<u64>,
) -> Result<Vec<Device>, Failure> {
    let mut devices = Vec::new();
    for _ in 0..TRIES {
        let before = servers.slots().await?;
        devices = once(servers, user, paths, limit).await?;
        if !servers.cluster {
            break;
        }
        let after = servers.slots().await?;
        // Without the right to know, one answer has to do.
        if before == Slots::Unknown || (matches!(before, Slots::AtRest(_)) && before == after) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        servers.refresh().await?;
    }
    Ok(devices)
}

async fn once(
    servers: &Servers,
    user: &str,
    paths: &[String],
    limit: Option<u64>,
) -> Result<Vec<Device>, Failure> {
    let sessions = Sessions::unconnected();
    let mut list = sessions.list(user).paths(paths);
    if let Some(limit) = limit {
        list = list.limit(limit);
    }
    let cmd = list.to_cmd()?;
    let mut devices = Vec::new();
    let mut seen = HashSet::new();
    for node in &servers.primaries {
        let reply = node.query(&cmd).await?;
        for listed in List::<(), Info>::read(reply)? {
            // A session that has changed nodes is listed twice.
            if !seen.insert(listed.key.clone()) {
                continue;
            }
            let values = paths.iter().cloned().zip(listed.values.texts);
            let values = values.map(|(path, text)| {
                let value = text.as_deref().map(viewing::json).transpose()?;
                Ok((path, value.unwrap_or(Value::Null)))
            });
            devices.push(Device {
                key: listed.key,
                node: node.to_string(),
                info: listed.info,
                values: values.collect::<Result<_, Failure>>()?,
            });
        }
    }
    devices.sort_by(|a, b| {
        let order = |device: &Device| (device.info.accessed.0, device.info.created.0);
        order(b).cmp(&order(a)).then_with(|| a.key.cmp(&b.key))
    });
    if let Some(limit) = limit {
        devices.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(devices)
}
