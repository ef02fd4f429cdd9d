//! `make count`: how many instructions the pure parts take. Unlike the time, the count is the same at
//! each run, however busy the machine is, so that two runs show what a change costs.
//!
//! The program runs itself under valgrind's callgrind, which counts only within [`measured`] and
//! writes a file each time that [`measured`] returns.

mod by_size;
mod cases;
#[path = "../payload/mod.rs"]
#[allow(dead_code)] // The benchmark of the server uses more of it.
mod payload;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

/// The environment variable that is set for the process under valgrind.
const INNER: &str = "COUNT_INSTRUCTIONS_INNER";
/// How often each case runs. This is often enough to include work that only some calls do, such as
/// filling the pool of random bytes.
const TIMES: u64 = 64;

#[inline(never)]
fn measured(work: &mut dyn FnMut()) {
    for _ in 0..TIMES {
        work();
    }
    std::hint::black_box(());
}

fn main() {
    if std::env::var_os(INNER).is_some() {
        for mut case in cases::all() {
            // The first calls allocate the memory that later calls reuse.
            (0..3).for_each(|_| (case.work)());
            measured(&mut case.work);
        }
        return;
    }
    let valgrind = Command::new("valgrind").arg("--version").output();
    if !valgrind.is_ok_and(|output| output.status.success()) {
        eprintln!("Nothing can be counted without valgrind. Type: .ci/deps.sh valgrind");
        process::exit(1);
    }
    let dir = std::env::temp_dir().join(format!("redis-session-count-{}", process::id()));
    fs::create_dir(&dir).expect("make a folder for the counts");
    let counts = counts(&dir);
    fs::remove_dir_all(&dir).expect("remove the folder of the counts");
    let cases = cases::all();
    assert_eq!(counts.len(), cases.len(), "one count for each case");
    println!("instructions (valgrind, {TIMES} calls each):");
    for (case, count) in cases.iter().zip(counts) {
        println!("{:>10}  {}", count / TIMES, case.name);
    }
}

/// Runs this program under callgrind, with its output in `dir`. Returns the instructions of each case,
/// for [`TIMES`] calls.
fn counts(dir: &Path) -> Vec<u64> {
    let name = "count::measured";
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!(
            "--callgrind-out-file={}",
            dir.join("out").display()
        ))
        .args([
            format!("--toggle-collect={name}"),
            format!("--dump-after={name}"),
        ])
        .arg(std::env::current_exe().expect("this program's path"))
        .env(INNER, "1")
        .stdout(Stdio::null())
        .status()
        .expect("run valgrind");
    assert!(status.success(), "valgrind: {status}");
    // out.1, out.2 …, in the order of the cases. The file `out`, for the rest, is not read.
    let file = |n: usize| -> PathBuf { dir.join(format!("out.{n}")) };
    (1..)
        .map(file)
        .take_while(|file| file.exists())
        .map(|file| total(&file))
        .collect()
}

/// The number of instructions in one of callgrind's files.
fn total(file: &Path) -> u64 {
    let text = fs::read_to_string(file).expect("a count");
    let line = text.lines().find_map(|line| line.strip_prefix("totals: "));
    line.and_then(|n| n.trim().parse().ok()).expect("a total")
}
