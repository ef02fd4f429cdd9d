//! `sessionctl show`: one session, without counting as an access.

use super::{clock, viewing, Context};
use crate::args::show::Show;
use crate::failure::Failure;
use crate::output::words::{ago, count, duration, printable, size, time};
use crate::output::Output;
use crate::server::{refused, Node, Servers};
use redis::{cmd, Value};
use redis_session_client::commands::{Get, GetInfo};
use redis_session_client::{Info, Session, Sessions};
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

pub async fn run(args: &Show, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let servers = Servers::connect(context.target).await?;
    for key in viewing::keys(&args.key, &args.prefix) {
        let node = servers.owner(key.as_bytes()).ok_or_else(|| {
            Failure::new("no node of the cluster has the slot of this key")
                .hint("'sessionctl doctor' tells which slots are missing.")
        })?;
        if let Some(found) = read(node, &key, args.data).await? {
            print(&found, node, context.output).await?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    Err(Failure::found(format!("there is no live session under '{}'", printable(&args.key))).hint(
        "It may have ended, or its key has another prefix: --prefix. 'sessionctl user NAME' lists the keys of a user.",
    ))
}

struct Found {
    key: String,
    info: Info,
    /// The JSON text.
    data: Option<String>,
    /// Ms for which this key, an old ID of the session, still leads to it.
    grace: Option<i64>,
}

async fn read(node: &Arc<Node>, key: &str, with_data: bool) -> Result<Option<Found>, Failure> {
    let sessions = Sessions::unconnected();
    // The time of the key comes first: it can then only be longer than what the session has left.
    let left = node.try_query(cmd("PTTL").arg(key)).await?;
    let asked = match with_data {
        true => sessions.get(key).no_touch().with_info().to_cmd()?,
        false => sessions.info(key).to_cmd()?,
    };
    let reply = match node.try_query(&asked).await? {
        Ok(reply) => reply,
        Err(error) if error.code() == "WRONGTYPE" => {
            return Err(Failure::found(format!(
                "{} is no session: the key holds another type",
                printable(key)
            ))
            .hint("redis-cli TYPE shows which one."));
        }
        Err(error) => return Err(refused(node.address(), &error)),
    };
    let (info, data) = match with_data {
        true => match Get::<(), Session<Info>>::read(reply)? {
            Some(session) => (session.info, Some(session.text)),
            None => return Ok(None),
        },
        false => match GetInfo::<()>::read(reply)? {
            Some(info) => (info, None),
            None => return Ok(None),
        },
    };
    let left = match left {
        Ok(Value::Int(left @ 0..)) => Some(left),
        _ => None,
    };
    Ok(Some(Found {
        key: key.to_owned(),
        grace: left.filter(|left| viewing::is_alias(*left, &info)),
        info,
        data,
    }))
}

async fn print(found: &Found, node: &Node, output: &Output) -> Result<(), Failure> {
    let now = clock::now(node).await?;
    let data = found.data.as_deref();
    if output.is_json() {
        let mut document = json!({
            "key": found.key,
            "node": node.to_string(),
            "grace_left": found.grace,
            "info": viewing::document(&found.info),
        });
        if let Some(text) = data {
            document["data"] = viewing::json(text)?;
        }
        output.document(&document);
        return Ok(());
    }
    output.line(&printable(&found.key));
    for (name, value) in rows(found, now) {
        output.line(&format!("  {name:<14}{}", printable(&value)));
    }
    if node.hello().cluster {
        output.line(&format!("  {:<14}{node}", "node"));
    }
    match data {
        Some(text) => output.line(&indented(text)?),
        None => output.line("  --data shows the data."),
    }
    Ok(())
}

fn rows(found: &Found, now: i64) -> Vec<(&'static str, String)> {
    let info = &found.info;
    let when = |ms: i64| format!("{}, {}", time(ms), ago(ms, now));
    let mut rows = vec![
        ("user", info.user.clone().unwrap_or_else(|| "none".into())),
        ("created", when(info.created.0)),
        ("last access", when(info.accessed.0)),
        (
            "logged in",
            info.authenticated
                .map_or("never".into(), |time| when(time.0)),
        ),
        (
            "deadline",
            info.deadline.map_or("none".into(), |time| when(time.0)),
        ),
        (
            "idle timeout",
            info.idle
                .map_or("none".into(), |idle| duration(viewing::ms(idle))),
        ),
        ("ends", viewing::ends(info)),
        (
            "schema",
            info.schema.clone().unwrap_or_else(|| "none".into()),
        ),
        (
            "data",
            format!(
                "{}, {}",
                size(info.bytes),
                count(info.version.saturating_sub(1), "change")
            ),
        ),
    ];
    if info.issued != info.created {
        rows.insert(2, ("this ID since", when(info.issued.0)));
    }
    if let Some(left) = found.grace {
        let text = format!(
            "old: the session was rotated, and this key leads to it for {} more",
            duration(left)
        );
        rows.insert(0, ("ID", text));
    }
    rows
}

/// Indented JSON, in which nothing can drive a terminal.
fn indented(text: &str) -> Result<String, Failure> {
    let value = viewing::json(text)?;
    let pretty = serde_json::to_string_pretty(&value)
        .map_err(|_| Failure::new("the data cannot be written as JSON"))?;
    Ok(pretty.lines().map(escaped).collect::<Vec<_>>().join("\n"))
}

/// As `printable`, but with the escapes of JSON, so that the text stays JSON.
fn escaped(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        if printable(c.encode_utf8(&mut [0; 4])).starts_with(c) {
            shown.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::indented;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_order_stay_and_controls_are_escaped() {
        let text = r#"{"b":1e400,"a":[9007199254740993,"\u001b[2J"],"c":"x"}"#;
        let shown = indented(text).expect("JSON");
        assert!(
            shown.contains("1e400") || shown.contains("1e+400"),
            "{shown}"
        );
        assert!(shown.contains("9007199254740993") && shown.contains("\\u001b[2J"));
        let order = ["\"b\"", "\"a\"", "\"c\""].map(|name| shown.find(name));
        assert!(order.is_sorted(), "{shown}");
        assert!(indented("\"\u{202e}\u{9b}\u{e0041}\"")
            .expect("JSON")
            .is_ascii());
    }

    #[test]
    fn data_of_all_levels_is_shown() {
        let deep = format!("{}{}", "[".repeat(128), "]".repeat(128));
        assert_eq!(indented(&deep).expect("JSON").matches('[').count(), 128);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_the_same_json(text in any::<String>()) {
            let json = serde_json::to_string(&[&text]).expect("JSON");
            let shown = indented(&json).expect("JSON");
            prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&shown).expect("JSON"), vec![text]);
        }
    }
}
