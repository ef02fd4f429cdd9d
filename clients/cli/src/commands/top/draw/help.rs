//! The keys and the columns explained, and the words for a screen that is too small.

use super::look::Look;
use super::rule;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const HELP: &[(&str, &str)] = &[
    ("q  Esc  Ctrl-C", "quit"),
    ("p  Space", "pause, and go on: nothing is asked meanwhile"),
    ("n  Down", "look at the next node alone"),
    ("N  Up", "look at the node before"),
    ("a", "look at all nodes"),
    ("+  -", "a longer or a shorter interval"),
    ("?", "show this, or go back"),
    ("Ctrl-Z", "suspend; 'fg' goes on"),
    ("", ""),
    (
        "Charts",
        "one bar for each interval, the latest at the right",
    ),
    ("Peak", "the highest of the last 600 intervals"),
    (
        "!!  !",
        "urgent, and a warning: docs/operations.md says more",
    ),
];

pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look) {
    rule::draw(buffer, area, look);
    rule::left(buffer, area, area.x, "Help", look);
    for ((keys, does), y) in HELP.iter().zip(area.y + 1..area.bottom()) {
        let room = usize::from(area.width.saturating_sub(2));
        buffer.set_stringn(area.x + 2, y, keys, room, look.strong());
        buffer.set_stringn(area.x + 19, y, does, room.saturating_sub(18), look.plain());
    }
}

pub fn too_small(buffer: &mut Buffer, area: Rect, needed: (u16, u16)) {
    let lines = [
        "The screen is too small.".to_owned(),
        format!(
            "It has {}x{}, and {}x{} are needed.",
            area.width, area.height, needed.0, needed.1
        ),
        "q quits".to_owned(),
    ];
    let width = usize::from(area.width);
    let top = area.y + area.height.saturating_sub(3) / 2;
    for (line, y) in lines.iter().zip(top..area.bottom()) {
        let indent = width.saturating_sub(line.len()) / 2;
        let x = area.x + u16::try_from(indent).unwrap_or(0);
        buffer.set_stringn(x, y, line, width, ratatui::style::Style::new());
    }
}
