//! `schemas diff` and `schemas list`: what the nodes have.

use super::folder;
use super::registry::{difference, Registry};
use crate::args::schemas::Diff;
use crate::commands::Context;
use crate::failure::{Code, Failure};
use crate::output::table::Table;
use crate::server::Servers;
use redis_session_client::SchemaEntry;
use serde_json::json;
use std::collections::BTreeSet;
use std::process::ExitCode;

pub async fn run(args: &Diff, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let schemas = folder::read(&args.dir)?;
    let servers = Servers::connect(context.target).await?;
    let registries = Registry::all(&servers).await?;
    let mut found: Vec<(String, String, String)> = Vec::new();
    for registry in &registries {
        let node = registry.node.to_string();
        for (name, schema) in &schemas {
            let differs = match registry.schemas.get(name) {
                None => Some("only in the folder".to_owned()),
                Some(entry) => difference(entry, schema),
            };
            found.extend(differs.map(|differs| (node.clone(), name.clone(), differs)));
        }
        for name in registry
            .schemas
            .keys()
            .filter(|name| !schemas.contains_key(*name))
        {
            found.push((node.clone(), name.clone(), "only on the server".to_owned()));
        }
    }
    for name in unequal(&registries) {
        found.push(("all".into(), name, "differs between the nodes".into()));
    }
    let differences = found.iter().map(|(node, schema, difference)| {
        json!({ "node": node, "schema": schema, "difference": difference })
    });
    let document = json!({ "differences": differences.collect::<Vec<_>>() });
    context.output.either(&document, |output| {
        if found.is_empty() {
            output.line("no difference");
            return;
        }
        let mut table = Table::new(&["NODE", "SCHEMA", "DIFFERENCE"]);
        for (node, schema, difference) in &found {
            table.row(&[node, schema, difference]);
        }
        output.table(&table);
    });
    Ok(match found.is_empty() {
        true => ExitCode::SUCCESS,
        false => Code::Found.into(),
    })
}

/// The schemas that are not the same on all nodes.
pub fn unequal(registries: &[Registry]) -> Vec<String> {
    let Some((first, rest)) = registries.split_first() else {
        return Vec::new();
    };
    let names = registries
        .iter()
        .flat_map(|registry| registry.schemas.keys());
    let names: BTreeSet<&String> = names.collect();
    let same = |name: &&String| {
        let entry = first.schemas.get(*name);
        rest.iter()
            .all(|registry| registry.schemas.get(*name) == entry)
    };
    names
        .into_iter()
        .filter(|name| !same(name))
        .cloned()
        .collect()
}

pub async fn list(context: &Context<'_>) -> Result<ExitCode, Failure> {
    let servers = Servers::connect(context.target).await?;
    let registries = Registry::all(&servers).await?;
    let nodes = registries.iter().map(|registry| {
        let schemas = registry.schemas.values().map(|entry| {
            json!({
                "name": entry.name,
                "digest": entry.digest,
                "assertformat": entry.assert_format,
                "prefix": entry.prefix,
            })
        });
        json!({ "node": registry.node.to_string(), "schemas": schemas.collect::<Vec<_>>() })
    });
    let document = json!({ "nodes": nodes.collect::<Vec<_>>() });
    context.output.either(&document, |output| {
        let mut table = Table::new(&["SCHEMA", "DIGEST", "ASSERTFORMAT", "PREFIX", "NODES"]);
        let mut rows: Vec<(&SchemaEntry, usize)> = Vec::new();
        for entry in registries
            .iter()
            .flat_map(|registry| registry.schemas.values())
        {
            match rows.iter_mut().find(|(known, _)| *known == entry) {
                Some((_, nodes)) => *nodes += 1,
                None => rows.push((entry, 1)),
            }
        }
        rows.sort_by_key(|(entry, _)| &entry.name);
        for (entry, nodes) in rows {
            let at = match nodes == registries.len() {
                true => "all".to_owned(),
                false => format!("{nodes} of {}", registries.len()),
            };
            table.row(&[
                entry.name.as_str(),
                entry.digest.get(..12).unwrap_or(&entry.digest),
                if entry.assert_format { "yes" } else { "no" },
                entry.prefix.as_deref().unwrap_or("-"),
                &at,
            ]);
        }
        match table.is_empty() {
            true => output.line("no schema"),
            false => output.table(&table),
        }
    });
    Ok(ExitCode::SUCCESS)
}
