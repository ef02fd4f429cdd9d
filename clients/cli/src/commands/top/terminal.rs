//! The terminal: taken for the full screen, and always given back, whatever ends the program.

use ratatui::crossterm::event::{self, Event};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    disable_raw_mode, enable_raw_mode, EnterAlternateScreen, LeaveAlternateScreen,
};
use ratatui::layout::{Position, Rect};
use ratatui::{DefaultTerminal, Frame};
use std::io::{self, stdout};
use tokio::sync::mpsc;

/// Gives the terminal back when it goes out of scope. A panic gives it back too, before its message.
pub struct Screen {
    terminal: DefaultTerminal,
}

impl Screen {
    /// # Errors
    ///
    /// There is no terminal, or it cannot be set.
    pub fn open() -> io::Result<Screen> {
        let terminal = ratatui::try_init()?;
        Ok(Screen { terminal })
    }

    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame)) -> io::Result<()> {
        self.terminal.draw(picture).map(|_| ())
    }

    /// Gives the terminal back for a while.
    pub fn leave(&mut self) -> io::Result<()> {
        self.terminal.show_cursor()?;
        execute!(stdout(), LeaveAlternateScreen)?;
        disable_raw_mode()
    }

    /// Takes the terminal again, and forgets what it shows.
    pub fn enter(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen)?;
        // `clear` would ask the terminal where its cursor is, and the thread that reads keys would get the answer.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.terminal.show_cursor();
        ratatui::restore();
    }
}

/// Keys and changes of the size, read by a thread of their own. Ends when the terminal has gone.
pub fn events() -> mpsc::UnboundedReceiver<Event> {
    let (sender, events) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(event).is_err() {
                return;
            }
        }
    });
    events
}
