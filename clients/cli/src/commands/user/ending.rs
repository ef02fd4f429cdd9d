//! Ends sessions of a user.

use super::listing::Device;
use crate::args::user::Revoke;
use crate::commands::viewing;
use crate::failure::Failure;
use crate::output::words::printable;
use crate::server::{Servers, Slots};
use redis_session_client::Sessions;
use std::time::Duration;

/// How often all primaries are told while slots move.
const TRIES: usize = 20;

/// How long to wait before the next try.
const PAUSE: Duration = Duration::from_millis(500);

/// What is to end, and what is to stay.
pub struct Choice {
    pub devices: Vec<Device>,
    /// The keys that --except names.
    kept: Vec<String>,
    only: bool,
}

/// The sessions that --except and --only leave.
///
/// # Errors
///
/// A key is none of the user's sessions: with a mistyped --except the session that is to stay would end.
pub fn choose(devices: Vec<Device>, revoke: &Revoke, prefix: &str) -> Result<Choice, Failure> {
    let mut named = Vec::new();
    for typed in revoke.except.iter().chain(&revoke.only) {
        let keys = viewing::keys(typed, prefix);
        let known = devices.iter().find(|device| keys.contains(&device.key));
        let known = known.ok_or_else(|| {
            Failure::usage(format!(
                "'{}' is no session of this user; nothing was ended",
                printable(typed)
            ))
            .hint("Without an action, sessionctl user lists the keys.")
        })?;
        named.push(known.key.clone());
    }
    let only = !revoke.only.is_empty();
    let mut devices = devices;
    devices.retain(|device| only == named.contains(&device.key));
    Ok(Choice {
        devices,
        kept: if only { Vec::new() } else { named },
        only,
    })
}

/// Ends them, and returns how many were live. With --only these are the sessions that were shown; otherwise all of
/// the user except those of --except, so that one that has begun meanwhile ends too.
pub async fn end(servers: &mut Servers, user: &str, choice: &Choice) -> Result<u64, Failure> {
    let sessions = Sessions::unconnected();
    let command = sessions.revoke(user);
    let cmd = match choice.only {
        true => command.only(choice.devices.iter().map(|device| device.key.as_str())),
        false => command.except(&choice.kept),
    }
    .to_cmd()?;
    let mut ended = 0;
    for _ in 0..TRIES {
        let before = servers.slots().await?;
        for node in &servers.primaries {
            let reply = node.query(&cmd).await?;
            ended += redis_session_client::commands::Revoke::<()>::read(reply)?;
        }
        if !servers.cluster {
            return Ok(ended);
        }
        let after = servers.slots().await?;
        // Without the right to know, one answer has to do.
        if before == Slots::Unknown || (matches!(before, Slots::AtRest(_)) && before == after) {
            return Ok(ended);
        }
        tokio::time::sleep(PAUSE).await;
        servers.refresh().await?;
    }
    Err(Failure::new(format!(
        "slots of the cluster moved all the time; {ended} sessions were ended, and some may be left"
    ))
    .hint("Run it again when the slots are at rest."))
}
