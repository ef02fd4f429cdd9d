//! `schemas check`: whether the servers would take the schemas, and live sessions would satisfy them.

use super::folder::{self, Schema};
use super::live::{self, Live};
use super::trial::{attempt, Verdict};
use crate::args::schemas::Check;
use crate::commands::Context;
use crate::failure::{Code, Failure};
use crate::output::words::{count, grouped, printable};
use crate::server::Servers;
use serde_json::{json, Value};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// Why a schema is refused, on which nodes.
pub struct Refusal {
    pub schema: String,
    pub why: String,
    pub nodes: Vec<String>,
}

impl Refusal {
    pub fn json(&self) -> Value {
        json!({ "schema": self.schema, "why": self.why, "nodes": self.nodes })
    }

    pub fn line(&self) -> String {
        let nodes = self.nodes.join(", ");
        printable(&format!(
            "{}: refused by {nodes}: {}",
            self.schema, self.why
        ))
    }
}

/// Tries all schemas on all primaries.
pub async fn refusals(
    servers: &Servers,
    schemas: &BTreeMap<String, Schema>,
) -> Result<Vec<Refusal>, Failure> {
    let mut refusals: Vec<Refusal> = Vec::new();
    for node in &servers.primaries {
        for (name, schema) in schemas {
            let Verdict::Refused(why) = attempt(node, schema, &[]).await? else {
                continue;
            };
            let same = |known: &&mut Refusal| known.schema == *name && known.why == why;
            match refusals.iter_mut().find(same) {
                Some(known) => known.nodes.push(node.to_string()),
                None => refusals.push(Refusal {
                    schema: name.clone(),
                    why,
                    nodes: vec![node.to_string()],
                }),
            }
        }
    }
    Ok(refusals)
}

pub async fn run(args: &Check, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let mut schemas = folder::read(&args.dir)?;
    let servers = Servers::connect(context.target).await?;
    servers.need_module().await?;
    let refusals = refusals(&servers, &schemas).await?;
    let all = schemas.len() as u64;
    schemas.retain(|name, _| !refusals.iter().any(|refusal| refusal.schema == *name));
    let good = schemas.len() as u64;
    let live = match args.live {
        true => Some(live::check(&servers, &schemas, args.sample, context.output).await?),
        false => None,
    };
    let found = !refusals.is_empty() || live.iter().flatten().any(|(_, live)| live.invalid > 0);
    let document = json!({
        "accepted": schemas.keys().collect::<Vec<_>>(),
        "refused": refusals.iter().map(Refusal::json).collect::<Vec<_>>(),
        "live": live.as_ref().map(|live| {
            live.iter().map(|(name, live)| live.json(name)).collect::<Vec<_>>()
        }),
    });
    context.output.either(&document, |output| {
        for refusal in &refusals {
            output.line(&refusal.line());
        }
        output.line(&format!("{good} of {} accepted", count(all, "schema")));
        for (name, live) in live.iter().flatten() {
            people(name, live, args.sample, output);
        }
    });
    Ok(match found {
        true => Code::Found.into(),
        false => ExitCode::SUCCESS,
    })
}

fn people(name: &str, live: &Live, sample: u64, output: &crate::output::Output) {
    let name = printable(name);
    let sessions = count(live.checked, "live session");
    if live.checked == 0 {
        output.line(&match sample {
            0 => format!("{name}: no live session names it"),
            _ => format!(
                "{name}: none of the first {} sessions of each node names it; --sample 0 looks at all",
                grouped(sample)
            ),
        });
        return;
    }
    output.line(&format!(
        "{name}: {} of {sessions} would be refused",
        live.invalid
    ));
    for (rule, times) in live.worst() {
        output.line(&format!("  {times} x {}", printable(rule)));
    }
}
