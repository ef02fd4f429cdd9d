//! The program at the beginning of the README does what it says.

use crate::common::url;
use support::Server;

#[path = "../../examples/commands.rs"]
#[allow(dead_code)] // its `main`
mod program;

#[tokio::test(flavor = "multi_thread")]
async fn the_readmes_program_runs() {
    let server = Server::start();
    program::visit(&url(&server, "resp3")).await.unwrap();
    assert_eq!(server.info("session", "session_created"), "1");
    assert_eq!(server.info("session", "session_rotated"), "1");
    assert_eq!(server.ok(&["DBSIZE"]).int(), 0);
}

#[test]
fn the_readme_begins_with_the_program() {
    let readme = include_str!("../../README.md");
    let program = include_str!("../../examples/commands.rs");
    let (_, rest) = readme.split_once("```rust,no_run\n").expect("a program");
    let (shown, _) = rest.split_once("```\n").expect("its end");
    assert_eq!(shown, program);
    assert!(program.lines().count() <= 30);
}
