//! redis-benchmark on one core against a server on another, and what one run of it cost.

use std::fs;
use std::process::{Command, Stdio};
use support::{Conn, Server, Setup};

/// The core of the server's.
pub const SERVER_CORE: &str = "0";
/// That of the load.
pub const LOAD_CORE: &str = "1";
/// All that there may be.
pub const EVERY_CORE: &str = "0-1023";
/// How many clients there are at once.
pub const CLIENTS: &str = "16";

/// One run.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Requests per second.
    pub throughput: f64,
    /// ns that the server's main thread spent on a core for each request, all told.
    pub cpu: f64,
    /// µs within the command, as `INFO commandstats` has it.
    pub command: f64,
}

/// What to send: arguments, in which redis-benchmark replaces `__rand_int__`.
#[derive(Clone)]
pub struct Load {
    /// The command and its arguments.
    pub args: Vec<String>,
    /// How many different numbers there are.
    pub keys: usize,
    /// Whether it makes keys: they are flushed before and after.
    pub makes_keys: bool,
}

/// A load from words and one long argument.
pub fn load(words: &[&str], keys: usize, makes_keys: bool) -> Load {
    Load {
        args: words.iter().map(|word| (*word).to_owned()).collect(),
        keys,
        makes_keys,
    }
}

/// Whether the machine has two cores to pin to.
pub fn can_pin() -> bool {
    std::thread::available_parallelism().is_ok_and(|n| n.get() >= 2)
        && Command::new("taskset")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

/// A program on a core, if the machine has two.
pub fn on_core(core: &str, program: &str) -> Command {
    if !can_pin() {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]);
    command
}

/// Starts a server on its core.
pub fn start(setup: Setup) -> Server {
    let server = setup.start();
    pin(&server, SERVER_CORE);
    server
}

/// Lets all threads that a server has now run on these cores alone.
pub fn pin(server: &Server, cores: &str) {
    if can_pin() {
        let pid = server.pid().to_string();
        let pinned = Command::new("taskset")
            .args(["-a", "-c", "-p", cores, &pid])
            .stdout(Stdio::null())
            .status();
        assert!(pinned.is_ok_and(|status| status.success()), "pin {pid}");
    }
}

/// Runs a load and measures it.
pub fn run(
    server: &Server,
    conn: &mut Conn,
    load: &Load,
    pipeline: usize,
    requests: usize,
) -> Cost {
    if load.makes_keys {
        conn.ok(&["FLUSHALL", "SYNC"]);
    }
    conn.ok(&["CONFIG", "RESETSTAT"]);
    let before = on_cpu(server.pid());
    let throughput = benchmark(server.port(), load, pipeline, requests);
    let cpu = (on_cpu(server.pid()) - before) as f64 / requests as f64;
    let command = per_call(conn, &load.args[0], requests);
    if load.makes_keys {
        conn.ok(&["FLUSHALL", "SYNC"]);
    }
    Cost {
        throughput,
        cpu,
        command,
    }
}

fn benchmark(port: u16, load: &Load, pipeline: usize, requests: usize) -> f64 {
    let output = on_core(LOAD_CORE, "redis-benchmark")
        .args(["-p", &port.to_string(), "-q", "-c", CLIENTS])
        .args(["-n", &requests.to_string(), "-P", &pipeline.to_string()])
        .args(["-r", &load.keys.to_string()])
        .args(&load.args)
        .output()
        .expect("run redis-benchmark");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = text
        .rfind(" requests per second")
        .and_then(|end| text[..end].rsplit(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| {
        let why = String::from_utf8_lossy(&output.stderr);
        panic!("redis-benchmark says nothing of requests per second: {text}{why}")
    })
}

/// ns that the main thread of a process has been on a core: what others do on it meanwhile, and
/// what waits for the load, is not in it.
pub fn on_cpu(pid: u32) -> u64 {
    let text =
        fs::read_to_string(format!("/proc/{pid}/schedstat")).expect("the server's schedstat");
    let first = text.split(' ').next().and_then(|n| n.parse().ok());
    first.expect("a number of ns")
}

/// µs a call of the command since the statistics were reset; fails if any call did.
pub fn per_call(conn: &mut Conn, command: &str, requests: usize) -> f64 {
    let stats = conn.ok(&["INFO", "commandstats"]).text();
    let name = format!("cmdstat_{}:", command.to_lowercase());
    let line = stats
        .lines()
        .find_map(|line| line.strip_prefix(&name))
        .unwrap_or_else(|| panic!("no statistics of {command}"));
    let field = |name: &str| -> f64 {
        let value = line.split(',').find_map(|pair| pair.strip_prefix(name));
        value
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or_else(|| panic!("no '{name}' in: {line}"))
    };
    assert_eq!(field("failed_calls="), 0.0, "{command} failed: {line}");
    // redis-benchmark rounds up to whole pipelines of all its clients.
    assert!(field("calls=") >= requests as f64, "{command}: {line}");
    field("usec_per_call=")
}
