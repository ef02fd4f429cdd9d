//! Signals that end the program, stop it, or wake it up.

use crate::failure::Failure;
use rustix::process::{getpid, kill_process, Signal};
use tokio::signal::unix::{signal, Signal as Stream, SignalKind};

pub enum Event {
    End,
    Stop,
    Continue,
}

pub struct Signals {
    ends: [Stream; 3],
    stop: Stream,
    wake: Stream,
}

impl Signals {
    pub fn listen() -> Result<Signals, Failure> {
        let on = |kind| {
            let failed = |error| Failure::new(format!("signals cannot be received: {error}"));
            signal(kind).map_err(failed)
        };
        Ok(Signals {
            ends: [
                on(SignalKind::interrupt())?,
                on(SignalKind::terminate())?,
                on(SignalKind::hangup())?,
            ],
            stop: on(SignalKind::from_raw(Signal::TSTP.as_raw()))?,
            wake: on(SignalKind::from_raw(Signal::CONT.as_raw()))?,
        })
    }

    pub async fn next(&mut self) -> Event {
        let [interrupt, terminate, hangup] = &mut self.ends;
        tokio::select! {
            _ = interrupt.recv() => Event::End,
            _ = terminate.recv() => Event::End,
            _ = hangup.recv() => Event::End,
            _ = self.stop.recv() => Event::Stop,
            _ = self.wake.recv() => Event::Continue,
        }
    }
}

/// Stops this process until somebody lets it go on, as a shell does by `fg`.
pub fn stop() {
    let _ = kill_process(getpid(), Signal::STOP);
}
