//! The fuel of validations: its costs, and that a validation can run out of it at any point without
//! harm to the next one.

use std::panic::{catch_unwind, AssertUnwindSafe};

use jsonschema::Validator;
use serde_json::{json, Value as Tree};

use super::SESSION;
use crate::json::{Arena, Document, Grace, OutOfFuel, ReadingCost, Representation};

fn validator(schema: &Tree) -> Validator<Representation> {
    jsonschema::options_for().build(schema).unwrap()
}

/// Whether the document is valid; none if the fuel ran out.
fn within(
    validator: &Validator<Representation>,
    document: Document<'_>,
    fuel: u64,
) -> Option<bool> {
    document.set_fuel(fuel);
    match catch_unwind(AssertUnwindSafe(|| validator.is_valid(document.root()))) {
        Ok(valid) => Some(valid),
        Err(panic) => {
            assert!(panic.is::<OutOfFuel>());
            None
        }
    }
}

#[test]
fn each_parse_starts_with_all_fuel() {
    let mut arena = Arena::new();
    arena.parse(b"1").unwrap().set_fuel(0);
    assert_eq!(arena.parse(b"1").unwrap().fuel_left(), u64::MAX);
}

#[test]
fn a_verdict_does_not_depend_on_fuel_that_suffices() {
    let validator = validator(&super::schema::session_schema());
    let mut arena = Arena::new();
    let document = arena.parse(SESSION.as_bytes()).unwrap();
    assert_eq!(within(&validator, document, u64::MAX), Some(true));
    let needed = u64::MAX - document.fuel_left();
    assert!((30..1000).contains(&needed), "{needed}");
    assert_eq!(within(&validator, document, needed), Some(true));
    assert_eq!(document.fuel_left(), 0);
}

#[test]
fn a_validation_can_stop_at_any_point_and_the_next_one_is_right() {
    let mut schema = super::schema::session_schema();
    schema["propertyNames"] = json!({"format": "regex", "minLength": 1});
    schema["unevaluatedProperties"] = json!({"$ref": "#/$defs/any"});
    schema["$defs"] = json!({"any": {"anyOf": [{"type": "string", "format": "regex"}, true]}});
    let validator = validator(&schema);
    let mut arena = Arena::new();
    let document = arena.parse(SESSION.as_bytes()).unwrap();
    assert_eq!(within(&validator, document, u64::MAX), Some(true));
    let needed = u64::MAX - document.fuel_left();
    for fuel in 0..needed {
        assert_eq!(
            within(&validator, document, fuel),
            None,
            "{fuel} of {needed}"
        );
        assert_eq!(document.fuel_left(), 0);
    }
    assert_eq!(within(&validator, document, needed), Some(true));
}

#[test]
fn collecting_errors_can_stop_at_any_point_too() {
    let schema =
        json!({"items": {"allOf": [{"enum": [1, 2]}, {"minimum": 5}], "uniqueItems": true}});
    let validator = validator(&schema);
    let mut arena = Arena::new();
    let document = arena.parse(b"[0, 1, \"x\", [1, 1], {\"a\": 2}]").unwrap();
    let collect = || validator.iter_errors(document.root()).count();
    document.set_fuel(u64::MAX);
    let errors = collect();
    let needed = u64::MAX - document.fuel_left();
    for fuel in 0..needed {
        document.set_fuel(fuel);
        assert!(catch_unwind(AssertUnwindSafe(collect)).is_err());
    }
    document.set_fuel(needed);
    assert_eq!(collect(), errors);
}

#[test]
fn an_error_burns_the_error_cost() {
    let validator = validator(&json!({"items": {"type": "string"}}));
    let mut arena = Arena::new();
    let document = arena.parse(b"[1, 2, 3]").unwrap();
    document.set_error_cost(1_000_000);
    assert_eq!(validator.iter_errors(document.root()).count(), 3);
    let burnt = u64::MAX - document.fuel_left();
    assert!((3_000_000..3_000_100).contains(&burnt), "{burnt}");
}

#[test]
fn a_schema_that_multiplies_work_is_stopped() {
    // Thirty definitions, each two references to the next: 2^30 visits of one number.
    let mut definitions: serde_json::Map<String, Tree> = (0..30)
        .map(|at| {
            let next = json!({"$ref": format!("#/$defs/d{}", at + 1)});
            (format!("d{at}"), json!({"anyOf": [next, next]}))
        })
        .collect();
    definitions.insert("d30".to_owned(), json!({"type": "string"}));
    let validator = validator(&json!({"$ref": "#/$defs/d0", "$defs": definitions}));
    let mut arena = Arena::new();
    let document = arena.parse(b"1").unwrap();
    assert_eq!(within(&validator, document, 100_000), None);
}

#[test]
fn large_work_in_one_accessor_burns_by_its_size() {
    let elements: Vec<_> = (0..1000).map(|at| format!("[{at}]")).collect();
    let string = "x".repeat(16_000);
    for (schema, text, least) in [
        (
            json!({"uniqueItems": true}),
            format!("[{}]", elements.join(",")),
            2000,
        ),
        (
            json!({"const": (0..1000).map(|at| json!([at])).collect::<Vec<_>>()}),
            format!("[{}]", elements.join(",")),
            2000,
        ),
        (json!({"pattern": "^x*$"}), format!("\"{string}\""), 1000),
        (
            json!({"patternProperties": {"^x*$": true}}),
            format!("{{\"{string}\":1}}"),
            1000,
        ),
        (json!({"minimum": 1}), string.replace('x', "1"), 1000),
    ] {
        let validator = validator(&schema);
        let mut arena = Arena::new();
        let document = arena.parse(text.as_bytes()).unwrap();
        assert_eq!(within(&validator, document, least), None, "{schema:.40}");
        assert_eq!(
            within(&validator, document, least * 10),
            Some(true),
            "{schema:.40}"
        );
    }
}

#[test]
fn reading_values_outside_of_a_validation_burns_nothing() {
    let mut arena = Arena::new();
    let document = arena.parse(SESSION.as_bytes()).unwrap();
    document.set_fuel(0);
    assert_eq!(document.root().get("theme").unwrap().as_str(), Some("dark"));
    assert!(document.root().to_value().is_object());
}

const AMPLE: Grace = Grace {
    nanoseconds: 600_000_000_000,
    millifuel: 400,
};

/// The same as [`within`], where the fuel is gone from the start.
fn by_grace(
    validator: &Validator<Representation>,
    document: Document<'_>,
    grace: Grace,
) -> Option<bool> {
    document.set_fuel_with_grace(0, grace);
    match catch_unwind(AssertUnwindSafe(|| validator.is_valid(document.root()))) {
        Ok(valid) => Some(valid),
        Err(panic) => {
            assert!(panic.is::<OutOfFuel>());
            None
        }
    }
}

#[test]
fn a_validation_without_fuel_goes_on_as_long_as_there_is_grace() {
    let validator = validator(&json!({"items": {"type": "string", "minLength": 1}}));
    let text = json!(vec!["x"; 20_000]).to_string();
    let mut arena = Arena::new();
    let document = arena.parse(text.as_bytes()).unwrap();
    assert_eq!(by_grace(&validator, document, AMPLE), Some(true));
    // The least share of it is 100 units here, and the second look at the clock finds none left.
    let none = Grace {
        nanoseconds: 0,
        millifuel: 1,
    };
    assert_eq!(by_grace(&validator, document, none), None);
    assert_eq!(document.fuel_left(), 0);
    assert_eq!(within(&validator, document, 0), None);
}

#[test]
fn no_grace_covers_a_step_that_could_take_too_long() {
    let validator = validator(&json!({"pattern": "^x"}));
    let mut arena = Arena::new();
    let document = arena.parse(b"\"x\"").unwrap();
    let cost = |base| ReadingCost {
        base,
        per_16_bytes: 0,
    };
    document.set_reading_costs(cost(150_000_000), ReadingCost::default());
    assert_eq!(by_grace(&validator, document, AMPLE), Some(true));
    document.set_reading_costs(cost(250_000_000), ReadingCost::default());
    assert_eq!(by_grace(&validator, document, AMPLE), None);
}
