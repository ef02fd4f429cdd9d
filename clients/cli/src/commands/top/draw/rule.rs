//! The line above a section, with headings in it.

use super::look::Look;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws the line over the whole width.
pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look) {
    let line = look.pick("─", "-").repeat(usize::from(area.width));
    if area.height > 0 {
        buffer.set_stringn(area.x, area.y, line, usize::from(area.width), look.faint());
    }
}

/// Draws a heading into the line, with a space before and behind it.
pub fn left(buffer: &mut Buffer, area: Rect, x: u16, text: &str, look: &Look) {
    let room = usize::from(area.right().saturating_sub(x));
    let text = format!(" {text} ");
    buffer.set_stringn(x, area.y, text, room, look.strong());
}

/// As [`left`], so that the last letter stands at `right - 1`.
pub fn right(buffer: &mut Buffer, area: Rect, right: u16, text: &str, look: &Look) {
    let length = u16::try_from(text.chars().count()).unwrap_or(u16::MAX);
    left(buffer, area, right.saturating_sub(length + 1), text, look);
}
