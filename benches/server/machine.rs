//! Describes the machine and the programs that the figures were measured with.

use std::fs;
use std::process::Command;
use support::Server;

/// One line with the processor, the number of cores, the server, its allocator, the compiler and the date.
pub fn description() -> String {
    let server = Server::start();
    let product = if server.is_valkey() {
        "Valkey"
    } else {
        "Redis"
    };
    let (major, minor, patch) = server.server_version();
    format!(
        "{}, {} cores; {product} {major}.{minor}.{patch} with {}; {}; {}",
        processor(),
        std::thread::available_parallelism().map_or(1, usize::from),
        server.info("memory", "mem_allocator"),
        first_line("rustc", &["--version"]),
        first_line("date", &["-u", "+%Y-%m-%d"]),
    )
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    model.map_or("unknown processor".into(), |rest| {
        rest.trim_start_matches(['\t', ' ', ':']).to_owned()
    })
}

fn first_line(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let text = output.map_or(String::new(), |o| String::from_utf8_lossy(&o.stdout).into());
    text.lines().next().unwrap_or(program).to_owned()
}
