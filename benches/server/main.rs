//! `make bench`: compares sessions with plain strings that hold the same data, and with RedisJSON, on a real
//! server, and writes the tables of `docs/performance.md`.
//!
//! The figures that count are ratios of two runs, one directly after the other: the speed of a machine
//! changes from minute to minute, and disturbs both runs of such a pair alike.
//!
//! The environment is in plan.rs.

mod bytes;
mod candidates;
mod chart;
mod charts;
mod fill;
mod growth;
mod http;
mod http_table;
mod load;
mod machine;
mod memory;
mod one_user;
mod pairs;
#[path = "../payload/mod.rs"]
mod payload;
mod plan;
mod report;
mod rivals;
mod rows;
mod scale;
mod stats;
mod tables;
mod trips;
mod varied;
mod web;

use plan::Plan;
use report::Results;

fn main() {
    if varied::sent() {
        return;
    }
    let plan = Plan::from_environment();
    if let Some(groups) = plan.only_http() {
        for group in groups {
            let http = http::measure(&plan, group);
            println!("{}", http_table::section(&http));
            if plan.write {
                report::write_http(&http);
            }
        }
        return;
    }
    let rivals = rivals::Rivals::find();
    let commands = |plan: &Plan| {
        eprintln!("pairs of runs, {} each:", plan.rounds);
        let tables = plan.tables().into_iter();
        let outcomes = tables.flat_map(|table| pairs::measure(plan, &rivals, table));
        outcomes.collect::<Vec<_>>()
    };
    if plan.only.is_some() {
        let outcomes = commands(&plan);
        let by_size = tables::by_size(&outcomes);
        println!("{by_size}{}", tables::commands(&outcomes));
        return;
    }
    // First, since it depends on most programs and packages: a missing one shows at once.
    let http = plan::HTTP.map(|group| http::measure(&plan, group)).into();
    let outcomes = commands(&plan);
    eprintln!("bytes:");
    let bytes = bytes::measure(&rivals);
    eprintln!("memory:");
    let memory = memory::measure(&plan);
    eprintln!("growth:");
    let steps = plan.steps().into_iter();
    let scales = steps.map(|n| scale::measure(&plan, n)).collect();
    let one_user = one_user::measure(&plan);
    let results = Results {
        outcomes,
        bytes,
        memory,
        scales,
        one_user,
        http,
    };
    println!("{}", report::markdown(&plan, &results));
    if !plan.quick {
        report::write(&plan, &results);
    }
}
