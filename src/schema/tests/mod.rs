//! Tests of schemas as a whole: compile one, check data, and compare the words of the answer.

mod drafts;
mod ecma;
mod hostile;
mod internals;
mod kept;
mod patterns;
mod program;
mod references;
mod registration;
mod registry;
mod texts;
mod work;

use super::{Validator, Violations};
use crate::json::Arena;
use serde_json::Value;

fn compile(schema: &Value) -> Result<Validator, String> {
    Validator::compile(schema.to_string().as_bytes(), false)
}

fn check(validator: &Validator, data: &str) -> Result<(), Violations> {
    let mut arena = Arena::new();
    let document = arena.parse(data.as_bytes()).expect("test data is JSON");
    validator.check(document)
}

/// The violations of `data` against `schema` in words; "ok" if there are none.
fn says(schema: Value, data: Value) -> String {
    let validator = compile(&schema).expect("test schema compiles");
    match check(&validator, &data.to_string()) {
        Ok(()) => "ok".to_owned(),
        Err(violations) => violations.to_string(),
    }
}
