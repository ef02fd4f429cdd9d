//! One server with `appendfsync always`, whose wall clock can be moved.

use super::wire::Wire;
use super::{Deployment, On};
use crate::link::Link;
use std::io;
use std::path::{Path, PathBuf};
use support::{eventually, process, Proxy, Server, Value};

/// One server behind a proxy.
pub struct Single {
    server: Vec<Server>,
    proxies: Vec<Proxy>,
    clock: Option<Clock>,
}

impl Single {
    /// Starts the server.
    #[track_caller]
    pub fn start() -> Single {
        Single::of(super::setup(), None)
    }

    /// Starts a server that writes nothing to disk, and so loses everything that it has acknowledged when it
    /// is killed: to see whether that is found.
    #[track_caller]
    pub fn forgetful() -> Single {
        Single::of(super::setup().config("appendonly no"), None)
    }

    /// Starts the server with a clock that can be moved.
    ///
    /// # Errors
    /// If the library that moves it is not there.
    pub fn with_clock() -> Result<Single, String> {
        let library = clock_library()?;
        let clock = Clock {
            file: process::own_path("clock"),
        };
        clock.set(0);
        let setup = super::setup()
            .env("LD_PRELOAD", library)
            .env("CHAOS_CLOCK", clock.file.clone());
        Ok(Single::of(setup, Some(clock)))
    }

    fn of(setup: support::Setup, clock: Option<Clock>) -> Single {
        let server = setup.start();
        let proxies = vec![Proxy::before(server.port())];
        Single {
            server: vec![server],
            proxies,
            clock,
        }
    }
}

/// A clock that is ahead of the machine's, or behind it.
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// Puts the clock so many ms ahead of the machine's; negative is behind.
    pub fn set(&self, ms: i64) {
        let bytes = (ms * 1_000_000).to_ne_bytes();
        // Written in place: the server has mapped this very file.
        let file = std::fs::File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.file);
        let written = file.and_then(|mut file| io::Write::write_all(&mut file, &bytes));
        written.expect("write the offset of the clock");
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// The library of `clock/lib.rs`. Cargo builds it with the tests, or as `--example clock`, and puts it into
/// the folder `examples` of the profile.
fn clock_library() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let name = format!("libclock{}", std::env::consts::DLL_SUFFIX);
    let folders = program.ancestors().skip(1).take(2);
    let mut libraries = folders.map(|folder: &Path| folder.join("examples").join(&name));
    libraries.find(|library| library.exists()).ok_or_else(|| {
        format!("there is no {name}: build it (cargo build -p redis-session-chaos --example clock)")
    })
}

impl Deployment for Single {
    fn on(&self) -> On {
        On::Single
    }

    fn nodes(&mut self) -> &mut [Server] {
        &mut self.server
    }

    fn servers(&self) -> &[Server] {
        &self.server
    }

    fn proxies(&self) -> &[Proxy] {
        &self.proxies
    }

    fn link(&self) -> Box<dyn Link> {
        Box::new(SingleLink {
            port: self.proxies[0].port(),
            wire: None,
        })
    }

    fn primaries(&self) -> Vec<usize> {
        vec![0]
    }

    fn await_successor(&mut self, _old: usize) {}

    fn fail_over(&mut self, _old: usize) -> (usize, usize) {
        unreachable!("there is no replica")
    }

    fn isolate(&mut self, _node: usize, _cut_off: bool) {
        unreachable!("there is no other server")
    }

    fn settle(&mut self) {
        let server = &self.server[0];
        eventually("the server has loaded its data", || {
            server.cmd(&["PING"]).error().is_none() && server.info("persistence", "loading") == "0"
        });
        server.wait_for_rewrite();
        eventually("nothing is held", || self.proxies[0].is_idle());
    }

    fn families(&self) -> Vec<(usize, Vec<usize>)> {
        vec![(0, vec![])]
    }

    fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }
}

struct SingleLink {
    port: u16,
    wire: Option<Wire>,
}

impl Link for SingleLink {
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        let mut wire = match self.wire.take() {
            Some(wire) => wire,
            None => Wire::open(self.port, "PING", |_| true)?,
        };
        let reply = wire.call(args)?; // not put back after an error
        self.wire = Some(wire);
        Ok(reply)
    }

    fn wait(&mut self, _ms: u64) -> io::Result<bool> {
        Ok(self.wire.is_some()) // there is nothing to wait for
    }
}
