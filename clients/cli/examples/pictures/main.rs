//! Makes the pictures of the documentation anew, from real runs on a cluster under load:
//!
//! ```text
//! cargo run -p sessionctl --example pictures -- top docs/pictures
//! cargo run -p sessionctl --example pictures -- dashboard docs/pictures
//! ```
//!
//! Needs a built `target/debug/sessionctl`, the module (`REDIS_SESSION_MODULE`), `redis-server` and `script`;
//! the dashboard also `prometheus`, which evaluates its queries.

// The tests use more of both.
#[allow(dead_code)]
#[path = "../../tests/sessionctl/top/load.rs"]
mod load;
#[allow(dead_code)]
#[path = "../../tests/sessionctl/top/screen.rs"]
mod screen;

mod dashboard;
mod panel;
mod prometheus;
mod svg;
mod top;

use std::path::PathBuf;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["top", folder] => top::make(&PathBuf::from(folder)),
        ["dashboard", folder] => dashboard::make(&PathBuf::from(folder)),
        _ => {
            eprintln!("usage: pictures top|dashboard FOLDER");
            std::process::exit(2);
        }
    }
}

/// The program, which Cargo builds two folders above an example.
pub fn program() -> PathBuf {
    let example = std::env::current_exe().expect("the path of this program");
    let folder = example.parent().and_then(|folder| folder.parent());
    let program = folder.expect("its folder").join("sessionctl");
    assert!(
        program.exists(),
        "build it first: cargo build -p sessionctl"
    );
    program
}
