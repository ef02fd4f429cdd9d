//! A strict reader of the text format of Prometheus, version 0.0.4, after
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>. It panics at whatever the format forbids.

use std::collections::{BTreeMap, BTreeSet};

pub struct Family {
    pub kind: String,
    pub samples: Vec<Sample>,
}

#[derive(Debug)]
pub struct Sample {
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// All families by their names.
pub struct Exposition(pub BTreeMap<String, Family>);

impl Exposition {
    #[track_caller]
    pub fn parse(text: &str) -> Exposition {
        assert!(
            text.ends_with('\n'),
            "the last line must end with a line feed"
        );
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let mut current = String::new();
        let mut seen = BTreeSet::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a name and a help");
                check_name(name);
                assert!(!unescape(help, false).is_empty(), "{line}");
                let family = Family {
                    kind: String::new(),
                    samples: Vec::new(),
                };
                let old = families.insert(name.to_owned(), family);
                assert!(
                    old.is_none(),
                    "the lines of a metric stand together: {line}"
                );
                current = name.to_owned();
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a name and a type");
                assert_eq!(name, current, "the type follows the help");
                assert!(matches!(kind, "counter" | "gauge"), "{line}");
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                families.get_mut(name).expect("its help").kind = kind.to_owned();
            } else {
                let (name, sample) = parse_sample(line);
                assert_eq!(name, current, "samples follow their type: {line}");
                let family = families.get_mut(&name).expect("its family");
                assert!(
                    !family.kind.is_empty(),
                    "the type comes before samples: {line}"
                );
                let identity = format!("{name}{:?}", sample.labels);
                assert!(seen.insert(identity), "the same sample twice: {line}");
                family.samples.push(sample);
            }
        }
        for (name, family) in &families {
            assert!(!family.samples.is_empty(), "{name} has no sample");
        }
        Exposition(families)
    }

    /// The samples of a metric whose labels include these.
    #[track_caller]
    pub fn all(&self, name: &str, labels: &[(&str, &str)]) -> Vec<&Sample> {
        let family = self.0.get(name).unwrap_or_else(|| panic!("no {name}"));
        let has = |sample: &&Sample| {
            labels
                .iter()
                .all(|(label, value)| sample.labels.get(*label).is_some_and(|it| it == value))
        };
        family.samples.iter().filter(has).collect()
    }

    /// The value of the only such sample.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let found = self.all(name, labels);
        assert_eq!(found.len(), 1, "{name} {labels:?}: {found:?}");
        found[0].value
    }
}

fn check_name(name: &str) {
    let mut bytes = name.bytes();
    let first = bytes.next().expect("a name");
    assert!(first.is_ascii_alphabetic() || first == b'_', "{name}");
    assert!(
        bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'),
        "{name}"
    );
}

fn parse_sample(line: &str) -> (String, Sample) {
    let end = line.find(['{', ' ']).expect("a name");
    let name = &line[..end];
    check_name(name);
    let mut labels = BTreeMap::new();
    let mut rest = &line[end..];
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, quoted) = rest.split_once("=\"").expect("a label");
            check_name(label);
            let end = end_of_quoted(quoted);
            let old = labels.insert(label.to_owned(), unescape(&quoted[..end], true));
            assert!(old.is_none(), "a label twice: {line}");
            rest = &quoted[end + 1..];
            match rest.strip_prefix(',') {
                Some(next) => rest = next,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').expect("the end of the labels");
    }
    let value = rest.strip_prefix(' ').expect("a space before the value");
    let value = value
        .parse()
        .unwrap_or_else(|_| panic!("no number: {line}"));
    (name.to_owned(), Sample { labels, value })
}

fn end_of_quoted(text: &str) -> usize {
    let mut escaped = false;
    for (place, byte) in text.bytes().enumerate() {
        match (escaped, byte) {
            (false, b'"') => return place,
            (false, b'\\') => escaped = true,
            _ => escaped = false,
        }
    }
    panic!("no closing quote: {text}");
}

fn unescape(text: &str, in_label: bool) -> String {
    let mut letters = text.chars();
    let mut plain = String::new();
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('n') => '\n',
                Some('\\') => '\\',
                Some('"') if in_label => '"',
                other => panic!("an escape that there is not, {other:?}: {text}"),
            },
            _ => letter,
        });
    }
    plain
}
