//! A hint where a user has no session: applications may put another prefix before the names.

use crate::output::words::printable;
use crate::server::{is_forbidden, text, Node, Servers};
use redis::{cmd, pipe, Value};
use redis_session_client::commands::GetInfo;
use std::collections::BTreeSet;

/// What to try instead, from a sample of the sessions. `None` if there is nothing to say, or the user may not look.
pub async fn hint(servers: &Servers, name: &str, prefix: &str) -> Option<String> {
    let mut users = BTreeSet::new();
    for node in &servers.primaries {
        users.extend(sample(node).await?);
    }
    users.retain(|user| *user != format!("{prefix}{name}"));
    if let Some(user) = users.iter().find(|user| user.ends_with(name)) {
        let other = &user[..user.len() - name.len()];
        return Some(format!(
            "there is a user '{}': sessionctl user --user-prefix '{}' '{}'",
            printable(user),
            printable(other),
            printable(name)
        ));
    }
    let prefixes: BTreeSet<String> = users
        .iter()
        .filter_map(|user| Some(format!("'{}:'", printable(user.rsplit_once(':')?.0))))
        .collect();
    if prefixes.is_empty() || prefixes.contains(&format!("'{prefix}'")) {
        return None;
    }
    let prefixes: Vec<String> = prefixes.into_iter().take(5).collect();
    Some(format!(
        "the users of this server have other prefixes: {}; give one with --user-prefix",
        prefixes.join(", ")
    ))
}

/// Who may list but may not SESSION.INFO sees no session, and LIST does not tell.
pub async fn missing_right(servers: &Servers) -> Option<String> {
    let node = servers.primaries.first()?;
    let reply = node.try_query(cmd("SESSION.INFO").arg("session:x")).await;
    let error = reply.ok()?.err()?;
    is_forbidden(&error).then(|| {
        "LIST shows only sessions that this user may SESSION.INFO: ACL SETUSER name +session.info, and their keys"
            .to_owned()
    })
}

/// The users of some sessions of a node.
async fn sample(node: &Node) -> Option<BTreeSet<String>> {
    let scan = cmd("SCAN")
        .arg(&["0", "TYPE", "session-1", "COUNT", "1000"])
        .to_owned();
    let Value::Array(reply) = node.try_query(&scan).await.ok()?.ok()? else {
        return None;
    };
    let Some(Value::Array(keys)) = reply.get(1) else {
        return None;
    };
    if keys.is_empty() {
        return Some(BTreeSet::new());
    }
    let mut infos = pipe();
    for key in keys {
        infos.cmd("SESSION.INFO").arg(text(key));
    }
    let replies = node.pipeline(&infos).await.ok()?;
    let users = replies.into_iter().filter_map(|reply| {
        let info = GetInfo::<()>::read(reply).ok()??;
        info.user
    });
    Some(users.collect())
}
