//! Asks one node for the facts. A command that the ACL forbids is remembered, and the next is asked.

use super::allowed::{allowed, reason};
use super::facts::{Node, User};
use super::{sample, users};
use crate::failure::Failure;
use crate::server::{self, is_forbidden, pairs, text, Info};
use redis::{cmd, pipe, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

/// The settings that the checks look at. No others are asked for: some are passwords.
const SETTINGS: [&str; 16] = [
    "appendonly",
    "appendfsync",
    "save",
    "aof-use-rdb-preamble",
    "maxmemory",
    "maxmemory-policy",
    "repl-diskless-load",
    "replica-read-only",
    "enable-module-command",
    "protected-mode",
    "bind",
    "port",
    "tls-port",
    "cluster-require-full-coverage",
    "cluster-enabled",
    "session.*",
];

/// Commands that the server or the module calls by their names.
pub const NEEDED: [&str; 6] = ["CLUSTER", "SELECT", "DEL", "MULTI", "EXEC", "PEXPIREAT"];

pub async fn ask(node: &server::Node, compile: bool) -> Result<Node, Failure> {
    let mut facts = Node {
        name: node.to_string(),
        hello: node.hello().clone(),
        ..Node::default()
    };
    facts.clock = clock(node, &mut facts.forbidden).await?;
    facts.info = allowed(
        node,
        cmd("INFO").arg("everything"),
        "INFO",
        &mut facts.forbidden,
    )
    .await?
    .map(|reply| Info::parse(&text(&reply)));
    let config = cmd("CONFIG").arg("GET").arg(&SETTINGS).to_owned();
    facts.config = allowed(node, &config, "the settings", &mut facts.forbidden)
        .await?
        .map(|reply| {
            let pairs = pairs(&reply).into_iter();
            pairs
                .map(|(name, value)| (name, text(value)))
                .collect::<BTreeMap<_, _>>()
        });
    facts.users = ask_users(node, &mut facts.forbidden).await?;
    let commands = cmd("COMMAND").arg("INFO").arg(&NEEDED).to_owned();
    facts.unknown_commands = allowed(node, &commands, "renamed commands", &mut facts.forbidden)
        .await?
        .map(|reply| unknown(&reply));
    if facts.hello.cluster {
        facts.open_slots = allowed(
            node,
            cmd("CLUSTER").arg("NODES"),
            "slots that are being moved",
            &mut facts.forbidden,
        )
        .await?
        .map(|reply| open_slots(&text(&reply)));
    }
    if facts.hello.module.is_some() {
        if compile {
            facts.bad_schemas = bad_schemas(node, &mut facts.forbidden).await?;
        }
        facts.sample = sample::endless(node, &mut facts.forbidden).await?;
    }
    Ok(facts)
}

/// The server's time minus this machine's, between which bounds: the reply was made between the two moments.
async fn clock(
    node: &server::Node,
    forbidden: &mut Vec<(&'static str, String)>,
) -> Result<Option<(i64, i64)>, Failure> {
    let here = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    };
    let before = here();
    let reply = allowed(node, &cmd("TIME"), "the clock", forbidden).await?;
    let after = here();
    Ok(reply.and_then(|reply| {
        let there = server::time_ms(&reply)?;
        Some((there - after, there - before))
    }))
}

async fn ask_users(
    node: &server::Node,
    forbidden: &mut Vec<(&'static str, String)>,
) -> Result<Option<Vec<User>>, Failure> {
    /// More users than this are not looked at one by one.
    const MOST: usize = 1000;
    let reply = allowed(
        node,
        cmd("ACL").arg("LIST"),
        "users and their rights",
        forbidden,
    )
    .await?;
    let Some(Value::Array(lines)) = reply else {
        return Ok(None);
    };
    let mut list: Vec<User> = lines.iter().map(|line| users::read(&text(line))).collect();
    list.truncate(MOST);
    if node.hello().module.is_none() || list.is_empty() {
        return Ok(Some(list));
    }
    let mut tries = pipe();
    for user in &list {
        let name = user.name.as_str();
        let dry = || cmd("ACL").arg("DRYRUN").arg(name).to_owned();
        tries.add_command(
            dry()
                .arg(&["SESSION.IMPORT", "k", "0", "CREATED", "1"])
                .to_owned(),
        );
        tries.add_command(dry().arg(&["SESSION.VERIFY", "k"]).to_owned());
        tries.add_command(dry().arg(&["SESSION.GET", "k"]).to_owned());
        tries.add_command(dry().arg(&["SESSION.SET", "k", "0"]).to_owned());
        tries.add_command(dry().arg(&["CONFIG", "GET", "masterauth"]).to_owned());
    }
    let replies = node.pipeline(&tries).await?;
    if let Some(Value::ServerError(error)) = replies.first() {
        if is_forbidden(error) {
            forbidden.push(("who may import sessions", reason(node, error)));
            return Ok(Some(list));
        }
    }
    for (user, replies) in list.iter_mut().zip(replies.chunks(5)) {
        let may: Vec<bool> = replies.iter().map(users::may_run).collect();
        user.may_import = may.first() == Some(&true);
        user.may_serve = may.iter().skip(1).take(3).any(|may| *may);
        user.may_get_config = may.get(4) == Some(&true);
    }
    Ok(Some(list))
}

fn unknown(reply: &Value) -> BTreeSet<String> {
    let Value::Array(entries) = reply else {
        return BTreeSet::new();
    };
    let known = NEEDED.iter().zip(entries);
    known
        .filter(|(_, entry)| {
            matches!(entry, Value::Nil) || matches!(entry, Value::Array(parts) if parts.is_empty())
        })
        .map(|(name, _)| (*name).to_owned())
        .collect()
}

/// Slots in brackets in the line of the node itself: `[93->-…]` is moved away, `[77-<-…]` comes.
fn open_slots(nodes: &str) -> usize {
    nodes
        .lines()
        .filter(|line| line.contains("myself"))
        .flat_map(str::split_whitespace)
        .filter(|word| word.starts_with('['))
        .count()
}

/// Asks for a check of each schema: a bad one is BADSCHEMA whatever the data is.
async fn bad_schemas(
    node: &server::Node,
    forbidden: &mut Vec<(&'static str, String)>,
) -> Result<Option<Vec<(String, String)>>, Failure> {
    let what = "whether the schemas compile";
    let list = cmd("SESSION.SCHEMA").arg("LIST").to_owned();
    let Some(Value::Array(list)) = allowed(node, &list, what, forbidden).await? else {
        return Ok(None);
    };
    let names: Vec<String> = list
        .iter()
        .filter_map(|schema| {
            let pairs = pairs(schema);
            let name = pairs.iter().find(|(key, _)| key == "name")?;
            Some(text(name.1))
        })
        .collect();
    let mut bad = Vec::new();
    for names in names.chunks(20) {
        let mut checks = pipe();
        for name in names {
            checks
                .cmd("SESSION.SCHEMA")
                .arg("CHECK")
                .arg(name)
                .arg("null");
        }
        for (name, reply) in names.iter().zip(node.pipeline(&checks).await?) {
            let Value::ServerError(error) = reply else {
                continue;
            };
            if is_forbidden(&error) {
                forbidden.push((what, reason(node, &error)));
                return Ok(None);
            }
            if error.code() == "BADSCHEMA" {
                bad.push((name.clone(), error.details().unwrap_or_default().to_owned()));
            }
        }
    }
    Ok(Some(bad))
}

#[cfg(test)]
mod tests {
    #[test]
    fn slots_that_are_moved_are_seen() {
        let nodes = "a 127.0.0.1:1@2 myself,master - 0 0 1 connected 0-5 [93->-b] [77-<-c]\n\
                     b 127.0.0.1:3@4 master - 0 0 1 connected 6-9 [1->-a]\n";
        assert_eq!(super::open_slots(nodes), 2);
    }
}
