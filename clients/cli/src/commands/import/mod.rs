//! `sessionctl import`: moves the live sessions of another store.
//!
//! `scan` finds keys in batches, and several `worker`s `read`, convert (`session`) and `write` them. `remote` sends commands to the
//! owners of keys, and again where a server was away. `journal` remembers what was moved beyond the end of the
//! program, `tally` counts for `report`.

mod clock;
mod delete;
mod dry;
mod group;
mod journal;
mod missing;
mod pace;
mod patience;
mod plan;
mod preflight;
mod read;
mod remote;
mod replies;
mod report;
mod scan;
mod session;
mod step;
mod stop;
mod tally;
mod untouched;
mod update;
mod work;
mod worker;
mod write;

use super::Context;
use crate::args::import::Import;
use crate::failure::{Code, Failure};
use crate::output::{confirm::confirm, Progress};
use crate::server::keys_with;
use journal::{default_path, Journal};
use patience::interrupted;
use plan::Plan;
use report::Report;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use stop::Stop;
use tokio::task::JoinSet;
use work::Work;

/// Batches that are worked on at once: enough that the servers and two cores always have work.
const WORKERS: usize = 4;
/// Keys of a batch.
const BATCH: usize = 256;

pub async fn run(args: &Import, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let mut plan = Plan::of(args)
        .ok_or_else(|| Failure::usage(format!("there is no store '{}'", args.from)))?;
    let (to, from) = preflight::accesses(context.target, &args.source)?;
    let import = format!(
        "{}\n{}/{}\n{}/{}\n{}\n{}",
        plan.from,
        from.address,
        from.address.db,
        to.address,
        to.address.db,
        String::from_utf8_lossy(&plan.source_prefix),
        plan.prefix
    );
    let path = match &args.journal {
        Some(path) => path.clone(),
        None => default_path(&import)?,
    };
    let stop = Stop::new();
    let target = preflight::target(to, &mut plan, &stop).await?;
    let (source, size) = preflight::source(from, &plan, &stop).await?;
    if plan.delete_old {
        delete::check(&source).await?;
        if !plan.dry_run {
            confirm(
                "Delete the old key of each session that is moved?",
                args.yes,
            )?;
        }
    }
    let journal = Journal::open(path, &import, plan.dry_run)?;
    let prefix_schemas = if plan.dry_run {
        preflight::prefix_schemas(&target).await?
    } else {
        dry::PrefixSchemas::default()
    };
    stop.at_signals();
    let (sender, batches) = tokio::sync::mpsc::channel(WORKERS);
    let source = Arc::new(source);
    let pace = pace::Pace::new(args.rate);
    let scan = Arc::new(scan::Scan {
        source: source.clone(),
        pattern: keys_with(&plan.source_prefix),
        size: pace.batch(BATCH),
        to: sender,
        stop: stop.clone(),
    });
    let work = Arc::new(Work {
        plan,
        source,
        target,
        journal: Mutex::new(journal),
        tally: Mutex::new(tally::Tally::new(args.samples.into())),
        pace,
        progress: Progress::new(context.output.shows_progress(), size),
        prefix_schemas,
        stop: stop.clone(),
        batches: tokio::sync::Mutex::new(batches),
    });
    let mut tasks = JoinSet::new();
    tasks.spawn(scan.run());
    for _ in 0..WORKERS {
        tasks.spawn(work.clone().run());
    }
    let mut ended = all(tasks, &stop).await;
    if ended.is_ok() && !stop.is_set() {
        ended = work.follow_ends().await;
    }
    work.progress.clear();
    finish(&work, &stop, ended, context)
}

/// Waits for all tasks. The first failure stops the others.
async fn all(mut tasks: JoinSet<Result<(), Failure>>, stop: &Stop) -> Result<(), Failure> {
    let mut first = Ok(());
    while let Some(done) = tasks.join_next().await {
        let done = done.unwrap_or_else(|error| Err(Failure::new(error.to_string())));
        if done.is_err() {
            stop.fail();
            if first.is_ok() {
                first = done;
            }
        }
    }
    first
}

/// Prints what was done, whatever ended it.
fn finish(
    work: &Work,
    stop: &Stop,
    ended: Result<(), Failure>,
    context: &Context<'_>,
) -> Result<ExitCode, Failure> {
    let journal = work.journal.lock().expect("no panic while locked");
    let tally = work.tally.lock().expect("no panic while locked");
    let flushed = journal.flush();
    let report = Report {
        plan: &work.plan,
        tally: &tally,
        journal: journal.path(),
        took: work.progress.elapsed(),
        complete: ended.is_ok() && !stop.is_set(),
    };
    report.print(context.output);
    let next = if work.plan.dry_run {
        "Nothing was written."
    } else {
        "The same command goes on from here."
    };
    if stop.asked() {
        return Err(interrupted().hint(next));
    }
    ended.map_err(|failure| match failure.hint.is_empty() {
        true => failure.hint(next),
        false => failure,
    })?;
    flushed?;
    Ok(match tally.left() {
        0 => ExitCode::SUCCESS,
        _ => Code::Found.into(),
    })
}
