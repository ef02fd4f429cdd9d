//! Runs redis-benchmark on one core against a server on another, and measures what a run cost. With a
//! core for each, the load does not take time from the server.

use crate::payload::Payload;
use crate::varied;
use std::fs;
use std::process::{Command, Stdio};
use support::{Conn, Server, Setup};

/// The core that servers are pinned to.
pub const SERVER_CORE: &str = "0";
/// The core that the load is pinned to.
pub const LOAD_CORE: &str = "1";
/// All cores; taskset ignores numbers that the machine does not have.
pub const EVERY_CORE: &str = "0-1023";
/// How many clients send requests at the same time.
pub const CLIENTS: &str = "16";

/// The cost of one run, or the medians of several.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Requests per second.
    pub throughput: f64,
    /// ns of CPU time of the server's main thread for a request: protocol, network and command.
    pub cpu: f64,
    /// µs of wall-clock time in the command alone, from `INFO commandstats`.
    pub command: f64,
}

/// A command that redis-benchmark repeats. It replaces `__rand_int__` in the arguments by a random number.
#[derive(Clone)]
pub struct Load {
    /// The command and its arguments.
    pub args: Vec<String>,
    /// The random numbers are below this.
    pub keys: usize,
    /// Whether the command creates keys. If so, a run flushes the server before and after.
    pub makes_keys: bool,
    /// The kind and the size of the texts that take the place of the argument [`varied::TEXT`], if they
    /// are to differ from call to call. The program in varied.rs then sends them in the place of
    /// redis-benchmark.
    pub texts: Option<(Payload, usize)>,
}

/// A load of a command and its arguments.
pub fn load(words: &[&str], keys: usize, makes_keys: bool) -> Load {
    Load {
        args: words.iter().map(|word| (*word).to_owned()).collect(),
        keys,
        makes_keys,
        texts: None,
    }
}

/// Whether processes can be pinned: the machine has two cores and the program taskset.
pub fn can_pin() -> bool {
    std::thread::available_parallelism().is_ok_and(|n| n.get() >= 2)
        && Command::new("taskset")
            .arg("--version")
            .stdout(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

/// A command that runs the program on a core; on any core if processes cannot be pinned.
pub fn on_core(core: &str, program: &str) -> Command {
    if !can_pin() {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]);
    command
}

/// Starts a server on [`SERVER_CORE`].
pub fn start(setup: Setup) -> Server {
    let server = setup.start();
    pin(&server, SERVER_CORE);
    server
}

/// Restricts the present threads of a server to some cores, named in the syntax of taskset.
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

/// Sends a load, with `pipeline` commands at once on each connection, and measures it.
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

/// Runs redis-benchmark, or the program in varied.rs; returns its requests per second.
fn benchmark(port: u16, load: &Load, pipeline: usize, requests: usize) -> f64 {
    let mut command = if let Some((payload, size)) = load.texts {
        varied::command(payload, size, port, [pipeline, requests])
    } else {
        let mut command = on_core(LOAD_CORE, "redis-benchmark");
        command
            .args(["-p", &port.to_string(), "-q", "-c", CLIENTS])
            .args(["-n", &requests.to_string(), "-P", &pipeline.to_string()])
            .args(["-r", &load.keys.to_string()]);
        command
    };
    let output = command.args(&load.args).output().expect("run the load");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = text
        .rfind(" requests per second")
        .and_then(|end| text[..end].rsplit(' ').next()?.parse().ok());
    rate.unwrap_or_else(|| {
        let why = String::from_utf8_lossy(&output.stderr);
        panic!("the load says nothing of requests per second: {text}{why}")
    })
}

/// ns of CPU time that the main thread of a process has used so far. Time in which the thread waits,
/// for requests or for the core, does not count, so that other processes disturb the figure little.
pub fn on_cpu(pid: u32) -> u64 {
    let text =
        fs::read_to_string(format!("/proc/{pid}/schedstat")).expect("the server's schedstat");
    let first = text.split(' ').next().and_then(|n| n.parse().ok());
    first.expect("a number of ns")
}

/// µs of a call of the command on average, since the statistics were reset. Panics if a call failed, or
/// if there were fewer calls than requests.
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
    // More calls than requests are fine: redis-benchmark sends whole pipelines on each connection.
    assert!(field("calls=") >= requests as f64, "{command}: {line}");
    field("usec_per_call=")
}
