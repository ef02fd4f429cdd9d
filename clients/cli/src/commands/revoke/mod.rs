//! `sessionctl revoke`: ends many sessions.
//!
//! Counts first and asks, then scans again and ends. A session can be rotated while a pass runs, to a key that the
//! pass has gone by, or can change nodes: so passes are repeated until one ends nothing, and nothing was rotated
//! meanwhile. Where sessions are rotated all the time, a few such passes one after the other are enough. Sessions
//! that are made meanwhile do not count, so that there are such passes.

mod filter;
mod scanning;

use super::{clock, interrupt, Context};
use crate::args::revoke::Revoke;
use crate::failure::Failure;
use crate::output::confirm::confirm;
use crate::output::words::{count, printable};
use crate::output::Progress;
use crate::server::{Servers, Slots};
use filter::Filter;
use redis::{cmd, Value};
use scanning::{Action, Scan};
use serde_json::json;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often all keys are gone through at most.
const PASSES: usize = 60;

/// So many passes one after the other that end nothing are enough, even if sessions are rotated all the time.
const QUIET: usize = 5;

/// How long to wait for slots that are being moved, before the next pass.
const PAUSE: Duration = Duration::from_secs(1);

pub async fn run(args: &Revoke, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let ended = AtomicU64::new(0);
    tokio::select! {
        result = work(args, context, &ended) => result,
        () = interrupt::asked_to_stop() => {
            let ended = count(ended.load(Ordering::Relaxed), "session");
            Err(Failure::interrupted(format!("interrupted; {ended} had been ended, and a few more may have been"))
                .hint("The same command goes on with the rest."))
        }
    }
}

async fn work(
    args: &Revoke,
    context: &Context<'_>,
    ended: &AtomicU64,
) -> Result<ExitCode, Failure> {
    let mut servers = Servers::connect(context.target).await?;
    servers.need_module().await?;
    let mut now = 0;
    for node in &servers.primaries {
        now = clock::now(node).await?.max(now);
    }
    let filter = Filter::new(args, now);
    let asks = !args.sure.yes && !args.sure.dry_run;
    let mut matched = None;
    if !args.sure.yes || args.sure.dry_run {
        let found = counted(args, context, &servers, &filter, ended).await?;
        matched = Some(found);
        if found == 0 {
            other_prefixes(args, context, &servers).await?;
        }
    }
    if asks && matched != Some(0) {
        let sessions = count(matched.unwrap_or(0), "session");
        confirm(&format!("End {sessions}{}?", of(args)), false)?;
    }
    if !args.sure.dry_run && matched != Some(0) {
        end(args, context, &mut servers, &filter, ended).await?;
    }
    let ended = ended.load(Ordering::Relaxed);
    let document = json!({
        "dry_run": args.sure.dry_run,
        "prefix": args.prefix,
        "matched": matched,
        "ended": ended,
    });
    context.output.either(&document, |output| {
        output.line(&match args.sure.dry_run {
            true => format!(
                "would end {}{}",
                count(matched.unwrap_or(0), "session"),
                of(args)
            ),
            false => format!("ended {}", count(ended, "session")),
        });
    });
    Ok(ExitCode::SUCCESS)
}

/// Which keys were looked at, for a sentence.
fn of(args: &Revoke) -> String {
    if args.prefix.is_empty() {
        return String::new();
    }
    format!(" whose key begins with '{}'", printable(&args.prefix))
}

async fn counted(
    args: &Revoke,
    context: &Context<'_>,
    servers: &Servers,
    filter: &Filter,
    ended: &AtomicU64,
) -> Result<u64, Failure> {
    let progress = progress(context, servers).await;
    let scan = Scan {
        filter,
        prefix: &args.prefix,
        progress: &progress,
        ended,
    };
    let pass = scan.pass(servers, Action::Count).await;
    progress.clear();
    Ok(pass?.matched)
}

async fn end(
    args: &Revoke,
    context: &Context<'_>,
    servers: &mut Servers,
    filter: &Filter,
    ended: &AtomicU64,
) -> Result<(), Failure> {
    let mut quiet = 0;
    for _ in 0..PASSES {
        let progress = progress(context, servers).await;
        let scan = Scan {
            filter,
            prefix: &args.prefix,
            progress: &progress,
            ended,
        };
        let before = servers.slots().await?;
        let rotations_before = rotations(servers).await;
        let pass = scan.pass(servers, Action::End).await;
        progress.clear();
        let pass = pass?;
        let after = servers.slots().await?;
        let at_rest = before == after && before != Slots::Moving && !pass.moved;
        if pass.ended == 0 && at_rest {
            quiet += 1;
            let rotations = rotations(servers).await;
            if quiet == QUIET || (rotations.is_some() && rotations == rotations_before) {
                return Ok(());
            }
        } else {
            quiet = 0;
        }
        if !at_rest {
            tokio::time::sleep(PAUSE).await;
        }
        if servers.cluster {
            servers.refresh().await?;
        }
    }
    let ended = count(ended.load(Ordering::Relaxed), "session");
    Err(Failure::new(format!(
        "sessions that match came up again and again; {ended} were ended, and some may be left"
    ))
    .hint("Slots may be moving, or an import may be running. Run it again when that is done."))
}

/// How many rotations the primaries have counted. None if one of them does not tell, for want of the right to INFO.
async fn rotations(servers: &Servers) -> Option<u64> {
    let mut all = 0;
    for node in &servers.primaries {
        all += node.info("session").await.ok()?.number("session_rotated")?;
    }
    Some(all)
}

/// A bar for one pass. The number of keys is a guess at the number of sessions.
async fn progress(context: &Context<'_>, servers: &Servers) -> Progress {
    let mut keys = 0;
    if context.output.shows_progress() {
        for node in &servers.primaries {
            if let Ok(Ok(Value::Int(size))) = node.try_query(&cmd("DBSIZE")).await {
                keys += u64::try_from(size).unwrap_or(0);
            }
        }
    }
    Progress::new(context.output.shows_progress(), keys)
}

/// Says that there are sessions under other prefixes, where nothing was found under this one.
async fn other_prefixes(
    args: &Revoke,
    context: &Context<'_>,
    servers: &Servers,
) -> Result<(), Failure> {
    if args.prefix.is_empty() {
        return Ok(());
    }
    for node in &servers.primaries {
        let scan = cmd("SCAN")
            .arg(&["0", "TYPE", "session-1", "COUNT", "1000"])
            .to_owned();
        let Value::Array(reply) = node.query(&scan).await? else {
            continue;
        };
        let Some(Value::Array(keys)) = reply.get(1) else {
            continue;
        };
        let keys = keys.iter().map(crate::server::text);
        // Only what stands before a colon is a prefix; the rest of a key may be an ID.
        let others: Option<String> = keys
            .filter(|key| !key.starts_with(&args.prefix))
            .find_map(|key| Some(key.split_once(':')?.0.to_owned()));
        if let Some(other) = others {
            context.output.note(&format!(
                "nothing matches under '{}'; other sessions have keys that begin with '{}:': --prefix",
                printable(&args.prefix),
                printable(&other)
            ));
            return Ok(());
        }
    }
    Ok(())
}
