//! A progress bar on standard error, where a person looks at it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

pub struct Progress(ProgressBar);

impl Progress {
    /// `shown`: whether a person looks. `length` is an estimate of the steps.
    pub fn new(shown: bool, length: u64) -> Progress {
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(length), target);
        let template = "{bar:32} {percent:>3} %  {msg}  {elapsed}, {eta} to go";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress(bar)
    }

    /// So many steps more are done, and what there is to tell about them.
    pub fn advance(&self, steps: u64, tells: String) {
        // The estimate may be too low: the bar waits at its end.
        let left = self
            .0
            .length()
            .unwrap_or(0)
            .saturating_sub(self.0.position());
        self.0.inc(steps.min(left));
        self.0.set_message(tells);
    }

    /// How long it has been there.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Takes the bar away, so that the result has the terminal for itself.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}
