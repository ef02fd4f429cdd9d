//! A bar that is filled to a part.

use super::look::Look;
use ratatui::buffer::Buffer;
use ratatui::style::Style;

/// Draws the bar, and returns where it ends.
pub fn draw(
    buffer: &mut Buffer,
    (x, y): (u16, u16),
    width: u16,
    (part, whole): (u64, u64),
    style: Style,
    look: &Look,
) -> u16 {
    let cells = u64::from(width);
    let filled = part.min(whole).saturating_mul(cells) / whole.max(1);
    let filled = filled.max(u64::from(part > 0)).min(cells);
    for cell in 0..width {
        let (letter, style) = match u64::from(cell) < filled {
            true => (look.pick("█", "#"), style),
            false => (look.pick("░", "."), look.faint()),
        };
        buffer.set_string(x + cell, y, letter, style);
    }
    x + width
}
