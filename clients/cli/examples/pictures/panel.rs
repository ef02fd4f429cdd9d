//! One panel of the dashboard: a figure, a chart, a table or a heading.

use super::prometheus::Series;
use serde_json::Value;
use std::fmt::Write;

pub struct Panel<'a> {
    pub panel: &'a Value,
    pub place: (f64, f64),
    pub size: (f64, f64),
    /// Each with the name of its legend.
    pub series: Vec<(String, Series)>,
    /// The first and the last second that are shown.
    pub time: (f64, f64),
}

const COLOURS: [&str; 8] = [
    "#73bf69", "#f2cc0c", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#8ab8ff", "#37872d",
];
/// The names that the dashboard uses for some of them.
const NAMED: [(&str, &str); 6] = [
    ("green", "#73bf69"),
    ("yellow", "#f2cc0c"),
    ("blue", "#5794f2"),
    ("orange", "#ff9830"),
    ("red", "#f2495c"),
    ("purple", "#b877d9"),
];
const FAINT: &str = "#8e8e9c";

pub fn draw(panel: &Panel) -> String {
    let (x, y) = panel.place;
    let (width, height) = panel.size;
    let title = panel.panel["title"].as_str().unwrap_or_default();
    let kind = panel.panel["type"].as_str().unwrap_or_default();
    let mut svg = format!("<g transform=\"translate({x:.0} {y:.0})\">");
    if kind == "row" {
        let _ = write!(
            svg,
            "<text y=\"19\" font-size=\"14\" font-weight=\"600\">{title}</text></g>"
        );
        return svg;
    }
    let _ = write!(
        svg,
        "<rect width=\"{width:.0}\" height=\"{height:.0}\" rx=\"2\" fill=\"#181b1f\" stroke=\"#2b2d33\"/>\
         <text x=\"10\" y=\"19\" font-weight=\"500\">{title}</text>"
    );
    match kind {
        "stat" => figure(&mut svg, panel),
        "table" => table(&mut svg, panel),
        _ => chart(&mut svg, panel),
    }
    svg + "</g>"
}

fn unit(panel: &Panel) -> String {
    let unit = &panel.panel["fieldConfig"]["defaults"]["unit"];
    unit.as_str().unwrap_or_default().to_owned()
}

fn figure(svg: &mut String, panel: &Panel) {
    let value = panel
        .series
        .first()
        .and_then(|(_, series)| series.points.last());
    let value = value.map_or(0.0, |(_, value)| *value);
    let steps = &panel.panel["fieldConfig"]["defaults"]["thresholds"]["steps"];
    let reached = steps.as_array().into_iter().flatten();
    let mut reached =
        reached.filter(|step| step["value"].as_f64().is_none_or(|from| value >= from));
    let colour = match reached.next_back().and_then(|step| step["color"].as_str()) {
        Some("text") | None => "#e4e4ef",
        Some(name) => by_name(name),
    };
    let size = if written(value, &unit(panel)).len() > 8 {
        24
    } else {
        34
    };
    let (x, y) = (panel.size.0 / 2.0, panel.size.1 * 0.66);
    let _ = write!(
        svg,
        "<text x=\"{x:.0}\" y=\"{y:.0}\" font-size=\"{size}\" font-weight=\"600\" text-anchor=\"middle\" fill=\"{colour}\">{}</text>",
        written(value, &unit(panel))
    );
}

fn by_name(name: &str) -> &'static str {
    let found = NAMED.iter().find(|(known, _)| *known == name);
    found.map_or(COLOURS[0], |(_, colour)| colour)
}

/// The colour of a series: that of the dashboard's overrides, or the next of the palette.
fn colour(panel: &Panel, place: usize, name: &str) -> &'static str {
    let overrides = &panel.panel["fieldConfig"]["overrides"];
    let mut overrides = overrides.as_array().into_iter().flatten();
    let own = overrides.find(|it| it["matcher"]["options"] == name);
    match own.and_then(|own| own["properties"][0]["value"]["fixedColor"].as_str()) {
        Some(name) => by_name(name),
        None => COLOURS[place % COLOURS.len()],
    }
}

fn table(svg: &mut String, panel: &Panel) {
    let organize = &panel.panel["transformations"][0]["options"]["renameByName"];
    let columns: Vec<(&String, &Value)> = organize.as_object().into_iter().flatten().collect();
    let step = panel.size.0 / columns.len().max(1) as f64;
    for (place, (label, heading)) in columns.iter().enumerate() {
        let x = 10.0 + place as f64 * step;
        let heading = heading.as_str().unwrap_or_default();
        let _ = write!(
            svg,
            "<text x=\"{x:.0}\" y=\"44\" fill=\"#6e9fff\" font-weight=\"500\">{heading}</text>"
        );
        for (row, (_, series)) in panel.series.iter().enumerate() {
            let y = 66.0 + row as f64 * 22.0;
            let text = series.labels[label.as_str()].as_str().unwrap_or_default();
            let _ = write!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\">{text}</text>");
        }
    }
}

/// The part of a panel in which lines are drawn.
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    time: (f64, f64),
    most: f64,
}

impl Frame {
    fn at(&self, (time, value): (f64, f64)) -> (f64, f64) {
        let part = (time - self.time.0) / (self.time.1 - self.time.0);
        let x = self.left + part * self.width;
        (x, self.top + (1.0 - value / self.most) * self.height)
    }
}

fn chart(svg: &mut String, panel: &Panel) {
    let unit = unit(panel);
    let custom = &panel.panel["fieldConfig"]["defaults"]["custom"];
    let stacks = custom["stacking"]["mode"] == "normal";
    let fill = custom["fillOpacity"].as_f64().unwrap_or(0.0) / 100.0;
    let mut lines: Vec<(&str, Vec<(f64, f64)>)> = Vec::new();
    for (name, series) in &panel.series {
        let mut points = series.points.clone();
        points.retain(|(_, value)| value.is_finite());
        if let Some((_, below)) = lines.last().filter(|_| stacks) {
            for point in &mut points {
                let under = below.iter().find(|(time, _)| *time == point.0);
                point.1 += under.map_or(0.0, |(_, value)| *value);
            }
        }
        lines.push((name, points));
    }
    let most = lines.iter().flat_map(|(_, points)| points);
    let most = nice(most.map(|(_, value)| *value).fold(0.0, f64::max));
    let frame = Frame {
        left: 66.0,
        top: 32.0,
        width: panel.size.0 - 80.0,
        height: panel.size.1 - 82.0,
        time: panel.time,
        most,
    };
    axes(svg, &frame, &unit);
    // A stack is drawn from its top, so that each area lies on the one above it.
    for (place, (name, points)) in lines.iter().enumerate().rev() {
        line(svg, &frame, points, colour(panel, place, name), fill);
    }
    legend(svg, panel, &lines);
}

fn line(svg: &mut String, frame: &Frame, points: &[(f64, f64)], colour: &str, fill: f64) {
    // A gap in time is one in the line.
    for piece in points.chunk_by(|before, after| after.0 - before.0 < 1.5) {
        let mut path = String::new();
        // Every second point is enough for the eye.
        let last = piece.len() - 1;
        let kept = piece
            .iter()
            .enumerate()
            .filter(|(n, _)| n % 2 == 0 || *n == last);
        for (n, (_, point)) in kept.enumerate() {
            let (x, y) = frame.at(*point);
            let _ = write!(path, "{}{x:.0} {y:.1}", if n == 0 { "M" } else { "L" });
        }
        if fill > 0.0 {
            let (first, _) = frame.at(piece[0]);
            let (end, _) = frame.at(piece[last]);
            let bottom = frame.top + frame.height;
            let _ = write!(svg, "<path d=\"{path}L{end:.0} {bottom:.0}L{first:.0} {bottom:.0}z\" fill=\"{colour}\" fill-opacity=\"{fill}\"/>");
        }
        let _ = write!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.4\"/>"
        );
    }
}

fn axes(svg: &mut String, frame: &Frame, unit: &str) {
    let (left, right) = (frame.left, frame.left + frame.width);
    for step in 0..=4 {
        let value = frame.most * f64::from(step) / 4.0;
        let (_, y) = frame.at((frame.time.0, value));
        let text = written(value, unit);
        let _ = write!(
            svg,
            "<path d=\"M{left:.0} {y:.1}H{right:.0}\" stroke=\"#26282e\"/>\
             <text x=\"{:.0}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"end\" fill=\"{FAINT}\">{text}</text>",
            left - 6.0,
            y + 4.0
        );
    }
    let mut time = (frame.time.0 / 30.0).ceil() * 30.0;
    while time <= frame.time.1 {
        let (x, _) = frame.at((time, 0.0));
        let seconds = time as u64 % 86_400;
        let text = format!(
            "{:02}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        );
        let y = frame.top + frame.height + 16.0;
        // A label at an edge would be cut.
        if x > left + 20.0 && x < right - 20.0 {
            let _ = write!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\" font-size=\"11\" text-anchor=\"middle\" fill=\"{FAINT}\">{text}</text>");
        }
        time += if frame.width > 400.0 { 30.0 } else { 60.0 };
    }
}

fn legend(svg: &mut String, panel: &Panel, lines: &[(&str, Vec<(f64, f64)>)]) {
    let y = panel.size.1 - 12.0;
    let mut x = 12.0;
    for (place, (name, _)) in lines.iter().enumerate() {
        let colour = colour(panel, place, name);
        let width = 24.0 + name.chars().count() as f64 * 6.4;
        if x + width > panel.size.0 - 75.0 && place + 1 < lines.len() {
            let _ = write!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\" font-size=\"11\" fill=\"{FAINT}\">and {} more</text>", lines.len() - place);
            return;
        }
        let _ = write!(
            svg,
            "<rect x=\"{x:.0}\" y=\"{:.0}\" width=\"12\" height=\"3\" rx=\"1\" fill=\"{colour}\"/>\
             <text x=\"{:.0}\" y=\"{y:.0}\" font-size=\"11\">{name}</text>",
            y - 5.0,
            x + 17.0
        );
        x += width;
    }
}

/// The end of the axis for a highest value: a round number above it that four divide well.
fn nice(most: f64) -> f64 {
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0];
    let step = steps.iter().find(|step| *step * power >= most * 0.999);
    step.unwrap_or(&10.0) * power
}

/// A value as Grafana writes it in its units.
fn written(value: f64, unit: &str) -> String {
    let scaled = |base: f64, names: [&str; 4]| {
        let mut value = value;
        for name in names {
            if value < base * 0.9995 {
                let digits = match value {
                    _ if value >= 100.0 || value.fract() < 0.05 => 0,
                    _ if value < 1.0 => 2,
                    _ => 1,
                };
                return format!("{value:.digits$}{name}");
            }
            value /= base;
        }
        format!("{value:.1}")
    };
    let per = match unit {
        "bytes" => return scaled(1024.0, [" B", " KiB", " MiB", " GiB"]),
        "percentunit" => return format!("{:.1}%", value * 100.0),
        "s" => return format!("{:.0} ms", value * 1000.0),
        "reqps" => " req/s",
        "cps" => " c/s",
        "ops" => " ops/s",
        _ => "",
    };
    scaled(1000.0, ["", "K", "M", "G"]) + per
}
