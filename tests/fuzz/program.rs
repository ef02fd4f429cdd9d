//! Makes schemas and documents from bytes, to compare programs with jsonschema.

use std::fmt::Write as _;

use redis_session::json::{Arena, Padded, ScanMemory};
use redis_session::schema::{Answer, Validator};
use serde_json::{json, Map, Value};

/// How many documents are made for a schema. A program remembers the order of members from one to the next.
const DOCUMENTS: usize = 24;

/// A schema and documents for it, made by what the bytes choose. Where its program is sure, jsonschema says
/// the same.
pub fn program(input: &[u8]) {
    let mut choices = Choices::new(input);
    let mut schema = root(&mut choices);
    let assert_format = choices.one_in(2);
    let text = schema.to_string();
    let Ok(validator) = Validator::compile(text.as_bytes(), assert_format) else {
        return;
    };
    let defs = schema
        .as_object_mut()
        .and_then(|members| members.remove("$defs"))
        .unwrap_or_default();
    let mut arena = Arena::new();
    let mut memory = ScanMemory::new();
    for _ in 0..DOCUMENTS {
        let mut document = Vec::new();
        Writer {
            choices: &mut choices,
            defs: &defs,
        }
        .value(&schema, &mut document, 0);
        if choices.one_in(6) {
            damage(&mut choices, &mut document);
        }
        compare(&validator, &mut arena, &mut memory, &mut document, &text);
    }
}

/// Compares what the program says with what jsonschema says.
pub fn compare(
    validator: &Validator,
    arena: &mut Arena,
    memory: &mut ScanMemory,
    document: &mut Vec<u8>,
    schema: &str,
) -> Answer {
    let answer = Padded::within(document, 0, |padded| validator.judge(padded, memory));
    let parsed = arena.parse(document);
    let is_json = parsed.is_ok();
    let is_valid = parsed.is_ok_and(|document| validator.check(document).is_ok());
    let right = match answer {
        Answer::Yes(()) => is_valid,
        Answer::No => !is_valid || !is_json,
        Answer::NotSure => true,
    };
    assert!(
        right,
        "the program says {answer:?}\nschema: {schema}\ndocument: {}",
        String::from_utf8_lossy(document)
    );
    answer
}

/// Choices that bytes make. Behind the bytes, pseudo-random numbers that begin with what they were.
struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
    state: u64,
}

impl<'a> Choices<'a> {
    fn new(input: &'a [u8]) -> Self {
        let state = input.iter().fold(0x9E37_79B9_7F4A_7C15, |state, &byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
        });
        Self {
            bytes: input.iter(),
            state: state | 1,
        }
    }

    fn below(&mut self, limit: usize) -> usize {
        if let Some(&byte) = self.bytes.next() {
            return usize::from(byte) % limit;
        }
        // xorshift64
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 33) as usize % limit
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

const NAMES: [&str; 14] = [
    "a",
    "b",
    "c",
    "ab",
    "name",
    "kind",
    "exactly8",
    "fifteen_letters",
    "a name with more letters",
    "\u{e9}",
    "",
    "a\"b",
    "a\\b",
    "x1",
];
const STRINGS: [&str; 15] = [
    "",
    "a",
    "b",
    "ab",
    "abc",
    "exactly8",
    "more than eight",
    "a string of more than sixteen bytes",
    "\u{e9}",
    "\u{1f600}\u{1f600}",
    "a\"b",
    "line\nfeed",
    "2024-02-29",
    "a@b.example",
    "\u{1}",
];
const NUMBERS: [&str; 28] = [
    "0",
    "-0",
    "0.0",
    "-0.0",
    "1",
    "1.0",
    "1e0",
    "2",
    "3",
    "5",
    "10",
    "-1",
    "-7",
    "0.5",
    "2.50",
    "-0.25",
    "99",
    "100",
    "1e2",
    "12345678",
    "123456789",
    "999999999999999999",
    "1000000000000000000",
    "9223372036854775807",
    "18446744073709551616",
    "0.1",
    "0.3",
    "1e400",
];
const BOUNDS: [&str; 12] = [
    "0",
    "1",
    "2",
    "5",
    "-3",
    "0.5",
    "2.5",
    "100",
    "1.0",
    "9223372036854775807",
    "-9223372036854775808",
    "0.30000000000000004",
];
const PATTERNS: [&str; 8] = [
    "^a",
    "b$",
    "^[a-c]+$",
    "^x",
    "^\\S+@\\S+$",
    ".",
    "^.{1,3}$",
    "^$",
];
const FORMATS: [&str; 5] = ["date", "email", "uuid", "date-time", "unknown"];
const TYPES: [&str; 7] = [
    "null", "boolean", "integer", "number", "string", "array", "object",
];
const DRAFTS: [&str; 5] = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
];

fn number(choices: &mut Choices<'_>, from: &[&str]) -> Value {
    serde_json::from_str(choices.pick(from)).unwrap_or_else(|_| json!(7))
}

fn root(choices: &mut Choices<'_>) -> Value {
    let mut schema = schema(choices, 0);
    let Some(members) = schema.as_object_mut() else {
        return schema;
    };
    let defs: Map<String, Value> = ["d", "e"]
        .map(|name| (name.to_owned(), self::schema(choices, 1)))
        .into_iter()
        .collect();
    members.insert("$defs".to_owned(), defs.into());
    if choices.one_in(2) {
        members.insert("$schema".to_owned(), choices.pick(&DRAFTS).into());
    }
    schema
}

fn schema(choices: &mut Choices<'_>, depth: usize) -> Value {
    let mut members = Map::new();
    match choices.below(if depth < 4 { 24 } else { 12 }) {
        0 => return (!choices.one_in(4)).into(),
        1..=3 => string(choices, &mut members),
        4..=6 => numbers(choices, &mut members),
        7 => drop(members.insert("type".into(), choices.pick(&TYPES).into())),
        8 => {
            let types = [choices.pick(&TYPES), choices.pick(&TYPES)];
            let types = if types[0] == types[1] {
                json!([types[0]])
            } else {
                json!(types)
            };
            members.insert("type".into(), types);
            string(choices, &mut members);
            numbers(choices, &mut members);
            members.insert(
                "type".into(),
                json!(["string", "null", "integer", "array", "object"]),
            );
        }
        9 => drop(members.insert("enum".into(), values(choices))),
        10 => drop(members.insert("const".into(), any_value(choices, 0))),
        11 => drop(members.insert(
            "$ref".into(),
            choices.pick(&["#/$defs/d", "#/$defs/e"]).into(),
        )),
        12..=17 => object(choices, &mut members, depth),
        18..=20 => array(choices, &mut members, depth),
        _ => {}
    }
    if depth < 4 && choices.one_in(3) {
        combined(choices, &mut members, depth);
    }
    members.into()
}

fn string(choices: &mut Choices<'_>, members: &mut Map<String, Value>) {
    if !choices.one_in(4) {
        members.insert("type".into(), "string".into());
    }
    match choices.below(8) {
        0 | 1 => drop(members.insert("minLength".into(), choices.below(4).into())),
        2 | 3 => drop(members.insert("maxLength".into(), choices.below(20).into())),
        4 | 5 => drop(members.insert("pattern".into(), choices.pick(&PATTERNS).into())),
        6 => drop(members.insert("format".into(), choices.pick(&FORMATS).into())),
        _ => {
            let texts: Vec<_> = (0..1 + choices.below(20))
                .map(|_| choices.pick(&STRINGS))
                .collect();
            members.insert("enum".into(), unique(texts.into_iter().map(Value::from)));
        }
    }
}

fn numbers(choices: &mut Choices<'_>, members: &mut Map<String, Value>) {
    if !choices.one_in(4) {
        members.insert("type".into(), choices.pick(&["integer", "number"]).into());
    }
    for _ in 0..choices.below(3) {
        let keyword = choices.pick(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]);
        members.insert(keyword.into(), number(choices, &BOUNDS));
    }
    if choices.one_in(6) {
        let divisor = choices.pick(&["1", "2", "5", "0.1", "0.5", "100"]);
        members.insert("multipleOf".into(), number(choices, &[divisor]));
    }
    if choices.one_in(6) {
        let values: Vec<_> = (0..1 + choices.below(4))
            .map(|_| number(choices, &NUMBERS))
            .collect();
        members.insert("enum".into(), unique(values.into_iter()));
    }
}

fn object(choices: &mut Choices<'_>, members: &mut Map<String, Value>, depth: usize) {
    if !choices.one_in(4) {
        members.insert("type".into(), "object".into());
    }
    let mut properties = Map::new();
    for _ in 0..choices.below(6) {
        properties.insert(choices.pick(&NAMES).into(), schema(choices, depth + 1));
    }
    if choices.one_in(12) {
        // More than have a bit each.
        properties.extend((0..70).map(|n| (format!("m{n}"), json!({"type": "integer"}))));
    }
    let names = |choices: &mut Choices<'_>| -> Value {
        let count = choices.below(3);
        unique(
            (0..count)
                .map(|_| choices.pick(&NAMES).into())
                .collect::<Vec<_>>()
                .into_iter(),
        )
    };
    members.insert("required".into(), names(choices));
    if choices.one_in(3) {
        members.insert("additionalProperties".into(), schema(choices, depth + 1));
    }
    if choices.one_in(4) {
        let mut patterns = Map::new();
        for _ in 0..1 + choices.below(2) {
            patterns.insert(choices.pick(&PATTERNS).into(), schema(choices, depth + 1));
        }
        members.insert("patternProperties".into(), patterns.into());
    }
    match choices.below(10) {
        0 => drop(members.insert("minProperties".into(), choices.below(4).into())),
        1 => drop(members.insert("maxProperties".into(), choices.below(5).into())),
        2 => {
            let mut names = Map::new();
            string(choices, &mut names);
            members.insert("propertyNames".into(), names.into());
        }
        3 => {
            let needed = names(choices);
            members.insert(
                "dependentRequired".into(),
                json!({ choices.pick(&NAMES): needed }),
            );
        }
        4 => {
            let then = schema(choices, depth + 1);
            let keyword = choices.pick(&["dependentSchemas", "dependencies"]);
            members.insert(keyword.into(), json!({ choices.pick(&NAMES): then }));
        }
        5 => drop(members.insert("unevaluatedProperties".into(), schema(choices, depth + 1))),
        _ => {}
    }
    members.insert("properties".into(), properties.into());
}

fn array(choices: &mut Choices<'_>, members: &mut Map<String, Value>, depth: usize) {
    if !choices.one_in(4) {
        members.insert("type".into(), "array".into());
    }
    if !choices.one_in(4) {
        members.insert("items".into(), schema(choices, depth + 1));
    }
    match choices.below(12) {
        0 | 1 => drop(members.insert("minItems".into(), choices.below(4).into())),
        2 | 3 => drop(members.insert("maxItems".into(), choices.below(5).into())),
        4 | 5 => drop(members.insert("uniqueItems".into(), true.into())),
        6 => {
            members.insert("contains".into(), schema(choices, depth + 1));
            if choices.one_in(2) {
                members.insert("minContains".into(), choices.below(3).into());
                members.insert("maxContains".into(), choices.below(4).into());
            }
        }
        7 => {
            let keyword = choices.pick(&["prefixItems", "items"]);
            let count = 1 + choices.below(3);
            let prefix: Vec<_> = (0..count).map(|_| schema(choices, depth + 1)).collect();
            members.insert(keyword.into(), prefix.into());
        }
        8 => drop(members.insert("unevaluatedItems".into(), schema(choices, depth + 1))),
        9 => drop(members.insert("additionalItems".into(), schema(choices, depth + 1))),
        _ => {}
    }
}

fn combined(choices: &mut Choices<'_>, members: &mut Map<String, Value>, depth: usize) {
    let some = |choices: &mut Choices<'_>| -> Value {
        let count = 1 + choices.below(3);
        (0..count).map(|_| schema(choices, depth + 1)).collect()
    };
    let keyword = choices.pick(&["allOf", "anyOf", "oneOf", "not", "if", "$ref"]);
    match keyword {
        "not" => drop(members.insert(keyword.into(), schema(choices, depth + 2))),
        "if" => {
            for keyword in ["if", "then", "else"] {
                if !choices.one_in(4) {
                    members.insert(keyword.into(), schema(choices, depth + 2));
                }
            }
        }
        "$ref" => drop(members.insert(
            keyword.into(),
            choices.pick(&["#/$defs/d", "#/$defs/e"]).into(),
        )),
        _ => drop(members.insert(keyword.into(), some(choices))),
    }
}

fn unique(values: impl Iterator<Item = Value>) -> Value {
    let mut all: Vec<Value> = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all.into()
}

fn values(choices: &mut Choices<'_>) -> Value {
    let count = 1 + choices.below(4);
    unique(
        (0..count)
            .map(|_| any_value(choices, 1))
            .collect::<Vec<_>>()
            .into_iter(),
    )
}

fn any_value(choices: &mut Choices<'_>, depth: usize) -> Value {
    match choices.below(if depth < 2 { 9 } else { 7 }) {
        0 => Value::Null,
        1 => choices.one_in(2).into(),
        2..=4 => choices.pick(&STRINGS).into(),
        5 | 6 => number(choices, &NUMBERS),
        7 => (0..choices.below(3))
            .map(|_| any_value(choices, depth + 1))
            .collect(),
        _ => (0..choices.below(3))
            .map(|_| {
                (
                    choices.pick(&NAMES).to_owned(),
                    any_value(choices, depth + 1),
                )
            })
            .collect::<Map<_, _>>()
            .into(),
    }
}

/// Writes documents that often satisfy a schema.
struct Writer<'a, 'c> {
    choices: &'a mut Choices<'c>,
    defs: &'a Value,
}

impl Writer<'_, '_> {
    fn value(&mut self, schema: &Value, out: &mut Vec<u8>, depth: usize) {
        self.space(out);
        self.value_without_space(schema, out, depth);
        self.space(out);
    }

    fn space(&mut self, out: &mut Vec<u8>) {
        if self.choices.one_in(12) {
            out.extend_from_slice(
                self.choices
                    .pick(&[" ", "\n", "  ", "\t\r\n         ", "\n            "])
                    .as_bytes(),
            );
        }
    }

    fn value_without_space(&mut self, schema: &Value, out: &mut Vec<u8>, depth: usize) {
        if depth > 8 || self.choices.one_in(10) {
            let value = any_value(self.choices, 0);
            return self.exactly(&value, out);
        }
        let get = |keyword: &str| schema.get(keyword);
        for keyword in ["allOf", "anyOf", "oneOf"] {
            if let Some(parts) = get(keyword).and_then(Value::as_array) {
                if self.choices.one_in(2) && !parts.is_empty() {
                    let part = &parts[self.choices.below(parts.len())];
                    return self.value_without_space(part, out, depth + 1);
                }
            }
        }
        for keyword in ["if", "then", "else", "not"] {
            if let Some(part) = get(keyword) {
                if self.choices.one_in(4) {
                    return self.value_without_space(part, out, depth + 1);
                }
            }
        }
        if let Some(reference) = get("$ref").and_then(Value::as_str) {
            let name = reference.rsplit('/').next().unwrap_or_default();
            if let Some(part) = self.defs.get(name).cloned() {
                return self.value_without_space(&part, out, depth + 1);
            }
        }
        if let Some(values) = get("enum").and_then(Value::as_array) {
            let value = values[self.choices.below(values.len())].clone();
            return self.exactly(&value, out);
        }
        if let Some(value) = get("const") {
            return self.exactly(&value.clone(), out);
        }
        let mut kind = match get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            Some(Value::Array(kinds)) => kinds[self.choices.below(kinds.len())]
                .as_str()
                .unwrap_or("null"),
            _ => "",
        };
        if kind.is_empty() {
            kind = match schema {
                Value::Object(members) if members.contains_key("properties") => "object",
                Value::Object(members) if members.contains_key("items") => "array",
                _ => self.choices.pick(&TYPES),
            };
        }
        match kind {
            "object" => self.object(schema, out, depth),
            "array" => self.array(schema, out, depth),
            "string" => {
                let text = self.choices.pick(&STRINGS);
                self.exactly(&text.into(), out);
            }
            "integer" | "number" => out.extend_from_slice(self.choices.pick(&NUMBERS).as_bytes()),
            "boolean" => out.extend_from_slice(self.choices.pick(&["true", "false"]).as_bytes()),
            _ => out.extend_from_slice(b"null"),
        }
    }

    fn object(&mut self, schema: &Value, out: &mut Vec<u8>, depth: usize) {
        let mut members: Vec<(&str, Option<&Value>)> = Vec::new();
        if let Some(Value::Object(properties)) = schema.get("properties") {
            let few = self.choices.below(4);
            for (name, schema) in properties {
                if !(few == 0 && self.choices.one_in(2)) {
                    members.push((name, Some(schema)));
                }
            }
        }
        for name in schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let name = name.as_str().unwrap_or_default();
            if !members.iter().any(|member| member.0 == name) {
                members.push((name, None));
            }
        }
        for _ in 0..self.choices.below(3) {
            let name = self.choices.pick(&NAMES);
            if self.choices.one_in(12) || !members.iter().any(|member| member.0 == name) {
                members.push((name, schema.get("additionalProperties")));
            }
        }
        if self.choices.one_in(3) && !members.is_empty() {
            let from = self.choices.below(members.len());
            members.rotate_left(from);
        }
        out.push(b'{');
        for (n, (name, schema)) in members.into_iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            self.space(out);
            self.exactly(&name.into(), out);
            self.space(out);
            out.push(b':');
            self.value(schema.unwrap_or(&Value::Null), out, depth + 1);
        }
        self.space(out);
        out.push(b'}');
    }

    fn array(&mut self, schema: &Value, out: &mut Vec<u8>, depth: usize) {
        let none = Value::Null;
        let prefix = schema.get("prefixItems").or(schema.get("items"));
        let prefix = prefix
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let items = schema
            .get("items")
            .or(schema.get("contains"))
            .unwrap_or(&none);
        let count = match self.choices.below(8) {
            7 => 60,
            count => count,
        };
        out.push(b'[');
        for n in 0..count {
            if n > 0 {
                out.push(b',');
            }
            let schema = prefix.get(n).unwrap_or(items);
            self.value(schema, out, depth + 1 + usize::from(count > 7) * 4);
        }
        self.space(out);
        out.push(b']');
    }

    /// Writes a value, and sometimes a character of a string as an escape.
    fn exactly(&mut self, value: &Value, out: &mut Vec<u8>) {
        match value {
            Value::String(text) if self.choices.one_in(12) => {
                let mut escaped = String::from("\"");
                let mut units = [0; 2];
                for character in text.chars() {
                    for unit in character.encode_utf16(&mut units) {
                        let _ = write!(escaped, "\\u{unit:04x}");
                    }
                }
                out.extend_from_slice(escaped.as_bytes());
                out.push(b'"');
            }
            Value::Array(values) => {
                out.push(b'[');
                for (n, value) in values.iter().enumerate() {
                    if n > 0 {
                        out.push(b',');
                    }
                    self.exactly(value, out);
                }
                out.push(b']');
            }
            value => out.extend_from_slice(value.to_string().as_bytes()),
        }
    }
}

/// Changes a byte, takes one away, or puts one in.
fn damage(choices: &mut Choices<'_>, document: &mut Vec<u8>) {
    const BYTES: &[u8] = b"\"\\{}[]:,0-.e+ \n\0x\x80\xc3\xff\x1f";
    let byte = choices.pick(BYTES);
    let at = (choices.below(256) << 8 | choices.below(256)) % (document.len() + 1);
    match choices.below(4) {
        0 => document.insert(at, byte),
        1 if at < document.len() => drop(document.remove(at)),
        2 => document.truncate(at),
        _ if at < document.len() => document[at] = byte,
        _ => document.push(byte),
    }
}
