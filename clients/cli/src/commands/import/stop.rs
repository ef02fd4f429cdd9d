//! When to stop early: a signal, or a failure in one of the tasks. Batches under way are finished first.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Going,
    /// A task has failed.
    Failed,
    /// The person who runs the program has asked for it.
    Asked,
}

#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<State>>);

impl Stop {
    pub fn new() -> Stop {
        Stop(Arc::new(watch::Sender::new(State::Going)))
    }

    /// Stops at SIGINT and SIGTERM. The second signal ends the program at once.
    #[cfg(unix)]
    pub fn at_signals(&self) {
        use tokio::signal::unix::{signal, SignalKind};
        let (Ok(mut interrupt), Ok(mut terminate)) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        ) else {
            return;
        };
        let stop = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if stop.asked() {
                    std::process::exit(130);
                }
                stop.0.send_replace(State::Asked);
            }
        });
    }

    #[cfg(not(unix))]
    pub fn at_signals(&self) {
        let stop = self.clone();
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if stop.asked() {
                    std::process::exit(130);
                }
                stop.0.send_replace(State::Asked);
            }
        });
    }

    /// Tells the other tasks that one has failed.
    pub fn fail(&self) {
        self.0.send_if_modified(|state| {
            let first = *state == State::Going;
            if first {
                *state = State::Failed;
            }
            first
        });
    }

    /// Whether to begin nothing more.
    pub fn is_set(&self) -> bool {
        *self.0.borrow() != State::Going
    }

    /// Whether a signal came.
    pub fn asked(&self) -> bool {
        *self.0.borrow() == State::Asked
    }

    /// Waits until `is_set`.
    pub async fn wait(&self) {
        let _ = self
            .0
            .subscribe()
            .wait_for(|state| *state != State::Going)
            .await;
    }

    /// Sleeps, but not longer than until `is_set`.
    pub async fn sleep(&self, time: Duration) {
        let _ = tokio::time::timeout(time, self.wait()).await;
    }
}
