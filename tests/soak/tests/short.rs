//! A short run of the program against real servers. It judges no latency, which a busy machine decides.

use std::process::Command;
use support::setup::module_path;

/// Runs the program, and returns its exit status with what it printed.
fn soak(options: &str) -> (Option<i32>, String) {
    let module = module_path();
    let mut command = Command::new(env!("CARGO_BIN_EXE_soak"));
    command.arg("--module").arg(&module);
    let output = command.args(options.split_whitespace()).output();
    let output = output.expect("run soak");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    (output.status.code(), format!("{text}{errors}"))
}

/// The number before a word of the report.
fn number(report: &str, word: &str) -> u64 {
    let before = report.split(word).next().expect("some text");
    let n = before.trim_end().rsplit(' ').next().expect("a number");
    n.parse()
        .unwrap_or_else(|_| panic!("no number before {word:?} in:\n{report}"))
}

#[test]
fn a_short_run_finds_nothing_wrong() {
    // A few sessions more or less make more of a difference in so short a time.
    let (status, report) = soak("--seconds 10 --rounds 2 --sessions 3000 --no-latency --within 20");
    assert_eq!(status, Some(0), "{report}");
    assert!(report.contains("soak: nothing is wrong"), "{report}");
    for (word, least) in [
        ("created", 500),
        ("deleted", 50),
        ("revoked", 50),
        ("expired", 1),
        ("rotations", 20),
        ("passed", 100),
        ("changes of schemas", 20),
        ("times,", 6),
    ] {
        let found = number(&report, word);
        assert!(found >= least, "{found} {word}:\n{report}");
    }
    for line in report.lines().filter(|line| line.contains(": ")) {
        support::say(line);
    }
}

#[test]
fn memory_that_is_not_given_back_is_found() {
    let (status, report) =
        soak("--seconds 4 --rounds 2 --sessions 600 --no-latency --within 20 --plant leak");
    assert_eq!(status, Some(1), "{report}");
    let wrong: Vec<_> = report
        .lines()
        .filter(|line| line.starts_with("WRONG: "))
        .collect();
    assert!(!wrong.is_empty(), "{report}");
    let of_memory =
        |line: &&str| line.contains("used_memory was") || line.contains("resident memory was");
    assert!(wrong.iter().all(of_memory), "{report}");
}

#[test]
fn a_module_that_does_not_load_is_told() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_soak"));
    let output = command
        .args(["--module", "/nowhere.so", "--seconds", "3"])
        .output()
        .expect("run soak");
    assert_eq!(output.status.code(), Some(3));
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(why.contains("there is no module at /nowhere.so"), "{why}");
    let output = Command::new(env!("CARGO_BIN_EXE_soak"))
        .output()
        .expect("run soak");
    assert_eq!(output.status.code(), Some(2));
}
