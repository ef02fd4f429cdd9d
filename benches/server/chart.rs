//! Draws bar charts as SVG that is legible on light and on dark pages. report.rs writes them beside
//! docs/performance.md.

use std::fmt::Write;

/// One horizontal bar.
pub struct Bar {
    /// The text to the left of the bar.
    pub label: String,
    /// The length of the bar, not negative. The longest bar or mark of a chart sets the scale.
    pub value: f64,
    /// The text to the right of the bar.
    pub note: String,
    /// The value at which a target is marked.
    pub mark: Option<f64>,
}

const WIDTH: f64 = 930.0;
const LABELS: f64 = 400.0;
const NOTES: f64 = 150.0;
const STEP: f64 = 26.0;
const TOP: f64 = 44.0;

/// Draws a chart of bars, with a dashed vertical line at the value `line`, if any.
pub fn bars(title: &str, bars: &[Bar], line: Option<f64>) -> String {
    let ends = bars.iter().flat_map(|bar| [Some(bar.value), bar.mark]);
    let longest = ends.chain([line]).flatten().fold(0.0, f64::max);
    let x = |value: f64| LABELS + value / longest * (WIDTH - LABELS - NOTES);
    let height = TOP + bars.len() as f64 * STEP + 12.0;
    let mut svg = format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" "#,
            r#"font-family="system-ui, sans-serif" font-size="13">"#,
            "\n<style>text {{ fill: #24292f }} .bar {{ fill: #3b82c4 }} ",
            ".mark {{ stroke: #c2410c; stroke-width: 3 }} .line {{ stroke: #8c959f; stroke-dasharray: 4 3 }} ",
            "@media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3 }} }}</style>\n",
            r#"<title>{}</title><text x="12" y="24" font-size="15" font-weight="600">{}</text>"#,
        ),
        WIDTH,
        height,
        escaped(title),
        escaped(title)
    );
    for (n, bar) in bars.iter().enumerate() {
        let y = TOP + n as f64 * STEP;
        let end = x(bar.value);
        let _ = write!(
            svg,
            concat!(
                "\n",
                r#"<text x="{:.1}" y="{:.1}" text-anchor="end">{}</text>"#,
                r#"<rect class="bar" x="{:.1}" y="{:.1}" width="{:.1}" height="16"/>"#,
                r#"<text x="{:.1}" y="{:.1}">{}</text>"#,
            ),
            LABELS - 8.0,
            y + 13.0,
            escaped(&bar.label),
            LABELS,
            y,
            end - LABELS,
            bar.mark.map_or(end, |mark| end.max(x(mark))) + 8.0,
            y + 13.0,
            escaped(&bar.note),
        );
        if let Some(mark) = bar.mark.map(x) {
            let _ = write!(
                svg,
                r#"<line class="mark" x1="{mark:.1}" x2="{mark:.1}" y1="{:.1}" y2="{:.1}"/>"#,
                y - 2.0,
                y + 18.0
            );
        }
    }
    if let Some(at) = line.map(x) {
        let _ = write!(
            svg,
            "\n<line class=\"line\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
            TOP - 6.0,
            height - 8.0
        );
    }
    svg + "\n</svg>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
