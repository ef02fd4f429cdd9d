//! The full screen: draws what is known, whenever something is new. A slow node delays nothing.

use super::draw::{draw, Look};
use super::keys::{action, faster, slower, Action};
use super::signals::{stop, Event as SignalEvent, Signals};
use super::terminal::{events, Screen};
use super::watcher::{view, Watcher};
use crate::failure::{Code, Failure};
use ratatui::crossterm::event::Event;
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{interval, Interval, MissedTickBehavior};

/// Between two pictures, at least: many answers make one picture.
const FRAME: Duration = Duration::from_millis(40);

/// A picture is drawn after so many frames in any case, because it tells how long a node has been down.
const LONGEST: u32 = 25;

struct Session<'a> {
    watcher: &'a mut Watcher,
    screen: Screen,
    look: Look,
    paused: bool,
    help: bool,
    /// Frames since the last picture; at least `LONGEST` if something is new.
    age: u32,
}

/// Runs until a key or a signal ends it.
pub async fn run(watcher: &mut Watcher, look: Look) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen()?;
    let failed = |error: io::Error| {
        Failure::usage(format!("the terminal cannot be used: {error}"))
            .hint("sessionctl top --once prints one picture as text.")
    };
    let mut ticks = every(watcher.state.interval);
    let mut session = Session {
        watcher,
        screen: Screen::open().map_err(failed)?,
        look,
        paused: false,
        help: false,
        age: LONGEST,
    };
    let mut events = events();
    let mut frames = every(FRAME);
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else {
                    return Ok(Code::Interrupted.into()); // the terminal has gone
                };
                if let Event::Key(key) = event {
                    match action(key) {
                        Some(Action::Quit) => return Ok(ExitCode::SUCCESS),
                        Some(Action::Back) if !session.help => return Ok(ExitCode::SUCCESS),
                        Some(Action::Slower) => ticks = session.set(slower),
                        Some(Action::Faster) => ticks = session.set(faster),
                        Some(action) => session.act(action).map_err(failed)?,
                        None => {}
                    }
                }
                session.draw().map_err(failed)?;
            }
            event = signals.next() => match event {
                SignalEvent::End => return Ok(Code::Interrupted.into()),
                SignalEvent::Stop => session.suspend().map_err(failed)?,
                // Somebody else may have changed the terminal meanwhile.
                SignalEvent::Continue => session.refresh().map_err(failed)?,
            },
            answer = session.watcher.answer() => {
                session.watcher.learn(answer);
                session.age = LONGEST;
            }
            _ = ticks.tick(), if !session.paused => session.watcher.tick(),
            _ = frames.tick() => {
                session.age = session.age.saturating_add(1);
                if session.age > LONGEST {
                    session.draw().map_err(failed)?;
                }
            }
        }
    }
}

fn every(time: Duration) -> Interval {
    let mut ticks = interval(time);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

impl Session<'_> {
    fn act(&mut self, action: Action) -> io::Result<()> {
        match action {
            Action::Pause => self.paused = !self.paused,
            Action::Select(step) => self.watcher.state.select(step),
            Action::All => self.watcher.state.selected = None,
            Action::Help => self.help = !self.help,
            Action::Back => self.help = false,
            Action::Suspend => self.suspend()?,
            Action::Redraw => self.refresh()?,
            Action::Quit | Action::Slower | Action::Faster => {}
        }
        Ok(())
    }

    /// Changes the interval, and begins one at once.
    fn set(&mut self, change: fn(Duration) -> Duration) -> Interval {
        let interval = &mut self.watcher.state.interval;
        *interval = change(*interval);
        every(*interval)
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.screen.leave()?;
        stop();
        self.screen.enter()?;
        self.draw()
    }

    fn refresh(&mut self) -> io::Result<()> {
        self.screen.leave()?;
        self.screen.enter()?;
        self.draw()
    }

    fn draw(&mut self) -> io::Result<()> {
        self.age = 0;
        // A picture that is paused stays as it is.
        if !self.paused {
            self.watcher.update();
        }
        let notices = self.watcher.notices();
        let mut view = view(&self.watcher.state, &notices);
        (view.paused, view.help, view.keys) = (self.paused, self.help, true);
        let look = &self.look;
        self.screen.draw(|frame| {
            let area = frame.area();
            draw(frame.buffer_mut(), area, &view, look);
        })
    }
}
