//! `sessionctl top`, as a terminal shows it.

use super::load::Load;
use super::screen::Screen;
use super::{program, svg};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;
use support::{Cluster, Server};

/// The size of the terminal, and what is done to the cluster before.
const PICTURES: [(u16, u16); 4] = [(60, 15), (80, 24), (120, 40), (160, 45)];

/// As many seconds as a chart is wide.
const WARM: u64 = 60;

pub fn make(folder: &Path) {
    let setup = Server::setup()
        .config("maxmemory 24mb")
        .config("save 3600 1")
        .config("appendonly yes");
    let mut cluster = Cluster::of(setup);
    let load = Load::on_cluster(&cluster, 9.0);
    let url = format!("redis://127.0.0.1:{}", cluster.nodes[0].port());
    let settings = [("SESSIONCTL_URL", url)];
    let line = format!("{} top", program().display());
    let screens: Vec<(Screen, String)> = PICTURES
        .into_iter()
        .map(|(columns, rows)| {
            let screen = Screen::open(&line, &settings, columns, rows);
            (screen, format!("top-{columns}x{rows}"))
        })
        .collect();
    sleep(Duration::from_secs(WARM));
    save(&screens, folder, "");
    // The replica of the last primary goes down, and one primary gets another schema.
    cluster.nodes[5].kill9();
    cluster.nodes[1].ok(&["SESSION.SCHEMA", "SET", "office", "{}"]);
    sleep(Duration::from_secs(8));
    save(&screens, folder, "-trouble");
    drop(load);
}

fn save(screens: &[(Screen, String)], folder: &Path, suffix: &str) {
    for (screen, name) in screens {
        let path = folder.join(format!("{name}{suffix}.svg"));
        std::fs::write(&path, screen.with(svg::picture)).expect("write the picture");
        println!("{}", path.display());
    }
}
