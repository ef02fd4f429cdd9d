//! The examples of docs/commands.md show what a reader sees. They are run from the first to the last on
//! one server, through its own client.

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};
use support::{say, terminal, Server};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/commands.md");

/// A command, and the lines that the page shows below it.
struct Example {
    command: String,
    shown: Vec<String>,
}

fn examples() -> Vec<Example> {
    let page = std::fs::read_to_string(PAGE).expect("the reference");
    let blocks = page.split("\n```\n").skip(1).step_by(2);
    let mut examples: Vec<Example> = Vec::new();
    for block in blocks.filter(|block| block.starts_with("> ")) {
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("> ") {
                let (command, shown) = (command.into(), Vec::new());
                examples.push(Example { command, shown });
            } else if let Some(example) = examples.last_mut() {
                example.shown.push(line.into());
            }
        }
    }
    examples
}

/// The client's output for a line, in the form for a terminal.
fn run(server: &Server, line: &str) -> Vec<String> {
    let mut client = Command::new(terminal::client())
        .args(["-p", &server.port().to_string(), "--no-raw"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("run the client");
    let mut input = client.stdin.take().expect("its input");
    writeln!(input, "{line}").expect("send the command");
    drop(input);
    let output = client.wait_with_output().expect("the client's output");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines = text.lines().map(|line| line.trim_end().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

/// Whether this is an ID that the server made, or a token.
fn is_random(word: &str) -> bool {
    let hex = word.strip_prefix('t').unwrap_or(word);
    let is_id = hex.len() == 32 && hex.chars().all(|c| c.is_ascii_hexdigit());
    is_id || word.len() == 43
}

/// Whether two integers differ only by the time at which they were read.
fn is_about(is: &str, wanted: &str) -> bool {
    match (is.parse::<u64>(), wanted.parse::<u64>()) {
        (Ok(_), Ok(_)) if is.len() == 13 && wanted.len() == 13 => true, // Unix ms
        (Ok(is), Ok(wanted)) if wanted >= 100 => is.abs_diff(wanted) <= wanted / 4, // time left
        _ => false,
    }
}

/// Whether a line is that of the page. `made` maps random words on the page to those of this run.
fn same(is: &str, wanted: &str, made: &mut HashMap<String, String>) -> bool {
    let number = |line: &str| line.split_once("(integer) ").map(|(_, n)| n.to_owned());
    if let (Some(is), Some(wanted)) = (number(is), number(wanted)) {
        return is == wanted || is_about(&is, &wanted);
    }
    let (is, wanted) = (pieces(is), pieces(wanted));
    is.len() == wanted.len()
        && is.iter().zip(&wanted).all(|(is, wanted)| {
            if is_random(is) && is_random(wanted) && is.len() == wanted.len() {
                let here = made.entry((*wanted).into()).or_insert((*is).into());
                here == is
            } else {
                is == wanted
            }
        })
}

/// Words, and the characters between them.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    for part in line.split_inclusive(|c| !is_word(c)) {
        let word = part.trim_end_matches(|c| !is_word(c));
        pieces.extend([word, &part[word.len()..]]);
    }
    pieces
}

#[test]
fn the_examples_of_the_reference_show_what_one_sees() {
    let server = Server::setup().module_arg("max-grace-ms 600000").start();
    let mut clock = server.conn();
    let mut made: HashMap<String, String> = HashMap::new();
    let examples = examples();
    for Example { command, shown } in &examples {
        let mut line = command.clone();
        for (on_the_page, here) in &made {
            line = line.replace(on_the_page.as_str(), here);
        }
        // The grace is long enough for the next command, also on a machine that is busy.
        line = line.replace(" GRACE 5000", " GRACE 600000");
        let is = run(&server, &line);
        let all_same = is.len() == shown.len()
            && is
                .iter()
                .zip(shown)
                .all(|(is, wanted)| same(is, wanted, &mut made));
        assert!(
            all_same,
            "> {line}\nis\n{}\nand in the reference\n{}",
            is.join("\n"),
            shown.join("\n")
        );
        clock.tick(); // as between commands that are typed
    }
    assert!(
        examples.len() > 50,
        "only {} examples were found",
        examples.len()
    );
    say(&format!("{} examples", examples.len()));
}
