//! `sessionctl top`: the sessions of a server or a cluster, as they come and go.
//!
//! `watching` asks the nodes; `rates` and `state` keep what they told; `attention` puts it into words; `draw`
//! makes a picture of it. All but the first and the terminal is pure.

mod attention;
mod document;
mod draw;
#[cfg(test)]
mod fixture;
mod keys;
mod rates;
mod screen;
mod signals;
mod state;
mod terminal;
mod text;
mod watcher;
mod words;

use super::Context;
use crate::args::top::Top;
use crate::failure::Failure;
use crate::server::Access;
use draw::Look;
use ratatui::crossterm::terminal::size;
use std::env::var;
use std::io::{stdout, IsTerminal};
use std::process::ExitCode;
use watcher::Watcher;

/// The width of printed text where there is no terminal and no `COLUMNS`.
const WIDTH: u16 = 100;

pub async fn run(args: &Top, context: &Context<'_>) -> Result<ExitCode, Failure> {
    let output = context.output;
    let is_screen = stdout().is_terminal();
    let dumb = var("TERM").is_ok_and(|term| term == "dumb");
    if !args.once && !output.is_json() && (!is_screen || dumb) {
        return Err(
            Failure::usage("standard output is no terminal that can be drawn on")
                .hint("--once prints one picture as text, --json a document for each interval."),
        );
    }
    let access = Access::of(context.target)?;
    let limit = access.timeout;
    let look = Look::of(args.ascii, |name| var(name).ok());
    let mut watcher = Watcher::start(access, args.interval).await?;
    if args.once {
        text::once(&mut watcher, limit).await;
        if output.is_json() {
            output.document(&text::json(&watcher));
        } else {
            output.line(&text::picture(&watcher, width(is_screen), &look));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if output.is_json() {
        return text::lines(&mut watcher).await;
    }
    screen::run(&mut watcher, look).await
}

/// The width of the terminal, or of `COLUMNS`, within what can be drawn.
fn width(is_screen: bool) -> u16 {
    let columns = || var("COLUMNS").ok()?.parse().ok();
    let screen = || Some(size().ok()?.0).filter(|_| is_screen);
    let width = screen().or_else(columns).unwrap_or(WIDTH);
    width.clamp(draw::SMALLEST.0, 300)
}
