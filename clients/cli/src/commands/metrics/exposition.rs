//! The text format of Prometheus, version 0.0.4.
//! Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.

use std::fmt::Write;

/// The value of the header Content-Type.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
}

/// All samples of one metric.
#[derive(Clone, Debug)]
pub struct Family {
    pub name: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub samples: Vec<Sample>,
}

#[derive(Clone, Debug)]
pub struct Sample {
    pub labels: Vec<(&'static str, String)>,
    pub value: f64,
}

/// The families with at least one sample, each with its help and its type.
pub fn write(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        let kind = match family.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let (name, help) = (family.name, escape(family.help, false));
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for sample in &family.samples {
            let labels: Vec<String> = sample
                .labels
                .iter()
                .map(|(label, value)| format!("{label}=\"{}\"", escape(value, true)))
                .collect();
            let labels = match labels.is_empty() {
                true => String::new(),
                false => format!("{{{}}}", labels.join(",")),
            };
            let _ = writeln!(text, "{name}{labels} {}", sample.value);
        }
    }
    text
}

/// Escapes as the format wants it: a quote only within a label.
fn escape(text: &str, in_label: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' if in_label => escaped.push_str("\\\""),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{write, Family, Kind, Sample};

    #[test]
    fn a_family_has_help_type_and_escaped_labels() {
        let family = |name, samples| Family {
            name,
            help: "Back\\slash \"quoted\"\nnext.",
            kind: Kind::Counter,
            samples,
        };
        let sample = Sample {
            labels: vec![
                ("node", "a\"b\\c\nd".to_owned()),
                ("role", "primary".to_owned()),
            ],
            value: 12_345_678_901.0,
        };
        let bare = Sample {
            labels: Vec::new(),
            value: 0.25,
        };
        let families = [
            family("a_total", vec![sample, bare]),
            family("empty", vec![]),
        ];
        assert_eq!(
            write(&families),
            "# HELP a_total Back\\\\slash \"quoted\"\\nnext.\n# TYPE a_total counter\n\
             a_total{node=\"a\\\"b\\\\c\\nd\",role=\"primary\"} 12345678901\na_total 0.25\n"
        );
    }
}
