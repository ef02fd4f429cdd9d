//! The screen of a terminal as SVG. Bars and lines are drawn as shapes, so they join in every font.

use std::fmt::Write;
use vt100::{Cell, Color, Screen};

/// The size of a cell, and the margin, in pixels.
const CELL: (f64, f64) = (8.4, 17.0);
const MARGIN: f64 = 12.0;

const BACKGROUND: &str = "#11151c";
const TEXT: &str = "#d5dae3";
const FAINT: &str = "#7d8696";

pub fn picture(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f64::from(columns) * CELL.0, f64::from(rows) * CELL.1);
    let (width, height) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n\
         <title>sessionctl top in a terminal of {columns}x{rows}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\" xml:space=\"preserve\">\n"
    );
    let mut shapes: Vec<(String, String)> = Vec::new();
    for row in 0..rows {
        write_row(&mut svg, &mut shapes, screen, row, columns);
    }
    for (style, path) in shapes {
        let _ = writeln!(svg, "<path fill=\"{style}\" d=\"{path}\"/>");
    }
    svg + "</g>\n</svg>\n"
}

/// Writes the text of a row in runs of the same style, and notes its shapes by their colour.
fn write_row(
    svg: &mut String,
    shapes: &mut Vec<(String, String)>,
    screen: &Screen,
    row: u16,
    columns: u16,
) {
    let mut run: Option<(u16, String, Style)> = None;
    for column in 0..columns {
        let cell = screen.cell(row, column).expect("a cell");
        let style = Style::of(cell);
        let mark = cell.contents();
        if style.inverse {
            add(
                shapes,
                &style.back,
                rectangle(column, row, (0.0, 0.0), (1.0, 1.0)),
            );
        }
        if let Some((from, to)) = shape(mark) {
            add(shapes, &style.fill, rectangle(column, row, from, to));
        }
        let is_text = !mark.trim().is_empty() && shape(mark).is_none();
        // A single space stays within a run: words of a sentence stand in one element.
        let goes_on = run.as_ref().is_some_and(|(_, text, last)| {
            let space = mark.trim().is_empty() && !style.inverse && !text.ends_with(' ');
            (is_text && *last == style) || space
        });
        if goes_on {
            let letter = if is_text { mark } else { " " };
            if let Some((_, text, _)) = &mut run {
                text.push_str(letter);
            }
            continue;
        }
        write_run(svg, row, run.take());
        if is_text {
            run = Some((column, mark.to_owned(), style));
        }
    }
    write_run(svg, row, run);
}

fn write_run(svg: &mut String, row: u16, run: Option<(u16, String, Style)>) {
    let Some((column, text, style)) = run else {
        return;
    };
    let text = text.trim_end();
    let (x, y) = (
        MARGIN + f64::from(column) * CELL.0,
        MARGIN + (f64::from(row) + 0.78) * CELL.1,
    );
    let weight = if style.bold {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let length = text.chars().count() as f64 * CELL.0;
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let fill = &style.fill;
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" fill=\"{fill}\"{weight}>{text}</text>"
    );
}

fn add(shapes: &mut Vec<(String, String)>, fill: &str, path: String) {
    match shapes.iter_mut().find(|(its, _)| its == fill) {
        Some((_, all)) => all.push_str(&path),
        None => shapes.push((fill.to_owned(), path)),
    }
}

/// The part of a cell that a letter fills, from its upper left corner.
fn shape(mark: &str) -> Option<((f64, f64), (f64, f64))> {
    let bar = |eighths: u32| ((0.04, 1.0 - f64::from(eighths) / 8.0), (0.96, 1.0));
    match mark {
        "─" => Some(((0.0, 0.47), (1.0, 0.53))),
        "░" => Some(((0.0, 0.25), (1.0, 0.75))),
        "█" => Some(bar(8)),
        _ => {
            let letter = mark.chars().next()?;
            let eighths = u32::from(letter).checked_sub(0x2580)?;
            (1..8).contains(&eighths).then(|| bar(eighths))
        }
    }
}

fn rectangle(column: u16, row: u16, from: (f64, f64), to: (f64, f64)) -> String {
    let x = MARGIN + (f64::from(column) + from.0) * CELL.0;
    let y = MARGIN + (f64::from(row) + from.1) * CELL.1;
    let (width, height) = ((to.0 - from.0) * CELL.0, (to.1 - from.1) * CELL.1);
    format!("M{x:.1} {y:.1}h{width:.1}v{height:.1}h-{width:.1}z")
}

#[derive(PartialEq)]
struct Style {
    fill: String,
    back: String,
    bold: bool,
    inverse: bool,
}

impl Style {
    fn of(cell: &Cell) -> Style {
        let fill = match cell.fgcolor() {
            Color::Default if cell.dim() => FAINT,
            Color::Idx(1) => "#f2706b",
            Color::Idx(2) => "#7bc77a",
            Color::Idx(3) => "#e3b55c",
            Color::Idx(6) => "#5bb8c9",
            _ => TEXT,
        };
        let (fill, back) = match cell.inverse() {
            true => (BACKGROUND, fill),
            false => (fill, BACKGROUND),
        };
        Style {
            fill: fill.to_owned(),
            back: back.to_owned(),
            bold: cell.bold(),
            inverse: cell.inverse(),
        }
    }
}
