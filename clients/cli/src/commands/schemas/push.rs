//! `schemas push`: the schemas of a folder, to every primary.

use super::check::{refusals, Refusal};
use super::folder::{self, Schema};
use super::plan::Plan;
use super::registry::Registry;
use crate::args::schemas::Push;
use crate::commands::Context;
use crate::failure::{Code, Failure};
use crate::output::confirm::confirm;
use crate::output::words::{count, printable};
use crate::server::{refused, Servers};
use redis::Value;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

pub async fn run(args: &Push, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let schemas = folder::read(&args.dir)?;
    let servers = Servers::connect(context.target).await?;
    servers.need_module().await?;
    let refusals = refusals(&servers, &schemas).await?;
    if !refusals.is_empty() {
        let document = json!({
            "dry_run": args.sure.dry_run,
            "refused": refusals.iter().map(Refusal::json).collect::<Vec<_>>(),
            "nodes": [],
        });
        context.output.either(&document, |output| {
            for refusal in &refusals {
                output.line(&refusal.line());
            }
            output.line("nothing was changed");
        });
        return Ok(Code::Found.into());
    }
    let registries = Registry::all(&servers).await?;
    let plans = registries
        .iter()
        .map(|registry| Plan::new(registry, &schemas, args.prune))
        .collect::<Result<Vec<_>, _>>()?;
    let removed: BTreeSet<&str> = plans.iter().flat_map(Plan::removed).collect();
    if !args.sure.dry_run {
        if !removed.is_empty() {
            let names: Vec<String> = removed.iter().map(|name| printable(name)).collect();
            let schemas = count(removed.len() as u64, "schema");
            confirm(
                &format!(
                    "Remove {schemas} ({})? Sessions that name one are refused from then on.",
                    names.join(", ")
                ),
                args.sure.yes,
            )?;
        }
        apply(&registries, &plans, &schemas).await?;
    }
    report(args, &registries, &plans, context);
    Ok(ExitCode::SUCCESS)
}

/// Changes one primary after the other, each in a transaction.
async fn apply(
    registries: &[Registry],
    plans: &[Plan],
    schemas: &BTreeMap<String, Schema>,
) -> Result<(), Failure> {
    for (i, (registry, plan)) in registries.iter().zip(plans).enumerate() {
        let Some(commands) = plan.commands(schemas)? else {
            continue;
        };
        let done = |failure: Failure| match i {
            0 => failure,
            _ => {
                let done: Vec<String> = registries
                    .iter()
                    .take(i)
                    .map(|registry| registry.node.to_string())
                    .collect();
                let hint = format!("Done on {}. Push again when it is cured.", done.join(", "));
                Failure { hint, ..failure }
            }
        };
        let replies = registry.node.pipeline(&commands).await.map_err(done)?;
        // Without the right to MULTI its reply is an error, as that of EXEC, and the commands ran by themselves.
        let results = match (replies.first(), replies.last()) {
            (Some(Value::ServerError(_)), _) => {
                replies.get(1..replies.len() - 1).unwrap_or_default()
            }
            (_, Some(Value::Array(results))) => results.as_slice(),
            _ => replies.as_slice(),
        };
        let error = results.iter().find_map(|reply| match reply {
            Value::ServerError(error) => Some(error),
            _ => None,
        });
        if let Some(error) = error {
            return Err(done(refused(registry.node.address(), error)));
        }
    }
    Ok(())
}

fn report(args: &Push, registries: &[Registry], plans: &[Plan], context: &Context<'_>) {
    let nodes = registries.iter().zip(plans);
    let nodes = nodes.map(|(registry, plan)| plan.json(&registry.node.to_string()));
    let document = json!({
        "dry_run": args.sure.dry_run,
        "refused": [],
        "nodes": nodes.collect::<Vec<_>>(),
    });
    context.output.either(&document, |output| {
        // What is the same everywhere is said once.
        let mut lines: BTreeMap<(String, &str), Vec<String>> = BTreeMap::new();
        for (registry, plan) in registries.iter().zip(plans) {
            for (name, what) in plan.steps() {
                let nodes = lines.entry((name.to_owned(), what)).or_default();
                nodes.push(registry.node.to_string());
            }
        }
        for ((name, what), nodes) in &lines {
            let at = match nodes.len() == registries.len() {
                true => String::new(),
                false => format!(" ({})", nodes.join(", ")),
            };
            output.line(&printable(&format!("{name}: {what}{at}")));
        }
        if args.sure.dry_run {
            output.line("nothing was changed: --dry-run");
        }
    });
}
