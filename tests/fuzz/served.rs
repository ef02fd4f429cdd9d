//! For fuzz targets whose inputs a real server runs: the coverage of the module in the server guides
//! libFuzzer.
//!
//! The module was built to count how often each edge of its code is taken (.ci/fuzz.sh). Behind each input
//! the counters are copied from the server's memory to a section of this program that libFuzzer reads as
//! counters of its own. The server is a child of this process, so the system lets this process do that.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use support::Server;

/// The most edges of the module and the crates in it.
const EDGES: usize = 1 << 19;

/// The variable that tells the module which file to write the place of its counters to.
const VARIABLE: &str = "REDIS_SESSION_COUNTERS";

/// The size of a server's log, in bytes, at which it is read and begun anew.
const LOG: u64 = 4 << 20;

/// libFuzzer clears these counters before an input, and takes them as coverage after it.
#[link_section = "__libfuzzer_extra_counters"]
#[used]
static mut COUNTERS: [u8; EDGES] = [0; EDGES];

/// A server whose module counts its coverage.
pub struct Served {
    pid: i32,
    log: PathBuf,
    /// Ends the server when this process has ended. libFuzzer ends it without a clean-up.
    _guard: Child,
    address: usize,
    count: usize,
    zeros: Vec<u8>,
    buffer: Vec<u8>,
}

/// Ends this process with the status for a target that cannot run. libFuzzer would take another end for a
/// failure of the input.
fn give_up(why: &str) -> ! {
    eprintln!("{why}");
    // SAFETY: the function has no conditions.
    unsafe { libc::_exit(3) }
}

impl Served {
    /// Starts a server, and what belongs to it, by `start`. It is never dropped.
    pub fn start<T>(
        start: impl FnOnce() -> T,
        server: impl Fn(&T) -> &Server,
    ) -> (Self, &'static mut T) {
        let file = support::process::own_path("counters");
        std::env::set_var(VARIABLE, &file);
        let library = std::env::var_os("REDIS_SESSION_PRELOAD");
        let library = library.unwrap_or_else(|| give_up("start this by .ci/fuzz.sh"));
        std::env::set_var("LD_PRELOAD", library);
        let started = Box::leak(Box::new(start()));
        let server = server(started);
        std::env::remove_var("LD_PRELOAD");
        let place = fs::read_to_string(&file);
        let place = place.unwrap_or_else(|_| give_up("the module does not count its coverage"));
        let _ = fs::remove_file(&file);
        let (address, count) = place.trim().split_once(' ').expect("two numbers");
        let number = |text: &str| text.parse::<usize>().expect("a number");
        let (address, count) = (number(address), number(count));
        assert!(count <= EDGES, "the module has {count} edges; raise EDGES");
        eprintln!("the module has {count} edges");
        let guard = Command::new("sh")
            .args(["-c", "read _; kill -9 \"$0\"; rm -rf \"$1\""])
            .arg(server.pid().to_string())
            .arg(server.dir())
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh");
        let mut served = Self {
            pid: server.pid() as i32,
            log: server.dir().join("server.log"),
            _guard: guard,
            address,
            count,
            zeros: vec![0; count],
            buffer: vec![0; count],
        };
        if !served.clear() {
            give_up("the system does not let a process read the memory of its child");
        }
        (served, started)
    }

    /// Clears the counters in the server, before an input. Returns whether the system let it.
    pub fn clear(&mut self) -> bool {
        let local = libc::iovec {
            iov_base: self.zeros.as_mut_ptr().cast(),
            iov_len: self.count,
        };
        let remote = self.remote();
        // SAFETY: `local` is `count` bytes of this process, and the system checks `remote`.
        let written = unsafe {
            libc::process_vm_writev(self.pid, &raw const local, 1, &raw const remote, 1, 0)
        };
        written == self.count as isize
    }

    /// Copies the counters from the server, after an input.
    pub fn collect(&mut self) {
        let (pid, count) = (self.pid, self.count);
        let local = libc::iovec {
            iov_base: self.buffer.as_mut_ptr().cast(),
            iov_len: count,
        };
        let remote = self.remote();
        // SAFETY: `local` is `count` bytes of this process that nothing else uses, and the system checks
        // `remote`.
        let read =
            unsafe { libc::process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
        assert_eq!(read, count as isize, "the counters of the server");
        // SAFETY: this is the only place that names the counters, in the only thread of this program that
        // runs inputs; there are `EDGES` of them, and `count` is not more.
        unsafe {
            std::ptr::copy_nonoverlapping(self.buffer.as_ptr(), (&raw mut COUNTERS).cast(), count);
        }
    }

    fn remote(&self) -> libc::iovec {
        libc::iovec {
            iov_base: self.address as *mut _,
            iov_len: self.count,
        }
    }

    /// Fails if a callback of the module has panicked. A long log is then begun anew.
    pub fn check_log(&self) {
        if fs::metadata(&self.log).is_ok_and(|log| log.len() > LOG) {
            let log = fs::read(&self.log).expect("the server's log");
            let log = String::from_utf8_lossy(&log);
            assert!(!log.contains("panicked"), "a callback panicked");
            // The server appends to it, wherever it ends.
            File::create(&self.log).expect("the server's log");
        }
    }
}
