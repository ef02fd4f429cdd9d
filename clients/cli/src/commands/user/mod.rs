//! `sessionctl user`: the sessions of one user, on all primaries.

mod ending;
mod listing;
mod prefixes;

use super::{clock, viewing, Context};
use crate::args::user::{Action, Revoke, User};
use crate::failure::Failure;
use crate::output::confirm::confirm;
use crate::output::table::Table;
use crate::output::words::{ago, count, printable, size};
use crate::server::Servers;
use listing::Device;
use serde_json::{json, Value};
use std::process::ExitCode;

pub async fn run(args: &User, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let mut servers = Servers::connect(context.target).await?;
    servers.need_module().await?;
    let user = format!("{}{}", args.user_prefix, args.name);
    let limit = match &args.action {
        Some(Action::Revoke(_)) if args.limit.is_some() => {
            return Err(Failure::usage("--limit is for the list alone")
                .hint("--only KEY ends single sessions."))
        }
        Some(Action::Revoke(_)) => None,
        _ => args.limit,
    };
    let devices = listing::of(&mut servers, &user, &args.path, limit).await?;
    match &args.action {
        Some(Action::Revoke(revoke)) => {
            end(args, revoke, &user, devices, &mut servers, context).await
        }
        _ => {
            let documents: Vec<Value> = devices.iter().map(document).collect();
            if context.output.is_json() {
                let document = json!({ "user": user, "sessions": documents });
                context.output.document(&document);
            } else {
                show(args, &user, &devices, &servers, context).await?;
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn end(
    args: &User,
    revoke: &Revoke,
    user: &str,
    devices: Vec<Device>,
    servers: &mut Servers,
    context: &Context<'_>,
) -> Result<ExitCode, Failure> {
    let choice = ending::choose(devices, revoke, &args.user_prefix)?;
    let chosen = &choice.devices;
    if !context.output.is_json() {
        show(args, user, chosen, servers, context).await?;
    }
    let matched = chosen.len() as u64;
    let mut ended = 0;
    if matched > 0 && !revoke.sure.dry_run {
        let sessions = count(matched, "session");
        confirm(
            &format!("End {sessions} of '{}'?", printable(user)),
            revoke.sure.yes,
        )?;
        ended = ending::end(servers, user, &choice).await?;
    }
    let documents: Vec<Value> = chosen.iter().map(document).collect();
    let document = json!({
        "user": user,
        "dry_run": revoke.sure.dry_run,
        "matched": matched,
        "ended": ended,
        "sessions": documents,
    });
    context.output.either(&document, |output| {
        output.line(&match revoke.sure.dry_run {
            true => format!("would end {}", count(matched, "session")),
            false => format!("ended {}", count(ended, "session")),
        });
    });
    if ended < matched && !revoke.sure.dry_run {
        context.output.note(
            "some had ended by themselves, or the ACL of this user has no SESSION.DEL for their keys: \
             REVOKE ends only what its caller may delete",
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn document(device: &Device) -> Value {
    let mut document = json!({
        "key": device.key,
        "node": device.node,
        "info": viewing::document(&device.info),
    });
    if !device.values.is_empty() {
        document["values"] = device
            .values
            .iter()
            .cloned()
            .collect::<serde_json::Map<_, _>>()
            .into();
    }
    document
}

async fn show(
    args: &User,
    user: &str,
    devices: &[Device],
    servers: &Servers,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let output = context.output;
    output.line(&format!(
        "{}: {}",
        printable(user),
        count(devices.len() as u64, "session")
    ));
    if devices.is_empty() {
        let hint = match prefixes::missing_right(servers).await {
            Some(hint) => Some(hint),
            None => prefixes::hint(servers, &args.name, &args.user_prefix).await,
        };
        if let Some(hint) = hint {
            output.note(&hint);
        }
        return Ok(());
    }
    let now = match servers.primaries.first() {
        Some(node) => clock::now(node).await?,
        None => 0,
    };
    let mut headings = vec![
        "LAST ACCESS",
        "CREATED",
        "LOGGED IN",
        "ENDS",
        "SCHEMA",
        ">DATA",
    ];
    headings.extend(args.path.iter().map(String::as_str));
    headings.push("KEY");
    let mut table = Table::new(&headings);
    for device in devices {
        let info = &device.info;
        let mut row = vec![
            ago(info.accessed.0, now),
            ago(info.created.0, now),
            info.authenticated
                .map_or("-".into(), |time| ago(time.0, now)),
            viewing::ends(info),
            info.schema.clone().unwrap_or_else(|| "-".into()),
            size(info.bytes),
        ];
        row.extend(device.values.iter().map(|(_, value)| short(value)));
        row.push(device.key.clone());
        table.row(&row);
    }
    output.table(&table);
    Ok(())
}

/// A value of the data in a cell.
fn short(value: &Value) -> String {
    const MOST: usize = 40;
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text,
    }
}
