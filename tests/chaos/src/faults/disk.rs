//! A full disk: the server cannot write what it is to acknowledge. With `appendfsync always` it ends by
//! itself; there is room again, and it is started again.
//!
//! The limit of a file's size stands in for the disk: a write fails half-way, with EFBIG for ENOSPC.

use super::{Fault, Scene};
use crate::deployment::On;
use std::path::Path;
use support::{args, eventually};

pub const FAULT: Fault = Fault {
    name: "disk",
    about: "a write to the AOF fails as on a full disk; the server ends, and starts again",
    keeps_primary: &[On::Single],
    replaces: &[],
    inject: fill,
};

fn fill(scene: &mut Scene) -> String {
    let victim = scene.some_primary();
    let room = scene.random.below(6000) as u64;
    let rewrite = scene.random.once_in(3);
    let server = &mut scene.deployment.nodes()[victim];
    let largest = largest_file(&server.dir().join("appendonlydir"));
    server.limit_files(Some(largest + room));
    let mut conn = server.conn();
    if rewrite {
        let _ = conn.try_cmd(&["BGREWRITEAOF"]); // its file is limited, too
    }
    // Commands of other clients may be few: these fill the room that is left.
    let filler = "x".repeat(200);
    eventually("the server has met the end of the disk", || {
        let _ = conn.try_cmd(&args!["SET", "filler", filler]);
        !server.is_running()
    });
    server.kill9(); // collects what has ended
    server.start_again();
    server.ok(&["DEL", "filler"]);
    format!("disk of server {victim} full after {room} bytes")
}

fn largest_file(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("the folder of the AOF");
    let sizes = files.filter_map(|file| Some(file.ok()?.metadata().ok()?.len()));
    sizes.max().unwrap_or(0)
}
