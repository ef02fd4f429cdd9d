//! Formats the figures of web applications as a section of the page, between marks, so that it can be
//! written alone.

use crate::candidates::Group;
use crate::http::{Http, Outcome};
use crate::stats::Spread;
use crate::web::clients;
use std::fmt::Write;

impl Group {
    /// The lines around the group's section of the page.
    pub fn marks(&self) -> [String; 2] {
        ["begin", "end"].map(|word| format!("<!-- {}: {word} -->\n", self.mark))
    }
}

/// The section of the report: a paragraph and the table.
pub fn section(http: &Http) -> String {
    let Group {
        title,
        client,
        setting,
        ..
    } = http.group;
    let [begin, end] = http.group.marks();
    let mut text = format!(
        "\n{begin}### {title}\n\n{}; {setting}, server and load on the other; {} connections. \
         **throughput** and **application CPU** (the time that the application's process ran on a core for \
         each request) are ratios of {client} to the application of the row; more is better for {client}. A \
         round trip is one read by the server, and one can carry commands of several requests; bytes are \
         those that the server read and wrote. Round trips, commands and bytes are those of one connection.\n\n",
        http.versions,
        clients()
    );
    if !http.left_out.is_empty() {
        let names = http.left_out.join(", ");
        let _ = writeln!(
            text,
            "Not measured, because this server is too old for it: {names}.\n"
        );
    }
    let _ = writeln!(
        text,
        "| request | application | throughput of {client} beside it | application CPU beside {client} \
         | req/s | application CPU, µs | server CPU, µs | round trips | commands | bytes |\n\
         |---|---|---|---|---|---|---|---|---|---|"
    );
    for outcome in &http.outcomes {
        let Outcome {
            what,
            name,
            cost,
            counts,
            ..
        } = outcome;
        let _ = writeln!(
            text,
            "| {what} | {name} | {} | {} | {:.0} | {:.0} | {:.0} | {:.1} | {} | {:.0} |",
            ratio(outcome.rate.as_ref()),
            ratio(outcome.app.as_ref()),
            cost.rate,
            cost.app,
            cost.server,
            counts.round_trips,
            counts.commands,
            counts.bytes
        );
    }
    text + &end
}

/// A ratio with its range; nothing for the application that the others are compared with.
fn ratio(spread: Option<&Spread>) -> String {
    spread.map_or_else(String::new, |spread| {
        format!(
            "**{:.2}×** ({:.2}–{:.2})",
            spread.median, spread.min, spread.max
        )
    })
}
