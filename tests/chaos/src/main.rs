//! The program `chaos`; `options.rs` describes it.

use chaos::history::History;
use chaos::liar::{self, Liar, Lie};
use chaos::link::Link;
use chaos::options::{Command, Options, Run};
use chaos::plan::{Plan, Rules};
use chaos::{faults, run};
use clap::Parser;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A liar lies at one of so many occasions.
const LIES_ONCE_IN: usize = 20;

const FOUND: u8 = 1;
const USAGE: u8 = 2;
const NOT_DONE: u8 = 3;

fn main() -> ExitCode {
    let options = Options::parse();
    match options.command {
        Some(Command::Check { file }) => check(&file),
        Some(Command::Faults) => list_faults(),
        Some(Command::Plants) => list_plants(),
        None => run_all(&options.run),
    }
}

fn list_faults() -> ExitCode {
    for fault in &faults::ALL {
        let mut on: Vec<_> = fault.keeps_primary.iter().chain(fault.replaces).collect();
        on.sort();
        on.dedup();
        let on: Vec<_> = on.into_iter().map(|on| on.name()).collect();
        println!("{:<10} {} ({})", fault.name, fault.about, on.join(", "));
    }
    ExitCode::SUCCESS
}

fn list_plants() -> ExitCode {
    Lie::ALL.iter().for_each(|lie| println!("{}", lie.name()));
    ExitCode::SUCCESS
}

fn usage(why: &str) -> ExitCode {
    eprintln!("chaos: {why}");
    ExitCode::from(USAGE)
}

fn run_all(options: &Run) -> ExitCode {
    let names: Vec<&str> = options.faults.iter().map(String::as_str).collect();
    let plans = match Plan::all(&options.on, &names) {
        Ok(plans) => plans,
        Err(unused) => return usage(&format!("no such fault there: {}", unused.join(", "))),
    };
    let lie = match options
        .plant
        .as_deref()
        .map(|name| (name, Lie::named(name)))
    {
        Some((name, None)) => return usage(&format!("nothing to plant is called {name}")),
        Some((_, lie)) => lie,
        None => None,
    };
    let seed = options.seed.unwrap_or_else(seed_from_clock);
    println!("seed {seed}");
    let time = Duration::from_secs(options.seconds) / plans.len().max(1) as u32;
    let mut worst = 0;
    for plan in &plans {
        println!("\n{}", plan.title());
        let liars = lie.map(|lie| liar::Plan::new(lie, LIES_ONCE_IN));
        let wrap = |link: Box<dyn Link>| -> Box<dyn Link> {
            match &liars {
                Some(liars) => Box::new(Liar::new(link, liars.clone())),
                None => link,
            }
        };
        let options_of_run = run::Options {
            seed,
            time,
            wrap: &wrap,
        };
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            run::run(plan, &options_of_run)
        }));
        let status = match result {
            Ok(Ok(outcome)) => report(&outcome, plan, &options.keep),
            Ok(Err(why)) => {
                println!("NOT DONE: {why}");
                NOT_DONE
            }
            Err(_) => {
                println!("NOT DONE: see the message above");
                NOT_DONE
            }
        };
        // What was found counts more than what could not be done.
        worst = match (worst, status) {
            (FOUND, _) | (_, FOUND) => FOUND,
            (one, other) => one.max(other),
        };
    }
    ExitCode::from(worst)
}

fn seed_from_clock() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(1, |now| now.as_secs())
}

fn report(outcome: &run::Outcome, plan: &Plan, keep: &Path) -> u8 {
    print!(
        "{}",
        chaos::summary::text(&outcome.history, &outcome.verdict)
    );
    println!("{}", chaos::summary::audit(&outcome.audit));
    if outcome.is_fine() {
        return 0;
    }
    let name = format!(
        "{}-{}-{:?}.history",
        plan.on.name(),
        outcome.history.head.seed,
        plan.rules
    );
    let file = keep.join(name.to_lowercase());
    let saved = std::fs::create_dir_all(keep).and_then(|()| outcome.history.save(&file));
    match saved {
        Ok(()) => println!("the history is in {}: chaos check {0}", file.display()),
        Err(e) => println!("the history could not be saved in {}: {e}", file.display()),
    }
    FOUND
}

fn check(file: &Path) -> ExitCode {
    let history = match History::load(file) {
        Ok(history) => history,
        Err(e) => {
            eprintln!("chaos: {}: {e}", file.display());
            return ExitCode::from(NOT_DONE);
        }
    };
    let rules = Rules::of(&history);
    let verdict = run::check(&history, rules);
    print!("{}", chaos::summary::text(&history, &verdict));
    ExitCode::from(if verdict.is_fine(usize::MAX) {
        0
    } else {
        FOUND
    })
}
