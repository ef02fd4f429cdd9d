//! Formats the figures as Markdown tables and charts, and writes them to docs/performance.md and
//! docs/performance/.

use crate::chart::{bars, Bar};
use crate::http::Http;
use crate::machine;
use crate::memory::Memory;
use crate::one_user::OneUser;
use crate::pairs::Outcome;
use crate::scale::Scale;
use crate::Plan;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// All measurements.
pub struct Results {
    /// Commands in pairs; rows of one table are adjacent.
    pub outcomes: Vec<Outcome>,
    /// Memory of a key, one entry for each size of the data.
    pub memory: Vec<Memory>,
    /// Growth with the number of sessions, in ascending order.
    pub scales: Vec<Scale>,
    /// Commands beside one user with very many sessions.
    pub one_user: OneUser,
    /// HTTP requests to the web applications.
    pub http: Http,
}

const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->";

/// All tables.
pub fn markdown(plan: &Plan, results: &Results) -> String {
    let mut text = format!(
        "{}. Each ratio is the median of {} alternated pairs of runs ({} in the first table), with the \
         least and the greatest in parentheses. 16 clients; the server runs on one core, the load on \
         another.\n",
        machine::description(),
        plan.rounds,
        plan.pairs(results.outcomes[0].size, results.outcomes[0].pipeline)
    );
    pairs(&mut text, &results.outcomes);
    memory(&mut text, &results.memory);
    growth(&mut text, &results.scales);
    one_user(&mut text, &results.one_user);
    text + &results.http.markdown()
}

fn pairs(text: &mut String, outcomes: &[Outcome]) {
    let mut last = None;
    for outcome in outcomes {
        let table = (outcome.size, outcome.pipeline);
        if last.replace(table) != Some(table) {
            let _ = writeln!(
                text,
                "\n### {} bytes, `-P {}`\n\n\
                 | work | against | throughput | wanted | server CPU | 1000 req/s | CPU ns a request \
                 | µs in the command |\n|---|---|---|---|---|---|---|---|",
                table.0, table.1
            );
        }
        let [one, other] = outcome.costs;
        let wanted = outcome.row.wanted;
        let wanted = wanted.map_or("–".to_owned(), |wanted| format!("{wanted:.2}×"));
        let _ = writeln!(
            text,
            "| {} | {} | **{:.2}×** ({:.2}–{:.2}) | {} | {:.2}× ({:.2}–{:.2}) | {:.0} / {:.0} | \
             {:.0} / {:.0} | {:.2} / {:.2} |",
            outcome.row.work,
            outcome.row.against,
            outcome.throughput.median,
            outcome.throughput.min,
            outcome.throughput.max,
            wanted,
            outcome.cpu.median,
            outcome.cpu.min,
            outcome.cpu.max,
            one.throughput / 1000.0,
            other.throughput / 1000.0,
            one.cpu,
            other.cpu,
            one.command,
            other.command
        );
    }
}

fn memory(text: &mut String, memory: &[Memory]) {
    text.push_str(
        "\n### Memory\n\nBytes of `used_memory` for each key, including the key itself and the server's tables.\n\n\
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
}

fn growth(text: &mut String, scales: &[Scale]) {
    text.push_str(
        "\n### Growth\n\n290 bytes of data; each session has a user, and each user ten sessions. GET, VERIFY and SET: \
         CPU time of the server's main thread for a request in ns, at `-P 32`; the reads use NOTOUCH. REVOKE and \
         LIST: µs in the command for a user with ten sessions.\n\n\
         | sessions | bytes each | GET of strings | SESSION.GET | VERIFY | SET of a live one | REVOKE | LIST \
         | FLUSHALL ASYNC, ms (of strings) | longest wait after it, ms (of strings) |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    for s in scales {
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.1} ({:.1}–{:.1}) | {:.1} | {:.2} ({:.2}) \
             | {:.2} ({:.2}) |",
            s.sessions,
            s.bytes,
            s.string_get.median,
            s.get.median,
            s.verify.median,
            s.set.median,
            s.revoke.median,
            s.revoke.min,
            s.revoke.max,
            s.list.median,
            s.flush[0],
            s.string_flush[0],
            s.flush[1],
            s.string_flush[1]
        );
    }
}

fn one_user(text: &mut String, measured: &OneUser) {
    let _ = writeln!(
        text,
        "\n### One user with very many sessions\n\nµs in the command, while one user has {} sessions.\n\n\
         | command | median | least and greatest |\n|---|---|---|",
        measured.sessions
    );
    for (command, spread) in [
        ("SESSION.LIST, all of them", &measured.list),
        ("SESSION.LIST … LIMIT 20", &measured.list_first),
        (
            "SESSION.SET `*` of another user, MAXSESSIONS 5",
            &measured.login,
        ),
        ("SESSION.REVOKE … LIMIT 1000", &measured.revoke),
    ] {
        let _ = writeln!(
            text,
            "| {command} | {:.1} | {:.1}–{:.1} |",
            spread.median, spread.min, spread.max
        );
    }
}

/// Replaces the text between `BEGIN` and `END` in `docs/performance.md` by the tables, and writes the
/// charts to `docs/performance/`.
pub fn write(plan: &Plan, results: &Results) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = docs.join("performance.md");
    let text = fs::read_to_string(&page).expect("docs/performance.md");
    let (before, rest) = text.split_once(BEGIN).expect("the mark of the beginning");
    let (_, after) = rest.split_once(END).expect("the mark of the end");
    let tables = markdown(plan, results);
    fs::write(&page, format!("{before}{BEGIN}{tables}{END}{after}")).expect("write the page");
    let charts = docs.join("performance");
    fs::create_dir_all(&charts).expect("a folder for the charts");
    let put = |name: &str, svg: String| fs::write(charts.join(name), svg).expect("write a chart");
    put("throughput.svg", throughput_chart(results));
    put("memory.svg", memory_chart(results));
    put("growth.svg", growth_chart(results));
}

fn throughput_chart(results: &Results) -> String {
    let first = results
        .outcomes
        .iter()
        .filter(|o| o.size == 290 && o.pipeline == 32);
    let list: Vec<_> = first
        .map(|o| Bar {
            label: format!("{} / {}", o.row.work.replace('`', ""), o.row.against),
            value: o.throughput.median,
            note: match o.row.wanted {
                Some(wanted) => format!("{:.2}× ({wanted:.2} wanted)", o.throughput.median),
                None => format!("{:.2}×", o.throughput.median),
            },
            mark: o.row.wanted,
        })
        .collect();
    bars(
        "Throughput, 290 bytes, -P 32; a mark: what is wanted",
        &list,
        Some(1.0),
    )
}

fn memory_chart(results: &Results) -> String {
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
    bars("Memory of a key beyond its data", &list, None)
}

fn growth_chart(results: &Results) -> String {
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
    bars("CPU time a request as sessions grow, -P 32", &list, None)
}
