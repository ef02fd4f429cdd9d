//! Without a full screen: one picture as text, one document, or a document for each interval.

use super::document::document;
use super::draw::{draw, height, Look};
use super::signals::{Event, Signals};
use super::watcher::{view, Watcher};
use crate::failure::{Code, Failure};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io::{stdout, Write};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use tokio::time::{interval, sleep, MissedTickBehavior};

/// Looks twice, one interval apart, because rates need two looks.
pub async fn once(watcher: &mut Watcher, limit: Duration) {
    watcher.look(limit).await;
    sleep(watcher.state.interval).await;
    watcher.look(limit).await;
}

/// The picture as text of this width, as high as it needs to be.
pub fn picture(watcher: &Watcher, width: u16, look: &Look) -> String {
    let notices = watcher.notices();
    let view = view(&watcher.state, &notices);
    let area = Rect::new(0, 0, width, height(width, &view));
    let mut buffer = Buffer::empty(area);
    draw(&mut buffer, area, &view, look);
    let lines = area.rows().map(|row| {
        let line: String = row
            .columns()
            .map(|cell| buffer[cell.as_position()].symbol().to_owned())
            .collect();
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

pub fn json(watcher: &Watcher) -> serde_json::Value {
    document(&watcher.state, &watcher.notices(), SystemTime::now())
}

/// Prints a document for each interval, until a signal comes or nobody reads any more.
pub async fn lines(watcher: &mut Watcher) -> Result<ExitCode, Failure> {
    let mut signals = Signals::listen()?;
    let mut ticks = interval(watcher.state.interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut printed = true;
    loop {
        let complete = tokio::select! {
            event = signals.next() => match event {
                Event::End => return Ok(Code::Interrupted.into()),
                Event::Stop => {
                    super::signals::stop();
                    continue;
                }
                Event::Continue => continue,
            },
            answer = watcher.answer() => watcher.learn(answer),
            _ = ticks.tick() => {
                // A node has not answered in this interval: the others are told.
                if !printed && print(watcher).is_err() {
                    return Ok(ExitCode::SUCCESS);
                }
                printed = false;
                watcher.tick();
                continue;
            }
        };
        if complete && !printed {
            printed = true;
            if print(watcher).is_err() {
                return Ok(ExitCode::SUCCESS);
            }
        }
    }
}

fn print(watcher: &mut Watcher) -> std::io::Result<()> {
    watcher.update();
    let mut out = stdout().lock();
    writeln!(out, "{}", json(watcher))?;
    out.flush()
}
