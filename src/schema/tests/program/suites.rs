//! Programs of the official suite's schemas, and of schemas that people register: they say what jsonschema
//! says, or that they are not sure.

use crate::json::{Arena, Padded, ScanMemory};
use crate::schema::program::rule::{Object, Program, Rule, Types};
use crate::schema::{Answer, Validator};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

const SUITES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suites");

/// The drafts of the official suite.
const DRAFTS: [(&str, &str); 5] = [
    ("draft4", "http://json-schema.org/draft-04/schema#"),
    ("draft6", "http://json-schema.org/draft-06/schema#"),
    ("draft7", "http://json-schema.org/draft-07/schema#"),
    (
        "draft2019-09",
        "https://json-schema.org/draft/2019-09/schema",
    ),
    (
        "draft2020-12",
        "https://json-schema.org/draft/2020-12/schema",
    ),
];

/// Fails if the program of the schema is wrong about the data, or about data that is like it. Returns what
/// it says of the data.
#[track_caller]
pub fn compare(schema: &Value, validator: &Validator, data: &Value) -> Answer {
    let mut memory = ScanMemory::new();
    let mut arena = Arena::new();
    let mut says = |text: String| {
        let mut text = text.into_bytes();
        let answer = Padded::within(&mut text, 0, |padded| validator.judge(padded, &mut memory));
        let document = arena.parse(&text).expect("test data is JSON");
        let is_valid = validator.check(document).is_ok();
        let is_right = match answer {
            Answer::Yes(()) => is_valid,
            Answer::No => !is_valid,
            Answer::NotSure => true,
        };
        assert!(
            is_right,
            "{answer:?} of {}\n{schema}\n{:#?}",
            String::from_utf8_lossy(&text),
            validator.program
        );
        answer
    };
    for other in changed(data) {
        says(other.to_string());
    }
    let answer = says(data.to_string());
    let indented = says(serde_json::to_string_pretty(data).expect("a tree has a text"));
    assert_eq!(answer, indented, "{data}\n{schema}");
    // By now the program knows the order of the members.
    assert_eq!(answer, says(data.to_string()), "{data}\n{schema}");
    answer
}

/// Data that differs a little.
fn changed(data: &Value) -> Vec<Value> {
    let scalars = || {
        let integers = [0, -1, 7, 1_i64 << 40].map(Value::from);
        let texts = ["", "a", "a longer text than sixteen bytes", "\u{e9}\n"].map(Value::from);
        let others = [Value::Null, true.into(), 0.5.into(), 1.0.into()];
        integers.into_iter().chain(texts).chain(others)
    };
    match data {
        Value::Object(members) => {
            let mut all = Vec::new();
            for (name, value) in members.iter().take(20) {
                let mut without = members.clone();
                without.remove(name);
                all.push(without.into());
                let values = changed(value).into_iter().chain(scalars().take(2));
                all.extend(values.take(6).map(|value| {
                    let mut with = members.clone();
                    with.insert(name.clone(), value);
                    with.into()
                }));
            }
            let mut more = members.clone();
            more.insert("a new member".to_owned(), 1.into());
            all.push(more.into());
            all.push(Value::Array(vec![data.clone()]));
            all
        }
        Value::Array(elements) => {
            let mut all = vec![[&elements[..], &elements[..]].concat().into()];
            for (n, value) in elements.iter().enumerate().take(5) {
                let mut without = elements.clone();
                without.remove(n);
                all.push(without.into());
                all.extend(changed(value).into_iter().take(6).map(|value| {
                    let mut with = elements.clone();
                    with[n] = value;
                    with.into()
                }));
            }
            all
        }
        _ => scalars().collect(),
    }
}

fn compile(schema: &Value, assert_format: bool) -> Option<Validator> {
    Validator::compile(schema.to_string().as_bytes(), assert_format).ok()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of the suite") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn a_program_says_of_the_official_suite_what_jsonschema_says() {
    let (mut sure, mut all) = (0, 0);
    for (draft, uri) in DRAFTS {
        let folder = Path::new(SUITES).join("json-schema-test-suite").join(draft);
        for path in files(&folder) {
            let text = std::fs::read_to_string(&path).expect("a file of the suite");
            let groups: Vec<Value> = serde_json::from_str(&text).expect("JSON");
            for group in &groups {
                let mut schema = group["schema"].clone();
                if let Value::Object(keywords) = &mut schema {
                    keywords.entry("$schema").or_insert(uri.into());
                }
                let is_format = path.to_string_lossy().contains("format");
                for assert_format in (0..2).map(|n| n == 1).take(1 + usize::from(is_format)) {
                    let Some(validator) = compile(&schema, assert_format) else {
                        continue;
                    };
                    for test in group["tests"].as_array().expect("tests") {
                        let says = compare(&schema, &validator, &test["data"]);
                        all += 1;
                        sure += usize::from(says != Answer::NotSure);
                    }
                }
            }
        }
    }
    println!("sure of {sure} of {all}");
    assert!(sure * 10 > all * 8, "sure of {sure} of {all}");
}

/// The reasons for which a program is not sure of some values.
fn reasons(program: &Program) -> BTreeSet<&'static str> {
    let mut reasons = BTreeSet::new();
    let mut add = |is_unsure: bool, reason| {
        if is_unsure {
            reasons.insert(reason);
        }
    };
    let is_unsure = |rule: &Rule| *rule == Rule::Unsure;
    let objects = program.objects.iter();
    let members = |object: &Object| {
        object
            .members
            .split_last()
            .is_some_and(|(_, members)| members.iter().any(|member| is_unsure(&member.rule)))
    };
    for object in objects {
        add(members(object), "a member");
        add(
            object.additional.as_ref().is_some_and(is_unsure),
            "other members",
        );
        add(
            object.patterns.iter().any(|(_, rule)| is_unsure(rule)),
            "members by pattern",
        );
    }
    for array in &program.arrays {
        add(
            array.prefix.iter().any(is_unsure) || is_unsure(&array.items),
            "elements",
        );
    }
    for mixed in &program.mixed {
        add(mixed.unsure.meet(Types::OBJECT), "an object");
        add(mixed.unsure.meet(Types::ARRAY), "an array");
        add(mixed.unsure.meet(Types::ALL), "a type");
    }
    add(program.texts.iter().any(|text| text.is_unsure), "a string");
    add(
        program.numbers.iter().any(|number| number.is_unsure),
        "a number",
    );
    reasons
}

/// Checks all documents of a set, and that four of five schemas have a program that is sure of all values,
/// and four of five valid documents a "yes".
fn covers(cases: &[Value], assert_format: bool, valid: &str, places: &[&str]) {
    let (mut schemas, mut others) = (0, Vec::new());
    let (mut yes, mut documents) = (0, 0);
    for case in cases {
        let name = case["name"].as_str().expect("a name");
        let Some(validator) = compile(&case["schema"], assert_format) else {
            continue;
        };
        schemas += 1;
        let why = match &validator.program {
            None => BTreeSet::from(["all"]),
            Some(program) => reasons(program),
        };
        if !why.is_empty() {
            others.push(format!("{name}: {why:?}"));
        }
        for place in places {
            for data in case[place].as_array().into_iter().flatten() {
                let says = compare(&case["schema"], &validator, data);
                if *place == valid {
                    documents += 1;
                    yes += usize::from(says == Answer::Yes(()));
                }
            }
        }
    }
    let count = schemas - others.len();
    println!("{count} of {schemas} schemas, {yes} of {documents} documents");
    println!("{}", others.join("\n"));
    assert!(
        count * 5 >= schemas * 4,
        "{count} of {schemas}:\n{}",
        others.join("\n")
    );
    assert!(yes * 5 >= documents * 4, "{yes} of {documents}");
}

fn data(file: &str) -> Vec<Value> {
    let bytes = std::fs::read(Path::new(SUITES).join("data").join(file)).expect("the data");
    let mut text = String::new();
    match file.ends_with(".gz") {
        true => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text),
        false => (&bytes[..]).read_to_string(&mut text),
    }
    .expect("a whole file");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn most_schemas_of_schemastore_have_a_program() {
    covers(
        &data("schemastore.json.gz"),
        false,
        "valid",
        &["valid", "invalid"],
    );
}

#[test]
fn most_generated_schemas_have_a_program() {
    covers(
        &data("generated-schemas.json"),
        true,
        "good",
        &["good", "bad"],
    );
}

#[test]
fn most_schemas_of_pydantic_have_a_program() {
    let cases = data("pydantic-schemas.json");
    assert!(cases.len() >= 100);
    for assert_format in [false, true] {
        covers(&cases, assert_format, "good", &["good", "bad"]);
    }
}
