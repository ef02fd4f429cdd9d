//! Prints what a run has shown.

use crate::latency::{Latencies, COLUMNS};
use crate::memory::{change, Memory};
use crate::run::Outcome;

/// More messages than these say nothing new.
const MESSAGES: usize = 50;

/// The tables and counts, for a terminal.
pub fn text(it: &Outcome) -> String {
    let mut lines = vec![format!("{}; seed {}", it.servers, it.seed)];
    lines.push("\nmemory at rest, in KiB          used              resident             anonymous               active     peak used     peak resident".into());
    for (name, n) in [("module", 0), ("core", 1)] {
        let first = it.rounds[0].rest[n];
        for (number, round) in it.rounds.iter().enumerate() {
            lines.push(memory_row(
                name,
                number + 1,
                &round.rest[n],
                &first,
                &round.peak[n],
            ));
        }
    }
    lines.push(String::new());
    lines.push(
        "latency of probes: how many took at most so many ms, but not at most the number before"
            .into(),
    );
    let columns: String = COLUMNS.iter().map(|bound| format!("{bound:>9}")).collect();
    lines.push(format!("{:8}{columns}{:>9}", "", "more"));
    for (name, latencies) in ["module", "core"].iter().zip(&it.latencies) {
        let row: String = latencies
            .histogram
            .iter()
            .map(|n| format!("{n:>9}"))
            .collect();
        lines.push(format!("{name:8}{row}"));
    }
    for (name, latencies) in ["module", "core"].iter().zip(&it.latencies) {
        lines.push(slow(name, latencies));
    }
    let comparison = it.comparison;
    lines.push(format!(
        "seconds with such a probe: {} only of the module, {} only of core, {} of both; chance of as many of the module if neither is worse: {:.4}",
        comparison.module_only, comparison.core_only, comparison.both, comparison.chance
    ));
    for (n, name) in ["module", "core"].iter().enumerate() {
        let commands: i64 = it.rounds.iter().map(|round| round.slow_commands[n]).sum();
        let stalls: Vec<_> = it
            .rounds
            .iter()
            .map(|round| round.stalls[n].as_str())
            .collect();
        lines.push(format!(
            "{name}: {commands} commands took more than 20 ms by the slow log; longest stalls in ms, by round: {}",
            stalls.join(" | ")
        ));
    }
    lines.extend(counts(it));
    for wrong in it.wrong.iter().take(MESSAGES) {
        lines.push(format!("WRONG: {wrong}"));
    }
    lines.push(if it.wrong.is_empty() {
        "soak: nothing is wrong".into()
    } else {
        format!("soak: {} wrong", it.wrong.len())
    });
    lines.join("\n")
}

fn memory_row(name: &str, round: usize, rest: &Memory, first: &Memory, peak: &Memory) -> String {
    let cell = |now: u64, first: u64| format!("{:>9} {:>9}", now >> 10, change(first, now));
    format!(
        "{name:8} round {round:<3} {}  {}  {}  {}  {:>12} {:>17}",
        cell(rest.used, first.used),
        cell(rest.resident, first.resident),
        cell(rest.anonymous, first.anonymous),
        cell(rest.active, first.active),
        peak.used >> 10,
        peak.resident >> 10
    )
}

fn slow(name: &str, latencies: &Latencies) -> String {
    let own = latencies.own().count();
    let share = latencies.slow.len() as f64 / latencies.probes.max(1) as f64 * 100.0;
    format!(
        "{name}: {} probes, {} ({share:.4} %) above 20 ms, {own} of them also without the time in which a thread waited for a processor; longest {:.1} ms",
        latencies.probes,
        latencies.slow.len(),
        latencies.longest.as_secs_f64() * 1e3
    )
}

fn counts(it: &Outcome) -> Vec<String> {
    let counts = &it.counts;
    let sum = |of: fn(&crate::run::Round) -> u64| it.rounds.iter().map(of).sum::<u64>();
    let (commands, core) = (
        sum(|round| round.commands[0]),
        sum(|round| round.commands[1]),
    );
    vec![
        format!("commands: {commands} to the module, {core} to core; {} changes of schemas, {} saves or rewrites", it.schema_changes, sum(|round| round.saves)),
        format!(
            "sessions: {} created, {} imported = {} deleted + {} revoked + {} unlinked + {} expired; {} updates, {} rotations",
            counts.created, counts.imported, counts.deleted, counts.revoked, counts.unlinked, it.expired, counts.updated, counts.rotated
        ),
        format!("VERIFY: {} passed, {} refused, {} missing", counts.verify_passed, counts.verify_failed, counts.verify_missing),
        format!("index and counters compared with a scan {} times, {} sessions in all", sum(|round| round.checks), sum(|round| round.compared)),
    ]
}
