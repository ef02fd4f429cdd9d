//! `sessionctl top`, as a terminal shows it.

use super::load::Load;
use super::screen::Screen;
use super::{program, svg};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;
use support::{Cluster, Server};

/// The sizes of the terminals.
const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (160, 45);

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
    let open = |(columns, rows)| Screen::open(&line, &settings, columns, rows);
    let (small, large) = (open(SMALL), open(LARGE));
    sleep(Duration::from_secs(WARM));
    save(&small, folder, SMALL);
    // A replica goes down, and one primary gets another schema.
    cluster.nodes[5].kill9();
    cluster.nodes[1].ok(&["SESSION.SCHEMA", "SET", "office", "{}"]);
    sleep(Duration::from_secs(8));
    save(&large, folder, LARGE);
    drop(load);
}

fn save(screen: &Screen, folder: &Path, (columns, rows): (u16, u16)) {
    let path = folder.join(format!("top-{columns}x{rows}.svg"));
    std::fs::write(&path, screen.with(svg::picture)).expect("write the picture");
    println!("{}", path.display());
}
