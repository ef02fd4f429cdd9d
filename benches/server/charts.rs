//! Makes the charts of docs/performance.md from the figures.

use crate::chart::{bars, Bar};
use crate::pairs::Outcome;
use crate::payload::SHOP;
use crate::report::Results;

/// The rows that have a chart of their own, with all sizes of both kinds of data.
const BY_SIZE: [(&str, &str, &str); 4] = [
    ("set.svg", "SESSION.SET `*`, no schema", "SET … EX"),
    (
        "set-schema.svg",
        "SESSION.SET `*`, with the schema",
        "SET … EX",
    ),
    (
        "patch.svg",
        "SESSION.PATCH of one field, no schema",
        "JSON.MERGE of the same",
    ),
    (
        "path.svg",
        "SESSION.GET … PATH of one field",
        "JSON.GET of one path",
    ),
];

/// A chart in a file of its own.
pub struct Chart {
    /// The name of the file.
    pub file: &'static str,
    /// The title in the chart.
    pub title: String,
    /// The contents of the file.
    pub svg: String,
}

impl Chart {
    fn new(file: &'static str, title: &str, list: &[Bar], line: Option<f64>) -> Self {
        Self {
            file,
            title: title.to_owned(),
            svg: bars(title, list, line),
        }
    }
}

/// All charts.
pub fn all(results: &Results) -> Vec<Chart> {
    let mut all = vec![throughput(results)];
    all.extend(BY_SIZE.map(|(file, work, against)| by_size(results, file, work, against)));
    all.extend([memory(results), growth(results)]);
    all
}

/// A bar with the throughput ratio of a row, unless the row was left out.
fn ratio(outcome: &Outcome, label: String) -> Option<Bar> {
    let figures = outcome.figures.as_ref().ok()?;
    let median = figures.throughput.median;
    Some(Bar {
        label,
        value: median,
        note: match outcome.wanted {
            Some(wanted) => format!("{median:.2}× ({wanted:.2} wanted)"),
            None => format!("{median:.2}×"),
        },
        mark: outcome.wanted,
    })
}

fn by_size(results: &Results, file: &'static str, work: &str, against: &str) -> Chart {
    let all = results.outcomes.iter();
    let row = all.filter(|o| o.work == work && o.against == against && o.table.pipeline == 32);
    let list: Vec<_> = row
        .filter_map(|o| {
            ratio(
                o,
                format!("{}, {} bytes", o.table.payload.name, o.table.size),
            )
        })
        .collect();
    let title = format!(
        "{} / {against}, -P 32; a mark: what is wanted",
        work.replace('`', "")
    );
    Chart::new(file, &title, &list, Some(1.0))
}

fn throughput(results: &Results) -> Chart {
    let first = results
        .outcomes
        .iter()
        .filter(|o| (o.table.payload.name, o.table.size, o.table.pipeline) == (SHOP.name, 290, 32));
    let label = |o: &Outcome| format!("{} / {}", o.work.replace('`', ""), o.against);
    let list: Vec<_> = first.filter_map(|o| ratio(o, label(o))).collect();
    Chart::new(
        "throughput.svg",
        "Throughput, shop, 290 bytes, -P 32; a mark: what is wanted",
        &list,
        Some(1.0),
    )
}

fn memory(results: &Results) -> Chart {
    let list: Vec<_> = results
        .memory
        .iter()
        .flat_map(|m| {
            let bar = |what: &str, value: f64| Bar {
                label: format!("{} bytes: {what}", m.size),
                value: value - m.size as f64,
                note: format!("{:.0} bytes", value - m.size as f64),
                mark: None,
            };
            [
                bar("SET … EX", m.string),
                bar("session", m.session),
                bar("session with a user", m.owned),
            ]
        })
        .collect();
    Chart::new("memory.svg", "Memory of a key beyond its data", &list, None)
}

fn growth(results: &Results) -> Chart {
    let list: Vec<_> = results
        .scales
        .iter()
        .flat_map(|s| {
            let bar = |what: &str, value: f64| Bar {
                label: format!("{} sessions: {what}", s.sessions),
                value,
                note: format!("{value:.0} ns"),
                mark: None,
            };
            [
                bar("GET of a string", s.string_get.median),
                bar("SESSION.GET", s.get.median),
                bar("SESSION.VERIFY", s.verify.median),
            ]
        })
        .collect();
    Chart::new(
        "growth.svg",
        "CPU time a request as sessions grow, -P 32",
        &list,
        None,
    )
}
