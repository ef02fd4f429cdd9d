//! Formats the figures as Markdown tables and charts, and writes them to docs/performance.md and
//! docs/performance/.

use crate::bytes::Bytes;
use crate::charts::{self, Chart};
use crate::growth;
use crate::http::Http;
use crate::http_table;
use crate::machine;
use crate::memory::Memory;
use crate::one_user::OneUser;
use crate::pairs::Outcome;
use crate::plan::Plan;
use crate::scale::Scale;
use crate::tables;
use std::fs;
use std::path::Path;

/// All measurements.
pub struct Results {
    /// Commands in pairs; rows of one table are adjacent.
    pub outcomes: Vec<Outcome>,
    /// Bytes that a PATCH replicates.
    pub bytes: Vec<Bytes>,
    /// Memory of a key, one entry for each size of the data.
    pub memory: Vec<Memory>,
    /// Growth with the number of sessions, in ascending order.
    pub scales: Vec<Scale>,
    /// Commands beside one user with very many sessions.
    pub one_user: OneUser,
    /// HTTP requests to the web applications, a table for each group of them.
    pub http: Vec<Http>,
}

const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->";

/// All tables.
pub fn markdown(plan: &Plan, results: &Results) -> String {
    let first = &results.outcomes[0].table;
    let mut text = format!(
        "{}. Each ratio is the median of {} alternated pairs of runs ({} with 290 bytes at `-P 32`). \
         16 clients; the server runs on one core, the load on another.\n",
        machine::description(),
        plan.rounds,
        plan.pairs(first)
    );
    text += &tables::by_size(&results.outcomes);
    text += &tables::commands(&results.outcomes);
    text += &tables::bytes(&results.bytes);
    text += &tables::memory(&results.memory);
    text += &growth::table(&results.scales);
    text += &growth::one_user(&results.one_user);
    text.extend(results.http.iter().map(http_table::section));
    text
}

/// Replaces the text between `BEGIN` and `END` in `docs/performance.md` by the tables and charts, and
/// writes the charts to `docs/performance/`.
pub fn write(plan: &Plan, results: &Results) {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = docs.join("performance.md");
    let text = fs::read_to_string(&page).expect("docs/performance.md");
    let (before, rest) = text.split_once(BEGIN).expect("the mark of the beginning");
    let (_, after) = rest.split_once(END).expect("the mark of the end");
    let mut tables = markdown(plan, results);
    let folder = docs.join("performance");
    fs::create_dir_all(&folder).expect("a folder for the charts");
    for Chart { file, title, svg } in charts::all(results) {
        tables += &format!("\n![{title}](performance/{file})\n");
        fs::write(folder.join(file), svg).expect("write a chart");
    }
    fs::write(&page, format!("{before}{BEGIN}{tables}{END}{after}")).expect("write the page");
}

/// Replaces the section about one group of web applications in `docs/performance.md`, and nothing else.
pub fn write_http(http: &Http) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/performance.md");
    let text = fs::read_to_string(&page).expect("docs/performance.md");
    let [begin, end] = http.group.marks();
    let (before, rest) = text.split_once(&begin).expect("the mark of the beginning");
    let (_, after) = rest.split_once(&end).expect("the mark of the end");
    let section = http_table::section(http);
    let text = format!("{before}{}{after}", section.trim_start_matches('\n'));
    fs::write(&page, text).expect("write the page");
}
