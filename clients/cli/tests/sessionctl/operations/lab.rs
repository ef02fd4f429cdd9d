//! The two machines of the page, 10.0.0.1 and 10.0.0.2, and what is typed on them.
//!
//! Commands run as they stand on the page, but for paths, addresses and ports, which are those of the folders and
//! ports here; what they print is changed back.

use super::machine::Machine;
use super::page::{Block, Chunk};
use super::seen::{here, is_duration, same, Made};
use std::path::PathBuf;
use support::{process, Conn};

/// The folders that are those of a machine.
const FOLDERS: [&str; 7] = [
    "/etc/redis",
    "/etc/systemd",
    "/etc/sessionctl",
    "/usr/lib/redis",
    "/usr/bin/sessionctl",
    "/var/",
    "/root/",
];

/// Is dropped with everything that was started on the machines.
pub struct Lab {
    folder: PathBuf,
    machines: Vec<Machine>,
    /// A text of the page, and what it is here.
    names: Vec<(String, String)>,
    made: Made,
    typed: usize,
}

impl Lab {
    /// Machines with a server that is configured as Debian does it, and that does not run yet.
    pub fn new() -> Lab {
        let folder = process::own_path("operations");
        let _ = std::fs::remove_dir_all(&folder);
        let (metrics, trial) = (process::free_port(), process::free_port());
        let machines: Vec<Machine> = ["one", "two"]
            .map(|name| Machine::new(&folder, name, metrics))
            .into();
        let (one, two) = (machines[0].port, machines[1].port);
        let names = [
            (
                "REPLICAOF 10.0.0.1 6379",
                format!("REPLICAOF 127.0.0.1 {one}"),
            ),
            (
                "REPLICAOF 10.0.0.2 6379",
                format!("REPLICAOF 127.0.0.1 {two}"),
            ),
            (
                "replicaof 10.0.0.2 6379",
                format!("replicaof 127.0.0.1 {two}"),
            ),
            ("ip=10.0.0.2,port=6379", format!("ip=127.0.0.1,port={two}")),
            ("-h 10.0.0.1", format!("-p {one}")),
            ("-h 10.0.0.2", format!("-p {two}")),
            ("10.0.0.1:6379", format!("127.0.0.1:{one}")),
            ("10.0.0.2:6379", format!("127.0.0.1:{two}")),
            ("127.0.0.1:6379", format!("127.0.0.1:{one}")),
            ("port 6400", format!("port {trial}")),
            ("-p 6400", format!("-p {trial}")),
            ("127.0.0.1:6400", format!("127.0.0.1:{trial}")),
            ("10.0.0.1:9736", format!("127.0.0.1:{metrics}")),
        ];
        let names = names.map(|(page, is)| (page.to_owned(), is)).into();
        Lab {
            folder,
            machines,
            names,
            made: Made::new(),
            typed: 0,
        }
    }

    /// A connection to the server of a machine, as its administrator.
    #[track_caller]
    pub fn conn(&self, machine: usize) -> Conn {
        let machine = &self.machines[machine];
        let mut conn = Conn::connect(machine.port).expect("the server of the machine");
        if let Ok(password) = std::fs::read_to_string(machine.root.join("root/passwords/admin")) {
            conn.ok(&["AUTH", password.trim()]);
        }
        conn
    }

    /// A path of the page on the first machine.
    pub fn path(&self, path: &str) -> PathBuf {
        self.machines[0].root.join(path.trim_start_matches('/'))
    }

    /// Runs commands that are not on the page as the administrator of a machine; returns what they print.
    #[track_caller]
    pub fn root(&mut self, machine: usize, commands: &str) -> String {
        let machine = &mut self.machines[machine];
        machine.run(commands, true)
    }

    /// How many commands were typed so far.
    pub fn typed(&self) -> usize {
        self.typed
    }

    /// Types all commands of these blocks.
    #[track_caller]
    pub fn type_all(&mut self, blocks: impl IntoIterator<Item = Block>) {
        for block in blocks {
            for chunk in &block.chunks {
                self.type_chunk(&block, chunk);
            }
        }
    }

    #[track_caller]
    fn type_chunk(&mut self, block: &Block, chunk: &Chunk) {
        let machine = &mut self.machines[block.machine];
        let mut commands = here(&chunk.commands, &self.made);
        // This machine has no other address.
        for address in ["bind 127.0.0.1 10.0.0.1", "bind 127.0.0.1 10.0.0.2"] {
            commands = commands.replace(address, "bind 127.0.0.1");
        }
        for (page, is) in &self.names {
            commands = commands.replace(page.as_str(), is);
        }
        let root = machine.root.display().to_string();
        for folder in FOLDERS {
            commands = commands.replace(folder, &format!("{root}{folder}"));
        }
        let mut text = machine.run(&commands, block.root);
        text = text.replace(&root, "");
        for (page, is) in self.names.iter().rev() {
            text = text.replace(is.as_str(), page);
        }
        let lines: Vec<String> = text
            .lines()
            .filter(|line| !line.trim().is_empty() && !is_duration(line))
            .map(str::to_owned)
            .collect();
        let mut made = self.made.clone();
        assert!(
            same(&lines, &chunk.shown, &mut made),
            "typed\n{}\n--- and saw\n{}\n--- where the page shows\n{}",
            chunk.commands,
            lines.join("\n"),
            chunk.shown.join("\n"),
        );
        self.made = made;
        self.typed += 1;
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for machine in &mut self.machines {
            machine.end();
            if std::thread::panicking() {
                machine.show_log();
            }
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
