//! `sessionctl top`: on a terminal, and as text and JSON.

mod load;
mod printed;
mod restored;
mod screen;
mod terminal;

use screen::Screen;
use support::Server;

/// `sessionctl top` for this server, in a terminal of this size.
#[track_caller]
fn top(server: &Server, args: &str, columns: u16, rows: u16) -> Screen {
    let program = format!("'{}' top {args}", env!("CARGO_BIN_EXE_sessionctl"));
    let url = format!("redis://127.0.0.1:{}", server.port());
    let screen = Screen::open(&program, &[("SESSIONCTL_URL", url)], columns, rows);
    screen.until("the picture", |text| text.contains("sessionctl top"));
    screen
}
