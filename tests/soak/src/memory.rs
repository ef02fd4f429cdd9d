//! What a server takes of memory, and whether it has given back what it took.

use crate::tidy::tidy;
use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};
use support::{eventually, Conn, Server};

/// How long the servers get to put things away. They judge every five seconds how large the buffers of a
/// client need to be, and halve them.
const REST: Duration = Duration::from_secs(12);

/// In bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// What the allocator has given to the server: `used_memory`.
    pub used: u64,
    /// Pages of the process that are resident, as the kernel counts them.
    pub resident: u64,
    /// Of these, the ones that hold no part of a file: heap and stacks.
    pub anonymous: u64,
    /// Pages that the allocator has in use, the free parts of them included.
    pub active: u64,
}

/// Fields of INFO while a child of the server is at work.
const BUSY: [&str; 3] = [
    "rdb_bgsave_in_progress:1",
    "aof_rewrite_in_progress:1",
    "aof_rewrite_scheduled:1",
];

impl Memory {
    const MOST: Memory = Memory {
        used: u64::MAX,
        resident: u64::MAX,
        anonymous: u64::MAX,
        active: u64::MAX,
    };

    pub fn of(server: &Server, conn: &mut Conn) -> Memory {
        let info = conn.ok(&["INFO", "memory"]).text();
        let field = |name: &str| {
            let line = info.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|n| n.strip_prefix(':')?.trim().parse().ok())
        };
        // The kernel keeps VmRSS in parts for each thread; this file has exact sums.
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", server.pid()));
        let rollup: HashMap<_, u64> = rollup
            .as_deref()
            .unwrap_or("")
            .lines()
            .filter_map(kib)
            .collect();
        let bytes = |name: &str| rollup.get(name).copied().map(|kib| kib << 10);
        Memory {
            used: field("used_memory").expect("used_memory"),
            resident: bytes("Rss:").or(field("used_memory_rss")).unwrap_or(0),
            anonymous: bytes("Anonymous:").unwrap_or(0),
            active: field("allocator_active").unwrap_or(0),
        }
    }

    /// The larger of each.
    pub fn max(self, other: Memory) -> Memory {
        self.with(other, u64::max)
    }

    fn with(self, other: Memory, choose: fn(u64, u64) -> u64) -> Memory {
        Memory {
            used: choose(self.used, other.used),
            resident: choose(self.resident, other.resident),
            anonymous: choose(self.anonymous, other.anonymous),
            active: choose(self.active, other.active),
        }
    }

    /// Waits until both servers have shrunk their tables, freed what is freed lazily, and given free pages
    /// back, which they do in their own time; with what they keep for operators put away. Returns the least.
    pub fn at_rest(servers: &[Server; 2]) -> [Memory; 2] {
        // The server keeps buffers as long as those who filled them are connected.
        servers.iter().for_each(|server| tidy(&mut server.conn()));
        let mut both: Vec<_> = servers.iter().map(|it| (it, it.conn())).collect();
        for (_, conn) in &mut both {
            conn.ok(&["SLOWLOG", "RESET"]);
            conn.ok(&["LATENCY", "RESET"]);
            conn.cmd(&["BGREWRITEAOF"]); // the file is large, and nothing is left to keep
                                         // While a child of the server writes, tables keep their size.
            eventually("no child of the server is at work", || {
                let info = conn.ok(&["INFO", "persistence"]).text();
                !BUSY.iter().any(|field| info.contains(field))
            });
        }
        let mut least = [Memory::MOST; 2];
        let start = Instant::now();
        while start.elapsed() < REST {
            for ((server, conn), least) in both.iter_mut().zip(&mut least) {
                conn.ok(&["MEMORY", "PURGE"]);
                *least = least.with(Memory::of(server, conn), u64::min);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        least
    }

    /// What is more than `percent` above `before`. Resident memory may have grown by as many bytes more as
    /// that of the server without the module has: so much is the allocator's doing.
    pub fn growth(&self, before: &Memory, percent: f64, of_core: u64) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, now, before, allowed) in [
            ("used_memory", self.used, before.used, 0),
            ("resident memory", self.resident, before.resident, of_core),
        ] {
            if now as f64 > before as f64 * (1.0 + percent / 100.0) + allowed as f64 {
                let change = change(before, now);
                wrong.push(format!(
                    "{name} was {before} and is {now}: {change}; that of core grew by {allowed}"
                ));
            }
        }
        wrong
    }
}

/// The change of a number, in percent.
pub fn change(before: u64, now: u64) -> String {
    format!(
        "{:+.2} %",
        (now as f64 / before.max(1) as f64 - 1.0) * 100.0
    )
}

fn kib(line: &str) -> Option<(&str, u64)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn only_more_than_the_percentage_is_growth() {
        let before = Memory {
            used: 1000,
            resident: 5000,
            ..Memory::default()
        };
        let now = |used, resident| Memory {
            used,
            resident,
            ..Memory::default()
        };
        assert!(now(1020, 5100).growth(&before, 2.0, 0).is_empty());
        assert!(now(10, 4000).growth(&before, 2.0, 0).is_empty());
        assert!(now(1020, 5150).growth(&before, 2.0, 50).is_empty());
        let wrong = now(1021, 5200).growth(&before, 2.0, 90);
        assert_eq!(
            wrong,
            [
                "used_memory was 1000 and is 1021: +2.10 %; that of core grew by 0",
                "resident memory was 5000 and is 5200: +4.00 %; that of core grew by 90"
            ]
        );
    }
}
