//! Formats the figures of commands, bytes and memory as Markdown tables.

use crate::bytes::{Bytes, Written};
use crate::memory::Memory;
use crate::pairs::{Figures, Outcome};
use crate::payload::SIZES;
use std::fmt::Write;

/// One line for each row that was measured with several sizes: its ratios beside the targets.
pub fn by_size(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "\n### By size\n\nThroughput, server CPU in parentheses, and what is wanted, if anything.\n\n\
         | work | against | data |",
    );
    for size in SIZES {
        let _ = write!(text, " {size} bytes |");
    }
    text += "\n|---|---|---|---|---|---|---|\n";
    for (n, first) in outcomes.iter().enumerate() {
        let is_same = |other: &&Outcome| first.is_of_row(other);
        if outcomes[..n].iter().any(|other| is_same(&other)) {
            continue;
        }
        let same: Vec<_> = outcomes[n..].iter().filter(is_same).collect();
        if same.len() < 2 {
            continue;
        }
        let table = &first.table;
        let pipeline = if table.pipeline == 1 { ", `-P 1`" } else { "" };
        let _ = write!(
            text,
            "| {}{pipeline} | {} | {} |",
            first.work, first.against, table.payload.name
        );
        for size in SIZES {
            let outcome = same.iter().find(|outcome| outcome.table.size == size);
            let _ = write!(text, " {} |", outcome.map_or("–".into(), |o| cell(o)));
        }
        text.push('\n');
    }
    text
}

fn cell(outcome: &Outcome) -> String {
    let wanted = wanted(outcome);
    match &outcome.figures {
        Ok(figures) => format!(
            "**{:.2}×** ({:.2}×) / {wanted}",
            figures.throughput.median, figures.cpu.median
        ),
        Err(_) => format!("left out / {wanted}"),
    }
}

fn wanted(outcome: &Outcome) -> String {
    let wanted = outcome.wanted;
    wanted.map_or("–".to_owned(), |wanted| format!("{wanted:.2}×"))
}

/// One table for each kind of data, size and pipeline, with all figures.
pub fn commands(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut last = None;
    for outcome in outcomes {
        let table = &outcome.table;
        let name = (table.payload.name, table.size, table.pipeline);
        if last.replace(name) != Some(name) {
            let _ = writeln!(
                text,
                "\n### {}, {} bytes, `-P {}`\n\n\
                 | work | against | throughput | wanted | server CPU | 1000 req/s | CPU ns a request \
                 | µs in the command |\n|---|---|---|---|---|---|---|---|",
                name.0, name.1, name.2
            );
        }
        let _ = writeln!(
            text,
            "| {} | {} | {} |",
            outcome.work,
            outcome.against,
            columns(outcome)
        );
    }
    text
}

fn columns(outcome: &Outcome) -> String {
    let wanted = wanted(outcome);
    let Figures {
        throughput,
        cpu,
        costs: [one, other],
    } = match &outcome.figures {
        Ok(figures) => figures,
        Err(why) => return format!("left out: {why} | {wanted} | | | |"),
    };
    format!(
        "**{:.2}×** ({:.2}–{:.2}) | {wanted} | {:.2}× ({:.2}–{:.2}) | {:.0} / {:.0} | {:.0} / {:.0} \
         | {:.2} / {:.2}",
        throughput.median,
        throughput.min,
        throughput.max,
        cpu.median,
        cpu.min,
        cpu.max,
        one.throughput / 1000.0,
        other.throughput / 1000.0,
        one.cpu,
        other.cpu,
        one.command,
        other.command
    )
}

/// Bytes that a PATCH of one member replicates and appends.
pub fn bytes(all: &[Bytes]) -> String {
    let mut text = String::from(
        "\n### Bytes written by a PATCH of one field\n\nBytes sent to a replica / appended to the AOF, for each \
         SESSION.PATCH, of a session without a schema under a key of 40 bytes. Wanted: what changed and about \
         100 bytes.\n\n\
         | data | bytes | the patch | wanted | SESSION.PATCH | JSON.MERGE of the same |\n|---|---|---|---|---|---|\n",
    );
    let both = |w: &Written| format!("{:.0} / {:.0}", w.replicated, w.appended);
    for b in all {
        let json = b.redisjson.as_ref();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | **{}** | {} |",
            b.payload,
            b.size,
            b.patch,
            b.patch + 100,
            both(&b.ours),
            json.map_or("left out".to_owned(), both)
        );
    }
    text
}

/// Memory of a key.
pub fn memory(memory: &[Memory]) -> String {
    let mut text = String::from(
        "\n### Memory\n\nBytes of `used_memory` for each key, including the key itself and the server's tables. \
         Wanted: at most 48 more than a string.\n\n\
         | data | `SET … EX` | session | more | with a schema | with a user (10 sessions each) |\n\
         |---|---|---|---|---|---|\n",
    );
    for m in memory {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | **{:+.0}** | {:.0} | {:.0} ({:+.0} for the index and the name) |",
            m.size,
            m.string,
            m.session,
            m.session - m.string,
            m.checked,
            m.owned,
            m.owned - m.session
        );
    }
    text
}
