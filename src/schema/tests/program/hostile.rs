//! Schemas and data that are made to take much work or stack.

use crate::json::{Arena, Padded, ScanMemory, MAX_DEPTH};
use crate::schema::{Answer, Validator};
use serde_json::{json, Map, Value};

fn judge(validator: &Validator, text: &str) -> Answer {
    let mut data = text.as_bytes().to_vec();
    let mut memory = ScanMemory::new();
    Padded::within(&mut data, 0, |padded| validator.judge(padded, &mut memory))
}

fn compiled(schema: &Value) -> Validator {
    Validator::compile(schema.to_string().as_bytes(), false).expect("a schema")
}

/// Arrays around each other, and a value within the last.
fn nested(levels: usize, value: &str) -> String {
    format!("{}{value}{}", "[".repeat(levels), "]".repeat(levels))
}

#[test]
fn data_may_nest_as_deeply_as_the_parser_takes_it_and_no_deeper() {
    let levels = MAX_DEPTH + 2;
    let row = json!({"type": "object", "properties": {"a": {"type": "integer"}}});
    let mut defs: Map<String, Value> = (0..levels)
        .map(|n| (format!("d{n}"), json!({"type": ["array", "object"], "items": {"$ref": format!("#/$defs/d{}", n + 1)}})))
        .collect();
    for level in [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1] {
        defs.insert(format!("d{level}"), row.clone());
        defs.insert(
            format!("d{}", level - 1),
            json!({"type": "array", "items": {"$ref": format!("#/$defs/d{level}")}}),
        );
        let validator = compiled(&json!({"$ref": "#/$defs/d0", "$defs": defs}));
        let text = nested(level, "{\"a\":1},{\"a\":1}");
        let is_json = Arena::new().parse(text.as_bytes()).is_ok();
        assert_eq!(is_json, level < MAX_DEPTH);
        assert_eq!(
            judge(&validator, &text) == Answer::Yes(()),
            is_json,
            "{level}"
        );
    }
    let any = compiled(&json!({"items": {"$ref": "#"}, "properties": {"a": {"$ref": "#"}}}));
    for (text, is_json) in [
        (nested(MAX_DEPTH, "1"), true),
        (nested(MAX_DEPTH + 1, "1"), false),
        (nested(100_000, ""), false),
        ("[".repeat(100_000), false),
        ("{\"a\":".repeat(100_000), false),
        (nested(MAX_DEPTH - 1, "{}"), true),
        (nested(MAX_DEPTH, "{}"), false),
    ] {
        assert_eq!(judge(&any, &text) == Answer::Yes(()), is_json);
    }
}

#[test]
fn nested_combinations_in_deep_data_take_bounded_stack_and_work() {
    let mut schema = json!({"not": {"not": {"items": {"$ref": "#"}, "properties": {"a": {"$ref": "#"}}, "pattern": "a"}}});
    for keyword in ["not", "oneOf", "if"] {
        schema = match keyword {
            "not" => json!({"not": {"not": schema}}),
            "if" => json!({"if": schema, "then": {"maxLength": 5}, "else": {"minLength": 3}}),
            _ => json!({"oneOf": [schema, {"const": "x"}]}),
        };
        let validator = compiled(&schema);
        // On a small stack, as a thread of a test has.
        let text = nested(MAX_DEPTH, "\"a\"");
        let run = move || judge(&validator, &text);
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
        thread.expect("a thread").join().expect("no overflow");
    }
}

#[test]
fn work_that_grows_with_every_level_is_left_to_jsonschema() {
    // Each level reads what is in it three times more.
    let validator = compiled(&json!({
        "items": {"$ref": "#"},
        "contains": {"items": {"$ref": "#"}, "contains": {"$ref": "#"}},
        "minContains": 0
    }));
    let text = nested(100, &vec!["1"; 2000].join(","));
    assert_ne!(judge(&validator, &text), Answer::No);
}
