//! The README shows what a reader sees: its first session, typed into a shell, and its program in
//! Rust. (The tests of the Python and the Node package run theirs.)

use std::process::Command;
use support::Server;

const README: &str = include_str!("../../README.md");

/// The code blocks of one language below a heading.
fn blocks(heading: &str, language: &str) -> Vec<&'static str> {
    let start = README.find(heading).expect("the heading");
    let section = &README[start + heading.len()..];
    let section = section.split("\n## ").next().unwrap_or_default();
    let opening = format!("```{language}\n");
    let after = section.split(&opening[..]).skip(1);
    after
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

/// Replaces IDs by the word ID, since they are random.
fn without_ids(line: &str) -> String {
    let is_hex = |c: char| c.is_ascii_hexdigit();
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(is_hex) {
        let end = rest[at..]
            .find(|c| !is_hex(c))
            .map_or(rest.len(), |n| at + n);
        let run = if end - at == 32 { "ID" } else { &rest[at..end] };
        out += &rest[..at];
        out += run;
        rest = &rest[end..];
    }
    out + rest
}

/// Runs the commands of a block as if they were typed at a terminal. Returns the output that the README
/// shows, and the real one. In each paragraph the comments before the first command are prose, and
/// those after a command are its output.
fn run(server: &Server, block: &str) -> (Vec<String>, Vec<String>) {
    let cli = support::terminal::client();
    let cli = cli.display();
    let port = server.port();
    let mut script = String::new();
    let mut wanted = Vec::new();
    for paragraph in block.split("\n\n") {
        let mut commands = false;
        for line in paragraph.lines() {
            match line.strip_prefix("# ") {
                Some(reply) if commands => wanted.push(without_ids(reply)),
                Some(_prose) => {}
                None => {
                    commands = true;
                    // The output for a terminal, except where a variable takes the reply.
                    let line = line.replace("$(redis-cli ", &format!("$({cli} -p {port} "));
                    let line = match line.strip_prefix("redis-cli ") {
                        Some(rest) => format!("{cli} --no-raw -p {port} {rest}"),
                        None => line,
                    };
                    script += &line;
                    script.push('\n');
                }
            }
        }
    }
    let output = Command::new("bash")
        .arg("-euc")
        .arg(&script)
        .output()
        .expect("bash");
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let seen = text
        .lines()
        .filter(|line| !line.is_empty())
        .map(without_ids)
        .collect();
    (wanted, seen)
}

#[test]
fn the_first_session_is_as_it_is_shown() {
    let server = Server::setup().module_arg("max-grace-ms 600000").start();
    let blocks = blocks("## A first session", "sh");
    assert_eq!(blocks.len(), 1);
    // The grace is long enough for the next command, also on a machine that is busy.
    assert!(blocks[0].contains(" GRACE 5000)"));
    let block = blocks[0].replace(" GRACE 5000)", " GRACE 600000)");
    let (wanted, seen) = run(&server, &block);
    assert!(wanted.len() >= 20, "{wanted:?}");
    assert_eq!(seen, wanted);
}

/// The tests of the Rust client run that example.
#[test]
fn the_program_in_rust_is_an_example_of_the_rust_client() {
    let shown = blocks("## From an application", "rust");
    let file = include_str!("../../clients/rust/examples/axum.rs");
    let program = file.split_once("\n\n").expect("a comment first").1;
    assert_eq!(shown, [program]);
}
