//! Bars over time: one column for each interval, the latest at the right.

use super::look::Look;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// In one line the weight of the letter stands for the height.
const WEIGHTS: [&str; 9] = [" ", ".", ".", ":", "-", "=", "+", "*", "#"];
/// In several lines only the top of a bar is less than a whole letter.
const TOPS: [&str; 9] = [" ", ".", ".", ".", ":", ":", ":", "#", "#"];

/// Draws the last values that fit. `peak` is the value of a full bar. A gap and nothing are both empty; anything
/// more is at least the smallest bar.
pub fn draw<V>(buffer: &mut Buffer, area: Rect, values: V, peak: f64, style: Style, look: &Look)
where
    V: DoubleEndedIterator<Item = Option<f64>>,
{
    let letters = match (look.unicode, area.height) {
        (true, _) => BARS,
        (false, 1) => WEIGHTS,
        (false, _) => TOPS,
    };
    // A bar of one line leaves a little room to the line above.
    let full = match area.height {
        1 => 7,
        height => u32::from(height) * 8,
    };
    for (back, value) in (1..=area.width).zip(values.rev()) {
        let mut height = eighths(value.unwrap_or(0.0), peak, full);
        for row in 1..=area.height {
            let part = height.min(8);
            height -= part;
            if part > 0 {
                let (x, y) = (area.right() - back, area.bottom() - row);
                buffer.set_string(x, y, letters[part as usize], style);
            }
        }
    }
}

fn eighths(value: f64, peak: f64, full: u32) -> u32 {
    if value <= 0.0 || peak <= 0.0 {
        return 0;
    }
    let height = (value / peak * f64::from(full)).round() as u32;
    height.clamp(1, full)
}
