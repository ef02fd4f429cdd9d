//! Checks for formats in drafts that do not define them.
//!
//! jsonschema checks a format only in the drafts that define it: `uuid`, for example, from 2019-09 on.
//! With ASSERTFORMAT a schema of any draft has every format checked, as the first draft that defines
//! it does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Retrieve, ValidationOptions};
use referencing::Draft;
use serde_json::{json, Value};

use crate::json::Representation;

pub(super) type Options<'i> = ValidationOptions<'i, Arc<dyn Retrieve>, Representation>;

/// The formats that 2020-12 defines, and at least one of the older drafts does not.
const LATER: [&str; 9] = [
    "duration",
    "idn-hostname",
    "iri",
    "iri-reference",
    "json-pointer",
    "relative-json-pointer",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// Schemas that demand one format, by draft and format, made when first needed: jsonschema's own functions
/// are not public. There are at most as many as drafts times formats.
static KNOWN: Mutex<BTreeMap<(u8, String), Arc<jsonschema::Validator>>> =
    Mutex::new(BTreeMap::new());

/// Makes `format` an assertion in every draft, and adds the formats that a draft of `schema` lacks.
/// `draft` is that of the schema's root.
pub(super) fn assert_all<'i>(
    mut options: Options<'i>,
    schema: &Value,
    draft: Draft,
) -> Options<'i> {
    let mut drafts = vec![draft];
    add_drafts(schema, &mut drafts);
    for name in LATER {
        // A check of jsonschema's own is faster.
        if drafts
            .iter()
            .all(|&draft| options.is_known_format(draft, name))
        {
            continue;
        }
        let check = of_draft(name, Draft::Draft202012);
        options = options.with_format(name, move |text: &str| {
            check.is_valid(&Value::String(text.to_owned()))
        });
    }
    options.should_validate_formats(true)
}

/// A schema that demands a format as `draft` does, for schemas of that draft only. `None` where the format
/// does not assert: see [`assert_all`] for what `assert_format` changes.
pub(super) fn check(
    format: &str,
    draft: Draft,
    assert_format: bool,
) -> Option<Arc<jsonschema::Validator>> {
    if !assert_format && draft >= Draft::Draft201909 {
        return None;
    }
    let options = jsonschema::options().with_draft(draft);
    if options.is_known_format(draft, format) {
        return Some(of_draft(format, draft));
    }
    (assert_format && LATER.contains(&format)).then(|| of_draft(format, Draft::Draft202012))
}

/// The schema that demands a format which `draft` defines.
fn of_draft(format: &str, draft: Draft) -> Arc<jsonschema::Validator> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let check = known.entry((draft as u8, format.to_owned()));
    let check = check.or_insert_with(|| {
        let options = jsonschema::options()
            .offline()
            .with_draft(draft)
            .should_validate_formats(true);
        let validator = options.build(&json!({"format": format}));
        Arc::new(validator.expect("a schema of one format"))
    });
    Arc::clone(check)
}

/// Adds the drafts that parts of the schema name. Data is read as well, which can only add too many.
fn add_drafts(value: &Value, drafts: &mut Vec<Draft>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(uri)) = members.get("$schema") {
                let draft = Draft::from_schema_uri(uri);
                if !drafts.contains(&draft) {
                    drafts.push(draft);
                }
            }
            members
                .values()
                .for_each(|member| add_drafts(member, drafts));
        }
        Value::Array(items) => items.iter().for_each(|item| add_drafts(item, drafts)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats that 2020-12 defines, with a string that is none of them.
    const ALL: [(&str, &str, &str); 19] = [
        ("date", "2024-02-29", "2023-02-29"),
        ("date-time", "2024-02-29T12:00:00Z", "2024-02-29"),
        ("duration", "P3DT4H", "PT0"),
        ("email", "ada@example.com", "ada"),
        ("hostname", "example.com", "-a.com"),
        ("idn-email", "\u{c4}da@example.com", "ada"),
        ("idn-hostname", "b\u{fc}cher.example", "-a.example"),
        ("ipv4", "127.0.0.1", "127.0.0.256"),
        ("ipv6", "::1", "::g"),
        ("iri", "http://b\u{fc}cher.example/\u{fc}", "b\u{fc}cher"),
        ("iri-reference", "\u{fc}", "a b"),
        ("json-pointer", "/a~1b", "a"),
        ("regex", "^a+$", "("),
        ("relative-json-pointer", "1/a", "/a"),
        ("time", "12:00:00Z", "12:00"),
        ("uri", "http://example.com", "example"),
        ("uri-reference", "a", "a b"),
        ("uri-template", "/{id}", "/{id"),
        ("uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08"),
    ];

    fn accepts(schema: &Value, text: &str) -> bool {
        let draft = Draft::default().detect(schema);
        let options = assert_all(jsonschema::options_for().offline(), schema, draft);
        let validator = options.build(schema).expect("a test schema");
        let data = Value::String(text.to_owned()).to_string();
        let mut arena = crate::json::Arena::new();
        let document = arena.parse(data.as_bytes()).expect("a JSON string");
        document.set_fuel(u64::MAX);
        validator.is_valid(document.root())
    }

    #[test]
    fn every_format_asserts_in_every_draft_and_in_parts_of_another_draft() {
        let drafts = [
            "draft-04",
            "draft-06",
            "draft-07",
            "draft/2019-09",
            "draft/2020-12",
        ];
        for draft in drafts.map(|draft| format!("http://json-schema.org/{draft}/schema#")) {
            for (format, good, bad) in ALL {
                let id = if draft.contains("draft-04") {
                    "id"
                } else {
                    "$id"
                };
                for schema in [
                    json!({"$schema": draft, "format": format}),
                    json!({"allOf": [{"$schema": draft, id: "http://a/b", "format": format}]}),
                ] {
                    assert!(accepts(&schema, good), "{schema} {good}");
                    assert!(!accepts(&schema, bad), "{schema} {bad}");
                }
            }
        }
    }

    #[test]
    fn a_format_that_no_draft_defines_is_ignored() {
        for format in ["color", "int32", "phone"] {
            assert!(accepts(&json!({"format": format}), "x"));
        }
    }
}
