//! The dashboard of docs/grafana-dashboard.json as a page: its own queries, evaluated by a real Prometheus on a
//! cluster under load, drawn at the places of its own grid.

use super::load::Load;
use super::panel::{draw, Panel};
use super::prometheus::Prometheus;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, SystemTime};
use support::{args, Cluster, Server};

/// The time that the charts show, in seconds.
const SPAN: u64 = 180;

/// The size of a cell of the grid, and the margin.
const CELL: (f64, f64) = (50.0, 32.0);
const MARGIN: f64 = 10.0;

pub fn make(folder: &Path) {
    let text = include_str!("../../../../docs/grafana-dashboard.json");
    let dashboard: Value = serde_json::from_str(text).expect("JSON");
    let setup = Server::setup()
        .config("maxmemory 24mb")
        .config("save 3600 1")
        .config("appendonly yes");
    let mut cluster = Cluster::of(setup);
    let load = Load::on_cluster(&cluster, 9.0);
    let url = format!("redis://127.0.0.1:{}", cluster.nodes[0].port());
    let prometheus = Prometheus::start(&url);
    sleep(Duration::from_secs(SPAN / 2));
    // A replica is restarted, and somebody tries IDs.
    cluster.nodes[5].kill9();
    let node = cluster.nodes[0].port();
    let tries = std::thread::spawn(move || {
        let mut conn = support::Conn::connect(node).expect("a connection");
        for n in 0..6000 {
            conn.try_cmd(&args!["SESSION.VERIFY", format!("session:{{3}}:{n}")])
                .expect("a reply");
            sleep(Duration::from_millis(3));
        }
    });
    sleep(Duration::from_secs(20));
    cluster.nodes[5].start_again();
    tries.join().expect("the tries");
    sleep(Duration::from_secs(SPAN / 2 - 40));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.expect("a time").as_secs_f64();
    let page = page(&dashboard, &prometheus, now);
    let path = folder.join("dashboard.svg");
    std::fs::write(&path, page).expect("write the picture");
    println!("{}", path.display());
    drop(load);
}

fn page(dashboard: &Value, prometheus: &Prometheus, now: f64) -> String {
    let panels = dashboard["panels"].as_array().expect("panels");
    let edge = |panel: &Value| number(panel, "y") + number(panel, "h");
    let height = panels.iter().map(edge).fold(0.0, f64::max) * CELL.1 + 2.0 * MARGIN;
    let width = 24.0 * CELL.0 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>The Grafana dashboard of redis-session, on a cluster under load</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#111217\"/>\n\
         <g font-family=\"Inter,system-ui,'Helvetica Neue',Arial,sans-serif\" font-size=\"12\" fill=\"#ccccdc\">\n"
    );
    for panel in panels {
        let series = panel["targets"]
            .as_array()
            .into_iter()
            .flatten()
            .flat_map(|target| {
                let query = filled_in(target["expr"].as_str().expect("a query"));
                let found = match panel["type"] == "timeseries" {
                    true => prometheus.range(&query, now, SPAN as f64),
                    false => prometheus.instant(&query),
                };
                let legend = target["legendFormat"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                found
                    .into_iter()
                    .map(move |series| (named(&legend, &series.labels), series))
            });
        let panel = Panel {
            panel,
            place: (
                MARGIN + number(panel, "x") * CELL.0,
                MARGIN + number(panel, "y") * CELL.1,
            ),
            size: (
                number(panel, "w") * CELL.0 - 6.0,
                number(panel, "h") * CELL.1 - 6.0,
            ),
            series: series.collect(),
            time: (now - SPAN as f64, now),
        };
        let _ = writeln!(svg, "{}", draw(&panel));
    }
    svg + "</g>\n</svg>\n"
}

fn number(panel: &Value, name: &str) -> f64 {
    panel["gridPos"][name].as_f64().expect("a number")
}

/// The query with the variables of the dashboard filled in.
fn filled_in(query: &str) -> String {
    query
        .replace("$node", ".*")
        .replace("$__rate_interval", "8s")
}

/// The legend with the labels of a series filled in.
fn named(legend: &str, labels: &Value) -> String {
    let mut name = legend.to_owned();
    for (label, value) in labels.as_object().into_iter().flatten() {
        name = name.replace(
            &format!("{{{{{label}}}}}"),
            value.as_str().unwrap_or_default(),
        );
    }
    name
}
