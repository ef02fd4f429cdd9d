//! Runs the workload on a real server.

use chaos::history::{Head, History};
use chaos::link::Link;
use chaos::workload::{Config, Workload};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{Conn, Server, Value};

/// A connection to one server, which never fails.
pub struct Direct(Conn);

impl Link for Direct {
    fn call(&mut self, args: &[Vec<u8>]) -> io::Result<Value> {
        self.0.try_cmd(args)
    }

    fn wait(&mut self, _ms: u64) -> io::Result<bool> {
        Ok(true)
    }
}

/// Works for this time over links that `wrap` makes, then reads everything.
pub fn run<L: Link>(
    server: &Server,
    config: Config,
    time: Duration,
    wrap: impl Fn(Direct) -> L,
    head: Head,
) -> History {
    let workers = config.workers;
    let workload = Workload::new(config);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let mut link = wrap(Direct(server.conn()));
            let (workload, stop) = (&workload, &stop);
            scope.spawn(move || workload.work(worker, &mut link, stop));
        }
        std::thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
    });
    let mut link = wrap(Direct(server.conn()));
    workload.read_all(&mut link).expect("the server answers");
    workload.recorder.history(head)
}
