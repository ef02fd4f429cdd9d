//! `schemas pull`: the schemas of the servers, into a folder.

use super::diff::unequal;
use super::folder;
use super::registry::Registry;
use crate::args::schemas::Pull;
use crate::commands::Context;
use crate::failure::Failure;
use crate::output::words::{count, printable};
use crate::server::Servers;
use serde_json::json;
use std::process::ExitCode;

pub async fn run(args: &Pull, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let servers = Servers::connect(context.target).await?;
    let registries = Registry::all(&servers).await?;
    let differ = unequal(&registries);
    if !differ.is_empty() {
        return Err(Failure::found(format!(
            "the nodes have different schemas: {}; nothing was written",
            printable(&differ.join(", "))
        ))
        .hint("'sessionctl schemas list' shows them; push the right ones first."));
    }
    let schemas = match registries.first() {
        Some(registry) => registry.texts().await?,
        None => Default::default(),
    };
    let mut files = folder::files(&schemas)?;
    // Settings of before would stay in force.
    let manifest = folder::MANIFEST;
    if !files.contains_key(manifest) && args.dir.join(manifest).exists() {
        files.insert(manifest.to_owned(), "{}\n".to_owned());
    }
    let failed = |error: std::io::Error| {
        Failure::usage(format!("{} cannot be written: {error}", args.dir.display()))
    };
    // Nothing is written unless everything can be.
    let mut written = Vec::new();
    for (file, text) in &files {
        let path = args.dir.join(file);
        match std::fs::read(&path) {
            Ok(old) if old == text.as_bytes() => continue,
            Ok(_) if !args.overwrite => {
                return Err(Failure::usage(format!(
                    "{} has other text; nothing was written",
                    path.display()
                ))
                .hint(
                    "--overwrite replaces it; 'sessionctl schemas diff DIR' tells what differs.",
                ));
            }
            _ => written.push((path, text)),
        }
    }
    std::fs::create_dir_all(&args.dir).map_err(failed)?;
    for (path, text) in &written {
        std::fs::write(path, text).map_err(failed)?;
    }
    let document = json!({
        "schemas": schemas.keys().collect::<Vec<_>>(),
        "written": written.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>(),
    });
    context.output.either(&document, |output| {
        for (path, _) in &written {
            output.line(&path.display().to_string());
        }
        let unchanged = files.len() - written.len();
        output.line(&format!(
            "{} written, {unchanged} as they were",
            count(written.len() as u64, "file")
        ));
    });
    Ok(ExitCode::SUCCESS)
}
