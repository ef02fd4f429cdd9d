//! What happens a second: a cell for each rate, with the value, the peak and a chart.

use super::super::rates::{Figures, Rate, Tone, RATES, SHOWN};
use super::super::state::State;
use super::super::words;
use super::look::Look;
use super::{chart, plan, rule};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::collections::VecDeque;

/// Between two cells of a line.
const GAP: u16 = 2;
const NAME: u16 = 15;
const VALUE: u16 = 6;

pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, look: &Look) {
    let columns = plan::columns(area.width);
    let rows = SHOWN as u16 / columns;
    let Some(height) = area
        .height
        .saturating_sub(1)
        .checked_div(rows)
        .filter(|it| *it > 0)
    else {
        return;
    };
    let width = (area.width - 2 - GAP * (columns - 1)) / columns;
    let history = state.columns();
    rule::draw(buffer, area, look);
    for column in 0..columns {
        let x = area.x + 1 + column * (width + GAP);
        if column == 0 {
            let heading = match height {
                1 => "Per second".to_owned(),
                _ => {
                    let span = words::duration(state.interval * u32::from(width));
                    format!("Per second, the last {span}")
                }
            };
            rule::left(buffer, area, x - 1, &heading, look);
        }
        let (now, peak) = places(width, height);
        rule::right(buffer, area, x + now, "now", look);
        if let Some(peak) = peak {
            rule::right(buffer, area, x + peak, "peak", look);
        }
    }
    for (place, rate) in RATES.iter().take(SHOWN).enumerate() {
        let place = place as u16;
        let cell = Rect {
            x: area.x + 1 + place / rows * (width + GAP),
            y: area.y + 1 + place % rows * height,
            width,
            height,
        };
        draw_cell(buffer, cell, rate, usize::from(place), &history, look);
    }
}

/// Where the value and the peak end. A narrow cell has no peak; a high one has its chart below.
fn places(width: u16, height: u16) -> (u16, Option<u16>) {
    let now = NAME + VALUE;
    let has_peak = width >= now + VALUE + 6;
    match height {
        1 => (now, has_peak.then_some(now + VALUE + 1)),
        _ => (width - VALUE - 1, Some(width)),
    }
}

fn draw_cell(
    buffer: &mut Buffer,
    cell: Rect,
    rate: &Rate,
    index: usize,
    history: &VecDeque<Option<Figures>>,
    look: &Look,
) {
    let values = || history.iter().map(|column| column.map(|it| it[index]));
    let peak = values().flatten().fold(0.0, f64::max);
    let now = values().next_back().flatten();
    let alarms = rate.tone == Tone::Bad && now.is_some_and(|now| now > 0.0);
    let (end_of_now, end_of_peak) = places(cell.width, cell.height);
    let name = match alarms {
        true => look.strong(),
        false => look.plain(),
    };
    buffer.set_stringn(cell.x, cell.y, rate.name, usize::from(cell.width), name);
    let mut right = |end: u16, text: &str, style| {
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        let x = cell.x + end.saturating_sub(length);
        buffer.set_stringn(x, cell.y, text, text.len(), style);
    };
    let shown = now.map_or("-".to_owned(), words::rate);
    let style = match now {
        Some(now) if now > 0.0 => look.strong(),
        _ => look.faint(),
    };
    right(end_of_now, &shown, style);
    if let Some(end) = end_of_peak {
        right(end, &words::rate(peak), look.faint());
    }
    let place = if cell.height == 1 {
        let start = end_of_peak.unwrap_or(end_of_now) + 1;
        Rect {
            x: cell.x + start,
            width: cell.width.saturating_sub(start),
            ..cell
        }
    } else {
        // A high cell has an empty line below its chart.
        let gap = u16::from(cell.height > 2);
        Rect {
            y: cell.y + 1,
            height: cell.height - 1 - gap,
            ..cell
        }
    };
    // In a low chart the shape says more than the height.
    let full = match cell.height {
        1 => values()
            .rev()
            .take(usize::from(place.width))
            .flatten()
            .fold(0.0, f64::max),
        _ => peak,
    };
    chart::draw(buffer, place, values(), full, look.chart(rate.tone), look);
}
