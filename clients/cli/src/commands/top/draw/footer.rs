//! The last line: the keys.

use super::look::Look;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget;

const KEYS: &[(&str, &str)] = &[
    ("q", "quit"),
    ("p", "pause"),
    ("n", "next node"),
    ("a", "all nodes"),
    ("+ -", "interval"),
    ("?", "help"),
];

pub fn draw(buffer: &mut Buffer, area: Rect, look: &Look) {
    let mut spans = vec![Span::raw(" ")];
    for (key, does) in KEYS {
        spans.push(Span::styled(*key, look.strong()));
        spans.push(Span::styled(format!(" {does}  "), look.faint()));
    }
    Line::from(spans).render(area, buffer);
}
